/* Walking the keyspace and collections: KEYS, SCAN, RANDOMKEY, HSCAN, SSCAN, ZSCAN. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/glob.h"
#include "base/mem.h"
#include "base/number.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/collection.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"

enum { SCAN_COUNT = 10, SCAN_BUCKETS_PER_COUNT = 10 };

static void keys_run(struct call *call)
{
    struct client *c = call->client;
    struct slice pattern = call->argv[1];
    bool all = slice_equal(pattern, SLICE("*"));
    int64_t count = 0;
    struct output_mark mark = reply_open(c);
    struct hashtable_iter it;
    hashtable_iter_init(&it, &call->db->keys);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        const struct entry *e = *slot;
        struct slice key = entry_key(e);
        if (entry_is_overdue(call->db->keyspace, e) || (!all && !glob_match(pattern, key, false))) continue;
        reply_bulk(c, key);
        count++;
    }
    reply_close_array(c, mark, count);
}

static void randomkey_run(struct call *call)
{
    const struct entry *e = db_random(call->db);
    if (e) reply_bulk(call->client, entry_key(e));
    else reply_null(call->client);
}

/* ---- SCAN ---- */

struct scan_options {
    int64_t count;
    const struct slice *pattern; /* NULL: all */
    const struct slice *type;    /* NULL: all */
    bool no_values;              /* of a hash, only the fields */
};

/* Which options a command has beyond COUNT and MATCH. */
enum { SCAN_HAS_TYPE = 1 << 0, SCAN_HAS_NOVALUES = 1 << 1 };

static bool parse_scan(struct call *call, int from, unsigned has, struct scan_options *options)
{
    for (int i = from; i < call->argc; i++) {
        bool has_value = i + 1 < call->argc;
        if (has_value && slice_is(call->argv[i], "count")) {
            if (!args_int(call->client, call->argv[++i], &options->count, NULL)) return false;
            if (options->count >= 1) continue;
        } else if (has_value && slice_is(call->argv[i], "match")) {
            options->pattern = &call->argv[++i];
            if (slice_equal(*options->pattern, SLICE("*"))) options->pattern = NULL; /* even the empty key */
            continue;
        } else if (has_value && has & SCAN_HAS_TYPE && slice_is(call->argv[i], "type")) {
            options->type = &call->argv[++i];
            continue;
        } else if (has & SCAN_HAS_NOVALUES && slice_is(call->argv[i], "novalues")) {
            options->no_values = true;
            continue;
        }
        reply_syntax_error(call->client);
        return false;
    }
    return true;
}

/* What a scan has come by: the table must not change while it is walked. */
struct found {
    struct entry **entries;
    size_t count, capacity;
};

static void remember(void *ctx, void *element)
{
    struct found *found = ctx;
    if (found->count == found->capacity) {
        found->capacity = found->capacity ? found->capacity * 2 : 32;
        found->entries = mem_realloc(found->entries, found->capacity * sizeof *found->entries);
    }
    found->entries[found->count++] = element;
}

static bool is_wanted(struct db *db, struct entry *e, const struct scan_options *options)
{
    if (options->pattern && !glob_match(*options->pattern, entry_key(e), false)) return false;
    if (options->type && value_type_by_name(*options->type) != (enum type)e->type) return false;
    if (!entry_is_overdue(db->keyspace, e)) return true;
    if (db->keyspace->may_expire) db_expire_entry(db, e);
    return false;
}

/* A cursor is read leniently: signs, leading zeros, nothing at all and what
 * follows a NUL will do. */
static bool parse_cursor(struct slice text, uint64_t *cursor)
{
    char copy[64], *end;
    text.len = strnlen(text.ptr, text.len);
    if (text.len >= sizeof copy || (text.len && isspace((unsigned char)text.ptr[0]))) return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    errno = 0;
    *cursor = strtoull(copy, &end, 10);
    return end == copy + text.len && errno != ERANGE;
}

static void reply_cursor(struct client *c, uint64_t cursor)
{
    char digits[NUMBER_TEXT_MAX];
    reply_bulk(c, slice_make(digits, number_print_unsigned(digits, cursor)));
}

/* How many steps of a table a call may take to find what is wanted: one may be
 * over nothing but empty buckets. */
static size_t steps_for(size_t wanted)
{
    return wanted < SIZE_MAX / SCAN_BUCKETS_PER_COUNT ? wanted * SCAN_BUCKETS_PER_COUNT : SIZE_MAX;
}

static void scan_run(struct call *call)
{
    struct client *c = call->client;
    struct scan_options options = {.count = SCAN_COUNT};
    struct found found = {0};
    uint64_t cursor;
    if (!parse_cursor(call->argv[1], &cursor)) {
        reply_error(c, "ERR invalid cursor");
        return;
    }
    if (!parse_scan(call, 2, SCAN_HAS_TYPE, &options)) return;

    size_t wanted = (size_t)options.count, buckets = steps_for(wanted);
    do {
        cursor = hashtable_scan(&call->db->keys, cursor, remember, &found);
    } while (cursor && --buckets && found.count < wanted);

    int64_t count = 0;
    reply_array(c, 2);
    reply_cursor(c, cursor);
    struct output_mark mark = reply_open(c);
    for (size_t i = 0; i < found.count; i++) {
        if (!is_wanted(call->db, found.entries[i], &options)) continue;
        reply_bulk(c, entry_key(found.entries[i]));
        count++;
    }
    reply_close_array(c, mark, count);
    mem_free(found.entries);
}

