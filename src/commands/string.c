/* Strings: SET, GET and their kin, counters, ranges. */
#include <math.h>

#include "base/number.h"
#include "commands/string.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- what the handlers share ---- */

struct entry *string_lookup_read(struct call *call, struct slice key, bool *wrong_type)
{
    struct entry *e = db_lookup_read(call->db, key);
    *wrong_type = e && e->type != TYPE_STRING;
    if (*wrong_type) reply_wrong_type(call->client);
    return *wrong_type ? NULL : e;
}

struct entry *string_lookup_write(struct call *call, struct slice key, bool *wrong_type)
{
    struct entry *e = db_lookup_write(call->db, key);
    *wrong_type = e && e->type != TYPE_STRING;
    if (*wrong_type) reply_wrong_type(call->client);
    return *wrong_type ? NULL : e;
}

static void reply_entry(struct client *c, const struct entry *e)
{
    char digits[NUMBER_TEXT_MAX];
    struct value value = entry_value(e);
    reply_bulk(c, string_view(&value, digits));
}

/* Sets the key from an argument, with the events of a SET. */
static void set_key(struct call *call, struct slice key, struct slice text, int64_t deadline_ms)
{
    struct value value = string_value(text);
    db_set(call->db, key, &value, deadline_ms);
    db_signal_modified(call->db, key, EVENT_SET);
    if (deadline_ms >= 0) db_signal_event(call->db, key, EVENT_EXPIRE);
}

