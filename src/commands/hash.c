/* Hashes: setting, reading and counting fields, fields at random. Deadlines of
 * fields are in hash_expire.c. */
#include "types/hash.h"

#include <math.h>

#include "base/number.h"
#include "commands/hash_change.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- setting ---- */

static bool set_pairs(struct call *call, int64_t *added)
{
    struct hash_change change;
    if (call->argc % 2 != 0) {
        reply_errorf(call->client, "ERR wrong number of arguments for '%s' command", call->command->name);
        return false;
    }
    if (!hash_change_fits(call, 2) || !hash_change_open(&change, call)) return false;
    *added = 0;
    for (int i = 2; i < call->argc; i += 2) {
        *added += hash_set(&change.hash.value, call->argv[i], call->argv[i + 1], false, call->server->types);
        hash_change_note(&change, call->argv[i]);
    }
    hash_change_close(&change, EVENT_HSET, EVENT_NONE);
    return true;
}

static void hset_run(struct call *call)
{
    int64_t added;
    if (set_pairs(call, &added)) reply_int(call->client, added);
}

static void hmset_run(struct call *call)
{
    int64_t added;
    if (set_pairs(call, &added)) reply_ok(call->client);
}

static void hsetnx_run(struct call *call)
{
    struct hash_change change;
    struct slice field = call->argv[2], old;
    char digits[NUMBER_TEXT_MAX];
    if (!hash_change_fits(call, 2) || !hash_change_open(&change, call)) return;
    bool is_new = !hash_find(&change.hash.value, field, digits, &old);
    if (is_new) {
        hash_set(&change.hash.value, field, call->argv[3], false, call->server->types);
        hash_change_note(&change, field);
    }
    hash_change_close(&change, EVENT_HSET, EVENT_NONE);
    reply_int(call->client, is_new);
}

static void hdel_run(struct call *call)
{
    struct hash_change change;
    if (!hash_change_open(&change, call)) return;
    for (int i = 2; i < call->argc; i++)
        if (hash_remove(&change.hash.value, call->argv[i])) hash_change_note(&change, call->argv[i]);
    reply_int(call->client, (int64_t)change.count);
    hash_change_close(&change, EVENT_HDEL, EVENT_NONE);
}

/* ---- counting ---- */

/* Stores the result of a counter, which keeps its deadline. */
static void set_counted(struct call *call, struct hash_change *change, struct slice text, enum event event)
{
    hash_set(&change->hash.value, call->argv[2], text, true, call->server->types);
    hash_change_note(change, call->argv[2]);
    hash_change_close(change, event, EVENT_NONE);
}

static void refuse(struct call *call, struct hash_change *change, const char *error)
{
    hash_change_close(change, EVENT_NONE, EVENT_NONE);
    reply_error(call->client, error);
}

static void hincrby_run(struct call *call)
{
    struct hash_change change;
    struct slice old;
    char digits[NUMBER_TEXT_MAX];
    int64_t by, number = 0;
    if (!args_int(call->client, call->argv[3], &by, NULL) || !hash_change_fits(call, 2) ||
        !hash_change_open(&change, call))
        return;
    if (hash_find(&change.hash.value, call->argv[2], digits, &old) && !number_parse(old, &number)) {
        refuse(call, &change, "ERR hash value is not an integer");
    } else if (__builtin_add_overflow(number, by, &number)) {
        refuse(call, &change, "ERR increment or decrement would overflow");
    } else {
        set_counted(call, &change, slice_make(digits, number_print(digits, number)), EVENT_HINCRBY);
        reply_int(call->client, number);
    }
}

/* The sum, not what it is made of; the field keeps its deadline. */
static void propagate_result(struct call *call, const struct hash_change *change, struct slice result)
{
    int64_t deadline_ms;
    bool has = hash_deadline_ms(&change->hash.value, call->argv[2], &deadline_ms);
    if (has && deadline_ms != VALUE_NO_DEADLINE)
        propagate_as(call, SLICE("HSETEX"), call->argv[1], SLICE("KEEPTTL"), SLICE("FIELDS"), SLICE("1"),
                     call->argv[2], result);
    else propagate_as(call, SLICE("HSET"), call->argv[1], call->argv[2], result);
}

