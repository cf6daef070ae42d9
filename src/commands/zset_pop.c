/* Sorted sets: taking members off an end, and waiting for one. */
#include "commands/tables.h"
#include "commands/zset.h"
#include "core/args.h"
#include "core/blocking.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"

enum zset_end { END_MIN, END_MAX };

/* Members are passed and removed from that end on, `count` of them at most. The
 * event is told, and the key goes with its last member. */
static void pop(struct collection *zset, enum zset_end end, size_t count, const struct zset_visitor *visitor)
{
    size_t length = zset_length(&zset->value);
    if (count > length) count = length;
    size_t from = end == END_MIN ? 0 : length - count, to = from + count;
    zset_walk(&zset->value, from, to, end == END_MAX, visitor);
    zset_remove_ranks(&zset->value, from, to);
    enum event event = end == END_MIN ? EVENT_ZPOPMIN : EVENT_ZPOPMAX;
    collection_close(zset, count ? event : EVENT_NONE, count);
}

/* ---- ZPOPMIN, ZPOPMAX ---- */

/* A member and its score, side by side in both protocols. */
static bool reply_side_by_side(void *ctx, struct slice member, double score)
{
    struct client *c = ctx;
    reply_bulk(c, member);
    reply_double(c, score);
    return true;
}

static void pop_count(struct call *call, enum zset_end end)
{
    struct client *c = call->client;
    struct collection zset;
    int64_t count = 1;
    if (call->argc > 3) {
        reply_syntax_error(c);
        return;
    }
    bool counted = call->argc == 3;
    if (counted && !args_int_between(c, call->argv[2], 0, INT64_MAX, &count,
                                     "ERR value is out of range, must be positive"))
        return;
    if (!collection_open(&zset, call, call->argv[1], TYPE_ZSET)) return;
    size_t length = zset_length(&zset.value), popped = (uint64_t)count < length ? (size_t)count : length;
    struct zset_reply reply = {c, true};
    if (counted || popped == 0) {
        zset_reply_count(&reply, popped);
        pop(&zset, end, popped, &(struct zset_visitor){zset_reply_member, &reply});
    } else {
        reply_array(c, 2);
        pop(&zset, end, 1, &(struct zset_visitor){reply_side_by_side, c});
    }
}

static void zpopmin_run(struct call *call)
{
    pop_count(call, END_MIN);
}

static void zpopmax_run(struct call *call)
{
    pop_count(call, END_MAX);
}

/* ---- ZMPOP ---- */

struct sources {
    const struct slice *keys;
    int key_count;
    enum zset_end end;
    int64_t count;
};

/* numkeys key [key ...] MIN|MAX [COUNT count] */
static bool parse_sources(struct call *call, int at, struct sources *sources)
{
    int key_count;
    if (!args_pop_keys(call, at, &key_count)) return false;
    struct slice end = call->argv[at + 1 + key_count];
    bool max = slice_is(end, "max");
    *sources = (struct sources){&call->argv[at + 1], key_count, max ? END_MAX : END_MIN, 1};
    if (max || slice_is(end, "min")) return args_pop_count(call, at + 2 + key_count, &sources->count);
    reply_syntax_error(call->client);
    return false;
}

/* In both protocols members come in pairs here. */
static bool reply_pair(void *ctx, struct slice member, double score)
{
    struct client *c = ctx;
    reply_array(c, 2);
    return reply_side_by_side(c, member, score);
}

/* Opens the first sorted set that there is; false when there is none, or an
 * error was answered (*failed). */
static bool open_first(struct call *call, const struct slice *keys, int key_count, struct collection *zset,
                       bool *failed)
{
    *failed = false;
    for (int i = 0; i < key_count; i++) {
        *failed = !collection_open(zset, call, keys[i], TYPE_ZSET);
        if (*failed) return false;
        if (zset->entry) return true;
    }
    return false;
}

/* From one sorted set, with the number of members where it can be more than one. */
static void propagate_pop(struct call *call, enum zset_end end, struct slice key, int64_t count)
{
    struct propagate_number number;
    struct slice command = end == END_MIN ? SLICE("ZPOPMIN") : SLICE("ZPOPMAX");
    if (count < 0) propagate_as(call, command, key);
    else propagate_as(call, command, key, propagate_number(&number, count));
}

/* True when an answer was given. */
static bool pop_many(struct call *call, const struct sources *sources)
{
    struct client *c = call->client;
    struct collection zset;
    bool failed;
    if (!open_first(call, sources->keys, sources->key_count, &zset, &failed)) return failed;
    size_t length = zset_length(&zset.value);
    size_t popped = (uint64_t)sources->count < length ? (size_t)sources->count : length;
    reply_array(c, 2);
    reply_bulk(c, zset.key);
    reply_array(c, (int64_t)popped);
    propagate_pop(call, sources->end, zset.key, (int64_t)popped);
    pop(&zset, sources->end, popped, &(struct zset_visitor){reply_pair, c});
    return true;
}