static bool fits_limit(struct call *call, uint64_t len)
{
    if (len <= call->server->settings->proto_max_bulk_len_bytes) return true;
    reply_error(call->client, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    return false;
}

/* ---- SET, GETEX: their options ---- */

enum {
    OPTION_NX = 1 << 0,
    OPTION_XX = 1 << 1,
    OPTION_GET = 1 << 2,
    OPTION_KEEPTTL = 1 << 3,
    OPTION_PERSIST = 1 << 4,
    OPTION_EXPIRY = 1 << 5,   /* has an argument, */
    OPTION_SECONDS = 1 << 6,  /* in seconds, */
    OPTION_RELATIVE = 1 << 7, /* from now on */
};

struct set_options {
    unsigned flags;
    struct slice expiry;
};

static unsigned option_of(struct slice word)
{
    static const struct {
        struct slice word;
        unsigned flags;
    } words[] = {
        {SLICE("ex"), OPTION_EXPIRY | OPTION_SECONDS | OPTION_RELATIVE},
        {SLICE("px"), OPTION_EXPIRY | OPTION_RELATIVE},
        {SLICE("exat"), OPTION_EXPIRY | OPTION_SECONDS},
        {SLICE("pxat"), OPTION_EXPIRY},
        {SLICE("nx"), OPTION_NX},
        {SLICE("xx"), OPTION_XX},
        {SLICE("get"), OPTION_GET},
        {SLICE("keepttl"), OPTION_KEEPTTL},
        {SLICE("persist"), OPTION_PERSIST},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_nocase(word, words[i].word)) return words[i].flags;
    return 0;
}

/* At most one of the expiries, KEEPTTL and PERSIST, at most one of NX and XX;
 * the same one may be repeated, and the last counts. */
static bool are_compatible(unsigned given, unsigned option)
{
    const unsigned deadlines = OPTION_EXPIRY | OPTION_SECONDS | OPTION_RELATIVE | OPTION_KEEPTTL |
                               OPTION_PERSIST;
    const unsigned conditions = OPTION_NX | OPTION_XX;
    if (option & deadlines && given & deadlines && (given & deadlines) != (option & deadlines)) return false;
    return !(option & conditions && given & conditions & ~option);
}

static bool parse_options(struct call *call, int from, unsigned allowed, struct set_options *options)
{
    *options = (struct set_options){0};
    for (int i = from; i < call->argc; i++) {
        unsigned option = option_of(call->argv[i]);
        bool complete = !(option & OPTION_EXPIRY) || i + 1 < call->argc;
        if (!(option & allowed) || !complete || !are_compatible(options->flags, option)) {
            reply_syntax_error(call->client);
            return false;
        }
        options->flags |= option;
        if (option & OPTION_EXPIRY) options->expiry = call->argv[++i];
    }
    return true;
}

static bool parse_expiry(struct call *call, const struct set_options *options, int64_t *deadline_ms)
{
    *deadline_ms = ENTRY_NO_DEADLINE;
    return !(options->flags & OPTION_EXPIRY) ||
           args_deadline_positive(call, options->expiry, options->flags & OPTION_SECONDS,
                                  options->flags & OPTION_RELATIVE, deadline_ms);
}

/* With a deadline, the moment is what counts, and conditions have been met. */
static void propagate_set(struct call *call, struct slice value, int64_t deadline_ms)
{
    struct propagate_number number;
    if (deadline_ms >= 0)
        propagate_as(call, SLICE("SET"), call->argv[1], value, SLICE("PXAT"),
                     propagate_number(&number, deadline_ms));
}

/* A SET that answered with the old value: nobody will ask for it again. */
static void propagate_silent_set(struct call *call, unsigned options)
{
    enum { WORDS_MAX = 8 };
    struct slice words[WORDS_MAX];
    int argc = 0;
    if (!call->server->propagating || !(options & OPTION_GET)) return;
    for (int i = 0; i < call->argc && argc < WORDS_MAX; i++)
        if (i < 3 || !slice_is(call->argv[i], "get")) words[argc++] = call->argv[i];
    propagate_words(call, argc, words);
}

/* SET with options that depend on what is there. */
static void set_conditionally(struct call *call, const struct set_options *options, int64_t deadline_ms)
{
    struct client *c = call->client;
    struct slice key = call->argv[1];
    struct entry *e;
    bool wrong_type = false;
    if (options->flags & OPTION_GET) {
        e = string_lookup_read(call, key, &wrong_type);
        if (wrong_type) return;
        if (e) reply_entry(c, e);
        else reply_null(c);
    } else {
        e = db_lookup_write(call->db, key);
    }
    if ((options->flags & OPTION_NX && e) || (options->flags & OPTION_XX && !e)) {
        if (!(options->flags & OPTION_GET)) reply_null(c);
        return;
    }
    if (options->flags & OPTION_KEEPTTL) deadline_ms = DB_KEEP_DEADLINE;
    set_key(call, key, call->argv[2], deadline_ms);
    if (deadline_ms >= 0) propagate_set(call, call->argv[2], deadline_ms);
    else propagate_silent_set(call, options->flags);
    if (!(options->flags & OPTION_GET)) reply_ok(c);
}

static void set_run(struct call *call)
{
    struct set_options options = {0};
    int64_t deadline_ms = ENTRY_NO_DEADLINE;
    const unsigned conditional = OPTION_NX | OPTION_XX | OPTION_GET | OPTION_KEEPTTL;
    if (call->argc > 3 && (!parse_options(call, 3, conditional | OPTION_EXPIRY, &options) ||
                           !parse_expiry(call, &options, &deadline_ms)))
        return;
    if (options.flags & conditional) {
        set_conditionally(call, &options, deadline_ms);
        return;
    }
    set_key(call, call->argv[1], call->argv[2], deadline_ms);
    propagate_set(call, call->argv[2], deadline_ms);
    reply_ok(call->client);
}

static void setnx_run(struct call *call)
{
    bool absent = db_lookup_write(call->db, call->argv[1]) == NULL;
    if (absent) set_key(call, call->argv[1], call->argv[2], ENTRY_NO_DEADLINE);
    reply_int(call->client, absent);
}

static void set_with_expiry(struct call *call, bool in_seconds)
{
    int64_t deadline_ms;
    if (!args_deadline_positive(call, call->argv[2], in_seconds, true, &deadline_ms)) return;
    set_key(call, call->argv[1], call->argv[3], deadline_ms);
    propagate_set(call, call->argv[3], deadline_ms);
    reply_ok(call->client);
}

static void setex_run(struct call *call)
{
    set_with_expiry(call, true);
}

static void psetex_run(struct call *call)
{
    set_with_expiry(call, false);
}

static void mset(struct call *call, bool only_if_absent)
{
    struct client *c = call->client;
    if (call->argc % 2 == 0) {
        reply_errorf(c, "ERR wrong number of arguments for '%s' command", call->command->name);
        return;
    }
    for (int i = 1; only_if_absent && i < call->argc; i += 2) {
        if (db_lookup_write(call->db, call->argv[i]) == NULL) continue;
        reply_int(c, 0);
        return;
    }
    for (int i = 1; i < call->argc; i += 2)
        set_key(call, call->argv[i], call->argv[i + 1], ENTRY_NO_DEADLINE);
    if (only_if_absent) reply_int(c, 1);
    else reply_ok(c);
}

static void mset_run(struct call *call)
{
    mset(call, false);
}

static void msetnx_run(struct call *call)
{
    mset(call, true);
}

/* ---- reading ---- */

/* Answers with the key's text, or null; NULL where there is no string. */
static struct entry *get_key(struct call *call, struct slice key)
{
    bool wrong_type;
    struct entry *e = string_lookup_read(call, key, &wrong_type);
    if (e) reply_entry(call->client, e);
    else if (!wrong_type) reply_null(call->client);
    return e;
}

static void get_run(struct call *call)
{
    get_key(call, call->argv[1]);
}

static void getdel_run(struct call *call)
{
    if (get_key(call, call->argv[1]) == NULL) return;
    db_delete(call->db, call->argv[1]);
    propagate_as(call, SLICE("DEL"), call->argv[1]);
    db_signal_modified(call->db, call->argv[1], EVENT_DEL);
}

static void getex_run(struct call *call)
{
    struct set_options options;
    int64_t deadline_ms;
    bool wrong_type;
    struct slice key = call->argv[1];
    if (!parse_options(call, 2, OPTION_PERSIST | OPTION_EXPIRY, &options)) return;
    struct entry *e = string_lookup_read(call, key, &wrong_type);
    if (e == NULL) {
        if (!wrong_type) reply_null(call->client);
        return;
    }
    if (!parse_expiry(call, &options, &deadline_ms)) return;
    reply_entry(call->client, e);
    if (options.flags & OPTION_PERSIST) {
        if (entry_deadline_ms(e) < 0) return;
        db_set_deadline(call->db, e, ENTRY_NO_DEADLINE);
        propagate_as(call, SLICE("PERSIST"), key);
        db_signal_modified(call->db, key, EVENT_PERSIST);
    } else if (deadline_ms >= 0 && deadline_ms <= call->db->keyspace->now_ms && !call->server->loading) {
        db_delete(call->db, key);
        propagate_as(call, propagate_removal(call->db->keyspace->settings.lazyfree_lazy_expire), key);
        db_signal_modified(call->db, key, EVENT_DEL);
    } else if (deadline_ms >= 0) {
        struct propagate_number number;
        db_set_deadline(call->db, e, deadline_ms);
        propagate_as(call, SLICE("PEXPIREAT"), key, propagate_number(&number, deadline_ms));
        db_signal_modified(call->db, key, EVENT_EXPIRE);
    }
}

static void getset_run(struct call *call)
{
    bool wrong_type;
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type) return;
    if (e) reply_entry(call->client, e);
    else reply_null(call->client);
    set_key(call, call->argv[1], call->argv[2], ENTRY_NO_DEADLINE);
    propagate_as(call, SLICE("SET"), call->argv[1], call->argv[2]);
}

