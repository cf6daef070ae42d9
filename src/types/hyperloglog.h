/* HyperLogLog: the number of distinct elements of a set, estimated in at most
 * 12 KB with a standard error of 0.81 %, held in a string that any client may
 * read and write. Here is what those bytes mean; keys and strings are not.
 *
 * An element's hash chooses one of 16384 registers by its low 14 bits; the
 * register keeps the most zeros, plus one, that stood at the low end of the
 * other 50 bits. Bytes of the string:
 *
 *   0-3    "HYLL"
 *   4      encoding: 0 dense, 1 sparse
 *   5-7    unused
 *   8-15   the estimate when it was last made, little endian; the topmost bit
 *          says that it is out of date
 *   16-    dense: the registers, 6 bits each, number i from bit 6 * i upwards,
 *          counted from the lowest bit of the first byte; 12288 bytes.
 *          sparse: runs of registers, from number 0 on:
 *            00nnnnnn            n + 1 zeros
 *            01nnnnnn nnnnnnnn   n + 1 zeros
 *            1vvvvvnn            n + 1 registers of value v + 1
 *
 * Nothing is believed: bytes that are no sequence of runs, or runs that are
 * not 16384 registers where all of them are asked for, are told as corrupt.
 *
 * Sources: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); Heule,
 * Nunkesser, Hall, "HyperLogLog in Practice" (2013) for the two encodings;
 * Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017) for the estimate; MurmurHash64A by Austin Appleby. */
#ifndef TYPES_HYPERLOGLOG_H
#define TYPES_HYPERLOGLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum {
    HYPERLOGLOG_REGISTERS = 16384,
    HYPERLOGLOG_HEADER_BYTES = 16,
    HYPERLOGLOG_DENSE_BYTES = HYPERLOGLOG_HEADER_BYTES + HYPERLOGLOG_REGISTERS * 6 / 8,
};

enum hyperloglog_change { HYPERLOGLOG_SAME, HYPERLOGLOG_RAISED, HYPERLOGLOG_CORRUPT };

/* An element as the registers see it. */
struct hyperloglog_element {
    unsigned index;
    uint8_t rank; /* 1 to 51 */
};
struct hyperloglog_element hyperloglog_element(struct slice text);

/* Whether text has the header of one, and the length of its encoding. All
 * functions below may only be given text that has passed this. */
bool hyperloglog_is_valid(struct slice text);
bool hyperloglog_is_dense(struct slice text);

/* The empty one, sparse, into an empty buffer. */
void hyperloglog_init(struct buffer *text);

/* ---- dense: in place ---- */

uint8_t hyperloglog_dense_get(const char *text, unsigned index);
void hyperloglog_dense_set(char *text, unsigned index, uint8_t value);

/* ---- either, in a buffer ---- */

/* Raises a register to the element's rank. A sparse text becomes dense where
 * runs cannot say the rank, or when it would grow beyond so many bytes, header
 * included. Corrupt: nothing was changed. */
enum hyperloglog_change hyperloglog_raise(struct buffer *text, struct hyperloglog_element element,
                                          uint64_t sparse_max_bytes);

/* Makes a sparse text dense; false where it is corrupt (and left alone). */
bool hyperloglog_make_dense(struct buffer *text);

/* ---- reading all registers ---- */

/* Raises registers to what they are in text; false where it is corrupt. */
bool hyperloglog_merge(uint8_t registers[HYPERLOGLOG_REGISTERS], struct slice text);

uint64_t hyperloglog_estimate_registers(const uint8_t registers[HYPERLOGLOG_REGISTERS]);
bool hyperloglog_estimate(struct slice text, uint64_t *count);

/* The estimate that is kept in the header; false when it is out of date. */
bool hyperloglog_cached(struct slice text, uint64_t *count);
void hyperloglog_set_cached(char *text, uint64_t count);
void hyperloglog_set_stale(char *text);

/* The runs of a sparse text for people to read: "Z:8436 v:1,1 z:64", capital
 * where two bytes hold the zeros. False where the last run is cut off, or
 * they are more runs than there are registers; whether they are as many
 * registers as they must be is not asked. */
bool hyperloglog_print_runs(struct slice text, struct buffer *to);

#endif
