/* Sorted sets: members and their scores. Ranges, pops and combinations have
 * files of their own. */
#include "commands/zset.h"

#include <ctype.h>

#include "base/number.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- shared ---- */

void zset_reply_count(const struct zset_reply *to, size_t members)
{
    reply_array(to->client, (int64_t)members * (to->with_scores && to->client->resp == 2 ? 2 : 1));
}

bool zset_reply_member(void *ctx, struct slice member, double score)
{
    const struct zset_reply *to = ctx;
    if (to->with_scores && to->client->resp > 2) reply_array(to->client, 2);
    reply_bulk(to->client, member);
    if (to->with_scores) reply_double(to->client, score);
    return true;
}

static bool parse_score_bound(struct slice text, double *score, bool *excluded)
{
    *excluded = text.len > 0 && text.ptr[0] == '(';
    if (*excluded) text = slice_make(text.ptr + 1, text.len - 1);
    *score = 0;
    while (text.len && isspace((unsigned char)text.ptr[0])) text = slice_make(text.ptr + 1, text.len - 1);
    text.len = strnlen(text.ptr, text.len);
    return text.len == 0 || number_parse_nearest(text, score); /* nothing is 0, as in the reference */
}

bool zset_args_scores(struct client *c, struct slice min, struct slice max, struct zset_scores *range)
{
    if (parse_score_bound(min, &range->min, &range->min_excluded) &&
        parse_score_bound(max, &range->max, &range->max_excluded))
        return true;
    reply_error(c, "ERR min or max is not a float");
    return false;
}

static bool parse_lex_bound(struct slice text, struct zset_lex_bound *bound)
{
    if (text.len == 0) return false;
    bound->member = slice_make(text.ptr + 1, text.len - 1);
    switch (text.ptr[0]) {
    case '[': bound->kind = ZSET_LEX_INCLUDED; return true;
    case '(': bound->kind = ZSET_LEX_EXCLUDED; return true;
    case '-': bound->kind = ZSET_LEX_LOWEST; return text.len == 1;
    case '+': bound->kind = ZSET_LEX_HIGHEST; return text.len == 1;
    default: return false;
    }
}

bool zset_args_lex(struct client *c, struct slice min, struct slice max, struct zset_lex *range)
{
    if (parse_lex_bound(min, &range->min) && parse_lex_bound(max, &range->max)) return true;
    reply_error(c, "ERR min or max not valid string range item");
    return false;
}

/* ---- ZADD, ZINCRBY ---- */

struct adding {
    unsigned conditions; /* of zset_put */
    bool count_changed;
    int first; /* of the scores */
};

static bool parse_conditions(struct call *call, struct adding *adding)
{
    static const struct {
        const char *word;
        unsigned condition;
    } words[] = {{"nx", ZSET_IF_NEW},
                 {"xx", ZSET_IF_THERE},
                 {"gt", ZSET_IF_GREATER},
                 {"lt", ZSET_IF_LESS},
                 {"incr", ZSET_INCREMENT}};
    *adding = (struct adding){.first = 2};
    for (; adding->first < call->argc; adding->first++) {
        struct slice word = call->argv[adding->first];
        unsigned condition = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (slice_is(word, words[i].word)) condition = words[i].condition;
        if (condition) adding->conditions |= condition;
        else if (slice_is(word, "ch")) adding->count_changed = true;
        else break;
    }
    return call->argc > adding->first && (call->argc - adding->first) % 2 == 0;
}

/* Why these conditions do not go together; NULL when they do. */
static const char *contradiction(const struct call *call, const struct adding *adding)
{
    unsigned given = adding->conditions;
    bool only_new = given & ZSET_IF_NEW, greater = given & ZSET_IF_GREATER, less = given & ZSET_IF_LESS;
    if (only_new && given & ZSET_IF_THERE) return "ERR XX and NX options at the same time are not compatible";
    if ((greater && only_new) || (less && only_new) || (greater && less))
        return "ERR GT, LT, and/or NX options at the same time are not compatible";
    if (given & ZSET_INCREMENT && call->argc - adding->first > 2)
        return "ERR INCR option supports a single increment-element pair";
    return NULL;
}