static void mget_run(struct call *call)
{
    reply_array(call->client, call->argc - 1);
    for (int i = 1; i < call->argc; i++) {
        struct entry *e = db_lookup_read(call->db, call->argv[i]);
        if (e && e->type == TYPE_STRING) reply_entry(call->client, e);
        else reply_null(call->client);
    }
}

static void strlen_run(struct call *call)
{
    bool wrong_type;
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    reply_int(call->client, (int64_t)string_length(&value));
}

/* The part of text from start to end, both inclusive and, when negative,
 * counted from the end. */
static struct slice part_of(struct slice text, int64_t start, int64_t end)
{
    int64_t len = (int64_t)text.len;
    if (start < 0 && end < 0 && start > end) return SLICE("");
    if (start < 0) start = start + len < 0 ? 0 : start + len;
    if (end < 0) end = end + len < 0 ? 0 : end + len;
    if (end >= len) end = len - 1;
    if (len == 0 || start > end) return SLICE("");
    return slice_make(text.ptr + start, (size_t)(end - start + 1));
}

static void getrange_run(struct call *call)
{
    int64_t start, end;
    bool wrong_type;
    char digits[NUMBER_TEXT_MAX];
    if (!args_int(call->client, call->argv[2], &start, NULL) ||
        !args_int(call->client, call->argv[3], &end, NULL))
        return;
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    reply_bulk(call->client, part_of(string_view(&value, digits), start, end));
}