static void zmpop_run(struct call *call)
{
    struct sources sources;
    if (parse_sources(call, 1, &sources) && !pop_many(call, &sources)) reply_null_array(call->client);
}

/* ---- those that wait ---- */

static void wait_for(struct call *call, const struct slice *keys, int key_count, int64_t timeout_ms)
{
    blocking_wait(call, &(struct blocking_wish){.keys = keys,
                                                .key_count = key_count,
                                                .type = TYPE_ZSET,
                                                .timeout_ms = timeout_ms,
                                                .timed_out = reply_null_array});
}

static void pop_or_wait(struct call *call, enum zset_end end)
{
    struct client *c = call->client;
    const struct slice *keys = &call->argv[1];
    int key_count = call->argc - 2;
    struct collection zset;
    int64_t timeout_ms;
    bool failed;
    if (!args_timeout(c, call->argv[call->argc - 1], &timeout_ms)) return;
    if (!open_first(call, keys, key_count, &zset, &failed)) {
        if (!failed) wait_for(call, keys, key_count, timeout_ms);
        return;
    }
    reply_array(c, 3);
    reply_bulk(c, zset.key);
    propagate_pop(call, end, zset.key, -1);
    pop(&zset, end, 1, &(struct zset_visitor){reply_side_by_side, c});
}

static void bzpopmin_run(struct call *call)
{
    pop_or_wait(call, END_MIN);
}

static void bzpopmax_run(struct call *call)
{
    pop_or_wait(call, END_MAX);
}

static void bzmpop_run(struct call *call)
{
    struct sources sources;
    int64_t timeout_ms;
    if (!args_timeout(call->client, call->argv[1], &timeout_ms)) return;
    if (!parse_sources(call, 2, &sources) || pop_many(call, &sources)) return;
    wait_for(call, sources.keys, sources.key_count, timeout_ms);
}

/* ---- the rows ---- */

#define POPPED KEY_RW | KEY_ACCESS | KEY_DELETE
#define POPPING(event)                                                                                       \
    .group = GROUP_SORTED_SET, .since = "5.0.0", .arity = -2, .flags = CMD_WRITE | CMD_FAST,                 \
    .keys = {{.flags = POPPED, .index = 1}}, .events = {(event), EVENT_DEL},                                 \
    .complexity = "O(log N + M), N being the members of the set and M those removed",                        \
    .syntax = "key [count]"
#define WAITING(event)                                                                                       \
    .group = GROUP_SORTED_SET, .since = "5.0.0", .arity = -3,                                                \
    .flags = CMD_WRITE | CMD_NOSCRIPT | CMD_FAST | CMD_BLOCKING,                                             \
    .keys = {{.flags = POPPED, .index = 1, .last = -2}}, .events = {(event), EVENT_DEL},                     \
    .complexity = "O(log N), N being the members of the set", .syntax = "key [key ...] timeout:double",      \
    .history = timeout_history

static const char *const timeout_history[] = {"6.0.0", "The timeout may have a fraction.", NULL};

const struct command zset_pop_commands[] = {
    {.name = "bzmpop",
     .group = GROUP_SORTED_SET,
     .since = "7.0.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_BLOCKING,
     .keys = {{.flags = POPPED, .index = 2, .keynum = 1}},
     .events = {EVENT_ZPOPMIN, EVENT_ZPOPMAX, EVENT_DEL},
     .summary =
         "Removes and returns members of the first of several sorted sets that has any; waits for one.",
     .complexity = "O(K + M log N), K being the keys, N the members of the set and M those returned",
     .syntax = "timeout:double numkeys key [key ...] <MIN | MAX> [COUNT count]",
     .run = bzmpop_run},
    {.name = "bzpopmax",
     WAITING(EVENT_ZPOPMAX),
     .summary = "Removes and returns the member with the highest score of a sorted set; waits for one.",
     .run = bzpopmax_run},
    {.name = "bzpopmin",
     WAITING(EVENT_ZPOPMIN),
     .summary = "Removes and returns the member with the lowest score of a sorted set; waits for one.",
     .run = bzpopmin_run},
    {.name = "zmpop",
     .group = GROUP_SORTED_SET,
     .since = "7.0.0",
     .arity = -4,
     .flags = CMD_WRITE,
     .keys = {{.flags = POPPED, .index = 1, .keynum = 1}},
     .events = {EVENT_ZPOPMIN, EVENT_ZPOPMAX, EVENT_DEL},
     .summary = "Removes and returns members of the first of several sorted sets that has any.",
     .complexity = "O(K + M log N), K being the keys, N the members of the set and M those returned",
     .syntax = "numkeys key [key ...] <MIN | MAX> [COUNT count]",
     .run = zmpop_run},
    {.name = "zpopmax",
     POPPING(EVENT_ZPOPMAX),
     .summary = "Removes and returns the members with the highest scores.",
     .run = zpopmax_run},
    {.name = "zpopmin",
     POPPING(EVENT_ZPOPMIN),
     .summary = "Removes and returns the members with the lowest scores.",
     .run = zpopmin_run},
    {0},
};
