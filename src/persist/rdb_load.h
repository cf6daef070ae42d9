/* Reading the RDB format, versions 1 to 12. Keys whose time has come are not
 * loaded, but told to the loading server (persist/loading.h). */
#ifndef PERSIST_RDB_LOAD_H
#define PERSIST_RDB_LOAD_H

#include "io/rdb.h"
#include "persist/persist.h"

struct entry;
struct types_settings;
struct types_settings;
struct value;

struct rdb_loaded {
    uint64_t keys, expired, empty;
};

/* The header: false (r failed) if it is none, or of a version that is unknown. */
bool rdb_load_header(struct rdb_reader *r);

/* A value behind its form and key; false, nothing to be freed, if r failed. An
 * empty collection is true with no object. */
bool rdb_load_value(const struct types_settings *settings, struct rdb_reader *r, uint8_t form,
                    struct value *value);

/* Passes what stands behind a code that is no key's form and tells nothing here: sizes,
 * libraries of functions, data of modules. False: it is another code. */
bool rdb_load_skip(struct rdb_reader *r, uint8_t code);

/* What eviction knows of an entry: -1 where it is not known. */
struct rdb_use {
    int64_t idle_s, frequency;
};
void rdb_load_use(const struct keyspace *ks, struct entry *e, const struct rdb_use *use);

/* Everything from the header to the checksum, into the keyspace. With may_merge
 * a key that is there is replaced, else it is an error. False: r failed; what was
 * read until then is in the keyspace. */
bool rdb_load(struct persist *p, struct rdb_reader *r, bool may_merge, struct rdb_loaded *loaded);

#endif
