/* Deadlines of fields: HEXPIRE, HTTL and their kin, HPERSIST; and HGETEX,
 * HSETEX and HGETDEL, which do something else as well. */
#include <stdint.h>

#include "base/number.h"
#include "commands/hash_change.h"
#include "commands/tables.h"
#include "base/mem.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/hash.h"

/* No deadline may be later, in ms since the epoch: about the year 4199. */
#define DEADLINE_MAX_MS ((INT64_C(1) << 46) - 1)

/* What HEXPIRE and HTTL say of a field. */
enum { FIELD_NONE = -2, FIELD_NO_DEADLINE = -1, FIELD_REFUSED = 0, FIELD_CHANGED = 1, FIELD_DELETED = 2 };

/* ---- arguments ---- */

/* Fields among the arguments; step 2: each with its value behind it. */
struct field_list {
    int first, end, step;
};

static const char mandatory_text[] = "ERR Mandatory argument FIELDS is missing or not at the right position";

/* FIELDS count field ... up to the end, at this place. */
static bool parse_fields(struct call *call, int at, const char *count_error, struct field_list *fields)
{
    int64_t count;
    if (at + 1 >= call->argc || !slice_is(call->argv[at], "fields")) {
        reply_error(call->client, mandatory_text);
        return false;
    }
    if (!args_int_between(call->client, call->argv[at + 1], 1, INT64_MAX, &count, count_error)) return false;
    if (count != call->argc - at - 2) {
        reply_error(call->client, "ERR The `numfields` parameter must match the number of arguments");
        return false;
    }
    *fields = (struct field_list){at + 2, call->argc, 1};
    return true;
}

/* How a time is written. */
enum { IN_SECONDS = 1 << 0, RELATIVE = 1 << 1 };

/* A time that is at least `least`, as a deadline; too_small: the error for less. */
static bool parse_deadline(struct call *call, struct slice arg, unsigned form, int64_t least,
                           const char *too_small, int64_t *deadline_ms)
{
    int64_t amount, unit = form & IN_SECONDS ? 1000 : 1;
    int64_t from_ms = form & RELATIVE ? call->db->keyspace->now_ms : 0;
    if (!args_int(call->client, arg, &amount, NULL)) return false;
    if (amount < least && too_small) {
        reply_error(call->client, too_small);
        return false;
    }
    if (amount < least || amount > (DEADLINE_MAX_MS - from_ms) / unit) {
        reply_errorf(call->client, "ERR invalid expire time in '%s' command", call->command->name);
        return false;
    }
    *deadline_ms = from_ms + amount * unit;
    return true;
}

static bool is_past(const struct call *call, int64_t deadline_ms)
{
    return deadline_ms <= call->db->keyspace->now_ms && !call->server->loading;
}

/* Gives a field its deadline, or removes it if that has passed. */
static void set_or_remove(struct call *call, struct hash_change *change, struct slice field,
                          int64_t deadline_ms)
{
    if (is_past(call, deadline_ms)) hash_remove(&change->hash.value, field);
    else hash_set_deadline(&change->hash.value, field, deadline_ms);
    hash_change_note(change, field);
}

/* As what it did to which fields, at which moment. */
static void propagate_deadline(struct call *call, const struct hash_change *change, int64_t deadline_ms)
{
    if (is_past(call, deadline_ms)) hash_change_propagate(call, change, SLICE("HDEL"), -1, false);
    else hash_change_propagate(call, change, SLICE("HPEXPIREAT"), deadline_ms, true);
}

static enum event event_of(const struct call *call, int64_t deadline_ms)
{
    return is_past(call, deadline_ms) ? EVENT_HDEL : EVENT_HEXPIRE;
}

/* ---- HEXPIRE and its kin ---- */

enum condition { ALWAYS, IF_NONE, IF_SOME, IF_LATER, IF_EARLIER };

