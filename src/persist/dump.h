/* The payloads of DUMP, RESTORE and MIGRATE: a value's form and body, the version
 * of the format (2 bytes, little endian), a CRC64 of all (8 bytes). */
#ifndef PERSIST_DUMP_H
#define PERSIST_DUMP_H

#include "persist/persist.h"
#include "types/value.h"

enum { DUMP_FOOTER_BYTES = 10 };

/* Appends the payload of a value. False, and why: the version that is set has no
 * place for it. */
bool dump_write(const struct persist *p, const struct value *v, struct buffer *to, struct buffer *why);

/* Appends the footer that belongs behind bytes. */
void dump_seal(struct buffer *bytes, int version);

/* Whether a footer is there, of a version that can be read, and right; *version. */
bool dump_is_sealed(const struct persist *p, struct slice payload, int *version);

/* Reads the value of a sealed payload; false: it is damaged, and there is nothing to
 * be freed. Text of a string is the reader's: to be ended by rdb_reader_fini. */
struct rdb_reader;
bool dump_read(struct persist *p, struct slice payload, struct rdb_reader *r, struct value *v);

#endif