static bool parse_scores(struct call *call, const struct adding *adding)
{
    double score;
    for (int i = adding->first; i < call->argc; i += 2)
        if (!args_double(call->client, call->argv[i], &score, NULL)) return false;
    return true;
}

/* One pair: its new score is the answer, a null when a condition refused it. */
static void increment(struct call *call, const struct adding *adding)
{
    struct client *c = call->client;
    struct collection zset;
    double score = 0;
    if (!collection_open(&zset, call, call->argv[1], TYPE_ZSET)) return;
    number_parse_double(call->argv[adding->first], &score);
    enum zset_result result = zset_put(&zset.value, call->argv[adding->first + 1], adding->conditions, &score,
                                       call->server->types);
    bool changed = result == ZSET_ADDED || result == ZSET_UPDATED;
    collection_close(&zset, changed ? EVENT_ZINCR : EVENT_NONE, changed);
    if (result == ZSET_NAN) reply_error(c, "ERR resulting score is not a number (NaN)");
    else if (result == ZSET_REFUSED) reply_null(c);
    else reply_double(c, score);
}

static void add(struct call *call, const struct adding *adding)
{
    struct collection zset;
    size_t added = 0, updated = 0;
    if (!collection_open(&zset, call, call->argv[1], TYPE_ZSET)) return;
    for (int i = adding->first; i < call->argc; i += 2) {
        double score = 0;
        number_parse_double(call->argv[i], &score);
        enum zset_result result = zset_put(&zset.value, call->argv[i + 1], adding->conditions, &score,
                                           call->server->types);
        added += result == ZSET_ADDED;
        updated += result == ZSET_UPDATED;
    }
    collection_close(&zset, added + updated ? EVENT_ZADD : EVENT_NONE, added + updated);
    reply_int(call->client, (int64_t)(adding->count_changed ? added + updated : added));
}

static void zadd_run(struct call *call)
{
    struct adding adding;
    if (!parse_conditions(call, &adding)) {
        reply_syntax_error(call->client);
        return;
    }
    const char *error = contradiction(call, &adding);
    if (error) {
        reply_error(call->client, error);
        return;
    }
    if (!parse_scores(call, &adding)) return;
    if (adding.conditions & ZSET_INCREMENT) increment(call, &adding);
    else add(call, &adding);
}

static void zincrby_run(struct call *call)
{
    const struct adding adding = {.conditions = ZSET_INCREMENT, .first = 2};
    if (parse_scores(call, &adding)) increment(call, &adding);
}

/* ---- ZREM ---- */

static void zrem_run(struct call *call)
{
    struct collection zset;
    size_t removed = 0;
    if (!collection_open(&zset, call, call->argv[1], TYPE_ZSET)) return;
    for (int i = 2; i < call->argc && zset_length(&zset.value); i++)
        removed += zset_remove(&zset.value, call->argv[i]);
    collection_close(&zset, removed ? EVENT_ZREM : EVENT_NONE, removed);
    reply_int(call->client, (int64_t)removed);
}

/* ---- asking ---- */

static void zcard_run(struct call *call)
{
    struct value zset;
    if (collection_read(call, call->argv[1], TYPE_ZSET, &zset))
        reply_int(call->client, (int64_t)zset_length(&zset));
}

static void reply_score_of(struct client *c, const struct value *zset, struct slice member)
{
    double score;
    if (zset_score(zset, member, &score)) reply_double(c, score);
    else reply_null(c);
}

static void zscore_run(struct call *call)
{
    struct value zset;
    if (collection_read(call, call->argv[1], TYPE_ZSET, &zset))
        reply_score_of(call->client, &zset, call->argv[2]);
}

static void zmscore_run(struct call *call)
{
    struct value zset;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    reply_array(call->client, call->argc - 2);
    for (int i = 2; i < call->argc; i++) reply_score_of(call->client, &zset, call->argv[i]);
}