static enum condition condition_of(struct slice word)
{
    static const char *const words[] = {
        [IF_NONE] = "nx", [IF_SOME] = "xx", [IF_LATER] = "gt", [IF_EARLIER] = "lt"};
    for (enum condition condition = IF_NONE; condition <= IF_EARLIER; condition++)
        if (slice_is(word, words[condition])) return condition;
    return ALWAYS;
}

/* No deadline counts as one that is infinitely far away. */
static bool condition_holds(enum condition condition, int64_t old_ms, int64_t new_ms)
{
    switch (condition) {
    case IF_NONE: return old_ms == VALUE_NO_DEADLINE;
    case IF_SOME: return old_ms != VALUE_NO_DEADLINE;
    case IF_LATER: return new_ms > old_ms;
    case IF_EARLIER: return new_ms < old_ms;
    default: return true;
    }
}

static void hexpire(struct call *call, unsigned form)
{
    struct hash_change change;
    struct field_list fields;
    int64_t deadline_ms, old_ms;
    if (!parse_deadline(call, call->argv[2], form, 0, "ERR invalid expire time, must be >= 0", &deadline_ms))
        return;
    enum condition condition = condition_of(call->argv[3]);
    if (!parse_fields(call, condition == ALWAYS ? 3 : 4, "ERR Parameter `numFields` should be greater than 0",
                      &fields) ||
        !hash_change_open(&change, call))
        return;
    reply_array(call->client, fields.end - fields.first);
    for (int i = fields.first; i < fields.end; i++) {
        struct slice field = call->argv[i];
        if (!hash_deadline_ms(&change.hash.value, field, &old_ms)) {
            reply_int(call->client, FIELD_NONE);
        } else if (!condition_holds(condition, old_ms, deadline_ms)) {
            reply_int(call->client, FIELD_REFUSED);
        } else {
            set_or_remove(call, &change, field, deadline_ms);
            reply_int(call->client, is_past(call, deadline_ms) ? FIELD_DELETED : FIELD_CHANGED);
        }
    }
    propagate_deadline(call, &change, deadline_ms);
    hash_change_close(&change, event_of(call, deadline_ms), EVENT_NONE);
}

static void hexpire_run(struct call *call)
{
    hexpire(call, IN_SECONDS | RELATIVE);
}

static void hexpireat_run(struct call *call)
{
    hexpire(call, IN_SECONDS);
}

static void hpexpire_run(struct call *call)
{
    hexpire(call, RELATIVE);
}

static void hpexpireat_run(struct call *call)
{
    hexpire(call, 0);
}

/* ---- HTTL and its kin, HPERSIST ---- */

static const char count_error[] = "ERR Number of fields must be a positive integer";

static void tell_deadlines(struct call *call, unsigned form)
{
    struct value hash;
    struct field_list fields;
    int64_t deadline_ms, now_ms = call->db->keyspace->now_ms;
    if (!parse_fields(call, 2, count_error, &fields) ||
        !collection_read(call, call->argv[1], TYPE_HASH, &hash))
        return;
    reply_array(call->client, fields.end - fields.first);
    for (int i = fields.first; i < fields.end; i++) {
        int64_t answer = FIELD_NO_DEADLINE;
        if (!hash_deadline_ms(&hash, call->argv[i], &deadline_ms)) {
            answer = FIELD_NONE;
        } else if (deadline_ms != VALUE_NO_DEADLINE) {
            answer = form & RELATIVE ? deadline_ms - now_ms : deadline_ms;
            if (form & IN_SECONDS) answer = (answer + 999) / 1000;
        }
        reply_int(call->client, answer);
    }
}

static void httl_run(struct call *call)
{
    tell_deadlines(call, IN_SECONDS | RELATIVE);
}

static void hpttl_run(struct call *call)
{
    tell_deadlines(call, RELATIVE);
}

static void hexpiretime_run(struct call *call)
{
    tell_deadlines(call, IN_SECONDS);
}

static void hpexpiretime_run(struct call *call)
{
    tell_deadlines(call, 0);
}

