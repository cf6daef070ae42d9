/* SLOWLOG: the commands that took long. */
#include "commands/tables.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/slowlog.h"

enum { GET_DEFAULT = 10 };

static void reply_entry(struct client *c, const struct slow_command *entry)
{
    reply_array(c, 6);
    reply_int(c, entry->id);
    reply_int(c, entry->time_s);
    reply_int(c, entry->duration_us);
    reply_array(c, entry->argc);
    for (int i = 0; i < entry->argc; i++) reply_bulk(c, entry->argv[i]);
    reply_text(c, entry->peer);
    reply_text(c, entry->client_name ? entry->client_name : "");
}

static void slowlog_get(struct call *call)
{
    struct client *c = call->client;
    const struct slowlog *log = call->server->slowlog;
    int64_t count = GET_DEFAULT;
    if (call->argc > 3) {
        reply_subcommand_error(call);
        return;
    }
    if (call->argc == 3 && !args_int_between(c, call->argv[2], -1, INT64_MAX, &count,
                                             "ERR count should be greater than or equal to -1"))
        return;
    if (count < 0 || count > log->count) count = log->count;
    reply_array(c, count);
    const struct slow_command *entry = log->newest;
    for (int64_t i = 0; i < count; i++, entry = entry->next) reply_entry(c, entry);
}

static void slowlog_len(struct call *call)
{
    reply_int(call->client, call->server->slowlog->count);
}

static void slowlog_reset(struct call *call)
{
    slowlog_trim(call->server->slowlog, 0);
    reply_ok(call->client);
}

static void slowlog_help(struct call *call)
{
    static const char *const lines[] = {
        "GET [<count>]",
        "    Show the last <count> slow commands, newest first (default: 10, -1: all).",
        "    Each is an array: id, time, duration in microseconds, the arguments, the",
        "    client's address, its name.",
        "LEN",
        "    Tell how many commands are in the log.",
        "RESET",
        "    Empty the log.",
        NULL,
    };
    reply_help(call, lines);
}

#define SLOWLOG_FLAGS CMD_ADMIN | CMD_LOADING | CMD_STALE

static const char *const get_history[] = {"4.0.0", "Shows the client's address and name.", NULL};

static const struct command slowlog_subcommands[] = {
    {.name = "get",
     .group = GROUP_SERVER,
     .since = "2.2.12",
     .arity = -2,
     .flags = SLOWLOG_FLAGS,
     .summary = "Returns the last slow commands.",
     .complexity = "O(N), N being the number of commands returned",
     .syntax = "[count]",
     .tips = {"request_policy:all_nodes", "nondeterministic_output"},
     .history = get_history,
     .run = slowlog_get},
    {.name = "help",
     .group = GROUP_SERVER,
     .since = "6.2.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Describes the subcommands.",
     .complexity = "O(1)",
     .run = slowlog_help},
    {.name = "len",
     .group = GROUP_SERVER,
     .since = "2.2.12",
     .arity = 2,
     .flags = SLOWLOG_FLAGS,
     .summary = "Returns how many commands are in the log.",
     .complexity = "O(1)",
     .tips = {"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"},
     .run = slowlog_len},
    {.name = "reset",
     .group = GROUP_SERVER,
     .since = "2.2.12",
     .arity = 2,
     .flags = SLOWLOG_FLAGS,
     .summary = "Empties the log.",
     .complexity = "O(N), N being the number of commands in the log",
     .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .run = slowlog_reset},
    {0},
};

const struct command slowlog_commands[] = {
    {.name = "slowlog",
     .group = GROUP_SERVER,
     .since = "2.2.12",
     .arity = -2,
     .summary = "A container for commands about the log of slow commands.",
     .complexity = "Depends on subcommand.",
     .subcommands = slowlog_subcommands},
    {0},
};