static void hincrbyfloat_run(struct call *call)
{
    struct hash_change change;
    struct slice old;
    char text[DOUBLE_TEXT_MAX];
    long double by, number = 0;
    if (!args_long_double(call->client, call->argv[3], &by, NULL)) return;
    if (isnan(by) || isinf(by)) {
        reply_error(call->client, "ERR value is NaN or Infinity");
        return;
    }
    if (!hash_change_fits(call, 2) || !hash_change_open(&change, call)) return;
    if (hash_find(&change.hash.value, call->argv[2], text, &old) && !number_parse_long_double(old, &number)) {
        refuse(call, &change, "ERR hash value is not a float");
        return;
    }
    number += by;
    if (isnan(number) || isinf(number)) {
        refuse(call, &change, "ERR increment would produce NaN or Infinity");
        return;
    }
    struct slice result = slice_make(text, number_print_long_double(text, number));
    propagate_result(call, &change, result);
    set_counted(call, &change, result, EVENT_HINCRBYFLOAT);
    reply_bulk(call->client, result);
}

/* ---- reading ---- */

static void reply_value(struct call *call, const struct value *hash, struct slice field)
{
    struct slice value;
    char digits[NUMBER_TEXT_MAX];
    if (hash_find(hash, field, digits, &value)) reply_bulk(call->client, value);
    else reply_null(call->client);
}

static void hget_run(struct call *call)
{
    struct value hash;
    if (collection_read(call, call->argv[1], TYPE_HASH, &hash)) reply_value(call, &hash, call->argv[2]);
}

static void hmget_run(struct call *call)
{
    struct value hash;
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    reply_array(call->client, call->argc - 2);
    for (int i = 2; i < call->argc; i++) reply_value(call, &hash, call->argv[i]);
}

static void hexists_run(struct call *call)
{
    struct value hash;
    struct slice value;
    char digits[NUMBER_TEXT_MAX];
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    reply_int(call->client, hash_find(&hash, call->argv[2], digits, &value));
}

static void hstrlen_run(struct call *call)
{
    struct value hash;
    struct slice value = {0};
    char digits[NUMBER_TEXT_MAX];
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    hash_find(&hash, call->argv[2], digits, &value);
    reply_int(call->client, (int64_t)value.len);
}

static void hlen_run(struct call *call)
{
    struct value hash;
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    reply_int(call->client, (int64_t)hash_type.length(&hash));
}

static bool count_one(void *ctx, struct slice field, struct slice value)
{
    (void)field, (void)value;
    ++*(int64_t *)ctx;
    return true;
}

/* The fields that a walk will come by. */
static int64_t count_shown(struct call *call, const struct value *hash)
{
    if (hash_type.next_deadline_ms(hash) >= call->db->keyspace->now_ms)
        return (int64_t)hash_type.length(hash);
    int64_t count = 0;
    hash_type.each(hash, &(struct value_visitor){count_one, &count});
    return count;
}

static bool reply_pair(void *ctx, struct slice field, struct slice value)
{
    reply_bulk(ctx, field);
    reply_bulk(ctx, value);
    return true;
}

static bool reply_pair_apart(void *ctx, struct slice field, struct slice value)
{
    reply_array(ctx, 2);
    return reply_pair(ctx, field, value);
}

static bool reply_field(void *ctx, struct slice field, struct slice value)
{
    (void)value;
    reply_bulk(ctx, field);
    return true;
}

static bool reply_attached(void *ctx, struct slice field, struct slice value)
{
    (void)field;
    reply_bulk(ctx, value);
    return true;
}

static void hgetall_run(struct call *call)
{
    struct value hash;
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    reply_map(call->client, count_shown(call, &hash));
    hash_type.each(&hash, &(struct value_visitor){reply_pair, call->client});
}