/* Takes a field's deadline away; answers what it was. */
static int64_t persist(struct hash_change *change, struct slice field)
{
    int64_t deadline_ms;
    if (!hash_deadline_ms(&change->hash.value, field, &deadline_ms)) return FIELD_NONE;
    if (deadline_ms == VALUE_NO_DEADLINE) return FIELD_NO_DEADLINE;
    hash_set_deadline(&change->hash.value, field, VALUE_NO_DEADLINE);
    hash_change_note(change, field);
    return FIELD_CHANGED;
}

static void hpersist_run(struct call *call)
{
    struct hash_change change;
    struct field_list fields;
    if (!parse_fields(call, 2, count_error, &fields) || !hash_change_open(&change, call)) return;
    reply_array(call->client, fields.end - fields.first);
    for (int i = fields.first; i < fields.end; i++) reply_int(call->client, persist(&change, call->argv[i]));
    hash_change_close(&change, EVENT_HPERSIST, EVENT_NONE);
}

/* ---- options of HGETEX and HSETEX ---- */

enum {
    OPTION_EXPIRY = 1 << 0, /* has an argument, in a form of: */
    OPTION_FORM_SHIFT = 1,
    OPTION_SECONDS = IN_SECONDS << OPTION_FORM_SHIFT,
    OPTION_RELATIVE = RELATIVE << OPTION_FORM_SHIFT,
    OPTION_PERSIST = 1 << 3,
    OPTION_KEEPTTL = 1 << 4,
    OPTION_IF_NONE = 1 << 5,
    OPTION_IF_ALL = 1 << 6,
    OPTION_FIELDS = 1 << 7,
    OPTIONS_OF_TIME = OPTION_EXPIRY | OPTION_PERSIST | OPTION_KEEPTTL,
    OPTIONS_OF_EXISTENCE = OPTION_IF_NONE | OPTION_IF_ALL,
};

struct options {
    unsigned flags;
    struct slice expiry;
    struct field_list fields;
    int64_t deadline_ms; /* VALUE_NO_DEADLINE: none was given */
};

static unsigned option_of(struct slice word)
{
    static const struct {
        const char *word;
        unsigned flags;
    } words[] = {
        {"fields", OPTION_FIELDS},
        {"ex", OPTION_EXPIRY | OPTION_SECONDS | OPTION_RELATIVE},
        {"px", OPTION_EXPIRY | OPTION_RELATIVE},
        {"exat", OPTION_EXPIRY | OPTION_SECONDS},
        {"pxat", OPTION_EXPIRY},
        {"persist", OPTION_PERSIST},
        {"keepttl", OPTION_KEEPTTL},
        {"fnx", OPTION_IF_NONE},
        {"fxx", OPTION_IF_ALL},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_is(word, words[i].word)) return words[i].flags;
    return 0;
}

/* Whether the option may stand here, by itself and beside those given before. */
static bool option_fits(struct call *call, unsigned option, struct slice word, unsigned allowed,
                        unsigned given)
{
    struct client *c = call->client;
    if (!(option & allowed)) {
        reply_errorf(c, "ERR unknown argument: %.*s", (int)(word.len < 128 ? word.len : 128), word.ptr);
        return false;
    }
    if (option & given & OPTION_FIELDS) {
        reply_error(c, "ERR FIELDS keyword specified multiple times");
        return false;
    }
    if (option & OPTIONS_OF_EXISTENCE && given & OPTIONS_OF_EXISTENCE) {
        reply_error(c, "ERR Only one of FXX or FNX arguments can be specified");
        return false;
    }
    if (option & OPTIONS_OF_TIME && given & OPTIONS_OF_TIME) {
        reply_errorf(c, "ERR Only one of EX, PX, EXAT, PXAT or %s arguments can be specified",
                     allowed & OPTION_PERSIST ? "PERSIST" : "KEEPTTL");
        return false;
    }
    return true;
}

