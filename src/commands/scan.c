/* Walking the keyspace: KEYS, SCAN, RANDOMKEY. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/glob.h"
#include "base/mem.h"
#include "base/number.h"
#include "commands/tables.h"
#include "core/args.h"
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
};

static bool parse_scan(struct call *call, struct scan_options *options)
{
    for (int i = 2; i < call->argc; i++) {
        bool has_value = i + 1 < call->argc;
        if (has_value && slice_is(call->argv[i], "count")) {
            if (!args_int(call->client, call->argv[++i], &options->count, NULL)) return false;
            if (options->count >= 1) continue;
        } else if (has_value && slice_is(call->argv[i], "match")) {
            options->pattern = &call->argv[++i];
            if (slice_equal(*options->pattern, SLICE("*"))) options->pattern = NULL; /* even the empty key */
            continue;
        } else if (has_value && slice_is(call->argv[i], "type")) {
            options->type = &call->argv[++i];
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
    if (!parse_scan(call, &options)) return;

    size_t wanted = (size_t)options.count;
    size_t buckets = wanted < SIZE_MAX / SCAN_BUCKETS_PER_COUNT ? wanted * SCAN_BUCKETS_PER_COUNT : SIZE_MAX;
    do {
        cursor = hashtable_scan(&call->db->keys, cursor, remember, &found);
    } while (cursor && --buckets && found.count < wanted);

    char digits[NUMBER_TEXT_MAX];
    int64_t count = 0;
    reply_array(c, 2);
    reply_bulk(c, slice_make(digits, number_print_unsigned(digits, cursor)));
    struct output_mark mark = reply_open(c);
    for (size_t i = 0; i < found.count; i++) {
        if (!is_wanted(call->db, found.entries[i], &options)) continue;
        reply_bulk(c, entry_key(found.entries[i]));
        count++;
    }
    reply_close_array(c, mark, count);
    mem_free(found.entries);
}

static const char *const scan_history[] = {"6.0.0", "Takes `TYPE`.", NULL};

const struct command scan_commands[] = {
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
    {0},
};
