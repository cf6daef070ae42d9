/* Sorted sets from others: union, intersection, difference; and random members. */
#include <math.h>

#include "base/mem.h"
#include "commands/tables.h"
#include "commands/zset.h"
#include "core/args.h"
#include "core/collection.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/sample.h"
#include "types/zset_source.h"

/* ---- arguments ---- */

struct source {
    struct value value;
    double weight;
};

enum aggregate { AGGREGATE_SUM, AGGREGATE_MIN, AGGREGATE_MAX };

/* Which options a command takes. */
enum {
    TAKES_WEIGHTS = 1 << 0, /* and AGGREGATE */
    TAKES_WITHSCORES = 1 << 1,
    TAKES_LIMIT = 1 << 2,
};

struct combining {
    struct call *call;
    struct source *sources; /* owned */
    int count;
    enum aggregate aggregate;
    bool with_scores;
    int64_t limit;       /* 0: none */
    struct value result; /* a sorted set, held as these say */
    const struct types_settings *settings;
    int64_t found;
};

static bool parse_weights(struct call *call, int *at, struct combining *combining)
{
    if (call->argc - *at - 1 < combining->count) {
        reply_syntax_error(call->client);
        return false;
    }
    for (int i = 0; i < combining->count; i++)
        if (!args_double(call->client, call->argv[++*at], &combining->sources[i].weight,
                         "ERR weight value is not a float"))
            return false;
    return true;
}

static bool parse_aggregate(struct call *call, int *at, struct combining *combining)
{
    struct slice word = call->argv[++*at];
    if (slice_is(word, "sum")) combining->aggregate = AGGREGATE_SUM;
    else if (slice_is(word, "min")) combining->aggregate = AGGREGATE_MIN;
    else if (slice_is(word, "max")) combining->aggregate = AGGREGATE_MAX;
    else reply_syntax_error(call->client);
    return slice_is(word, "sum") || slice_is(word, "min") || slice_is(word, "max");
}

static bool parse_options(struct call *call, int at, unsigned takes, struct combining *combining)
{
    for (; at < call->argc; at++) {
        struct slice word = call->argv[at];
        bool has_value = at + 1 < call->argc;
        if (takes & TAKES_WEIGHTS && has_value && slice_is(word, "weights")) {
            if (!parse_weights(call, &at, combining)) return false;
        } else if (takes & TAKES_WEIGHTS && has_value && slice_is(word, "aggregate")) {
            if (!parse_aggregate(call, &at, combining)) return false;
        } else if (takes & TAKES_WITHSCORES && slice_is(word, "withscores")) {
            combining->with_scores = true;
        } else if (takes & TAKES_LIMIT && has_value && slice_is(word, "limit")) {
            if (!args_int_between(call->client, call->argv[++at], 0, INT64_MAX, &combining->limit,
                                  "ERR LIMIT can't be negative"))
                return false;
        } else {
            reply_syntax_error(call->client);
            return false;
        }
    }
    return true;
}

static bool look_up_sources(struct call *call, int first, struct combining *combining)
{
    for (int i = 0; i < combining->count; i++) {
        const struct entry *e = db_lookup_read(call->db, call->argv[first + i]);
        struct source *source = &combining->sources[i];
        *source = (struct source){e ? entry_value(e) : value_empty(TYPE_ZSET), 1};
        if (zset_source_fits((enum type)source->value.type)) continue;
        reply_wrong_type(call->client);
        return false;
    }
    return true;
}

/* The count of keys at `at`, the keys, the options. What it leaves is to be
 * freed by finish, in any case. */
static bool parse_combining(struct call *call, int at, unsigned takes, struct combining *combining)
{
    struct client *c = call->client;
    int64_t count;
    *combining = (struct combining){
        .call = call, .result = value_empty(TYPE_ZSET), .settings = call->server->types};
    if (!args_int(c, call->argv[at], &count, NULL)) return false;
    if (count < 1) {
        reply_errorf(c, "ERR at least 1 input key is needed for '%s' command", call->command->name);
        return false;
    }
    if (count > call->argc - at - 1) {
        reply_syntax_error(c);
        return false;
    }
    combining->count = (int)count;
    combining->sources = mem_alloc((size_t)count * sizeof *combining->sources);
    return look_up_sources(call, at + 1, combining) &&
           parse_options(call, at + 1 + combining->count, takes, combining);
}

static void finish(struct combining *combining)
{
    if (combining->result.object) zset_type.free(combining->result.object, combining->result.encoding);
    mem_free(combining->sources);
}

