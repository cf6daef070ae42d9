/* Strings as bits: SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP. */
#include "commands/bitmap.h"

#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/bitmap.h"

/* ---- single bits ---- */

bool bitmap_parse_offset(struct call *call, struct slice arg, unsigned width, uint64_t *offset)
{
    uint64_t limit_bytes = call->server->settings->proto_max_bulk_len_bytes;
    int64_t number;
    bool is_counted = width && arg.len && arg.ptr[0] == '#';
    if (is_counted) arg = slice_make(arg.ptr + 1, arg.len - 1);
    if (number_parse(arg, &number) && number >= 0 &&
        !__builtin_mul_overflow((uint64_t)number, is_counted ? width : 1, offset) &&
        *offset / 8 < limit_bytes)
        return true;
    reply_error(call->client, "ERR bit offset is not an integer or out of range");
    return false;
}

static void setbit_run(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[1];
    uint64_t offset;
    int64_t bit;
    bool wrong_type;
    if (!bitmap_parse_offset(call, call->argv[2], 0, &offset) ||
        !args_int_between(c, call->argv[3], 0, 1, &bit, "ERR bit is not an integer or out of range"))
        return;
    struct entry *e = string_lookup_write(call, key, &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    size_t old_len = string_length(&value), len = offset / 8 + 1;
    if (len < old_len) len = old_len;
    char *bytes = string_edit(call, key, e, len);
    if (bytes == NULL) return;
    bool old_bit = bitmap_get(slice_make(bytes, len), offset);
    if (old_bit != bit) bytes[offset / 8] = (char)(bytes[offset / 8] ^ 1 << (7 - offset % 8));
    if (old_bit != bit || len > old_len) db_signal_modified(call->db, key, EVENT_SETBIT);
    reply_int(c, old_bit);
}

static void getbit_run(struct call *call)
{
    uint64_t offset;
    bool wrong_type;
    char digits[NUMBER_TEXT_MAX];
    if (!bitmap_parse_offset(call, call->argv[2], 0, &offset)) return;
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    reply_int(call->client, bitmap_get(string_view(&value, digits), offset));
}

/* ---- BITCOUNT, BITPOS: ranges ---- */

/* As the arguments give it: from either end, in bytes or bits. */
struct range {
    int64_t start, end;
    bool in_bits;
};

static bool parse_unit(struct call *call, int at, struct range *range)
{
    if (at >= call->argc) return true;
    range->in_bits = slice_is(call->argv[at], "bit");
    if (range->in_bits || slice_is(call->argv[at], "byte")) return true;
    reply_syntax_error(call->client);
    return false;
}

static bool parse_number(struct call *call, int at, int64_t *number)
{
    return at >= call->argc || args_int(call->client, call->argv[at], number, NULL);
}

/* [start [end [BYTE | BIT]]], the whole string where they are absent. Which of
 * two wrong arguments is complained of depends on the command. */
static bool parse_range(struct call *call, int from, bool unit_first, struct range *range)
{
    *range = (struct range){.start = 0, .end = -1};
    if (call->argc > from + 3) {
        reply_syntax_error(call->client);
        return false;
    }
    return parse_number(call, from, &range->start) && (!unit_first || parse_unit(call, from + 2, range)) &&
           parse_number(call, from + 1, &range->end) && (unit_first || parse_unit(call, from + 2, range));
}

/* The range within a string of len bytes, in bits; false if it is empty. */
static bool resolve_range(struct range range, size_t len, uint64_t *first, uint64_t *last)
{
    int64_t units = (int64_t)(range.in_bits ? len * 8 : len), start = range.start, end = range.end;
    if (start < 0) start = start + units < 0 ? 0 : start + units;
    if (end < 0) end = end + units < 0 ? 0 : end + units;
    if (end >= units) end = units - 1;
    if (start > end) return false;
    *first = (uint64_t)(range.in_bits ? start : start * 8);
    *last = (uint64_t)(range.in_bits ? end : end * 8 + 7);
    return true;
}

static void bitcount_run(struct call *call)
{
    struct client *c = call->client;
    struct range range;
    uint64_t first, last, count = 0;
    bool wrong_type;
    char digits[NUMBER_TEXT_MAX];
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type) return;
    if (call->argc == 3) {
        reply_syntax_error(c);
        return;
    }
    if (!parse_range(call, 2, false, &range)) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    struct slice bytes = string_view(&value, digits);
    /* Before the beginning both ends would be moved to the first bit, and count it. */
    bool is_reversed = range.start < 0 && range.end < 0 && range.start > range.end;
    if (!is_reversed && resolve_range(range, bytes.len, &first, &last))
        count = bitmap_count_range(bytes, first, last);
    reply_int(c, (int64_t)count);
}

static void bitpos_run(struct call *call)
{
    struct client *c = call->client;
    struct range range;
    uint64_t first, last;
    int64_t bit, at = -1;
    bool wrong_type;
    char digits[NUMBER_TEXT_MAX];
    if (!args_int(c, call->argv[2], &bit, NULL)) return;
    if (bit != 0 && bit != 1) {
        reply_error(c, "ERR The bit argument must be 1 or 0.");
        return;
    }
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type || !parse_range(call, 3, true, &range)) return;
    if (e == NULL) {
        reply_int(c, bit ? -1 : 0);
        return;
    }
    struct value value = entry_value(e);
    struct slice bytes = string_view(&value, digits);
    if (resolve_range(range, bytes.len, &first, &last)) {
        at = bitmap_find(bytes, first, last, bit);
        /* Where no end is given, zeros follow the string. */
        if (at < 0 && bit == 0 && call->argc <= 4) at = (int64_t)bytes.len * 8;
    }
    reply_int(c, at);
}

