/* Intset: different integers in ascending order in one allocation, in the
 * format that RDB files hold (so that saving is copying):
 *
 *   bytes of a number: 2, 4 or 8 (4, little endian), count (4), numbers
 *
 * All numbers have the width of the widest that was ever in it. Finding is
 * O(log n), changing O(n): for few numbers. Functions that change an intset
 * return where it is now. */
#ifndef DS_INTSET_H
#define DS_INTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTSET_COUNT_MAX ((size_t)1 << 30)

unsigned char *intset_new(void);
void intset_free(unsigned char *set);
unsigned char *intset_copy(const unsigned char *set);

/* All bytes, of which the format's overhead is 8; numbers. */
size_t intset_bytes(const unsigned char *set);
size_t intset_count(const unsigned char *set);

/* The number of an index, which is below the count. */
int64_t intset_at(const unsigned char *set, size_t index);

/* Where the number is, or, if it is not there, where it belongs. */
bool intset_find(const unsigned char *set, int64_t number, size_t *index);

/* Adds a number that is not there, at the index that intset_find told. */
unsigned char *intset_insert(unsigned char *set, size_t index, int64_t number);

unsigned char *intset_delete(unsigned char *set, size_t index);

/* Whether len bytes are an intset: framing and, if deep, the order. Reads
 * nothing beyond them. */
bool intset_validate(const void *bytes, size_t len, bool deep);

#endif