/* ---- editing ---- */

/* Adds a key of len zeros; NULL without memory. */
static char *add_zeros(struct call *call, struct slice key, size_t len)
{
    if (len <= STRING_TEXT_MAX) {
        char zeros[STRING_TEXT_MAX];
        memset(zeros, 0, len);
        struct value value = string_raw_value(slice_make(zeros, len));
        return entry_text(db_add(call->db, key, &value));
    }
    struct string *s = string_new_zeros_try(len);
    if (s == NULL) return NULL;
    struct value value = string_object_value(s);
    db_add(call->db, key, &value);
    return s->data;
}

void string_refuse_memory(struct client *c)
{
    reply_error(c, "OOM not enough memory for a string of this length");
}

char *string_edit(struct call *call, struct slice key, struct entry *e, size_t len)
{
    char *bytes = e ? db_edit_string(call->db, &e, len) : add_zeros(call, key, len);
    if (bytes == NULL) string_refuse_memory(call->client);
    return bytes;
}

static void append_run(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[1], added = call->argv[2];
    bool wrong_type;
    struct entry *e = string_lookup_write(call, key, &wrong_type);
    size_t len = added.len;
    if (wrong_type) return;
    if (e == NULL) {
        struct value value = string_value(added);
        db_set(call->db, key, &value, ENTRY_NO_DEADLINE);
    } else {
        struct value value = entry_value(e);
        size_t old_len = string_length(&value);
        len = old_len + added.len;
        if (!fits_limit(call, len)) return;
        char *text = string_edit(call, key, e, len);
        if (text == NULL) return;
        memcpy(text + old_len, added.ptr, added.len);
    }
    db_signal_modified(call->db, key, EVENT_APPEND);
    reply_int(c, (int64_t)len);
}

static void setrange_run(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[1], text = call->argv[3];
    int64_t offset;
    bool wrong_type;
    if (!args_int(c, call->argv[2], &offset, NULL)) return;
    if (offset < 0) {
        reply_error(c, "ERR offset is out of range");
        return;
    }
    struct entry *e = string_lookup_write(call, key, &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    size_t len = string_length(&value), end = (size_t)offset + text.len;
    if (text.len == 0) {
        reply_int(c, (int64_t)len);
        return;
    }
    if (!fits_limit(call, end)) return;
    if (end > len) len = end;
    char *edited = string_edit(call, key, e, len);
    if (edited == NULL) return;
    memcpy(edited + offset, text.ptr, text.len);
    db_signal_modified(call->db, key, EVENT_SETRANGE);
    reply_int(c, (int64_t)len);
}

/* ---- counting ---- */

static void increment(struct call *call, int64_t by)
{
    struct client *c = call->client;
    struct slice key = call->argv[1];
    bool wrong_type;
    int64_t number = 0;
    struct entry *e = string_lookup_write(call, key, &wrong_type);
    if (wrong_type) return;
    if (e) {
        struct value old = entry_value(e);
        if (!string_to_number(&old, &number)) {
            reply_error(c, "ERR value is not an integer or out of range");
            return;
        }
    }
    if (__builtin_add_overflow(number, by, &number)) {
        reply_error(c, "ERR increment or decrement would overflow");
        return;
    }
    struct value value = string_number_value(number);
    if (e) db_replace_value(call->db, e, &value);
    else db_set(call->db, key, &value, ENTRY_NO_DEADLINE);
    db_signal_modified(call->db, key, EVENT_INCRBY);
    reply_int(c, number);
}

static void incr_run(struct call *call)
{
    increment(call, 1);
}

static void decr_run(struct call *call)
{
    increment(call, -1);
}

static void incrby_run(struct call *call)
{
    int64_t by;
    if (args_int(call->client, call->argv[2], &by, NULL)) increment(call, by);
}

static void decrby_run(struct call *call)
{
    int64_t by;
    if (!args_int(call->client, call->argv[2], &by, NULL)) return;
    if (by == INT64_MIN) reply_error(call->client, "ERR decrement would overflow");
    else increment(call, -by);
}

static void incrbyfloat_run(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[1];
    bool wrong_type;
    long double number = 0, by;
    struct entry *e = string_lookup_write(call, key, &wrong_type);
    if (wrong_type) return;
    if (e) {
        struct value old = entry_value(e);
        if (!string_to_long_double(&old, &number)) {
            reply_error(c, "ERR value is not a valid float");
            return;
        }
    }
    if (!args_long_double(c, call->argv[2], &by, NULL)) return;
    number += by;
    if (isnan(number) || isinf(number)) {
        reply_error(c, "ERR increment would produce NaN or Infinity");
        return;
    }
    char text[DOUBLE_TEXT_MAX];
    struct slice result = slice_make(text, number_print_long_double(text, number));
    struct value value = string_text_value(result);
    if (e) db_replace_value(call->db, e, &value);
    else db_set(call->db, key, &value, ENTRY_NO_DEADLINE);
    propagate_as(call, SLICE("SET"), key, result, SLICE("KEEPTTL"));
    db_signal_modified(call->db, key, EVENT_INCRBYFLOAT);
    reply_bulk(c, result);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define ALL_KEYS(key_flags)                                                                                  \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1, .last = -1                                                     \
        }                                                                                                    \
    }
