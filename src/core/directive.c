#include "core/directive.h"

#include <inttypes.h>

#include "base/assert.h"
#include "base/mem.h"
#include "base/number.h"

static void *field(const struct directive *d)
{
    return (char *)d->ctx.settings + d->row->offset;
}

static bool has_flag(const struct directive *d, unsigned flag)
{
    return (d->row->flags & flag) != 0;
}

/* Parsing, one function a kind: each stores the value or refuses it. */

static bool set_bool(const struct directive *d, struct slice text, struct buffer *reason)
{
    bool yes = slice_is(text, "yes");
    if (!yes && !slice_is(text, "no")) return option_refuse(reason, "argument must be 'yes' or 'no'");
    *(bool *)field(d) = yes;
    return true;
}

static bool set_int(const struct directive *d, struct slice text, struct buffer *reason)
{
    const struct option *row = d->row;
    int64_t value;
    if (!number_parse(text, &value)) return option_refuse(reason, "argument couldn't be parsed into an integer");
    if ((row->min || row->max) && (value < row->min || value > row->max))
        return option_refuse(reason, "argument must be between %" PRId64 " and %" PRId64 " inclusive", row->min,
                             row->max);
    *(int64_t *)field(d) = value;
    return true;
}

static bool set_octal(const struct directive *d, struct slice text, struct buffer *reason)
{
    const struct option *row = d->row;
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.ptr[i] - '0';
        if (digit > 7) return option_refuse(reason, "argument couldn't be parsed as an octal number");
        if (value <= row->max) value = value * 8 + digit;
    }
    if (value < row->min || value > row->max)
        return option_refuse(reason, "argument must be between %" PRIo64 " and %" PRIo64 " inclusive",
                             (uint64_t)row->min, (uint64_t)row->max);
    *(int64_t *)field(d) = value;
    return true;
}

static bool set_memory(const struct directive *d, struct slice text, struct buffer *reason)
{
    const struct option *row = d->row;
    uint64_t bytes, min = (uint64_t)row->min, max = (uint64_t)row->max;
    if (!number_parse_memory(text, &bytes)) return option_refuse(reason, "argument must be a memory value");
    if ((min || max) && (bytes < min || bytes > max))
        return option_refuse(reason, "argument must be between %" PRIu64 " and %" PRIu64 " inclusive", min, max);
    *(uint64_t *)field(d) = bytes;
    return true;
}

static bool set_percent(const struct directive *d, struct slice text, struct buffer *reason)
{
    uint64_t value;
    bool percent = text.len > 0 && text.ptr[text.len - 1] == '%';
    if (percent) text.len--;
    if (percent ? !number_parse_unsigned(text, &value) : !number_parse_memory(text, &value) || value > INT64_MAX)
        return option_refuse(reason, "argument must be a memory or percent value");
    if (percent && value > 100)
        return option_refuse(reason, "percentage argument must be less or equal to 100");
    *(int64_t *)field(d) = percent ? -(int64_t)value : (int64_t)value;
    return true;
}

static const struct option_word *find_word(const struct option *row, struct slice text)
{
    for (const struct option_word *word = row->words; word->word; word++)
        if (slice_is(text, word->word)) return word;
    return NULL;
}

static bool refuse_word(const struct option *row, struct buffer *reason)
{
    option_refuse(reason, "argument(s) must be one of the following:");
    for (const struct option_word *word = row->words; word->word; word++)
        buffer_printf(reason, "%s %s", word == row->words ? "" : ",", word->word);
    return false;
}

static bool set_enum(const struct directive *d, struct slice text, struct buffer *reason)
{
    const struct option_word *word = find_word(d->row, text);
    if (word == NULL) return refuse_word(d->row, reason);
    *(int *)field(d) = word->value;
    return true;
}

static bool set_bits(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    int bits = 0;
    for (int i = 0; i < argc; i++) {
        const struct option_word *word = find_word(d->row, argv[i]);
        if (word == NULL) return refuse_word(d->row, reason);
        bits |= word->value;
    }
    *(int *)field(d) = bits;
    return true;
}

