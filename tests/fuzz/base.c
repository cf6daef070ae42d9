/* Targets of base/: patterns and numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/glob.h"
#include "base/number.h"
#include "fuzz.h"

/* The pattern is the first line, the text is the rest. */
int fuzz_glob(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    struct slice pattern = slice_make((const char *)data, newline ? (size_t)(newline - data) : size);
    struct slice text = newline ? slice_make((const char *)newline + 1, size - pattern.len - 1) : SLICE("");

    bool matches = glob_match(pattern, text, false);
    /* Letters of any case match all the more, except where a class excludes some. */
    if (matches && memchr(pattern.ptr, '[', pattern.len) == NULL) FUZZ_CHECK(glob_match(pattern, text, true));

    struct buffer prefix = {0};
    glob_literal_prefix(pattern, &prefix);
    if (matches) FUZZ_CHECK(slice_starts_with(text, buffer_slice(&prefix)));
    buffer_fini(&prefix);
    return 0;
}

int fuzz_memory(const uint8_t *data, size_t size)
{
    struct slice text = slice_make((const char *)data, size);
    uint64_t plain, bytes;
    if (number_parse_unsigned(text, &plain)) FUZZ_CHECK(number_parse_memory(text, &bytes) && bytes == plain);
    else number_parse_memory(text, &bytes);
    return 0;
}

/* How many digits of a number count: not zeros before the first or after the last. */
static int digits_of(const char *text, size_t len)
{
    int digits = 0, zeros = 0;
    for (size_t i = 0; i < len && text[i] != 'e'; i++) {
        if (text[i] == '0') zeros += digits > 0;
        else if (text[i] > '0' && text[i] <= '9') digits += 1 + zeros, zeros = 0;
    }
    return digits;
}

/* True if fewer digits read back as value. */
static bool can_be_shorter(double value, int printed)
{
    char text[32];
    for (int digits = 1; digits < printed; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value) return true;
    }
    return false;
}

static void check_double(struct slice text)
{
    double value, again;
    char printed[32];
    if (!number_parse_double(text, &value)) return;
    size_t len = number_print_double(printed, value);
    FUZZ_CHECK(len < sizeof printed);
    FUZZ_CHECK(number_parse_double(slice_make(printed, len), &again) && again == value);
    bool in_full = value > -1e17 && value < 1e17 && value == (double)(int64_t)value;
    FUZZ_CHECK(in_full || !can_be_shorter(value, digits_of(printed, len)));
}

int fuzz_number(const uint8_t *data, size_t size)
{
    struct slice text = slice_make((const char *)data, size);
    char printed[DOUBLE_TEXT_MAX];
    int64_t number;
    uint64_t unsigned_number;
    long double wide;
    if (number_parse(text, &number)) {
        FUZZ_CHECK(slice_equal(text, slice_make(printed, number_print(printed, number))));
        FUZZ_CHECK(number_width(number) == text.len);
    }
    if (number_parse_unsigned(text, &unsigned_number)) {
        FUZZ_CHECK(slice_equal(text, slice_make(printed, number_print_unsigned(printed, unsigned_number))));
    }
    check_double(text);
    if (number_parse_long_double(text, &wide)) {
        FUZZ_CHECK(number_print_long_double(printed, wide) < sizeof printed);
    }
    return 0;
}
