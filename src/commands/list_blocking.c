/* Lists: the commands that wait until there is an element. */
#include "commands/list.h"

#include "commands/tables.h"
#include "core/args.h"
#include "core/blocking.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"

/* Waits for any of the keys to become a list. */
static void wait_for(struct call *call, const struct slice *keys, int key_count, int64_t timeout_ms)
{
    blocking_wait(call, &(struct blocking_wish){.keys = keys,
                                                .key_count = key_count,
                                                .type = TYPE_LIST,
                                                .timeout_ms = timeout_ms,
                                                .timed_out = reply_null_array});
}

static void pop(struct call *call, enum list_end end)
{
    struct list_sources sources = {call->argv + 1, call->argc - 2, end, 1};
    int64_t timeout_ms;
    if (!args_timeout(call->client, call->argv[call->argc - 1], &timeout_ms)) return;
    if (list_pop_one(call, &sources)) return;
    wait_for(call, sources.keys, sources.key_count, timeout_ms);
}

static void blpop_run(struct call *call)
{
    pop(call, LIST_LEFT);
}

static void brpop_run(struct call *call)
{
    pop(call, LIST_RIGHT);
}

static void blmpop_run(struct call *call)
{
    struct list_sources sources;
    int64_t timeout_ms;
    if (!list_parse_sources(call, 2, &sources) || !args_timeout(call->client, call->argv[1], &timeout_ms))
        return;
    if (list_pop_many(call, &sources)) return;
    wait_for(call, sources.keys, sources.key_count, timeout_ms);
}

/* As the command that does not wait. */
static void propagate_move(struct call *call)
{
    bool names_ends = call->argc == 6;
    if (names_ends)
        propagate_as(call, SLICE("LMOVE"), call->argv[1], call->argv[2], call->argv[3], call->argv[4]);
    else propagate_as(call, SLICE("RPOPLPUSH"), call->argv[1], call->argv[2]);
}

/* Nothing to be had inside of a transaction is one null here, not an array of none. */
static void move(struct call *call, enum list_end from, enum list_end to)
{
    int64_t timeout_ms;
    if (!args_timeout(call->client, call->argv[call->argc - 1], &timeout_ms)) return;
    uint64_t dirty = call->db->keyspace->dirty;
    if (list_move(call, call->argv[1], from, call->argv[2], to)) {
        if (call->db->keyspace->dirty != dirty) propagate_move(call);
        return;
    }
    if (call->client->flags & CLIENT_IN_EXEC) reply_null(call->client);
    else wait_for(call, call->argv + 1, 1, timeout_ms);
}

static void blmove_run(struct call *call)
{
    enum list_end from, to;
    if (list_parse_end(call, call->argv[3], &from) && list_parse_end(call, call->argv[4], &to))
        move(call, from, to);
}

static void brpoplpush_run(struct call *call)
{
    move(call, LIST_RIGHT, LIST_LEFT);
}

#define POP_ROW                                                                                              \
    .group = GROUP_LIST, .since = "2.0.0", .arity = -3, .flags = CMD_WRITE | CMD_NOSCRIPT | CMD_BLOCKING,    \
    .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 1, .last = -2}},                           \
    .complexity = "O(N), N being the number of keys", .syntax = "key [key ...] timeout:double",              \
    .history = timeout_history
#define MOVE_ROW                                                                                             \
    .group = GROUP_LIST, .flags = CMD_WRITE | CMD_DENYOOM | CMD_NOSCRIPT | CMD_BLOCKING,                     \
    .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 1},                                        \
             {.flags = KEY_RW | KEY_INSERT, .index = 2}},                                                    \
    .complexity = "O(1)"

static const char *const timeout_history[] = {"6.0.0", "The timeout may have a fraction.", NULL};

const struct command list_blocking_commands[] = {
    {.name = "blmove",
     MOVE_ROW,
     .since = "6.2.0",
     .arity = 6,
     .events = {EVENT_LPUSH, EVENT_RPUSH, EVENT_LPOP, EVENT_RPOP, EVENT_DEL, EVENT_NEW},
     .summary = "Moves an element from an end of a list to an end of another, and returns it; waits for one.",
     .syntax = "source destination <wherefrom: LEFT | RIGHT> <whereto: LEFT | RIGHT> timeout:double",
     .run = blmove_run},
    {.name = "blmpop",
     .group = GROUP_LIST,
     .since = "7.0.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_BLOCKING,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 2, .keynum = 1}},
     .events = {EVENT_LPOP, EVENT_RPOP, EVENT_DEL},
     .summary = "Removes and returns elements of the first of several lists that has any; waits for one.",
     .complexity = "O(N+M), N being the number of keys, M the number of elements returned",
     .syntax = "timeout:double numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
     .run = blmpop_run},
    {.name = "blpop",
     POP_ROW,
     .events = {EVENT_LPOP, EVENT_DEL},
     .summary = "Removes and returns the first element of the first list that has any; waits for one.",
     .run = blpop_run},
    {.name = "brpop",
     POP_ROW,
     .events = {EVENT_RPOP, EVENT_DEL},
     .summary = "Removes and returns the last element of the first list that has any; waits for one.",
     .run = brpop_run},
    {.name = "brpoplpush",
     MOVE_ROW,
     .since = "2.2.0",
     .arity = 4,
     .events = {EVENT_LPUSH, EVENT_RPOP, EVENT_DEL, EVENT_NEW},
     .summary = "Moves the last element of a list to the front of another, and returns it; waits for one.",
     .syntax = "source destination timeout:double",
     .replaced_by = "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
     .deprecated_since = "6.2.0",
     .history = timeout_history,
     .run = brpoplpush_run},
    {0},
};