static bool set_text(const struct directive *d, struct slice text, struct buffer *reason)
{
    char **value = field(d);
    if (memchr(text.ptr, '\0', text.len)) return option_refuse(reason, "argument must not contain a NUL byte");
    char *copy = mem_copy(text.ptr, text.len);
    mem_free(*value);
    *value = copy;
    return true;
}

static bool set_bytes(const struct directive *d, struct slice text)
{
    struct buffer *value = field(d);
    buffer_clear(value);
    buffer_append_slice(value, text);
    return true;
}

static bool set_by_kind(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    switch (d->row->kind) {
    case OPTION_BOOL: return set_bool(d, argv[0], reason);
    case OPTION_INT: return set_int(d, argv[0], reason);
    case OPTION_OCTAL: return set_octal(d, argv[0], reason);
    case OPTION_MEMORY: return set_memory(d, argv[0], reason);
    case OPTION_PERCENT: return set_percent(d, argv[0], reason);
    case OPTION_ENUM: return set_enum(d, argv[0], reason);
    case OPTION_BITS: return set_bits(d, argc, argv, reason);
    case OPTION_TEXT: return set_text(d, argv[0], reason);
    case OPTION_BYTES: return set_bytes(d, argv[0]);
    case OPTION_SPECIAL: return d->row->set(&d->ctx, argc, argv, reason);
    }
    return false;
}

static void empty(const struct directive *d)
{
    struct buffer reason = {0};
    ASSERT(d->row->set(&d->ctx, 0, NULL, &reason));
    buffer_fini(&reason);
}

bool directive_set(struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    const struct option *row = d->row;
    if (argc < 1 || (argc > 1 && !has_flag(d, OPTION_WORDS)))
        return option_refuse(reason, "wrong number of arguments");
    if (row->check && !row->check(&d->ctx, argc, argv, reason)) return false;
    if (has_flag(d, OPTION_ADDS) && !d->given) empty(d);
    d->given = true;
    if (!set_by_kind(d, argc, argv, reason)) return false;
    if (row->adjust) row->adjust(d->ctx.settings);
    return true;
}

/* The words of a text, one blank between two: two blanks hold an empty word. */
static struct slice *split(struct slice text, int *count)
{
    size_t blanks = 0;
    for (size_t i = 0; i < text.len; i++) blanks += text.ptr[i] == ' ';
    struct slice *words = mem_alloc((blanks + 1) * sizeof *words);
    *count = 0;
    for (;;) {
        const char *blank = text.len ? memchr(text.ptr, ' ', text.len) : NULL;
        size_t len = blank ? (size_t)(blank - text.ptr) : text.len;
        words[(*count)++] = slice_make(text.ptr, len);
        if (blank == NULL) return words;
        text = slice_make(blank + 1, text.len - len - 1);
    }
}

bool directive_assign(struct directive *d, struct slice text, struct buffer *reason)
{
    d->given = false;
    if (!has_flag(d, OPTION_WORDS)) return directive_set(d, 1, &text, reason);
    int count;
    struct slice *words = split(text, &count);
    bool set = directive_set(d, count, words, reason);
    mem_free(words);
    return set;
}

/* Printing. */

static void get_bits(const struct option *row, int bits, struct buffer *to)
{
    if (bits == 0) buffer_append_text(to, row->words[0].word);
    const char *blank = "";
    for (const struct option_word *word = row->words; word->word; word++) {
        if (!(bits & word->value)) continue;
        buffer_printf(to, "%s%s", blank, word->word);
        blank = " ";
    }
}

static const char *enum_word(const struct option *row, int value)
{
    for (const struct option_word *word = row->words; word->word; word++)
        if (word->value == value) return word->word;
    return "unknown";
}