/* ---- combining ---- */

/* Infinities of both signs, and infinity times 0, make 0. */
static double number_or_zero(double score)
{
    return isnan(score) ? 0 : score;
}

static double aggregated(enum aggregate aggregate, double a, double b)
{
    if (aggregate == AGGREGATE_MIN) return b < a ? b : a;
    if (aggregate == AGGREGATE_MAX) return b > a ? b : a;
    return number_or_zero(a + b);
}

static bool weighted(const struct source *source, struct slice member, double *score)
{
    if (!zset_source_score(&source->value, member, score)) return false;
    *score *= source->weight;
    return true;
}

static size_t length_of(const struct source *source)
{
    return source->value.object ? value_type(&source->value)->length(&source->value) : 0;
}

/* The smallest first, from `from` on: sums are made in this order, too. */
static void sort_sources(struct combining *combining, int from)
{
    for (int i = from + 1; i < combining->count; i++) {
        struct source moved = combining->sources[i];
        int at = i;
        for (; at > from && length_of(&combining->sources[at - 1]) > length_of(&moved); at--)
            combining->sources[at] = combining->sources[at - 1];
        combining->sources[at] = moved;
    }
}

static void put(struct combining *combining, struct slice member, double score)
{
    zset_put(&combining->result, member, 0, &score, combining->settings);
}

/* What a walk through one source needs to know. */
struct walking {
    struct combining *combining;
    int source;
};

/* Each member is put once, by the first source that has it. */
static bool unite_member(void *ctx, struct slice member, double score)
{
    const struct walking *walking = ctx;
    const struct combining *combining = walking->combining;
    double other, total = number_or_zero(score * combining->sources[walking->source].weight);
    for (int i = 0; i < walking->source; i++)
        if (zset_source_score(&combining->sources[i].value, member, &other)) return true;
    for (int i = walking->source + 1; i < combining->count; i++)
        if (weighted(&combining->sources[i], member, &other))
            total = aggregated(combining->aggregate, total, number_or_zero(other));
    put(walking->combining, member, total);
    return true;
}

static void unite(struct combining *combining)
{
    sort_sources(combining, 0);
    for (int i = 0; i < combining->count; i++) {
        struct walking walking = {combining, i};
        zset_source_walk(&combining->sources[i].value, &(struct zset_visitor){unite_member, &walking});
    }
}

static bool intersect_member(void *ctx, struct slice member, double score)
{
    struct combining *combining = ctx;
    double other, total = number_or_zero(score * combining->sources[0].weight);
    for (int i = 1; i < combining->count; i++) {
        if (!weighted(&combining->sources[i], member, &other)) return true;
        total = aggregated(combining->aggregate, total, other);
    }
    put(combining, member, total);
    return true;
}

static void intersect(struct combining *combining)
{
    sort_sources(combining, 0);
    zset_source_walk(&combining->sources[0].value, &(struct zset_visitor){intersect_member, combining});
}

static bool count_member(void *ctx, struct slice member, double score)
{
    struct combining *combining = ctx;
    for (int i = 1; i < combining->count; i++)
        if (!zset_source_score(&combining->sources[i].value, member, &score)) return true;
    combining->found++;
    return combining->limit == 0 || combining->found < combining->limit;
}

/* The largest of the others is asked first: it is the likeliest to have it. */
static bool subtract_member(void *ctx, struct slice member, double score)
{
    struct combining *combining = ctx;
    double unused;
    for (int i = combining->count - 1; i > 0; i--)
        if (zset_source_score(&combining->sources[i].value, member, &unused)) return true;
    put(combining, member, score);
    return true;
}

static void subtract(struct combining *combining)
{
    sort_sources(combining, 1);
    zset_source_walk(&combining->sources[0].value, &(struct zset_visitor){subtract_member, combining});
}

/* ---- replies ---- */

static void reply_result(struct combining *combining)
{
    struct zset_reply to = {combining->call->client, combining->with_scores};
    size_t count = zset_length(&combining->result);
    zset_reply_count(&to, count);
    zset_walk(&combining->result, 0, count, false, &(struct zset_visitor){zset_reply_member, &to});
}

static void run_and_reply(struct call *call, unsigned takes, void (*combine)(struct combining *))
{
    /* What is not stored is no listpack: that would lose the sign of a -0. */
    static const struct types_settings no_listpack = {.zset_max_listpack_entries = 0};
    struct combining combining;
    if (parse_combining(call, 1, takes | TAKES_WITHSCORES, &combining)) {
        combining.settings = &no_listpack;
        combine(&combining);
        reply_result(&combining);
    }
    finish(&combining);
}

