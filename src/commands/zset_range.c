/* Sorted sets: ranges by rank, score and member. */
#include "commands/tables.h"
#include "commands/zset.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- ranges ---- */

enum by { BY_RANK, BY_SCORE, BY_LEX };

struct range {
    enum by by;
    bool backwards;
    bool limited;
    int64_t offset, count; /* of LIMIT; a negative count: all */
    bool with_scores;
    union {
        struct {
            int64_t start, stop;
        } ranks;
        struct zset_scores scores;
        struct zset_lex lex;
    };
};

/* Which words a command takes. */
enum {
    TAKES_WITHSCORES = 1 << 0,
    TAKES_LIMIT = 1 << 1,
    TAKES_FORM = 1 << 2, /* BYSCORE, BYLEX, REV */
};

static bool parse_options(struct call *call, int at, unsigned takes, struct range *range)
{
    struct client *c = call->client;
    range->count = -1;
    for (; at < call->argc; at++) {
        struct slice word = call->argv[at];
        if (takes & TAKES_WITHSCORES && slice_is(word, "withscores")) {
            range->with_scores = true;
        } else if (takes & TAKES_LIMIT && at + 2 < call->argc && slice_is(word, "limit")) {
            if (!args_int(c, call->argv[at + 1], &range->offset, NULL)) return false;
            if (!args_int(c, call->argv[at + 2], &range->count, NULL)) return false;
            range->limited = true;
            at += 2;
        } else if (takes & TAKES_FORM && range->by == BY_RANK && slice_is(word, "byscore")) {
            range->by = BY_SCORE;
        } else if (takes & TAKES_FORM && range->by == BY_RANK && slice_is(word, "bylex")) {
            range->by = BY_LEX;
        } else if (takes & TAKES_FORM && !range->backwards && slice_is(word, "rev")) {
            range->backwards = true;
        } else {
            reply_syntax_error(c);
            return false;
        }
    }
    return true;
}