/* ---- BITOP ---- */

enum { SOURCES_FROM = 3 };

static bool parse_operation(struct call *call, enum bitmap_operation *operation, bool *is_not)
{
    struct slice word = call->argv[1];
    *operation = BITMAP_AND;
    *is_not = slice_is(word, "not");
    if (slice_is(word, "or")) *operation = BITMAP_OR;
    else if (slice_is(word, "xor")) *operation = BITMAP_XOR;
    else if (!*is_not && !slice_is(word, "and")) {
        reply_syntax_error(call->client);
        return false;
    }
    if (!*is_not || call->argc == SOURCES_FROM + 1) return true;
    reply_error(call->client, "ERR BITOP NOT must be called with a single source key.");
    return false;
}

/* The length of the longest source; false where one is not a string. */
static bool measure_sources(struct call *call, size_t *len)
{
    bool wrong_type;
    *len = 0;
    for (int i = SOURCES_FROM; i < call->argc; i++) {
        struct entry *e = string_lookup_read(call, call->argv[i], &wrong_type);
        if (wrong_type) return false;
        if (e == NULL) continue;
        struct value value = entry_value(e);
        if (string_length(&value) > *len) *len = string_length(&value);
    }
    return true;
}

/* They have been looked up, and are strings or absent. */
static void combine_sources(struct call *call, enum bitmap_operation operation, char *to, size_t len)
{
    char digits[NUMBER_TEXT_MAX];
    for (int i = SOURCES_FROM; i < call->argc; i++) {
        struct entry *e = db_peek(call->db, call->argv[i]);
        struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
        struct slice source = string_view(&value, digits);
        if (i == SOURCES_FROM) bitmap_combine_first(to, len, source);
        else bitmap_combine(operation, to, len, source);
    }
}

static void bitop_run(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[2];
    enum bitmap_operation operation;
    bool is_not;
    size_t len;
    if (!parse_operation(call, &operation, &is_not) || !measure_sources(call, &len)) return;
    if (len == 0) {
        if (db_delete(call->db, key)) db_signal_modified(call->db, key, EVENT_DEL);
        reply_int(c, 0);
        return;
    }
    /* Made beside the destination, which may be a source. */
    char text[STRING_TEXT_MAX];
    struct string *large = NULL;
    if (len > sizeof text && (large = string_new_zeros_try(len)) == NULL) {
        string_refuse_memory(c);
        return;
    }
    char *to = large ? large->data : text;
    combine_sources(call, operation, to, len);
    if (is_not) bitmap_invert(to, len);
    struct value value = large ? string_object_value(large) : string_raw_value(slice_make(text, len));
    db_set(call->db, key, &value, ENTRY_NO_DEADLINE);
    db_signal_modified(call->db, key, EVENT_SET);
    reply_int(c, (int64_t)len);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }

static const char *const range_history[] = {"7.0.0", "Takes `BYTE` and `BIT`.", NULL};

const struct command bitmap_commands[] = {
    {.name = "bitcount",
     .group = GROUP_BITMAP,
     .since = "2.6.0",
     .arity = -2,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Counts the bits that are set in a string or a part of it.",
     .complexity = "O(N), N being the bytes looked at",
     .syntax = "key [range: start end [BYTE | BIT]]",
     .history = range_history,
     .run = bitcount_run},
    {.name = "bitop",
     .group = GROUP_BITMAP,
     .since = "2.6.0",
     .arity = -4,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_OW | KEY_UPDATE, .index = 2},
              {.flags = KEY_RO | KEY_ACCESS, .index = 3, .last = -1}},
     .events = {EVENT_SET, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_DEL, EVENT_KEYMISS},
     .summary = "Combines strings bit by bit, and sets a key to the result.",
     .complexity = "O(N), N being the bytes of all the strings",
     .syntax = "<operation: AND | OR | XOR | NOT> destkey key [key ...]",
     .run = bitop_run},
    {.name = "bitpos",
     .group = GROUP_BITMAP,
     .since = "2.8.7",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Finds the first set or clear bit in a string or a part of it.",
     .complexity = "O(N), N being the bytes looked at",
     .syntax = "key bit:integer [range: start [end-unit-block: end [BYTE | BIT]]]",
     .history = range_history,
     .run = bitpos_run},
    {.name = "getbit",
     .group = GROUP_BITMAP,
     .since = "2.2.0",
     .arity = 3,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns a bit of a string.",
     .complexity = "O(1)",
     .syntax = "key offset",
     .run = getbit_run},
    {.name = "setbit",
     .group = GROUP_BITMAP,
     .since = "2.2.0",
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .events = {EVENT_SETBIT, EVENT_NEW},
     .summary = "Sets or clears a bit of a string, which grows as needed.",
     .complexity = "O(1), or the bytes that the string grows by",
     .syntax = "key offset value:integer",
     .run = setbit_run},
    {0},
};
