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

static bool refuse_word(const struct option *row, struct buffer *reason)
{
    option_refuse(reason, "argument(s) must be one of the following:");
    for (const struct option_word *word = row->words; word->word; word++)
        buffer_printf(reason, "%s %s", word == row->words ? "" : ",", word->word);
    return false;
}

/* One setter a kind: stores the value of the words or refuses them. All kinds
 * but BITS and SPECIAL get a single word. */

static bool set_bool(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    bool yes = slice_is(argv[0], "yes");
    (void)argc;
    if (!yes && !slice_is(argv[0], "no")) return option_refuse(reason, "argument must be 'yes' or 'no'");
    *(bool *)field(d) = yes;
    return true;
}

static bool set_int(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    int64_t value, min = d->row->min, max = d->row->max;
    (void)argc;
    if (!number_parse(argv[0], &value))
        return option_refuse(reason, "argument couldn't be parsed into an integer");
    if ((min || max) && (value < min || value > max))
        return option_refuse(reason, "argument must be between %" PRId64 " and %" PRId64 " inclusive", min,
                             max);
    *(int64_t *)field(d) = value;
    return true;
}

static bool set_octal(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    int64_t value = 0, min = d->row->min, max = d->row->max;
    (void)argc;
    for (size_t i = 0; i < argv[0].len; i++) {
        unsigned digit = (unsigned char)argv[0].ptr[i] - '0';
        if (digit > 7) return option_refuse(reason, "argument couldn't be parsed as an octal number");
        if (value <= max) value = value * 8 + digit;
    }
    if (value < min || value > max)
        return option_refuse(reason, "argument must be between %" PRIo64 " and %" PRIo64 " inclusive",
                             (uint64_t)min, (uint64_t)max);
    *(int64_t *)field(d) = value;
    return true;
}

static bool set_memory(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    uint64_t bytes, min = (uint64_t)d->row->min, max = (uint64_t)d->row->max;
    (void)argc;
    if (!number_parse_memory(argv[0], &bytes))
        return option_refuse(reason, "argument must be a memory value");
    if ((min || max) && (bytes < min || bytes > max))
        return option_refuse(reason, "argument must be between %" PRIu64 " and %" PRIu64 " inclusive", min,
                             max);
    *(uint64_t *)field(d) = bytes;
    return true;
}

static bool set_percent(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    struct slice text = argv[0];
    uint64_t value;
    bool percent = text.len > 0 && text.ptr[text.len - 1] == '%';
    (void)argc;
    if (percent) text.len--;
    if (percent ? !number_parse_unsigned(text, &value)
                : !number_parse_memory(text, &value) || value > INT64_MAX)
        return option_refuse(reason, "argument must be a memory or percent value");
    if (percent && value > 100)
        return option_refuse(reason, "percentage argument must be less or equal to 100");
    *(int64_t *)field(d) = percent ? -(int64_t)value : (int64_t)value;
    return true;
}

/* ENUM and BITS: an ENUM is given one word only. */
static bool set_bits(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    int bits = 0;
    for (int i = 0; i < argc; i++) {
        const struct option_word *word = d->row->words;
        while (word->word && !slice_is(argv[i], word->word)) word++;
        if (word->word == NULL) return refuse_word(d->row, reason);
        bits |= word->value;
    }
    *(int *)field(d) = bits;
    return true;
}

static bool set_text(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    char **value = field(d);
    (void)argc;
    if (argv[0].len && memchr(argv[0].ptr, '\0', argv[0].len))
        return option_refuse(reason, "argument must not contain a NUL byte");
    char *copy = mem_copy(argv[0].ptr, argv[0].len);
    mem_free(*value);
    *value = copy;
    return true;
}

static bool set_bytes(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    struct buffer *value = field(d);
    (void)argc, (void)reason;
    buffer_clear(value);
    buffer_append_slice(value, argv[0]);
    return true;
}

static bool set_special(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    return d->row->set(&d->ctx, argc, argv, reason);
}

/* One getter a kind. */

static void get_bool(const struct directive *d, struct buffer *to)
{
    buffer_append_text(to, *(const bool *)field(d) ? "yes" : "no");
}

static void get_int(const struct directive *d, struct buffer *to)
{
    buffer_printf(to, "%" PRId64, *(const int64_t *)field(d));
}

static void get_octal(const struct directive *d, struct buffer *to)
{
    buffer_printf(to, "%" PRIo64, *(const uint64_t *)field(d));
}

static void get_memory(const struct directive *d, struct buffer *to)
{
    buffer_printf(to, "%" PRIu64, *(const uint64_t *)field(d));
}

static void get_percent(const struct directive *d, struct buffer *to)
{
    int64_t value = *(const int64_t *)field(d);
    buffer_printf(to, "%" PRId64 "%s", value < 0 ? -value : value, value < 0 ? "%" : "");
}

static void get_enum(const struct directive *d, struct buffer *to)
{
    const struct option_word *word = d->row->words;
    while (word->word && word->value != *(const int *)field(d)) word++;
    buffer_append_text(to, word->word ? word->word : "");
}