void directive_get(const struct directive *d, struct buffer *to)
{
    const struct option *row = d->row;
    const void *value = field(d);
    switch (row->kind) {
    case OPTION_BOOL: buffer_append_text(to, *(const bool *)value ? "yes" : "no"); break;
    case OPTION_INT: buffer_printf(to, "%" PRId64, *(const int64_t *)value); break;
    case OPTION_OCTAL: buffer_printf(to, "%" PRIo64, *(const uint64_t *)value); break;
    case OPTION_MEMORY: buffer_printf(to, "%" PRIu64, *(const uint64_t *)value); break;
    case OPTION_PERCENT:
        if (*(const int64_t *)value < 0) buffer_printf(to, "%" PRId64 "%%", -*(const int64_t *)value);
        else buffer_printf(to, "%" PRId64, *(const int64_t *)value);
        break;
    case OPTION_ENUM: buffer_append_text(to, enum_word(row, *(const int *)value)); break;
    case OPTION_BITS: get_bits(row, *(const int *)value, to); break;
    case OPTION_TEXT: buffer_append_text(to, *(char *const *)value); break;
    case OPTION_BYTES: buffer_append_slice(to, buffer_slice(value)); break;
    case OPTION_SPECIAL:
        if (row->get) row->get(&d->ctx, to);
        break;
    }
}

static void print_memory(uint64_t bytes, struct buffer *to)
{
    static const char *const units[] = {"", "kb", "mb", "gb"};
    int unit = 0;
    for (; bytes && bytes % 1024 == 0 && unit < 3; unit++) bytes /= 1024;
    buffer_printf(to, "%" PRIu64 "%s", bytes, units[unit]);
}

bool directive_rewrite(const struct directive *d, struct buffer *to)
{
    const struct option *row = d->row;
    if (row->rewrite) return row->rewrite(&d->ctx, to);
    if (has_flag(d, OPTION_FILE_ONLY)) return false;
    buffer_printf(to, "%s ", row->name);
    struct buffer value = {0};
    directive_get(d, &value);
    bool quoted = row->kind == OPTION_TEXT || row->kind == OPTION_BYTES ||
                  (row->kind == OPTION_SPECIAL && (!has_flag(d, OPTION_WORDS) || value.len == 0));
    if (row->kind == OPTION_MEMORY) print_memory(*(const uint64_t *)field(d), to);
    else if (row->kind == OPTION_PERCENT && *(const int64_t *)field(d) > 0)
        print_memory(*(const uint64_t *)field(d), to);
    else if (quoted) buffer_append_quoted(to, buffer_slice(&value));
    else buffer_append_slice(to, buffer_slice(&value));
    buffer_append_char(to, '\n');
    buffer_fini(&value);
    return true;
}

/* Defaults. */

void directive_init(const struct directive *d)
{
    const struct option *row = d->row;
    if (row->kind == OPTION_TEXT) *(char **)field(d) = mem_strdup("");
    if (row->standard == NULL) return;
    struct directive fresh = *d;
    struct buffer reason = {0};
    ASSERT(directive_assign(&fresh, slice_of(row->standard), &reason));
    buffer_fini(&reason);
}

void directive_fini(const struct directive *d)
{
    if (d->row->kind == OPTION_TEXT) mem_free(*(char **)field(d));
    else if (d->row->kind == OPTION_BYTES) buffer_fini(field(d));
    else if (d->row->fini) d->row->fini(d->ctx.settings);
}

bool directive_is_standard(const struct directive *d)
{
    const struct option *row = d->row;
    if (row->kind == OPTION_SPECIAL && row->get == NULL) return false;
    struct buffer now = {0};
    directive_get(d, &now);
    struct slice value = buffer_slice(&now);
    bool same;
    if (row->kind == OPTION_MEMORY || row->kind == OPTION_PERCENT) {
        uint64_t standard = 0;
        same = number_parse_memory(slice_of(row->standard ? row->standard : "0"), &standard) &&
               *(const uint64_t *)field(d) == standard;
    } else {
        same = slice_equal(value, slice_of(row->standard ? row->standard : ""));
    }
    buffer_fini(&now);
    return same;
}