/* FIELDS stands at this place; moves there to the last argument that belongs to it. */
static bool parse_field_block(struct call *call, int *at, int step, struct field_list *fields)
{
    int64_t count;
    int first = *at + 2;
    if (!args_int_between(call->client, call->argv[*at + 1], 1, INT64_MAX, &count,
                          "ERR invalid number of fields"))
        return false;
    if (count > (call->argc - first) / step) {
        reply_errorf(call->client, "ERR wrong number of arguments for '%s' command", call->command->name);
        return false;
    }
    *fields = (struct field_list){first, first + (int)count * step, step};
    *at = fields->end - 1;
    return true;
}

static bool parse_options(struct call *call, unsigned allowed, int step, struct options *options)
{
    *options = (struct options){.deadline_ms = VALUE_NO_DEADLINE};
    for (int i = 2; i < call->argc; i++) {
        unsigned option = option_of(call->argv[i]);
        if (!option_fits(call, option, call->argv[i], allowed, options->flags)) return false;
        if (option & (OPTION_FIELDS | OPTION_EXPIRY) && i + 1 == call->argc) {
            reply_errorf(call->client, "ERR wrong number of arguments for '%s' command", call->command->name);
            return false;
        }
        options->flags |= option;
        if (option & OPTION_EXPIRY) options->expiry = call->argv[++i];
        else if (option & OPTION_FIELDS && !parse_field_block(call, &i, step, &options->fields)) return false;
    }
    if (!(options->flags & OPTION_FIELDS)) {
        reply_error(call->client, "ERR missing FIELDS argument");
        return false;
    }
    return !(options->flags & OPTION_EXPIRY) ||
           parse_deadline(call, options->expiry, options->flags >> OPTION_FORM_SHIFT, 1, NULL,
                          &options->deadline_ms);
}

/* ---- HGETEX, HSETEX, HGETDEL ---- */

/* Answers with the value, or null; whether there is such a field. */
static bool reply_field(struct call *call, const struct value *hash, struct slice field)
{
    struct slice value;
    char digits[NUMBER_TEXT_MAX];
    bool found = hash_find(hash, field, digits, &value);
    if (found) reply_bulk(call->client, value);
    else reply_null(call->client);
    return found;
}

static void hgetex_run(struct call *call)
{
    struct hash_change change;
    struct options options;
    if (!parse_options(call, OPTION_FIELDS | OPTION_EXPIRY | OPTION_PERSIST, 1, &options) ||
        !hash_change_open(&change, call))
        return;
    reply_array(call->client, options.fields.end - options.fields.first);
    for (int i = options.fields.first; i < options.fields.end; i++) {
        struct slice field = call->argv[i];
        if (!reply_field(call, &change.hash.value, field)) continue;
        if (options.flags & OPTION_PERSIST) persist(&change, field);
        else if (options.flags & OPTION_EXPIRY) set_or_remove(call, &change, field, options.deadline_ms);
    }
    if (options.flags & OPTION_PERSIST) hash_change_propagate(call, &change, SLICE("HPERSIST"), -1, true);
    else propagate_deadline(call, &change, options.deadline_ms);
    hash_change_close(&change,
                      options.flags & OPTION_PERSIST ? EVENT_HPERSIST : event_of(call, options.deadline_ms),
                      EVENT_NONE);
}

static void hgetdel_run(struct call *call)
{
    struct hash_change change;
    struct field_list fields;
    if (!parse_fields(call, 2, count_error, &fields) || !hash_change_open(&change, call)) return;
    reply_array(call->client, fields.end - fields.first);
    for (int i = fields.first; i < fields.end; i++) {
        if (!reply_field(call, &change.hash.value, call->argv[i])) continue;
        hash_remove(&change.hash.value, call->argv[i]);
        hash_change_note(&change, call->argv[i]);
    }
    hash_change_propagate(call, &change, SLICE("HDEL"), -1, false);
    hash_change_close(&change, EVENT_HDEL, EVENT_NONE);
}

