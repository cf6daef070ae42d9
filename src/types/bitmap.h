/* Strings as bits: bit 0 is the highest of the first byte. Nothing here knows
 * of keys; what lies beyond the end of a string reads as zeros.
 *
 * Ranges are of bits, both ends inclusive. */
#ifndef TYPES_BITMAP_H
#define TYPES_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

static inline bool bitmap_get(struct slice bytes, uint64_t at)
{
    return at / 8 < bytes.len && (unsigned char)bytes.ptr[at / 8] >> (7 - at % 8) & 1;
}

/* How many bits are set. */
uint64_t bitmap_count(struct slice bytes);

/* The same in a range that lies within the bytes. */
uint64_t bitmap_count_range(struct slice bytes, uint64_t first, uint64_t last);

/* The first bit of this value in a range that lies within the bytes, -1 if
 * there is none. */
int64_t bitmap_find(struct slice bytes, uint64_t first, uint64_t last, bool bit);

/* Several strings combined into one, of len bytes: begin with the first, then
 * add each of the others. None is longer than len, and none overlaps it. */
enum bitmap_operation { BITMAP_AND, BITMAP_OR, BITMAP_XOR };
void bitmap_combine_first(char *to, size_t len, struct slice source);
void bitmap_combine(enum bitmap_operation operation, char *to, size_t len, struct slice source);
void bitmap_invert(char *bytes, size_t len);

/* ---- integers of any width, at any bit, the highest bit first ---- */

enum { BITMAP_SIGNED_MAX = 64, BITMAP_UNSIGNED_MAX = 63 };

struct bitmap_field {
    bool is_signed;
    unsigned width; /* 1 to BITMAP_SIGNED_MAX or BITMAP_UNSIGNED_MAX */
    uint64_t offset;
};

/* What to do with a number that a field is too narrow for. */
enum bitmap_overflow { BITMAP_WRAP, BITMAP_SATURATE, BITMAP_FAIL };

int64_t bitmap_field_get(struct slice bytes, struct bitmap_field field);

/* The field lies within the bytes, and the value fits in it. */
void bitmap_field_set(char *bytes, struct bitmap_field field, int64_t value);

/* What a field can hold of an exact number; false: nothing, as overflow says. */
bool bitmap_field_fit(struct bitmap_field field, __int128 exact, enum bitmap_overflow overflow,
                      int64_t *value);

#endif
