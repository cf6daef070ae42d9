/* Listpack: a sequence of strings and integers in one allocation, in the format
 * that RDB files hold (so that saving is copying):
 *
 *   total bytes (4, little endian), count (2; 65535: must be counted),
 *   entries, 0xff
 *
 * An entry is an encoding byte with a length or a number, data, and the length
 * of both once more, to be read backwards. A text that is the canonical form of
 * a 64-bit integer is held as one.
 *
 * A position points to an entry. Functions that change a listpack return where
 * it is now; positions in it are then no longer valid but for those handed out.
 * Memory grows in the allocator's steps and is given back when half is unused.
 * A listpack must not exceed LISTPACK_LIMIT_BYTES: ask listpack_fits first. */
#ifndef DS_LISTPACK_H
#define DS_LISTPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number.h"
#include "base/slice.h"

#define LISTPACK_LIMIT_BYTES ((size_t)1 << 30)

/* An empty one with room for reserve_bytes of entries. */
unsigned char *listpack_new(size_t reserve_bytes);
void listpack_free(unsigned char *lp);
unsigned char *listpack_copy(const unsigned char *lp);

/* All bytes, of which the format's overhead is 7; entries. */
size_t listpack_bytes(const unsigned char *lp);
size_t listpack_count(const unsigned char *lp);

/* Bytes that an entry of this text takes, and whether so many more fit. */
size_t listpack_entry_bytes(struct slice text);
bool listpack_fits(const unsigned char *lp, size_t more_bytes);

/* ---- walking ---- */

/* NULL beyond the ends. */
unsigned char *listpack_first(const unsigned char *lp);
unsigned char *listpack_last(const unsigned char *lp);
unsigned char *listpack_next(const unsigned char *lp, const unsigned char *at);
unsigned char *listpack_prev(const unsigned char *lp, const unsigned char *at);

/* The entry of an index, from the tail if negative (-1 is the last). */
unsigned char *listpack_seek(const unsigned char *lp, int64_t index);

/* ---- reading ---- */

/* The text of an entry; digits is room for that of an integer. */
struct slice listpack_get(const unsigned char *at, char digits[NUMBER_TEXT_MAX]);

/* The number of an entry that is held as one; false for a string. */
bool listpack_get_number(const unsigned char *at, int64_t *number);

bool listpack_equal(const unsigned char *at, struct slice text);

/* The first entry equal to text, of at and every (skip + 1)th behind it. */
unsigned char *listpack_find(const unsigned char *lp, const unsigned char *at, struct slice text,
                             unsigned skip);

/* Of pairs whose second entries ascend, the first from at on whose second entry
 * is not a number below bound. NULL beyond the end. */
unsigned char *listpack_skip_below(const unsigned char *lp, const unsigned char *at, int64_t bound);

/* ---- changing ---- */

/* Inserts count texts in front of the entry at *at (NULL: at the end); *at is
 * the first of them then. */
unsigned char *listpack_insert(unsigned char *lp, unsigned char **at, const struct slice *texts,
                               unsigned count);
unsigned char *listpack_append(unsigned char *lp, struct slice text);
unsigned char *listpack_prepend(unsigned char *lp, struct slice text);
unsigned char *listpack_append_number(unsigned char *lp, int64_t number);

/* Replaces the entry at *at. */
unsigned char *listpack_replace(unsigned char *lp, unsigned char **at, struct slice text);
unsigned char *listpack_replace_number(unsigned char *lp, unsigned char **at, int64_t number);

/* Moves count entries from at on to where they stand in front of the one that is
 * at `to` now, which is none of them (NULL: to the end). Returns the first. */
unsigned char *listpack_move(unsigned char *lp, unsigned char *at, unsigned count, unsigned char *to);

/* Deletes count entries from *at on; *at is the one behind them then. */
unsigned char *listpack_delete(unsigned char *lp, unsigned char **at, unsigned count);

/* The same by index; less is deleted where there is less. */
unsigned char *listpack_delete_range(unsigned char *lp, int64_t index, size_t count);

/* Appends all entries of another. */
unsigned char *listpack_append_all(unsigned char *lp, const unsigned char *other);

/* For a listpack with free bytes in front of it, so that its begin is not where
 * the allocation's is. Both return where it begins now and change nothing else;
 * listpack_grow_down returns NULL if room bytes in front do not suffice. It must
 * lie at the begin of its allocation again for all functions above that change
 * or free it. */
unsigned char *listpack_grow_down(unsigned char *lp, size_t room, struct slice text);
unsigned char *listpack_cut_first(unsigned char *lp);

/* ---- what came from outside ---- */

/* Whether len bytes are a listpack: framing, every entry, the count. Reads
 * nothing beyond them. Not deep: the framing only. */
bool listpack_validate(const void *bytes, size_t len, bool deep);

#endif