/* Whether all fields are there (FXX), or none of them is (FNX). */
static bool existence_fits(struct call *call, const struct value *hash, const struct options *options)
{
    bool wanted = options->flags & OPTION_IF_ALL;
    struct slice value;
    char digits[NUMBER_TEXT_MAX];
    if (!(options->flags & OPTIONS_OF_EXISTENCE)) return true;
    for (int i = options->fields.first; i < options->fields.end; i += options->fields.step)
        if (hash_find(hash, call->argv[i], digits, &value) != wanted) return false;
    return true;
}

/* With the moment of the deadline, and without the condition, which was met. */
static void propagate_fields(struct call *call, const struct options *options)
{
    enum { FIXED_WORDS = 6 };
    struct propagate_number deadline, count;
    int fields = options->fields.end - options->fields.first, argc = 0;
    if (!call->server->propagating || options->deadline_ms == VALUE_NO_DEADLINE) return;
    struct slice *words = mem_alloc((size_t)(FIXED_WORDS + fields) * sizeof *words);
    words[argc++] = call->argv[0];
    words[argc++] = call->argv[1];
    words[argc++] = SLICE("PXAT");
    words[argc++] = propagate_number(&deadline, options->deadline_ms);
    words[argc++] = SLICE("FIELDS");
    words[argc++] = propagate_number(&count, fields / options->fields.step);
    memcpy(words + argc, &call->argv[options->fields.first], (size_t)fields * sizeof *words);
    propagate_words(call, argc + fields, words);
    mem_free(words);
}

static void set_fields(struct call *call, struct hash_change *change, const struct options *options)
{
    bool has_deadline = options->deadline_ms != VALUE_NO_DEADLINE, keep = options->flags & OPTION_KEEPTTL;
    for (int i = options->fields.first; i < options->fields.end; i += options->fields.step) {
        hash_set(&change->hash.value, call->argv[i], call->argv[i + 1], keep, call->server->types);
        if (has_deadline) hash_set_deadline(&change->hash.value, call->argv[i], options->deadline_ms);
        hash_change_note(change, call->argv[i]);
    }
    propagate_fields(call, options);
    hash_change_close(change, EVENT_HSET, has_deadline ? EVENT_HEXPIRE : EVENT_NONE);
}

/* Fields whose time is up before they are set: none of them is there afterwards. */
static void remove_fields(struct call *call, struct hash_change *change, const struct options *options)
{
    for (int i = options->fields.first; i < options->fields.end; i += options->fields.step)
        if (hash_remove(&change->hash.value, call->argv[i])) hash_change_note(change, call->argv[i]);
    hash_change_propagate(call, change, SLICE("HDEL"), -1, false);
    hash_change_close(change, EVENT_HDEL, EVENT_NONE);
}

