/* Strings as arrays of small integers: BITFIELD, BITFIELD_RO. */
#include "commands/bitmap.h"
#include "core/args.h"
#include "core/reply.h"
#include "types/bitmap.h"

/* ---- reading the operations ---- */

enum kind { KIND_GET, KIND_SET, KIND_INCRBY, KIND_OVERFLOW };

struct operation {
    enum kind kind;
    struct bitmap_field field;
    enum bitmap_overflow overflow; /* stays as it is until it is given anew */
    int64_t value;                 /* to set, or to add */
};

static bool find_kind(struct slice word, enum kind *kind, int *words)
{
    static const struct {
        struct slice word;
        enum kind kind;
        int words;
    } kinds[] = {
        {SLICE("get"), KIND_GET, 3},
        {SLICE("set"), KIND_SET, 4},
        {SLICE("incrby"), KIND_INCRBY, 4},
        {SLICE("overflow"), KIND_OVERFLOW, 2},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!slice_equal_nocase(word, kinds[i].word)) continue;
        *kind = kinds[i].kind;
        *words = kinds[i].words;
        return true;
    }
    return false;
}

static bool parse_overflow(struct client *c, struct slice word, enum bitmap_overflow *overflow)
{
    if (slice_is(word, "wrap")) *overflow = BITMAP_WRAP;
    else if (slice_is(word, "sat")) *overflow = BITMAP_SATURATE;
    else if (slice_is(word, "fail")) *overflow = BITMAP_FAIL;
    else {
        reply_error(c, "ERR Invalid OVERFLOW type specified");
        return false;
    }
    return true;
}

static bool parse_type(struct client *c, struct slice word, struct bitmap_field *field)
{
    int64_t width;
    if (word.len && (word.ptr[0] == 'i' || word.ptr[0] == 'u')) {
        field->is_signed = word.ptr[0] == 'i';
        int64_t max = field->is_signed ? BITMAP_SIGNED_MAX : BITMAP_UNSIGNED_MAX;
        if (number_parse(slice_make(word.ptr + 1, word.len - 1), &width) && width >= 1 && width <= max) {
            field->width = (unsigned)width;
            return true;
        }
    }
    reply_error(c, "ERR Invalid bitfield type. Use something like i16 u8. "
                   "Note that u64 is not supported but i64 is.");
    return false;
}

/* Reads the operation at argument *at, and moves *at behind it. */
static bool parse_operation(struct call *call, int *at, struct operation *operation)
{
    struct client *c = call->client;
    const struct slice *argv = call->argv + *at;
    int words;
    if (!find_kind(argv[0], &operation->kind, &words) || *at + words > call->argc) {
        reply_syntax_error(c);
        return false;
    }
    *at += words;
    if (operation->kind == KIND_OVERFLOW) return parse_overflow(c, argv[1], &operation->overflow);
    if (!parse_type(c, argv[1], &operation->field) ||
        !bitmap_parse_offset(call, argv[2], operation->field.width, &operation->field.offset))
        return false;
    return operation->kind == KIND_GET || args_int(c, argv[3], &operation->value, NULL);
}

/* All of them, as far as it matters before the first is done. */
struct plan {
    int replies;
    bool writes;
    uint64_t end_bit; /* of what is written */
};

static bool parse_plan(struct call *call, struct plan *plan)
{
    struct operation operation = {0};
    *plan = (struct plan){0};
    for (int at = 2; at < call->argc;) {
        if (!parse_operation(call, &at, &operation)) return false;
        if (operation.kind == KIND_OVERFLOW) continue;
        plan->replies++;
        if (operation.kind == KIND_GET) continue;
        uint64_t end_bit = operation.field.offset + operation.field.width;
        plan->writes = true;
        if (end_bit > plan->end_bit) plan->end_bit = end_bit;
    }
    return true;
}

/* ---- doing them ---- */

/* Replies to a SET or INCRBY; whether it changed a bit. */
static bool write_field(struct client *c, const struct operation *operation, char *bytes, size_t len)
{
    int64_t old = bitmap_field_get(slice_make(bytes, len), operation->field), value;
    bool is_set = operation->kind == KIND_SET;
    __int128 exact = (__int128)old + operation->value;
    if (is_set) exact = operation->field.is_signed ? operation->value : (__int128)(uint64_t)operation->value;
    if (!bitmap_field_fit(operation->field, exact, operation->overflow, &value)) {
        reply_null(c);
        return false;
    }
    if (value != old) bitmap_field_set(bytes, operation->field, value);
    reply_int(c, is_set ? old : value);
    return value != old;
}

