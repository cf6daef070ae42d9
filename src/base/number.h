/* Numbers and text. Parsing is strict: the whole slice must be one number,
 * no blanks, no leading zeros or '+' for integers; nothing is guessed. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    NUMBER_TEXT_MAX = 21,   /* the longest 64-bit integer and a NUL */
    DOUBLE_TEXT_MAX = 5120, /* the longest %.17Lf of a long double and a NUL */
};

/* The canonical decimal form of an int64: what prints back as the same text. */
bool number_parse(struct slice text, int64_t *value);
bool number_parse_unsigned(struct slice text, uint64_t *value);

/* Writes the decimal form without a NUL, returns its length (at most 20). */
size_t number_print(char *to, int64_t value);
size_t number_print_unsigned(char *to, uint64_t value);

/* Digits that value takes in decimal, sign included. */
unsigned number_width(int64_t value);

/* Any finite or infinite C number; not "nan", no leading or trailing blanks. */
bool number_parse_double(struct slice text, double *value);

/* The same, but what is too large is infinite and what is too small is 0. */
bool number_parse_nearest(struct slice text, double *value);
bool number_parse_long_double(struct slice text, long double *value);

/* A whole number of up to 17 digits in full, else the shortest text that reads
 * back as the same double: "3", "0.1", "1e+20", "inf", "-inf", "nan". Returns its
 * length; to holds 32 bytes. */
size_t number_print_double(char *to, double value);

/* Fixed notation with 17 digits behind the point and no trailing zeros, as
 * INCRBYFLOAT answers. to holds DOUBLE_TEXT_MAX bytes. */
size_t number_print_long_double(char *to, long double value);

/* "1kb" is 1024, "1k" 1000, then m, g; plain bytes without a unit. */
bool number_parse_memory(struct slice text, uint64_t *bytes);

/* For people: 1.50K, 2.00M, 3.25G. to holds 32 bytes. */
size_t number_print_human(char *to, uint64_t bytes);

#endif
