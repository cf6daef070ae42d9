/* LATENCY: spikes that the monitor saw, and the distribution per command. */
#include <inttypes.h>
#include <stdio.h>

#include "commands/tables.h"
#include "core/latency.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/settings.h"

static const struct latency_event *find_event(const struct latency *l, struct slice name)
{
    for (int i = 0; i < l->count; i++)
        if (slice_is(name, l->events[i]->name)) return l->events[i];
    return NULL;
}

static const struct latency_sample *last_sample(const struct latency_event *event)
{
    return latency_sample_at(event, event->count - 1);
}

static void latency_latest(struct call *call)
{
    const struct latency *l = call->server->latency;
    reply_array(call->client, l->count);
    for (int i = 0; i < l->count; i++) {
        const struct latency_event *event = l->events[i];
        reply_array(call->client, 4);
        reply_text(call->client, event->name);
        reply_int(call->client, last_sample(event)->time_s);
        reply_int(call->client, last_sample(event)->latency_ms);
        reply_int(call->client, event->max_ms);
    }
}

static void latency_history(struct call *call)
{
    const struct latency_event *event = find_event(call->server->latency, call->argv[2]);
    int count = event ? event->count : 0;
    reply_array(call->client, count);
    for (int i = 0; i < count; i++) {
        const struct latency_sample *sample = latency_sample_at(event, i);
        reply_array(call->client, 2);
        reply_int(call->client, sample->time_s);
        reply_int(call->client, sample->latency_ms);
    }
}

static void latency_reset(struct call *call)
{
    struct latency *l = call->server->latency;
    int64_t count = 0;
    for (int i = 2; i < call->argc; i++) count += latency_forget(l, call->argv[i]);
    while (call->argc == 2 && l->count) count += latency_forget(l, slice_of(l->events[0]->name));
    reply_int(call->client, count);
}

/* ---- GRAPH ---- */

enum { GRAPH_WIDTH = 80, GRAPH_HEIGHT = 4, LEVELS = 2 * GRAPH_HEIGHT };

/* The samples that a graph shows: the last ones. */
struct graph {
    const struct latency_event *event;
    int first, count;
    int64_t high_ms, low_ms;
};

static struct graph make_graph(const struct latency_event *event)
{
    struct graph graph = {.event = event, .count = event->count, .low_ms = INT64_MAX};
    if (graph.count > GRAPH_WIDTH) graph.count = GRAPH_WIDTH;
    graph.first = event->count - graph.count;
    for (int i = graph.first; i < event->count; i++) {
        int64_t ms = latency_sample_at(event, i)->latency_ms;
        if (ms > graph.high_ms) graph.high_ms = ms;
        if (ms < graph.low_ms) graph.low_ms = ms;
    }
    return graph;
}

/* How high a column is, 1 to LEVELS: two levels a row. */
static int column_level(const struct graph *graph, int column)
{
    int64_t ms = latency_sample_at(graph->event, graph->first + column)->latency_ms;
    int64_t range = graph->high_ms - graph->low_ms;
    return range == 0 ? 1 : 1 + (int)((ms - graph->low_ms) * (LEVELS - 1) / range);
}

/* "5s", "12m", "3h", "9d": how long ago a column's sample was taken. */
static void column_age(const struct graph *graph, int column, int64_t now_s, char *to, size_t size)
{
    static const struct {
        int64_t seconds;
        char letter;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    int64_t age_s = now_s - latency_sample_at(graph->event, graph->first + column)->time_s;
    int unit = 0;
    while (unit < 3 && age_s < units[unit].seconds) unit++;
    snprintf(to, size, "%" PRId64 "%c", age_s / units[unit].seconds, units[unit].letter);
}

static void draw_columns(const struct graph *graph, struct buffer *to)
{
    for (int row = GRAPH_HEIGHT - 1; row >= 0; row--) {
        for (int i = 0; i < graph->count; i++) {
            int level = column_level(graph, i) - 2 * row;
            buffer_append_char(to, level <= 0 ? ' ' : level == 1 ? '.' : ':');
        }
        buffer_append_char(to, '\n');
    }
}

/* The ages below their columns, read downwards. */
static void draw_ages(const struct graph *graph, int64_t now_s, struct buffer *to)
{
    char ages[GRAPH_WIDTH][24];
    size_t longest = 0;
    for (int i = 0; i < graph->count; i++) {
        column_age(graph, i, now_s, ages[i], sizeof ages[i]);
        if (strlen(ages[i]) > longest) longest = strlen(ages[i]);
    }
    for (size_t row = 0; row < longest; row++) {
        for (int i = 0; i < graph->count; i++)
            buffer_append_char(to, row < strlen(ages[i]) ? ages[i][row] : ' ');
        buffer_append_char(to, '\n');
    }
}

static void latency_graph(struct call *call)
{
    struct slice name = call->argv[2];
    const struct latency_event *event = find_event(call->server->latency, name);
    if (event == NULL) {
        reply_errorf(call->client, "ERR No samples available for event '%.*s'", (int)name.len, name.ptr);
        return;
    }
    struct graph graph = make_graph(event);
    struct buffer text = {0};
    buffer_printf(&text, "%s - high %" PRId64 " ms, low %" PRId64 " ms (all time high %" PRId64 " ms)\n",
                  event->name, graph.high_ms, graph.low_ms, event->max_ms);
    for (int i = 0; i < GRAPH_WIDTH; i++) buffer_append_char(&text, '-');
    buffer_append_char(&text, '\n');
    draw_columns(&graph, &text);
    buffer_append_char(&text, '\n');
    draw_ages(&graph, server_now_ms(call->server) / 1000, &text);
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&text);
}