static void reply_rank(struct call *call, bool from_highest)
{
    struct client *c = call->client;
    struct value zset;
    size_t rank;
    double score;
    bool with_score = call->argc > 3;
    if (call->argc > 4 || (with_score && !slice_is(call->argv[3], "withscore"))) {
        reply_syntax_error(c);
        return;
    }
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    if (!zset_rank(&zset, call->argv[2], &rank, &score)) {
        if (with_score) reply_null_array(c);
        else reply_null(c);
        return;
    }
    if (with_score) reply_array(c, 2);
    reply_int(c, (int64_t)(from_highest ? zset_length(&zset) - 1 - rank : rank));
    if (with_score) reply_double(c, score);
}

static void zrank_run(struct call *call)
{
    reply_rank(call, false);
}

static void zrevrank_run(struct call *call)
{
    reply_rank(call, true);
}

/* ---- the rows ---- */

#define KEY(key_flags)                                                                                       \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define ASKING .group = GROUP_SORTED_SET, .flags = CMD_READONLY | CMD_FAST, .events = {EVENT_KEYMISS}

static const char *const zadd_history[] = {
    "2.4.0", "Takes several members.", "3.0.2", "Takes `XX`, `NX`, `CH` and `INCR`.",
    "6.2.0", "Takes `GT` and `LT`.",   NULL};
static const char *const zrem_history[] = {"2.4.0", "Takes several members.", NULL};
static const char *const rank_history[] = {"7.2.0", "Takes `WITHSCORE`.", NULL};

const struct command zset_commands[] = {
    {.name = "zadd",
     .group = GROUP_SORTED_SET,
     .since = "1.2.0",
     .arity = -4,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_ZADD, EVENT_ZINCR, EVENT_NEW},
     .summary = "Adds members to a sorted set, or changes their scores.",
     .complexity = "O(log N) for each member, N being the members of the set",
     .syntax = "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
     .history = zadd_history,
     .run = zadd_run},
    {.name = "zcard",
     ASKING,
     .since = "1.2.0",
     .arity = 2,
     .keys = KEY(KEY_RO),
     .summary = "Counts the members of a sorted set.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = zcard_run},
    {.name = "zincrby",
     .group = GROUP_SORTED_SET,
     .since = "1.2.0",
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_ZINCR, EVENT_NEW},
     .summary = "Adds to the score of a member.",
     .complexity = "O(log N), N being the members of the set",
     .syntax = "key increment member",
     .run = zincrby_run},
    {.name = "zmscore",
     ASKING,
     .since = "6.2.0",
     .arity = -3,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .summary = "Returns the scores of members.",
     .complexity = "O(N), N being the members asked for",
     .syntax = "key member [member ...]",
     .run = zmscore_run},
    {.name = "zrank",
     ASKING,
     .since = "2.0.0",
     .arity = -3,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .summary = "Tells how many members have a lower score than one.",
     .complexity = "O(log N), N being the members of the set",
     .syntax = "key member [WITHSCORE]",
     .history = rank_history,
     .run = zrank_run},
    {.name = "zrem",
     .group = GROUP_SORTED_SET,
     .since = "1.2.0",
     .arity = -3,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_ZREM, EVENT_DEL},
     .summary = "Removes members from a sorted set; tells how many there were.",
     .complexity = "O(log N) for each member, N being the members of the set",
     .syntax = "key member [member ...]",
     .history = zrem_history,
     .run = zrem_run},
    {.name = "zrevrank",
     ASKING,
     .since = "2.0.0",
     .arity = -3,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .summary = "Tells how many members have a higher score than one.",
     .complexity = "O(log N), N being the members of the set",
     .syntax = "key member [WITHSCORE]",
     .history = rank_history,
     .run = zrevrank_run},
    {.name = "zscore",
     ASKING,
     .since = "1.2.0",
     .arity = 3,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .summary = "Returns the score of a member.",
     .complexity = "O(1)",
     .syntax = "key member",
     .run = zscore_run},
    {0},
};