/* ---- HSCAN, SSCAN, ZSCAN ---- */

struct replying {
    struct client *client;
    const struct scan_options *options;
    size_t passed;   /* elements that the walk came by */
    int64_t replied; /* parts of the reply */
};

static bool reply_element(void *ctx, struct slice element, struct slice attached)
{
    struct replying *to = ctx;
    to->passed++;
    if (to->options->pattern && !glob_match(*to->options->pattern, element, false)) return true;
    reply_bulk(to->client, element);
    to->replied++;
    if (attached.ptr == NULL || to->options->no_values) return true;
    reply_bulk(to->client, attached);
    to->replied++;
    return true;
}

/* The cursor stands before the elements, and is known behind them. */
static void insert_cursor(struct client *c, struct output_mark mark, uint64_t cursor)
{
    char digits[NUMBER_TEXT_MAX];
    reply_insert_bulk(c, mark, slice_make(digits, number_print_unsigned(digits, cursor)));
}

static void scan_collection(struct call *call, enum type type, unsigned has)
{
    struct client *c = call->client;
    struct scan_options options = {.count = SCAN_COUNT};
    struct value value;
    uint64_t cursor;
    if (!parse_cursor(call->argv[2], &cursor)) {
        reply_error(c, "ERR invalid cursor");
        return;
    }
    if (!collection_read(call, call->argv[1], type, &value)) return;
    /* What is not there has no options either: the reference looks no further. */
    if (value.object && !parse_scan(call, 3, has, &options)) return;

    struct replying to = {.client = c, .options = &options};
    const struct value_visitor visitor = {reply_element, &to};
    size_t wanted = (size_t)options.count, steps = steps_for(wanted);
    reply_array(c, 2);
    struct output_mark mark = reply_open(c);
    if (value.object == NULL) cursor = 0;
    else do {
            cursor = value_type(&value)->scan(&value, cursor, &visitor);
        } while (cursor && --steps && to.passed < wanted);
    reply_close_array(c, mark, to.replied);
    insert_cursor(c, mark, cursor);
}

static void hscan_run(struct call *call)
{
    scan_collection(call, TYPE_HASH, SCAN_HAS_NOVALUES);
}

static void sscan_run(struct call *call)
{
    scan_collection(call, TYPE_SET, 0);
}

static void zscan_run(struct call *call)
{
    scan_collection(call, TYPE_ZSET, 0);
}

#define COLLECTION_SCAN_ROW                                                                                  \
    .since = "2.8.0", .arity = -3, .flags = CMD_READONLY,                                                    \
    .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 1}}, .events = {EVENT_KEYMISS},                         \
    .complexity = "O(1) for a call, O(N) for a complete walk, N being the number of elements",               \
    .tips = {"nondeterministic_output"}

static const char *const hscan_history[] = {"7.4.0", "Takes `NOVALUES`.", NULL};
static const char *const scan_history[] = {"6.0.0", "Takes `TYPE`.", NULL};

const struct command scan_commands[] = {
    {.name = "hscan",
     .group = GROUP_HASH,
     COLLECTION_SCAN_ROW,
     .summary = "Walks through the fields of a hash, some at a time.",
     .syntax = "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
     .history = hscan_history,
     .run = hscan_run},
    {.name = "keys",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = 2,
     .flags = CMD_READONLY,
     .categories = CATEGORY_DANGEROUS,
     .summary = "Lists all keys that match a pattern.",
     .complexity = "O(N), N being the number of keys in the database",
     .syntax = "pattern",
     .tips = {"request_policy:all_shards", "nondeterministic_output_order"},
     .run = keys_run},
    {.name = "randomkey",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = 1,
     .flags = CMD_READONLY | CMD_TOUCHES_ARBITRARY_KEYS,
     .summary = "Returns a key chosen at random.",
     .complexity = "O(1)",
     .tips = {"request_policy:all_shards", "nondeterministic_output"},
     .run = randomkey_run},
    {.name = "scan",
     .group = GROUP_GENERIC,
     .since = "2.8.0",
     .arity = -2,
     .flags = CMD_READONLY | CMD_TOUCHES_ARBITRARY_KEYS,
     .summary = "Walks through the keys, some at a time.",
     .complexity = "O(1) for a call, O(N) for a complete walk, N being the number of keys",
     .syntax = "cursor [MATCH pattern] [COUNT count] [TYPE type]",
     .tips = {"nondeterministic_output", "request_policy:special"},
     .history = scan_history,
     .run = scan_run},
    {.name = "sscan",
     .group = GROUP_SET,
     COLLECTION_SCAN_ROW,
     .summary = "Walks through the members of a set, some at a time.",
     .syntax = "key cursor [MATCH pattern] [COUNT count]",
     .run = sscan_run},
    {.name = "zscan",
     .group = GROUP_SORTED_SET,
     COLLECTION_SCAN_ROW,
     .summary = "Walks through the members of a sorted set with their scores, some at a time.",
     .syntax = "key cursor [MATCH pattern] [COUNT count]",
     .run = zscan_run},
    {0},
};