/* ---- DOCTOR ---- */

static void describe_event(const struct latency_event *event, int number, struct buffer *to)
{
    int64_t sum_ms = 0, deviation_ms = 0, low_ms = INT64_MAX;
    for (int i = 0; i < event->count; i++) {
        int64_t ms = latency_sample_at(event, i)->latency_ms;
        sum_ms += ms;
        if (ms < low_ms) low_ms = ms;
    }
    int64_t mean_ms = sum_ms / event->count;
    for (int i = 0; i < event->count; i++) {
        int64_t distance = latency_sample_at(event, i)->latency_ms - mean_ms;
        deviation_ms += distance < 0 ? -distance : distance;
    }
    int64_t span_s = last_sample(event)->time_s - latency_sample_at(event, 0)->time_s;
    buffer_printf(to,
                  "%d. %s: %d spike(s) within %" PRId64 " s; %" PRId64
                  " ms on average (mean deviation %" PRId64 " ms), the least %" PRId64
                  " ms, the worst ever %" PRId64 " ms.\n",
                  number, event->name, event->count, span_s, mean_ms, deviation_ms / event->count, low_ms,
                  event->max_ms);
}

/* What helps against the spikes of one kind. */
static const char *advice_for(const char *event)
{
    static const struct {
        const char *event, *advice;
    } advices[] = {
        {"command",
         "SLOWLOG GET names the commands that took long. Those that walk many elements can be replaced "
         "by their SCAN forms, or be asked for less at a time."},
        {"fast-command",
         "Commands that should be fast were not: the machine is short of processor time or memory, "
         "or swaps. vmstat and the host's steal time tell."},
    };
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (strcmp(event, advices[i].event) == 0) return advices[i].advice;
    return NULL;
}

static void latency_doctor(struct call *call)
{
    const struct latency *l = call->server->latency;
    struct buffer text = {0};
    if (call->server->settings->latency_monitor_threshold_ms == 0 && l->count == 0)
        buffer_append_text(&text, "The latency monitor is off, so nothing was watched. CONFIG SET "
                                  "latency-monitor-threshold <milliseconds> turns it on.\n");
    else if (l->count == 0)
        buffer_append_text(&text, "No spike was seen: nothing took longer than latency-monitor-threshold.\n");
    else buffer_append_text(&text, "These took longer than latency-monitor-threshold:\n\n");
    for (int i = 0; i < l->count; i++) describe_event(l->events[i], i + 1, &text);
    for (int i = 0; i < l->count; i++) {
        const char *advice = advice_for(l->events[i]->name);
        if (advice) buffer_printf(&text, "\n- %s: %s\n", l->events[i]->name, advice);
    }
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&text);
}

/* ---- HISTOGRAM ---- */

/* Cumulative counts up to 2^k us for each k where something was added. The
 * reference counts a microsecond as 1024 ns and rounds up to its buckets, the
 * width of which is 8 ns * 2^k there: so 33 stands for 32 * 1024 + 255 ns. */
