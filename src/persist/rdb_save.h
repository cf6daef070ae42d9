/* Writing all data in the RDB format, version 10 to 12:
 *
 *   "REDIS" and the version (4 digits), facts (AUX), libraries of functions,
 *   for each database: its number, how many keys, each key with its deadline,
 *   what eviction knows of it, its form and value; the end, a CRC64 of all */
#ifndef PERSIST_RDB_SAVE_H
#define PERSIST_RDB_SAVE_H

#include "io/rdb.h"
#include "persist/persist.h"

enum rdb_opcode {
    RDB_OP_SLOT_INFO = 244, /* of a cluster: read, not written */
    RDB_OP_FUNCTION = 245,
    RDB_OP_FUNCTION_DRAFT = 246, /* of a release candidate */
    RDB_OP_MODULE_AUX = 247,
    RDB_OP_IDLE = 248,
    RDB_OP_FREQUENCY = 249,
    RDB_OP_AUX = 250,
    RDB_OP_SIZES = 251,
    RDB_OP_DEADLINE_MS = 252,
    RDB_OP_DEADLINE_S = 253,
    RDB_OP_SELECT_DB = 254,
    RDB_OP_END = 255,
};

/* Who looks on: keys are those written so far. */
struct rdb_progress {
    void (*tell)(void *ctx, uint64_t keys);
    void *ctx;
};

/* The version that the settings say, or one with a place for the TTLs of hash fields,
 * where there are such; 0: the settings' version has none, and is not to be exceeded. */
int rdb_save_version_for(const struct persist *p, bool has_field_deadlines);

/* The same for all data; 0, and why. */
int rdb_save_version(const struct persist *p, struct buffer *why);

/* Prepares a writer as the settings say. */
void rdb_save_init(const struct persist *p, struct rdb_writer *w, int version);

/* Writes it all. is_base: as the base of an append only file. False: w failed. */
bool rdb_save(const struct persist *p, struct rdb_writer *w, bool is_base,
              const struct rdb_progress *progress);

#endif