static void run_and_store(struct call *call, unsigned takes, void (*combine)(struct combining *),
                          enum event event)
{
    struct combining combining;
    if (parse_combining(call, 2, takes, &combining)) {
        combine(&combining);
        reply_int(call->client, (int64_t)zset_length(&combining.result));
        collection_store(call, call->argv[1], &combining.result, event);
        combining.result.object = NULL;
    }
    finish(&combining);
}

static void zunion_run(struct call *call)
{
    run_and_reply(call, TAKES_WEIGHTS, unite);
}

static void zinter_run(struct call *call)
{
    run_and_reply(call, TAKES_WEIGHTS, intersect);
}

static void zdiff_run(struct call *call)
{
    run_and_reply(call, 0, subtract);
}

static void zunionstore_run(struct call *call)
{
    run_and_store(call, TAKES_WEIGHTS, unite, EVENT_ZUNIONSTORE);
}

static void zinterstore_run(struct call *call)
{
    run_and_store(call, TAKES_WEIGHTS, intersect, EVENT_ZINTERSTORE);
}

static void zdiffstore_run(struct call *call)
{
    run_and_store(call, 0, subtract, EVENT_ZDIFFSTORE);
}

static void zintercard_run(struct call *call)
{
    struct combining combining;
    if (parse_combining(call, 1, TAKES_LIMIT, &combining)) {
        sort_sources(&combining, 0);
        zset_source_walk(&combining.sources[0].value, &(struct zset_visitor){count_member, &combining});
        reply_int(call->client, combining.found);
    }
    finish(&combining);
}

/* ---- ZRANDMEMBER ---- */

static void reply_rank(const struct value *zset, size_t rank, struct zset_reply *to)
{
    zset_walk(zset, rank, rank + 1, false, &(struct zset_visitor){zset_reply_member, to});
}

/* Any member, count times; the same one may come again. */
static void reply_any(struct call *call, const struct value *zset, size_t count, struct zset_reply *to)
{
    size_t length = zset_length(zset);
    zset_reply_count(to, count);
    while (count-- > 0) reply_rank(zset, random_below(&call->server->random, length), to);
}

struct sampling {
    struct sample sample;
    struct zset_reply *to;
};

static bool reply_if_taken(void *ctx, struct slice member, double score)
{
    struct sampling *sampling = ctx;
    if (sample_takes(&sampling->sample)) zset_reply_member(sampling->to, member, score);
    return sampling->sample.wanted > 0;
}

enum { FEW = 3 }; /* members are drawn one by one where they are fewer than 1/FEW of all */

/* Different members: in one walk, or one by one where few are wanted. */
static void reply_different(struct call *call, const struct value *zset, size_t count, struct zset_reply *to)
{
    size_t length = zset_length(zset);
    struct random *random = &call->server->random;
    if (count > length) count = length;
    zset_reply_count(to, count);
    if (count >= length / FEW) {
        struct sampling sampling = {{count, length, random}, to};
        if (count) zset_walk(zset, 0, length, false, &(struct zset_visitor){reply_if_taken, &sampling});
        return;
    }
    struct hashtable drawn;
    sample_drawn_init(&drawn);
    while (count) {
        size_t rank = random_below(random, length);
        /* Ranks are remembered as what they are, never followed; none is NULL. */
        if (!sample_drawn_add(&drawn, (void *)(uintptr_t)(rank + 1))) continue;
        reply_rank(zset, rank, to);
        count--;
    }
    hashtable_fini(&drawn);
}

static bool parse_random_count(struct call *call, int64_t *count, bool *with_scores)
{
    struct client *c = call->client;
    if (!args_int_between(c, call->argv[2], -INT64_MAX, INT64_MAX, count, NULL)) return false;
    *with_scores = call->argc > 3;
    if (call->argc > 4 || (*with_scores && !slice_is(call->argv[3], "withscores"))) {
        reply_syntax_error(c);
        return false;
    }
    if (*with_scores && (*count < -INT64_MAX / 2 || *count > INT64_MAX / 2)) {
        reply_error(c, "ERR value is out of range");
        return false;
    }
    return true;
}

/* How often one call may draw the same members again: what it answers must be
 * made at once. */
enum { REPEATED_MAX = 1 << 26 };

