/* The server as a whole: DBSIZE, FLUSHALL, FLUSHDB, LOLWUT, ROLE, SWAPDB, TIME. */
#include <limits.h>

#include "base/clock.h"
#include "base/version.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/tracking.h"
#include "db/keyspace.h"
#include "persist/snapshot.h"

/* ---- databases ---- */

static void dbsize_run(struct call *call)
{
    reply_int(call->client, (int64_t)db_count(call->db));
}

/* The word behind the command's name: whether the memory is given back in the
 * background. Answers and returns false when it is another word. */
static bool parse_flush(struct call *call, bool *in_background)
{
    *in_background = call->server->keyspace->settings.lazyfree_lazy_user_flush;
    if (call->argc == 1) return true;
    *in_background = slice_is(call->argv[1], "async");
    if (call->argc == 2 && (*in_background || slice_is(call->argv[1], "sync"))) return true;
    reply_syntax_error(call->client);
    return false;
}

static void flushdb_run(struct call *call)
{
    bool in_background;
    if (!parse_flush(call, &in_background)) return;
    db_clear(call->db, in_background);
    tracking_flushed(call->server);
    propagate_same(call);
    reply_ok(call->client);
}

static void flushall_run(struct call *call)
{
    struct keyspace *ks = call->server->keyspace;
    bool in_background;
    if (!parse_flush(call, &in_background)) return;
    for (int i = 0; i < ks->db_count; i++) db_clear(&ks->dbs[i], in_background);
    tracking_flushed(call->server);
    propagate_same(call);
    snapshot_flushed(call->server->persist->snapshot);
    reply_ok(call->client);
}

static void swapdb_run(struct call *call)
{
    struct client *c = call->client;
    struct keyspace *ks = call->server->keyspace;
    int64_t a, b;
    if (!args_int_between(c, call->argv[1], INT_MIN, INT_MAX, &a, "ERR invalid first DB index")) return;
    if (!args_int_between(c, call->argv[2], INT_MIN, INT_MAX, &b, "ERR invalid second DB index")) return;
    if (a < 0 || b < 0 || a >= ks->db_count || b >= ks->db_count) {
        reply_error(c, "ERR DB index is out of range");
        return;
    }
    keyspace_swap(ks, (int)a, (int)b);
    reply_ok(c);
}

/* ---- what the server is ---- */

static void role_run(struct call *call)
{
    struct client *c = call->client;
    reply_array(c, 3);
    reply_text(c, "master");
    reply_int(c, 0);
    reply_empty_array(c);
}

static void time_run(struct call *call)
{
    int64_t now_us = clock_realtime_us();
    reply_array(call->client, 2);
    reply_bulk_int(call->client, now_us / 1000000);
    reply_bulk_int(call->client, now_us % 1000000);
}

/* ---- LOLWUT ---- */

enum { BELL_COLUMNS = 40, BELL_ROWS = 16, BELL_COLUMNS_MAX = 200, BELL_ROWS_MAX = 100 };

static int clamp(int64_t value, int min, int max)
{
    return value < min ? min : value > max ? max : (int)value;
}

/* Half the width of a bell, as a fraction of the width it has at its mouth:
 * a dome, a waist that widens slowly, a lip. from_top goes from 0 to 1. */
static double bell_half_width(double from_top)
{
    double dome = 1 - (1 - from_top) * (1 - from_top) * (1 - from_top);
    return 0.32 * dome + 0.18 * from_top + 0.5 * from_top * from_top * from_top * from_top;
}

/* A bell that has swung to one side, with its sound to the left and right. */
static void draw_bell(struct buffer *to, int columns, int rows, double swing)
{
    for (int y = 0; y < rows; y++) {
        double from_top = (y + 1.0) / rows, middle = columns / 2.0 + swing * from_top * columns / 8;
        double half = bell_half_width(from_top) * columns / 3;
        int rings = y % 4 == 1 ? 1 : y % 4 == 3 ? 2 : 0;
        for (int x = 0; x < columns; x++) {
            double distance = x + 0.5 - middle, from_edge = (distance < 0 ? -distance : distance) - half;
            bool is_ring = from_edge > 1 && from_edge <= 1 + 2 * rings && (int)from_edge % 2 == 0;
            char mark = from_edge > 0 ? ' ' : from_edge > -1 || y == rows - 1 ? '#' : ':';
            if (is_ring) mark = distance < 0 ? '(' : ')';
            buffer_append_char(to, mark);
        }
        buffer_append_char(to, '\n');
    }
    int clapper = clamp((int64_t)(columns / 2.0 - swing * columns / 8), 0, columns - 1);
    buffer_printf(to, "%*s\n", clapper + 1, "O");
}