static void hsetex_run(struct call *call)
{
    struct hash_change change;
    struct options options;
    const unsigned allowed = OPTION_FIELDS | OPTION_EXPIRY | OPTION_KEEPTTL | OPTIONS_OF_EXISTENCE;
    if (!parse_options(call, allowed, 2, &options) || !hash_change_fits(call, 2) ||
        !hash_change_open(&change, call))
        return;
    bool fits = existence_fits(call, &change.hash.value, &options);
    if (!fits) hash_change_close(&change, EVENT_NONE, EVENT_NONE);
    else if (is_past(call, options.deadline_ms)) remove_fields(call, &change, &options);
    else set_fields(call, &change, &options);
    reply_int(call->client, fits);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define EACH_FIELD "O(N), N being the number of fields named"
#define FIELDS     "<FIELDS numfields field [field ...]>"
#define CONDITIONS " [NX | XX | GT | LT] "

#define EXPIRE_ROW                                                                                           \
    .group = GROUP_HASH, .since = "7.4.0", .arity = -6, .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,         \
    .keys = ONE_KEY(KEY_RW | KEY_UPDATE), .events = {EVENT_HEXPIRE, EVENT_HDEL, EVENT_DEL},                  \
    .complexity = EACH_FIELD
#define TTL_ROW                                                                                              \
    .group = GROUP_HASH, .since = "7.4.0", .arity = -5, .flags = CMD_READONLY | CMD_FAST,                    \
    .keys = ONE_KEY(KEY_RO | KEY_ACCESS), .events = {EVENT_KEYMISS}, .complexity = EACH_FIELD,               \
    .syntax = "key " FIELDS

const struct command hash_expire_commands[] = {
    {.name = "hexpire",
     EXPIRE_ROW,
     .summary = "Lets fields of a hash expire after so many seconds.",
     .syntax = "key seconds" CONDITIONS FIELDS,
     .run = hexpire_run},
    {.name = "hexpireat",
     EXPIRE_ROW,
     .summary = "Lets fields of a hash expire at a moment, in Unix seconds.",
     .syntax = "key unix-time-seconds" CONDITIONS FIELDS,
     .run = hexpireat_run},
    {.name = "hexpiretime",
     TTL_ROW,
     .summary = "Tells when fields of a hash expire, in Unix seconds.",
     .run = hexpiretime_run},
    {.name = "hgetdel",
     .group = GROUP_HASH,
     .since = "8.0.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_DELETE),
     .events = {EVENT_HDEL, EVENT_DEL},
     .summary = "Returns the values of fields of a hash and removes these.",
     .complexity = EACH_FIELD,
     .syntax = "key " FIELDS,
     .run = hgetdel_run},
    {.name = "hgetex",
     .group = GROUP_HASH,
     .since = "8.0.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE,
               .index = 1,
               .notes = "RW and UPDATE because it changes the TTL"}},
     .events = {EVENT_HEXPIRE, EVENT_HPERSIST, EVENT_HDEL, EVENT_DEL},
     .summary = "Returns the values of fields of a hash and sets or removes their expiry.",
     .complexity = EACH_FIELD,
     .syntax = "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
               "PXAT unix-time-milliseconds | PERSIST] " FIELDS,
     .run = hgetex_run},
    {.name = "hpersist",
     .group = GROUP_HASH,
     .since = "7.4.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_HPERSIST},
     .summary = "Takes the expiry of fields of a hash away.",
     .complexity = EACH_FIELD,
     .syntax = "key " FIELDS,
     .run = hpersist_run},
    {.name = "hpexpire",
     EXPIRE_ROW,
     .summary = "Lets fields of a hash expire after so many milliseconds.",
     .syntax = "key milliseconds" CONDITIONS FIELDS,
     .run = hpexpire_run},
    {.name = "hpexpireat",
     EXPIRE_ROW,
     .summary = "Lets fields of a hash expire at a moment, in Unix milliseconds.",
     .syntax = "key unix-time-milliseconds" CONDITIONS FIELDS,
     .run = hpexpireat_run},
    {.name = "hpexpiretime",
     TTL_ROW,
     .summary = "Tells when fields of a hash expire, in Unix milliseconds.",
     .run = hpexpiretime_run},
    {.name = "hpttl",
     TTL_ROW,
     .summary = "Tells how long fields of a hash still live, in milliseconds.",
     .tips = {"nondeterministic_output"},
     .run = hpttl_run},
    {.name = "hsetex",
     .group = GROUP_HASH,
     .since = "8.0.0",
     .arity = -6,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_HSET, EVENT_HEXPIRE, EVENT_HDEL, EVENT_DEL, EVENT_NEW},
     .summary = "Sets fields of a hash and their expiry, under conditions.",
     .complexity = EACH_FIELD,
     .syntax = "key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
               "PXAT unix-time-milliseconds | KEEPTTL] <FIELDS numfields field value [field value ...]>",
     .run = hsetex_run},
    {.name = "httl",
     TTL_ROW,
     .summary = "Tells how long fields of a hash still live, in seconds.",
     .tips = {"nondeterministic_output"},
     .run = httl_run},
    {0},
};