static void zrandmember_run(struct call *call)
{
    struct client *c = call->client;
    struct zset_reply to = {c, false};
    struct value zset;
    int64_t count = 0;
    bool counted = call->argc > 2;
    if (counted && !parse_random_count(call, &count, &to.with_scores)) return;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    if (counted && (zset.object == NULL || count == 0)) reply_empty_array(c);
    else if (zset.object == NULL) reply_null(c);
    else if (!counted) reply_rank(&zset, random_below(&call->server->random, zset_length(&zset)), &to);
    else if (count < -REPEATED_MAX) reply_error(c, "ERR value is out of range");
    else if (count < 0) reply_any(call, &zset, (size_t)-count, &to);
    else reply_different(call, &zset, (size_t)count, &to);
}

/* ---- the rows ---- */

#define COUNTED_KEYS(at)                                                                                     \
    {                                                                                                        \
        .flags = KEY_RO | KEY_ACCESS, .index = (at), .keynum = 1, .last = -1                                 \
    }
#define DESTINATION                                                                                          \
    {                                                                                                        \
        .flags = KEY_OW | KEY_UPDATE, .index = 1                                                             \
    }
#define READING                                                                                              \
    .group = GROUP_SORTED_SET, .since = "6.2.0", .arity = -3, .flags = CMD_READONLY,                         \
    .keys = {COUNTED_KEYS(1)}, .events = {EVENT_KEYMISS}
#define STORING(event)                                                                                       \
    .group = GROUP_SORTED_SET, .arity = -4, .flags = CMD_WRITE | CMD_DENYOOM,                                \
    .keys = {DESTINATION, COUNTED_KEYS(2)},                                                                  \
    .events = {(event), EVENT_DEL, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_KEYMISS}
#define WEIGHTED "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]"

const struct command zset_combine_commands[] = {
    {.name = "zdiff",
     READING,
     .summary = "Returns the members of a sorted set that no other one has.",
     .complexity = "O(N*M), N being the members of the first set and M the number of sets",
     .syntax = "numkeys key [key ...] [WITHSCORES]",
     .run = zdiff_run},
    {.name = "zdiffstore",
     .since = "6.2.0",
     STORING(EVENT_ZDIFFSTORE),
     .summary = "Stores the members of a sorted set that no other one has.",
     .complexity = "O(N*M + K log K), N being the members of the first set, M the sets, K the result",
     .syntax = "destination numkeys key [key ...]",
     .run = zdiffstore_run},
    {.name = "zinter",
     READING,
     .summary = "Returns the members that all sorted sets have.",
     .complexity = "O(N*M + K log K), N being the members of the smallest set, M the sets, K the result",
     .syntax = WEIGHTED " [WITHSCORES]",
     .run = zinter_run},
    {.name = "zintercard",
     .group = GROUP_SORTED_SET,
     .since = "7.0.0",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = {COUNTED_KEYS(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Counts the members that all sorted sets have.",
     .complexity = "O(N*M), N being the members of the smallest set and M the number of sets",
     .syntax = "numkeys key [key ...] [LIMIT limit]",
     .run = zintercard_run},
    {.name = "zinterstore",
     .since = "2.0.0",
     STORING(EVENT_ZINTERSTORE),
     .summary = "Stores the members that all sorted sets have.",
     .complexity = "O(N*M + K log K), N being the members of the smallest set, M the sets, K the result",
     .syntax = "destination " WEIGHTED,
     .run = zinterstore_run},
    {.name = "zrandmember",
     .group = GROUP_SORTED_SET,
     .since = "6.2.0",
     .arity = -2,
     .flags = CMD_READONLY,
     .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 1}},
     .events = {EVENT_KEYMISS},
     .summary = "Returns members of a sorted set chosen at random.",
     .complexity = "O(N log M), N being the members returned and M those of the set",
     .syntax = "key [count [WITHSCORES]]",
     .tips = {"nondeterministic_output"},
     .run = zrandmember_run},
    {.name = "zunion",
     READING,
     .summary = "Returns the members that any of the sorted sets has.",
     .complexity = "O(N*M + N log N), N being the members of all sets and M the number of sets",
     .syntax = WEIGHTED " [WITHSCORES]",
     .run = zunion_run},
    {.name = "zunionstore",
     .since = "2.0.0",
     STORING(EVENT_ZUNIONSTORE),
     .summary = "Stores the members that any of the sorted sets has.",
     .complexity = "O(N*M + N log N), N being the members of all sets and M the number of sets",
     .syntax = "destination " WEIGHTED,
     .run = zunionstore_run},
    {0},
};