/* LOLWUT [VERSION version] [columns [rows]]: there is one picture, whatever
 * version of it is asked for. */
static void lolwut_run(struct call *call)
{
    int64_t version, sizes[] = {BELL_COLUMNS, BELL_ROWS};
    int at = 1;
    if (call->argc > 2 && slice_is(call->argv[1], "version")) {
        if (!args_int(call->client, call->argv[2], &version, NULL)) return;
        at = 3;
    }
    for (int i = 0; i < 2 && at + i < call->argc; i++)
        if (!args_int(call->client, call->argv[at + i], &sizes[i], NULL)) return;
    double swing = (double)random_below(&call->server->random, 2001) / 1000 - 1;
    struct buffer text = {0};
    draw_bell(&text, clamp(sizes[0], 8, BELL_COLUMNS_MAX), clamp(sizes[1], 4, BELL_ROWS_MAX), swing);
    buffer_printf(&text, "\nTocsin %s, Redis ver. %s\n", VERSION_TOCSIN, VERSION_REDIS);
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&text);
}

/* ---- the rows ---- */

static const char *const flush_history[] = {"4.0.0", "Takes `ASYNC`.", "6.2.0", "Takes `SYNC`.", NULL};

const struct command server_commands[] = {
    {.name = "dbsize",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = 1,
     .flags = CMD_READONLY | CMD_FAST,
     .categories = CATEGORY_KEYSPACE,
     .summary = "Counts the keys of the database.",
     .complexity = "O(1)",
     .tips = {"request_policy:all_shards", "response_policy:agg_sum"},
     .run = dbsize_run},
    {.name = "flushall",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = -1,
     .flags = CMD_WRITE,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .summary = "Removes all keys of all databases, without a notification.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "[ASYNC | SYNC]",
     .tips = {"request_policy:all_shards", "response_policy:all_succeeded"},
     .history = flush_history,
     .run = flushall_run},
    {.name = "flushdb",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = -1,
     .flags = CMD_WRITE,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .summary = "Removes all keys of the database, without a notification.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "[ASYNC | SYNC]",
     .tips = {"request_policy:all_shards", "response_policy:all_succeeded"},
     .history = flush_history,
     .run = flushdb_run},
    {.name = "lolwut",
     .group = GROUP_SERVER,
     .since = "5.0.0",
     .arity = -1,
     .flags = CMD_READONLY | CMD_FAST,
     .summary = "Draws a picture and tells the version.",
     .complexity = "O(1)",
     .syntax = "[VERSION version]",
     .run = lolwut_run},
    {.name = "role",
     .group = GROUP_SERVER,
     .since = "2.8.12",
     .arity = 1,
     .flags = CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_FAST | CMD_SENTINEL,
     .categories = CATEGORY_ADMIN | CATEGORY_DANGEROUS,
     .summary = "Tells the server's part in replication.",
     .complexity = "O(1)",
     .run = role_run},
    {.name = "swapdb",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = 3,
     .flags = CMD_WRITE | CMD_FAST,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .summary = "Exchanges two databases, for all clients at once.",
     .complexity = "O(N), N being the number of clients that watch a key of either",
     .syntax = "index1 index2",
     .run = swapdb_run},
    {.name = "time",
     .group = GROUP_SERVER,
     .since = "2.6.0",
     .arity = 1,
     .flags = CMD_LOADING | CMD_STALE | CMD_FAST,
     .summary = "Tells the time in seconds and microseconds.",
     .complexity = "O(1)",
     .tips = {"nondeterministic_output"},
     .run = time_run},
    {0},
};