static void get_bits(const struct directive *d, struct buffer *to)
{
    int bits = *(const int *)field(d);
    const char *blank = "";
    if (bits == 0) buffer_append_text(to, d->row->words[0].word);
    for (const struct option_word *word = d->row->words; word->word; word++) {
        if (!(bits & word->value)) continue;
        buffer_printf(to, "%s%s", blank, word->word);
        blank = " ";
    }
}

static void get_text(const struct directive *d, struct buffer *to)
{
    buffer_append_text(to, *(char *const *)field(d));
}

static void get_bytes(const struct directive *d, struct buffer *to)
{
    buffer_append_slice(to, buffer_slice(field(d)));
}

static void get_special(const struct directive *d, struct buffer *to)
{
    if (d->row->get) d->row->get(&d->ctx, to);
}

static const struct {
    bool (*set)(const struct directive *d, int argc, const struct slice *argv, struct buffer *reason);
    void (*get)(const struct directive *d, struct buffer *to);
    bool quoted; /* in the file */
} kinds[] = {
    [OPTION_BOOL] = {set_bool, get_bool},          [OPTION_INT] = {set_int, get_int},
    [OPTION_OCTAL] = {set_octal, get_octal},       [OPTION_MEMORY] = {set_memory, get_memory},
    [OPTION_PERCENT] = {set_percent, get_percent}, [OPTION_ENUM] = {set_bits, get_enum},
    [OPTION_BITS] = {set_bits, get_bits},          [OPTION_TEXT] = {set_text, get_text, true},
    [OPTION_BYTES] = {set_bytes, get_bytes, true}, [OPTION_SPECIAL] = {set_special, get_special, true},
};

static void empty(const struct directive *d)
{
    struct buffer reason = {0};
    ASSERT(d->row->set(&d->ctx, 0, NULL, &reason));
    buffer_fini(&reason);
}

static bool set_words(struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    const struct option *row = d->row;
    if (argc < 1 || (argc > 1 && !has_flag(d, OPTION_WORDS)))
        return option_refuse(reason, "wrong number of arguments");
    if (row->check && !row->check(&d->ctx, argc, argv, reason)) return false;
    if (has_flag(d, OPTION_ADDS) && !d->given) empty(d);
    d->given = true;
    if (!kinds[row->kind].set(d, argc, argv, reason)) return false;
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

bool directive_set(struct directive *d, int argc, const struct slice *argv, struct buffer *reason)
{
    if (argc != 1 || !has_flag(d, OPTION_WORDS)) return set_words(d, argc, argv, reason);
    int count;
    struct slice *words = split(argv[0], &count);
    bool set = set_words(d, count, words, reason);
    mem_free(words);
    return set;
}

bool directive_assign(struct directive *d, struct slice text, struct buffer *reason)
{
    d->given = false;
    return directive_set(d, 1, &text, reason);
}

void directive_get(const struct directive *d, struct buffer *to)
{
    kinds[d->row->kind].get(d, to);
}

void directive_print_memory(uint64_t bytes, struct buffer *to)
{
    static const char *const units[] = {"", "kb", "mb", "gb"};
    int unit = 0;
    for (; bytes && bytes % 1024 == 0 && unit < 3; unit++) bytes /= 1024;
    buffer_printf(to, "%" PRIu64 "%s", bytes, units[unit]);
}

/* A value as a line has it: bytes with a unit, texts in quotes, words as they
 * are but an empty list in quotes. */
static void print_value(const struct directive *d, struct buffer *to)
{
    enum option_kind kind = d->row->kind;
    if (kind == OPTION_MEMORY || (kind == OPTION_PERCENT && *(const int64_t *)field(d) >= 0)) {
        directive_print_memory(*(const uint64_t *)field(d), to);
        return;
    }
    struct buffer value = {0};
    directive_get(d, &value);
    bool bare = !kinds[kind].quoted || (has_flag(d, OPTION_WORDS) && value.len > 0);
    if (bare) buffer_append_slice(to, buffer_slice(&value));
    else buffer_append_quoted(to, buffer_slice(&value));
    buffer_fini(&value);
}

bool directive_rewrite(const struct directive *d, struct buffer *to)
{
    const struct option *row = d->row;
    if (row->rewrite) return row->rewrite(&d->ctx, to);
    if (has_flag(d, OPTION_FILE_ONLY)) return false;
    buffer_printf(to, "%s ", row->name);
    print_value(d, to);
    buffer_append_char(to, '\n');
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
    struct slice standard = slice_of(row->standard ? row->standard : "");
    uint64_t bytes;
    if (row->kind == OPTION_SPECIAL && row->get == NULL) return false;
    if (row->kind == OPTION_MEMORY || row->kind == OPTION_PERCENT)
        return number_parse_memory(standard, &bytes) && *(const uint64_t *)field(d) == bytes;
    struct buffer value = {0};
    directive_get(d, &value);
    bool same = slice_equal(buffer_slice(&value), standard);
    buffer_fini(&value);
    return same;
}
