/* Targets of core/: the configuration. */
#include "core/config.h"

#include <string.h>

#include "base/mem.h"
#include "fuzz.h"

/* A module with a directive of each kind. */
struct settings {
    bool flag;
    int64_t number;
    int64_t octal;
    uint64_t memory;
    int64_t percent;
    int word;
    int bits;
    char *text;
    struct buffer bytes;
};
#define OPTION_SETTINGS struct settings

static const struct option_word words[] = {{"none", 0}, {"one", 1}, {"two", 2}, {"four", 4}, {NULL, 0}};
static const struct option rows[] = {
    {"flag", "banner", BOOL_AT(flag), "no"},
    {"number", NULL, INT_AT(number), "1", -10, INT64_MAX},
    {"octal", NULL, OCTAL_AT(octal), "0", 0, 0777},
    {"memory", NULL, MEMORY_AT(memory), "1mb"},
    {"percent", NULL, PERCENT_AT(percent), "0"},
    {"word", NULL, ENUM_AT(word), "one", .words = words},
    {"bits", NULL, BITS_AT(bits), "none", .words = words, .flags = OPTION_WORDS},
    {"text", NULL, TEXT_AT(text), ""},
    {"bytes", NULL, BYTES_AT(bytes), ""},
    {NULL},
};

/* Reads a line as config_load reads an option: all behind "--", as it is. A
 * NUL ends it. */
static bool read_line(struct config *config, struct slice line, struct buffer *error)
{
    struct buffer option = {0};
    buffer_append_text(&option, "--");
    buffer_append_slice(&option, line);
    bool read = config_load(config, 1, &option.data, error);
    buffer_fini(&option);
    return read;
}

/* What a directive writes to a file sets it to the same value. */
static void check_rewrite(struct config *config, const struct directive *d)
{
    struct buffer before = {0}, after = {0}, line = {0}, reason = {0};
    directive_get(d, &before);
    FUZZ_CHECK(directive_rewrite(d, &line));
    FUZZ_CHECK(memchr(line.data, '\n', line.len) == line.data + line.len - 1);
    FUZZ_CHECK(read_line(config, slice_make(line.data, line.len - 1), &reason));
    directive_get(d, &after);
    FUZZ_CHECK(slice_equal(buffer_slice(&before), buffer_slice(&after)));
    buffer_fini(&before);
    buffer_fini(&after);
    buffer_fini(&line);
    buffer_fini(&reason);
}

static void check_all(struct config *config, const struct slice *pattern)
{
    struct config_match *matches;
    int count = config_match(config, pattern, 1, &matches);
    for (int i = 0; i < count; i++) check_rewrite(config, matches[i].directive);
    mem_free(matches);
}

/* Lines that name a file to include are left out: fuzzing opens none. */
static bool includes(struct slice line)
{
    for (size_t i = 0; i + 6 <= line.len; i++) {
        if (strncasecmp(line.ptr + i, "nclude", 6) == 0) return true;
    }
    return memchr(line.ptr, '\\', line.len) && memchr(line.ptr, '/', line.len);
}

int fuzz_config(const uint8_t *data, size_t size)
{
    struct settings settings = {0};
    struct config *config = config_new();
    config_add(config, rows, &settings, NULL);
    struct slice text = slice_make((const char *)data, size), all = SLICE("*");
    while (text.len) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        struct slice line = slice_make(text.ptr, newline ? (size_t)(newline - text.ptr) : text.len);
        size_t taken = line.len + (newline != NULL);
        struct buffer reason = {0};
        bool set = includes(line) || read_line(config, line, &reason);
        FUZZ_CHECK(set == (reason.len == 0));
        buffer_fini(&reason);
        check_all(config, &line);
        text = slice_make(text.ptr + taken, text.len - taken);
    }
    check_all(config, &all);
    config_free(config);
    return 0;
}