static void reply_distribution(struct client *c, const struct histogram *h)
{
    struct output_mark mark = reply_open(c);
    uint64_t shown = 0, total = histogram_count(h);
    int64_t pairs = 0;
    for (uint64_t bound_ns = 1032; shown < total; bound_ns *= 2) {
        uint64_t count = histogram_count_up_to(h, bound_ns - 1);
        if (count == shown) continue;
        reply_int(c, (int64_t)((bound_ns - 1) / 1000));
        reply_int(c, (int64_t)count);
        shown = count;
        pairs++;
    }
    reply_close_map(c, mark, pairs);
}

/* A command's histogram and those of its subcommands; returns how many there
 * are. */
static int64_t reply_histograms(struct client *c, const struct command_state *command)
{
    int64_t count = 0;
    if (command->latency && histogram_count(command->latency)) {
        reply_text(c, command->full_name);
        reply_map(c, 2);
        reply_text(c, "calls");
        reply_int(c, (int64_t)histogram_count(command->latency));
        reply_text(c, "histogram_usec");
        reply_distribution(c, command->latency);
        count++;
    }
    for (int i = 0; i < command->subcommand_count; i++)
        count += reply_histograms(c, &command->subcommands[i]);
    return count;
}

static void latency_histogram(struct call *call)
{
    struct client *c = call->client;
    const struct command_table *commands = call->server->commands;
    struct output_mark mark = reply_open(c);
    int64_t count = 0;
    for (int i = 2; i < call->argc; i++) {
        const struct command_state *command = command_find_named(commands, call->argv[i]);
        if (command) count += reply_histograms(c, command);
    }
    for (int i = 0; call->argc == 2 && i < command_count(commands); i++)
        count += reply_histograms(c, command_at(commands, i));
    reply_close_map(c, mark, count);
}

/* ---- the rows ---- */

static void latency_help(struct call *call)
{
    static const char *const lines[] = {
        "DOCTOR",
        "    Report the spikes that were seen, and what may help.",
        "GRAPH <event>",
        "    Draw the last spikes of <event>.",
        "HISTOGRAM [<command> ...]",
        "    Show how many calls of each command took up to 1, 2, 4... microseconds,",
        "    of the commands given or of all.",
        "HISTORY <event>",
        "    Show time and latency of the spikes of <event>.",
        "LATEST",
        "    Show the last spike of each event.",
        "RESET [<event> ...]",
        "    Forget the events given, or all.",
        NULL,
    };
    reply_help(call, lines);
}

#define LATENCY_FLAGS CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE
#define LATENCY_TIPS                                                                                         \
    {                                                                                                        \
        "nondeterministic_output", "request_policy:all_nodes", "response_policy:special"                     \
    }

static const struct command latency_subcommands[] = {
    {.name = "doctor",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = 2,
     .flags = LATENCY_FLAGS,
     .summary = "Reports the spikes that were seen, in words.",
     .complexity = "O(1)",
     .tips = LATENCY_TIPS,
     .run = latency_doctor},
    {.name = "graph",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = 3,
     .flags = LATENCY_FLAGS,
     .summary = "Draws the spikes of an event.",
     .complexity = "O(1)",
     .syntax = "event",
     .tips = LATENCY_TIPS,
     .run = latency_graph},
    {.name = "help",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Describes the subcommands.",
     .complexity = "O(1)",
     .run = latency_help},
    {.name = "histogram",
     .group = GROUP_SERVER,
     .since = "7.0.0",
     .arity = -2,
     .flags = LATENCY_FLAGS,
     .summary = "Returns the distribution of the latencies of commands.",
     .complexity = "O(N), N being the number of commands shown",
     .syntax = "[command [command ...]]",
     .tips = LATENCY_TIPS,
     .run = latency_histogram},
    {.name = "history",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = 3,
     .flags = LATENCY_FLAGS,
     .summary = "Returns time and latency of the spikes of an event.",
     .complexity = "O(1)",
     .syntax = "event",
     .tips = LATENCY_TIPS,
     .run = latency_history},
    {.name = "latest",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = 2,
     .flags = LATENCY_FLAGS,
     .summary = "Returns the last spike of each event.",
     .complexity = "O(1)",
     .tips = LATENCY_TIPS,
     .run = latency_latest},
    {.name = "reset",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = -2,
     .flags = LATENCY_FLAGS,
     .summary = "Forgets the spikes of some events or of all.",
     .complexity = "O(1)",
     .syntax = "[event [event ...]]",
     .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .run = latency_reset},
    {0},
};

const struct command latency_commands[] = {
    {.name = "latency",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = -2,
     .summary = "A container for commands about latency.",
     .complexity = "Depends on subcommand.",
     .subcommands = latency_subcommands},
    {0},
};