static bool is_consistent(struct client *c, const struct range *range)
{
    if (range->limited && range->count != -1 && range->by == BY_RANK)
        reply_error(c,
                    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    else if (range->with_scores && range->by == BY_LEX)
        reply_error(c, "ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    else return true;
    return false;
}

/* The two bounds, which begin with the end that is passed first. */
static bool parse_bounds(struct call *call, int at, struct range *range)
{
    struct client *c = call->client;
    struct slice first = call->argv[at], second = call->argv[at + 1];
    if (range->by == BY_RANK)
        return args_int(c, first, &range->ranks.start, NULL) && args_int(c, second, &range->ranks.stop, NULL);
    struct slice min = range->backwards ? second : first, max = range->backwards ? first : second;
    return range->by == BY_SCORE ? zset_args_scores(c, min, max, &range->scores)
                                 : zset_args_lex(c, min, max, &range->lex);
}

/* Ranks from the start of the walk, negative ones from its end. */
static void ranks_between(int64_t start, int64_t stop, size_t length, size_t *from, size_t *to)
{
    int64_t count = (int64_t)length;
    if (start < 0) start += count;
    if (stop < 0) stop += count;
    if (start < 0) start = 0;
    if (stop >= count) stop = count - 1;
    *from = *to = 0;
    if (start > stop || start >= count) return;
    *from = (size_t)start;
    *to = (size_t)stop + 1;
}

static void apply_limit(const struct range *range, size_t *from, size_t *to)
{
    size_t length = *to - *from;
    size_t skipped = range->offset < 0 || (uint64_t)range->offset > length ? length : (size_t)range->offset;
    size_t left = length - skipped;
    if (range->count >= 0 && (uint64_t)range->count < left) left = (size_t)range->count;
    if (range->backwards) {
        *to -= skipped;
        *from = *to - left;
    } else {
        *from += skipped;
        *to = *from + left;
    }
}

/* The ranks, from the lowest, that a range takes. */
static void ranks_of(const struct value *zset, const struct range *range, size_t *from, size_t *to)
{
    size_t length = zset_length(zset), start, stop;
    if (range->by == BY_SCORE) zset_ranks_of_scores(zset, &range->scores, from, to);
    else if (range->by == BY_LEX) zset_ranks_of_lex(zset, &range->lex, from, to);
    else {
        ranks_between(range->ranks.start, range->ranks.stop, length, &start, &stop);
        *from = range->backwards ? length - stop : start;
        *to = range->backwards ? length - start : stop;
    }
    if (range->limited && range->by != BY_RANK) apply_limit(range, from, to);
}

/* ---- ZRANGE and the commands it replaced ---- */

static void reply_range(struct call *call, struct range range, unsigned takes)
{
    struct client *c = call->client;
    struct value zset;
    size_t from, to;
    if (!parse_options(call, 4, takes, &range) || !is_consistent(c, &range)) return;
    if (!parse_bounds(call, 2, &range)) return;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    struct zset_reply reply = {c, range.with_scores};
    ranks_of(&zset, &range, &from, &to);
    zset_reply_count(&reply, to - from);
    zset_walk(&zset, from, to, range.backwards, &(struct zset_visitor){zset_reply_member, &reply});
}

static void zrange_run(struct call *call)
{
    reply_range(call, (struct range){.by = BY_RANK}, TAKES_WITHSCORES | TAKES_LIMIT | TAKES_FORM);
}

static void zrevrange_run(struct call *call)
{
    reply_range(call, (struct range){.by = BY_RANK, .backwards = true}, TAKES_WITHSCORES);
}

static void zrangebyscore_run(struct call *call)
{
    reply_range(call, (struct range){.by = BY_SCORE}, TAKES_WITHSCORES | TAKES_LIMIT);
}

static void zrevrangebyscore_run(struct call *call)
{
    reply_range(call, (struct range){.by = BY_SCORE, .backwards = true}, TAKES_WITHSCORES | TAKES_LIMIT);
}

static void zrangebylex_run(struct call *call)
{
    reply_range(call, (struct range){.by = BY_LEX}, TAKES_LIMIT);
}

static void zrevrangebylex_run(struct call *call)
{
    reply_range(call, (struct range){.by = BY_LEX, .backwards = true}, TAKES_LIMIT);
}

struct storing {
    struct call *call;
    struct value result;
};

static bool store_member(void *ctx, struct slice member, double score)
{
    struct storing *storing = ctx;
    zset_put(&storing->result, member, 0, &score, storing->call->server->types);
    return true;
}

static void zrangestore_run(struct call *call)
{
    struct client *c = call->client;
    struct storing storing = {call, value_empty(TYPE_ZSET)};
    struct range range = {.by = BY_RANK};
    struct value zset;
    size_t from, to;
    if (!parse_options(call, 5, TAKES_LIMIT | TAKES_FORM, &range) || !is_consistent(c, &range)) return;
    if (!parse_bounds(call, 3, &range)) return;
    if (!collection_read(call, call->argv[2], TYPE_ZSET, &zset)) return;
    ranks_of(&zset, &range, &from, &to);
    zset_walk(&zset, from, to, false, &(struct zset_visitor){store_member, &storing});
    reply_int(c, (int64_t)(to - from));
    collection_store(call, call->argv[1], &storing.result, EVENT_ZRANGESTORE);
}

/* ---- counting and removing ---- */

static void count_range(struct call *call, enum by by)
{
    struct range range = {.by = by};
    struct value zset;
    size_t from, to;
    if (!parse_bounds(call, 2, &range)) return;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    ranks_of(&zset, &range, &from, &to);
    reply_int(call->client, (int64_t)(to - from));
}

static void zcount_run(struct call *call)
{
    count_range(call, BY_SCORE);
}

static void zlexcount_run(struct call *call)
{
    count_range(call, BY_LEX);
}

static void remove_range(struct call *call, enum by by, enum event event)
{
    struct range range = {.by = by};
    struct collection zset;
    size_t from, to;
    if (!parse_bounds(call, 2, &range)) return;
    if (!collection_open(&zset, call, call->argv[1], TYPE_ZSET)) return;
    ranks_of(&zset.value, &range, &from, &to);
    zset_remove_ranks(&zset.value, from, to);
    collection_close(&zset, to > from ? event : EVENT_NONE, to - from);
    reply_int(call->client, (int64_t)(to - from));
}

static void zremrangebyrank_run(struct call *call)
{
    remove_range(call, BY_RANK, EVENT_ZREMRANGEBYRANK);
}

static void zremrangebyscore_run(struct call *call)
{
    remove_range(call, BY_SCORE, EVENT_ZREMRANGEBYSCORE);
}

static void zremrangebylex_run(struct call *call)
{
    remove_range(call, BY_LEX, EVENT_ZREMRANGEBYLEX);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define RANGING                                                                                              \
    .group = GROUP_SORTED_SET, .arity = -4, .flags = CMD_READONLY, .keys = ONE_KEY(KEY_RO | KEY_ACCESS),     \
    .events = {EVENT_KEYMISS},                                                                               \
    .complexity = "O(log N + M), N being the members of the set and M those returned"
#define COUNTING                                                                                             \
    .group = GROUP_SORTED_SET, .arity = 4, .flags = CMD_READONLY | CMD_FAST,                                 \
    .keys = ONE_KEY(KEY_RO | KEY_ACCESS), .events = {EVENT_KEYMISS},                                         \
    .complexity = "O(log N), N being the members of the set"
#define REMOVING(event)                                                                                      \
    .group = GROUP_SORTED_SET, .arity = 4, .flags = CMD_WRITE, .keys = ONE_KEY(KEY_RW | KEY_DELETE),         \
    .events = {(event), EVENT_DEL},                                                                          \
    .complexity = "O(log N + M), N being the members of the set and M those removed"
#define OLD .deprecated_since = "6.2.0"

static const char *const zrange_history[] = {"6.2.0", "Takes `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.", NULL};
static const char *const withscores_history[] = {"2.0.0", "Takes `WITHSCORES`.", NULL};
static const char *const reversed_history[] = {"2.1.6", "Bounds may be excluded.", NULL};

const struct command zset_range_commands[] = {
    {.name = "zcount",
     COUNTING,
     .since = "2.0.0",
     .summary = "Counts the members with a score in a range.",
     .syntax = "key min max",
     .run = zcount_run},
    {.name = "zlexcount",
     COUNTING,
     .since = "2.8.9",
     .summary = "Counts the members between two, in a set of equal scores.",
     .syntax = "key min max",
     .run = zlexcount_run},
    {.name = "zrange",
     RANGING,
     .since = "1.2.0",
     .summary = "Returns members by rank, score or member.",
     .syntax = "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
     .history = zrange_history,
     .run = zrange_run},
    {.name = "zrangebylex",
     RANGING,
     .since = "2.8.9",
     .summary = "Returns the members between two, in a set of equal scores.",
     .syntax = "key min max [LIMIT offset count]",
     .replaced_by = "`ZRANGE` with the `BYLEX` argument",
     OLD,
     .run = zrangebylex_run},
    {.name = "zrangebyscore",
     RANGING,
     .since = "1.0.5",
     .summary = "Returns the members with a score in a range.",
     .syntax = "key min max [WITHSCORES] [LIMIT offset count]",
     .replaced_by = "`ZRANGE` with the `BYSCORE` argument",
     OLD,
     .history = withscores_history,
     .run = zrangebyscore_run},
    {.name = "zrangestore",
     .group = GROUP_SORTED_SET,
     .since = "6.2.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_OW | KEY_UPDATE, .index = 1}, {.flags = KEY_RO | KEY_ACCESS, .index = 2}},
     .events = {EVENT_ZRANGESTORE, EVENT_DEL, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED,
                EVENT_KEYMISS},
     .summary = "Stores members chosen by rank, score or member.",
     .complexity = "O(log N + M log M), N being the members of the set and M those stored",
     .syntax = "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
     .run = zrangestore_run},
    {.name = "zremrangebylex",
     REMOVING(EVENT_ZREMRANGEBYLEX),
     .since = "2.8.9",
     .summary = "Removes the members between two, in a set of equal scores.",
     .syntax = "key min max",
     .run = zremrangebylex_run},
    {.name = "zremrangebyrank",
     REMOVING(EVENT_ZREMRANGEBYRANK),
     .since = "2.0.0",
     .summary = "Removes the members between two ranks.",
     .syntax = "key start stop",
     .run = zremrangebyrank_run},
    {.name = "zremrangebyscore",
     REMOVING(EVENT_ZREMRANGEBYSCORE),
     .since = "1.2.0",
     .summary = "Removes the members with a score in a range.",
     .syntax = "key min max",
     .run = zremrangebyscore_run},
    {.name = "zrevrange",
     RANGING,
     .since = "1.2.0",
     .summary = "Returns members by rank, the highest score first.",
     .syntax = "key start stop [WITHSCORES]",
     .replaced_by = "`ZRANGE` with the `REV` argument",
     OLD,
     .run = zrevrange_run},
    {.name = "zrevrangebylex",
     RANGING,
     .since = "2.8.9",
     .summary = "Returns the members between two, the last one first, in a set of equal scores.",
     .syntax = "key max min [LIMIT offset count]",
     .replaced_by = "`ZRANGE` with the `REV` and `BYLEX` arguments",
     OLD,
     .run = zrevrangebylex_run},
    {.name = "zrevrangebyscore",
     RANGING,
     .since = "2.2.0",
     .summary = "Returns the members with a score in a range, the highest first.",
     .syntax = "key max min [WITHSCORES] [LIMIT offset count]",
     .replaced_by = "`ZRANGE` with the `REV` and `BYSCORE` arguments",
     OLD,
     .history = reversed_history,
     .run = zrevrangebyscore_run},
    {0},
};
