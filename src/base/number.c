#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool number_parse_unsigned(struct slice text, uint64_t *value)
{
    if (text.len == 0 || text.len > 20) return false;
    if (text.ptr[0] == '0') {
        *value = 0;
        return text.len == 1;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.ptr[i] - '0';
        if (digit > 9) return false;
        /* Only the twentieth digit can overflow. */
        if (i == 19 && (sum > UINT64_MAX / 10 || sum * 10 > UINT64_MAX - digit)) return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

bool number_parse(struct slice text, int64_t *value)
{
    bool negative = text.len > 1 && text.ptr[0] == '-';
    uint64_t magnitude;
    if (negative) text = slice_make(text.ptr + 1, text.len - 1);
    if (!number_parse_unsigned(text, &magnitude)) return false;
    if (negative) {
        if (magnitude == 0 || magnitude > (uint64_t)INT64_MAX + 1) return false;
        *value = (int64_t)(0 - magnitude);
    } else {
        if (magnitude > INT64_MAX) return false;
        *value = (int64_t)magnitude;
    }
    return true;
}

size_t number_print_unsigned(char *to, uint64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char digits[20], *start = digits + sizeof digits;
    while (value >= 100) {
        start -= 2;
        memcpy(start, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        start -= 2;
        memcpy(start, pairs + value * 2, 2);
    } else {
        *--start = (char)('0' + value);
    }
    size_t len = (size_t)(digits + sizeof digits - start);
    memcpy(to, start, len);
    return len;
}

size_t number_print(char *to, int64_t value)
{
    if (value >= 0) return number_print_unsigned(to, (uint64_t)value);
    *to = '-';
    return 1 + number_print_unsigned(to + 1, 0 - (uint64_t)value);
}

unsigned number_width(int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    unsigned width = value < 0 ? 2 : 1;
    for (; magnitude >= 10; magnitude /= 10) width++;
    return width;
}

/* strtold wants a NUL-terminated copy; numbers longer than this are refused. */
enum { DOUBLE_INPUT_MAX = 512 };

static bool copy_number(struct slice text, char *copy)
{
    if (text.len == 0 || text.len >= DOUBLE_INPUT_MAX || isspace((unsigned char)text.ptr[0])) return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return strlen(copy) == text.len;
}

/* Reads digits behind those that *digits has; returns where they end. */
static inline const char *take_digits(const char *at, const char *end, int64_t *digits)
{
    unsigned digit;
    for (; at < end && (digit = (unsigned char)*at - (unsigned)'0') <= 9; at++)
        *digits = *digits * 10 + digit;
    return at;
}

/* Digits with at most one point among them, so few that both they and the power
 * of ten that divides them are held exactly: one division rounds rightly.
 * Clinger, "How to read floating point numbers accurately", 1990. */
static bool parse_few_digits(struct slice text, double *value)
{
    enum { EXACT_DIGITS = 15 };
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    if (text.len == 0 || text.len > EXACT_DIGITS) return false;
    const char *end = text.ptr + text.len, *begin = text.ptr + (text.ptr[0] == '-');
    int64_t digits = 0;
    const char *at = take_digits(begin, end, &digits);
    bool has_point = at < end && *at == '.';
    double power = 1;
    if (has_point) {
        power = powers[end - at - 1];
        at = take_digits(at + 1, end, &digits);
    }
    if (at < end || end - begin <= has_point) return false; /* something else, or no digit */
    *value = has_point ? (double)digits / power : (double)digits;
    if (begin > text.ptr) *value = -*value;
    return true;
}

bool number_parse_nearest(struct slice text, double *value)
{
    char copy[DOUBLE_INPUT_MAX], *end;
    if (parse_few_digits(text, value)) return true;
    if (!copy_number(text, copy)) return false;
    *value = strtod(copy, &end);
    return end == copy + text.len && !isnan(*value);
}

bool number_parse_double(struct slice text, double *value)
{
    errno = 0;
    if (!number_parse_nearest(text, value)) return false;
    return !(errno == ERANGE && (*value == HUGE_VAL || *value == -HUGE_VAL || fpclassify(*value) == FP_ZERO));
}

bool number_parse_long_double(struct slice text, long double *value)
{
    char copy[DOUBLE_INPUT_MAX], *end;
    if (!copy_number(text, copy)) return false;
    errno = 0;
    *value = strtold(copy, &end);
    if (end != copy + text.len || isnan(*value)) return false;
    return !(errno == ERANGE &&
             (*value == HUGE_VALL || *value == -HUGE_VALL || fpclassify(*value) == FP_ZERO));
}

size_t number_print_double(char *to, double value)
{
    if (isnan(value)) return (size_t)sprintf(to, "nan");
    if (isinf(value)) return (size_t)sprintf(to, value < 0 ? "-inf" : "inf");
    if (value == 0) return (size_t)sprintf(to, signbit(value) ? "-0" : "0");
    if (value > -1e17 && value < 1e17 && value == (double)(int64_t)value)
        return number_print(to, (int64_t)value);
    /* 15 digits are always kept by a double (fewer by a subnormal one), and 17 always tell two apart. */
    int len = 0;
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        len = sprintf(to, "%.*g", digits, value);
        if (strtod(to, NULL) == value) break;
    }
    return (size_t)len;
}

size_t number_print_long_double(char *to, long double value)
{
    if (isinf(value)) return (size_t)sprintf(to, value < 0 ? "-inf" : "inf");
    size_t len = (size_t)snprintf(to, DOUBLE_TEXT_MAX, "%.17Lf", value);
    while (to[len - 1] == '0') len--;
    if (to[len - 1] == '.') len--;
    to[len] = '\0';
    if (strcmp(to, "-0") == 0) {
        memcpy(to, "0", 2);
        len = 1;
    }
    return len;
}

bool number_parse_memory(struct slice text, uint64_t *bytes)
{
    static const struct {
        const char *unit;
        uint64_t factor;
    } units[] = {{"", 1},           {"b", 1},
                 {"k", 1000},       {"kb", 1024},
                 {"m", 1000000},    {"mb", 1024 * 1024},
                 {"g", 1000000000}, {"gb", 1024ULL * 1024 * 1024}};
    size_t digits = 0;
    while (digits < text.len && isdigit((unsigned char)text.ptr[digits])) digits++;
    struct slice number = slice_make(text.ptr, digits);
    struct slice unit = slice_make(text.ptr + digits, text.len - digits);
    uint64_t value;
    while (number.len > 1 && number.ptr[0] == '0') number = slice_make(number.ptr + 1, number.len - 1);
    if (!number_parse_unsigned(number, &value)) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!slice_is(unit, units[i].unit)) continue;
        return !__builtin_mul_overflow(value, units[i].factor, bytes);
    }
    return false;
}

size_t number_print_human(char *to, uint64_t bytes)
{
    static const char units[] = "KMGTP";
    if (bytes < 1024) return (size_t)sprintf(to, "%uB", (unsigned)bytes);
    double amount = (double)bytes / 1024;
    int unit = 0;
    while (amount >= 1024 && units[unit + 1]) {
        amount /= 1024;
        unit++;
    }
    return (size_t)sprintf(to, "%.2f%c", amount, units[unit]);
}