#define PAIRS(key_flags)                                                                                     \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1, .last = -1, .step = 2                                          \
        }                                                                                                    \
    }
#define SET_EVENTS    EVENT_SET, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED
#define COUNTER_FLAGS CMD_WRITE | CMD_DENYOOM | CMD_FAST

/* SET reads what was there only where GET asks for it. */
static bool set_get_keys(int argc, const struct slice *argv, struct key_positions *keys)
{
    unsigned flags = KEY_OW | KEY_UPDATE;
    for (int i = 3; i < argc; i++)
        if (slice_is(argv[i], "get")) flags = KEY_RW | KEY_ACCESS | KEY_UPDATE;
    command_keys_add(keys, 1, flags);
    return true;
}

static const char *const set_history[] = {
    "2.6.12", "Takes `EX`, `PX`, `NX` and `XX`.", "6.0.0", "Takes `KEEPTTL`.",
    "6.2.0",  "Takes `GET`, `EXAT` and `PXAT`.",  "7.0.0", "Takes `NX` and `GET` together.",
    NULL,
};

const struct command string_commands[] = {
    {.name = "append",
     .group = GROUP_STRING,
     .since = "2.0.0",
     .arity = 3,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_INSERT),
     .events = {EVENT_APPEND, EVENT_NEW},
     .summary = "Adds text to the end of a string, which is created if need be.",
     .complexity = "O(1) amortised, if the text added is short and the string of any length",
     .syntax = "key value",
     .run = append_run},
    {.name = "decr",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 2,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_INCRBY, EVENT_NEW},
     .summary = "Lowers a number by one; an absent one counts as 0.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = decr_run},
    {.name = "decrby",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 3,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_INCRBY, EVENT_NEW},
     .summary = "Lowers a number; an absent one counts as 0.",
     .complexity = "O(1)",
     .syntax = "key decrement",
     .run = decrby_run},
    {.name = "get",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns a string.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = get_run},
    {.name = "getdel",
     .group = GROUP_STRING,
     .since = "6.2.0",
     .arity = 2,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_DELETE),
     .events = {EVENT_DEL, EVENT_KEYMISS},
     .summary = "Returns a string and deletes its key.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = getdel_run},
    {.name = "getex",
     .group = GROUP_STRING,
     .since = "6.2.0",
     .arity = -2,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE,
               .index = 1,
               .notes = "RW and UPDATE because it changes the TTL"}},
     .events = {EVENT_EXPIRE, EVENT_PERSIST, EVENT_DEL, EVENT_KEYMISS},
     .summary = "Returns a string and sets or removes the expiry of its key.",
     .complexity = "O(1)",
     .syntax = "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
               "PXAT unix-time-milliseconds | PERSIST]",
     .run = getex_run},
    {.name = "getrange",
     .group = GROUP_STRING,
     .since = "2.4.0",
     .arity = 4,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns a part of a string.",
     .complexity = "O(N), N being the length of the part",
     .syntax = "key start end",
     .run = getrange_run},
    {.name = "getset",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 3,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {SET_EVENTS, EVENT_KEYMISS},
     .summary = "Sets a string and returns what it was.",
     .complexity = "O(1)",
     .syntax = "key value",
     .replaced_by = "`SET` with the `!GET` argument",
     .deprecated_since = "6.2.0",
     .run = getset_run},
    {.name = "incr",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 2,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_INCRBY, EVENT_NEW},
     .summary = "Raises a number by one; an absent one counts as 0.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = incr_run},
    {.name = "incrby",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 3,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_INCRBY, EVENT_NEW},
     .summary = "Raises a number; an absent one counts as 0.",
     .complexity = "O(1)",
     .syntax = "key increment",
     .run = incrby_run},
    {.name = "incrbyfloat",
     .group = GROUP_STRING,
     .since = "2.6.0",
     .arity = 3,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_INCRBYFLOAT, EVENT_NEW},
     .summary = "Raises a floating point number; an absent one counts as 0.",
     .complexity = "O(1)",
     .syntax = "key increment:double",
     .run = incrbyfloat_run},
    {.name = "mget",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = -2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ALL_KEYS(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the strings of several keys.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "key [key ...]",
     .tips = {"request_policy:multi_shard"},
     .run = mget_run},
    {.name = "mset",
     .group = GROUP_STRING,
     .since = "1.0.1",
     .arity = -3,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = PAIRS(KEY_OW | KEY_UPDATE),
     .events = {SET_EVENTS},
     .summary = "Sets several strings at once.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "key value [key value ...]",
     .tips = {"request_policy:multi_shard", "response_policy:all_succeeded"},
     .run = mset_run},
    {.name = "msetnx",
     .group = GROUP_STRING,
     .since = "1.0.1",
     .arity = -3,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = PAIRS(KEY_OW | KEY_INSERT),
     .events = {SET_EVENTS},
     .summary = "Sets several strings at once, if none of the keys exists.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "key value [key value ...]",
     .tips = {"request_policy:multi_shard", "response_policy:agg_min"},
     .run = msetnx_run},
    {.name = "psetex",
     .group = GROUP_STRING,
     .since = "2.6.0",
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = ONE_KEY(KEY_OW | KEY_UPDATE),
     .events = {SET_EVENTS, EVENT_EXPIRE},
     .summary = "Sets a string that expires after so many milliseconds.",
     .complexity = "O(1)",
     .syntax = "key milliseconds value",
     .run = psetex_run},
    {.name = "set",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = -3,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE | KEY_VARIABLE_FLAGS,
               .index = 1,
               .notes = "RW and ACCESS due to the optional `GET` argument"}},
     .get_keys = set_get_keys,
     .events = {SET_EVENTS, EVENT_EXPIRE, EVENT_KEYMISS},
     .summary = "Sets a string, whatever the key held, and its expiry.",
     .complexity = "O(1)",
     .syntax = "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
               "PXAT unix-time-milliseconds | KEEPTTL]",
     .history = set_history,
     .run = set_run},
    {.name = "setex",
     .group = GROUP_STRING,
     .since = "2.0.0",
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = ONE_KEY(KEY_OW | KEY_UPDATE),
     .events = {SET_EVENTS, EVENT_EXPIRE},
     .summary = "Sets a string that expires after so many seconds.",
     .complexity = "O(1)",
     .syntax = "key seconds value",
     .run = setex_run},
    {.name = "setnx",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 3,
     .flags = COUNTER_FLAGS,
     .keys = ONE_KEY(KEY_OW | KEY_INSERT),
     .events = {SET_EVENTS},
     .summary = "Sets a string if the key does not exist.",
     .complexity = "O(1)",
     .syntax = "key value",
     .run = setnx_run},
    {.name = "setrange",
     .group = GROUP_STRING,
     .since = "2.2.0",
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_SETRANGE, EVENT_NEW},
     .summary = "Overwrites a part of a string, which grows as needed.",
     .complexity = "O(N), N being the length of the text, and of what the string grows by",
     .syntax = "key offset value",
     .run = setrange_run},
    {.name = "strlen",
     .group = GROUP_STRING,
     .since = "2.2.0",
     .arity = 2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ONE_KEY(KEY_RO),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the length of a string.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = strlen_run},
    {.name = "substr",
     .group = GROUP_STRING,
     .since = "1.0.0",
     .arity = 4,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns a part of a string.",
     .complexity = "O(N), N being the length of the part",
     .syntax = "key start end",
     .replaced_by = "`GETRANGE`",
     .deprecated_since = "2.0.0",
     .run = getrange_run},
    {0},
};