static void reply_half(struct call *call, bool (*visit)(void *ctx, struct slice field, struct slice value))
{
    struct value hash;
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    reply_array(call->client, count_shown(call, &hash));
    hash_type.each(&hash, &(struct value_visitor){visit, call->client});
}

static void hkeys_run(struct call *call)
{
    reply_half(call, reply_field);
}

static void hvals_run(struct call *call)
{
    reply_half(call, reply_attached);
}

/* ---- HRANDFIELD ---- */

/* Fields that one call may repeat: beyond that nobody wants the reply, and the
 * server could not hold it. */
enum { REPEATS_MAX = 1 << 26 };

static void reply_some(struct call *call, const struct value *hash, int64_t count, bool with_values)
{
    struct client *c = call->client;
    int64_t shown = count_shown(call, hash), replied = count < 0 ? -count : count;
    if (shown == 0 || (count > 0 && shown < count)) replied = shown;
    bool apart = with_values && c->resp > 2;
    reply_array(c, with_values && !apart ? 2 * replied : replied);
    const struct value_visitor visitor = {apart         ? reply_pair_apart
                                          : with_values ? reply_pair
                                                        : reply_field,
                                          c};
    if (count > 0) hash_random_fields(hash, (size_t)replied, &call->server->random, &visitor);
    else
        for (int64_t i = 0; i < replied; i++) hash_random(hash, &call->server->random, &visitor);
}

static void hrandfield_run(struct call *call)
{
    struct client *c = call->client;
    struct value hash;
    int64_t count = 1;
    bool with_values = call->argc == 4 && slice_is(call->argv[3], "withvalues");
    if (call->argc > 2 && !args_int_between(c, call->argv[2], -INT64_MAX, INT64_MAX, &count, NULL)) return;
    if (call->argc > 4 || (call->argc == 4 && !with_values)) {
        reply_syntax_error(c);
        return;
    }
    if (count < -REPEATS_MAX || (with_values && count > INT64_MAX / 2)) {
        reply_error(c, "ERR value is out of range");
        return;
    }
    if (!collection_read(call, call->argv[1], TYPE_HASH, &hash)) return;
    if (call->argc > 2) reply_some(call, &hash, count, with_values);
    else if (count_shown(call, &hash) == 0) reply_null(c);
    else hash_random(&hash, &call->server->random, &(struct value_visitor){reply_field, c});
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define HASH_ROW(version) .group = GROUP_HASH, .since = (version)
#define READ_ROW(extra)                                                                                      \
    .flags = CMD_READONLY | (extra), .keys = ONE_KEY(KEY_RO | KEY_ACCESS), .events = {EVENT_KEYMISS}
#define FACT_ROW .flags = CMD_READONLY | CMD_FAST, .keys = ONE_KEY(KEY_RO), .events = {EVENT_KEYMISS}
#define COUNTER_ROW                                                                                          \
    .arity = 4, .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,                                                 \
    .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE), .complexity = "O(1)"

static const char *const hset_history[] = {"4.0.0", "Takes several fields with their values.", NULL};
static const char *const hdel_history[] = {"2.4.0", "Takes several fields.", NULL};

