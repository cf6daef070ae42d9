/* Strings: bytes, up to 512 MB. A string is held as a 64-bit integer when it
 * is the canonical text of one, else as text inside the entry, else (long
 * ones) as an object: struct string, one allocation with room to grow. */
#ifndef TYPES_STRING_H
#define TYPES_STRING_H

#include <stdbool.h>

#include "base/number.h"
#include "types/value.h"

enum string_encoding { STRING_RAW, STRING_INT, STRING_EMBSTR };

enum {
    STRING_EMBSTR_MAX = 44, /* bytes; longer ones are called raw */
    STRING_TEXT_MAX = 4096, /* bytes; longer ones become objects */
};

struct string {
    size_t len;
    char data[];
};

/* The value that a client's argument becomes; text is borrowed, an object is
 * never made here. */
struct value string_value(struct slice text);

/* The same without looking for an integer; and called raw, however short, as
 * what was edited in place is. */
struct value string_text_value(struct slice text);
struct value string_raw_value(struct slice text);
struct value string_number_value(int64_t number);

/* The bytes of a string value; digits is room for the text of an integer. */
struct slice string_view(const struct value *v, char digits[NUMBER_TEXT_MAX]);

size_t string_length(const struct value *v);

/* Reads the value as a canonical integer, as a number for INCRBYFLOAT. */
bool string_to_number(const struct value *v, int64_t *number);
bool string_to_long_double(const struct value *v, long double *number);

/* An object holding text, with room for capacity bytes (at least text's).
 * NULL when there is no memory for it. */
struct string *string_new_try(struct slice text, size_t capacity);

/* An object of len zeros, and the value that an object is; it is raw. */
struct string *string_new_zeros_try(size_t len);
struct value string_object_value(struct string *s);

/* Makes room for capacity bytes; NULL (and s stays valid) without memory. */
struct string *string_grow_try(struct string *s, size_t capacity);

extern const struct value_type string_type;

#endif