static void write_fields(struct call *call, const struct plan *plan)
{
    struct slice key = call->argv[1];
    struct operation operation = {0};
    bool wrong_type;
    struct entry *e = string_lookup_write(call, key, &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    size_t old_len = string_length(&value), len = (plan->end_bit + 7) / 8;
    if (len < old_len) len = old_len;
    char *bytes = string_edit(call, key, e, len);
    if (bytes == NULL) return;
    bool is_changed = len > old_len;
    reply_array(call->client, plan->replies);
    for (int at = 2; at < call->argc && parse_operation(call, &at, &operation);) {
        if (operation.kind == KIND_GET)
            reply_int(call->client, bitmap_field_get(slice_make(bytes, len), operation.field));
        else if (operation.kind != KIND_OVERFLOW)
            is_changed |= write_field(call->client, &operation, bytes, len);
    }
    if (is_changed) db_signal_modified(call->db, key, EVENT_SETBIT);
}

static void read_fields(struct call *call, const struct plan *plan)
{
    struct operation operation = {0};
    bool wrong_type;
    char digits[NUMBER_TEXT_MAX];
    struct entry *e = string_lookup_read(call, call->argv[1], &wrong_type);
    if (wrong_type) return;
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    struct slice bytes = string_view(&value, digits);
    reply_array(call->client, plan->replies);
    for (int at = 2; at < call->argc && parse_operation(call, &at, &operation);)
        if (operation.kind == KIND_GET) reply_int(call->client, bitmap_field_get(bytes, operation.field));
}

static void bitfield_run(struct call *call)
{
    struct plan plan;
    if (!parse_plan(call, &plan)) return;
    if (plan.writes) write_fields(call, &plan);
    else read_fields(call, &plan);
}

static void bitfield_ro_run(struct call *call)
{
    struct plan plan;
    if (!parse_plan(call, &plan)) return;
    if (plan.writes) reply_error(call->client, "ERR BITFIELD_RO only supports the GET subcommand");
    else read_fields(call, &plan);
}

/* ---- the rows ---- */

/* Only operations that are complete, and only read, make it a read. */
static bool bitfield_get_keys(int argc, const struct slice *argv, struct key_positions *keys)
{
    unsigned flags = KEY_RO | KEY_ACCESS;
    enum kind kind;
    int words;
    for (int at = 2; at < argc; at += words) {
        if (find_kind(argv[at], &kind, &words) && at + words <= argc &&
            (kind == KIND_GET || kind == KIND_OVERFLOW))
            continue;
        flags = KEY_RW | KEY_ACCESS | KEY_UPDATE;
        break;
    }
    command_keys_add(keys, 1, flags);
    return true;
}

#define GET "GET <get-block: encoding offset>"
#define OPERATION                                                                                            \
    "<operation: " GET " | <write: [OVERFLOW <overflow-block: WRAP | SAT | FAIL>] "                          \
    "<write-operation: SET <set-block: encoding offset value:integer> | "                                    \
    "INCRBY <incrby-block: encoding offset increment>>>>"

const struct command bitfield_commands[] = {
    {.name = "bitfield",
     .group = GROUP_BITMAP,
     .since = "3.2.0",
     .arity = -2,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE | KEY_VARIABLE_FLAGS,
               .index = 1,
               .notes = "This command allows both access and modification of the key"}},
     .get_keys = bitfield_get_keys,
     .events = {EVENT_SETBIT, EVENT_NEW, EVENT_KEYMISS},
     .summary = "Reads and changes integers of any width in a string.",
     .complexity = "O(N), N being the number of integers",
     .syntax = "key [" OPERATION " [" OPERATION " ...]]",
     .run = bitfield_run},
    {.name = "bitfield_ro",
     .group = GROUP_BITMAP,
     .since = "6.0.0",
     .arity = -2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 1}},
     .events = {EVENT_KEYMISS},
     .summary = "Reads integers of any width in a string.",
     .complexity = "O(N), N being the number of integers",
     .syntax = "key [" GET " [" GET " ...]]",
     .run = bitfield_ro_run},
    {0},
};