const struct command hash_commands[] = {
    {.name = "hdel",
     HASH_ROW("2.0.0"),
     .arity = -3,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_HDEL, EVENT_DEL},
     .summary = "Removes fields of a hash, and the hash with the last of them.",
     .complexity = "O(N), N being the number of fields named",
     .syntax = "key field [field ...]",
     .history = hdel_history,
     .run = hdel_run},
    {.name = "hexists",
     HASH_ROW("2.0.0"),
     .arity = 3,
     FACT_ROW,
     .summary = "Tells whether a hash has a field.",
     .complexity = "O(1)",
     .syntax = "key field",
     .run = hexists_run},
    {.name = "hget",
     HASH_ROW("2.0.0"),
     .arity = 3,
     READ_ROW(CMD_FAST),
     .summary = "Returns the value of a hash's field.",
     .complexity = "O(1)",
     .syntax = "key field",
     .run = hget_run},
    {.name = "hgetall",
     HASH_ROW("2.0.0"),
     .arity = 2,
     READ_ROW(0),
     .summary = "Returns a hash: all fields with their values.",
     .complexity = "O(N), N being the number of fields",
     .syntax = "key",
     .tips = {"nondeterministic_output_order"},
     .run = hgetall_run},
    {.name = "hincrby",
     HASH_ROW("2.0.0"),
     COUNTER_ROW,
     .events = {EVENT_HINCRBY, EVENT_NEW},
     .summary = "Raises a number in a hash's field; an absent one counts as 0.",
     .syntax = "key field increment",
     .run = hincrby_run},
    {.name = "hincrbyfloat",
     HASH_ROW("2.6.0"),
     COUNTER_ROW,
     .events = {EVENT_HINCRBYFLOAT, EVENT_NEW},
     .summary = "Raises a floating point number in a hash's field; an absent one counts as 0.",
     .syntax = "key field increment:double",
     .run = hincrbyfloat_run},
    {.name = "hkeys",
     HASH_ROW("2.0.0"),
     .arity = 2,
     READ_ROW(0),
     .summary = "Returns the fields of a hash, without their values.",
     .complexity = "O(N), N being the number of fields",
     .syntax = "key",
     .tips = {"nondeterministic_output_order"},
     .run = hkeys_run},
    {.name = "hlen",
     HASH_ROW("2.0.0"),
     .arity = 2,
     FACT_ROW,
     .summary = "Returns how many fields a hash has.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = hlen_run},
    {.name = "hmget",
     HASH_ROW("2.0.0"),
     .arity = -3,
     READ_ROW(CMD_FAST),
     .summary = "Returns the values of several fields of a hash.",
     .complexity = "O(N), N being the number of fields named",
     .syntax = "key field [field ...]",
     .run = hmget_run},
    {.name = "hmset",
     HASH_ROW("2.0.0"),
     .arity = -4,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_HSET, EVENT_NEW},
     .summary = "Sets several fields of a hash.",
     .complexity = "O(N), N being the number of fields named",
     .syntax = "key field value [field value ...]",
     .replaced_by = "`HSET` with multiple field-value pairs",
     .deprecated_since = "4.0.0",
     .run = hmset_run},
    {.name = "hrandfield",
     HASH_ROW("6.2.0"),
     .arity = -2,
     READ_ROW(0),
     .summary = "Returns fields of a hash that are chosen at random.",
     .complexity = "O(N), N being the number of fields returned",
     .syntax = "key [options: count [WITHVALUES]]",
     .tips = {"nondeterministic_output"},
     .run = hrandfield_run},
    {.name = "hset",
     HASH_ROW("2.0.0"),
     .arity = -4,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_HSET, EVENT_NEW},
     .summary = "Sets fields of a hash, which is created if need be.",
     .complexity = "O(N), N being the number of fields named",
     .syntax = "key field value [field value ...]",
     .history = hset_history,
     .run = hset_run},
    {.name = "hsetnx",
     HASH_ROW("2.0.0"),
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_INSERT),
     .events = {EVENT_HSET, EVENT_NEW},
     .summary = "Sets a field of a hash that does not have it.",
     .complexity = "O(1)",
     .syntax = "key field value",
     .run = hsetnx_run},
    {.name = "hstrlen",
     HASH_ROW("3.2.0"),
     .arity = 3,
     FACT_ROW,
     .summary = "Returns how long the value of a hash's field is, in bytes.",
     .complexity = "O(1)",
     .syntax = "key field",
     .run = hstrlen_run},
    {.name = "hvals",
     HASH_ROW("2.0.0"),
     .arity = 2,
     READ_ROW(0),
     .summary = "Returns the values of a hash, without their fields.",
     .complexity = "O(N), N being the number of fields",
     .syntax = "key",
     .tips = {"nondeterministic_output_order"},
     .run = hvals_run},
    {0},
};
