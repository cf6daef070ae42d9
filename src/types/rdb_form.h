/* The forms in which RDB files and DUMP payloads hold values: a byte that says
 * which, and behind it what the form consists of. Some are written by no version
 * any more and only read. A type writes and reads its own (the slots rdb_form,
 * save and load of its row). */
#ifndef TYPES_RDB_FORM_H
#define TYPES_RDB_FORM_H

#include <stdint.h>

#include "io/rdb.h"
#include "types/value.h"

enum rdb_form {
    RDB_STRING = 0,
    RDB_LIST = 1,
    RDB_SET = 2,
    RDB_ZSET = 3, /* scores as text */
    RDB_HASH = 4,
    RDB_ZSET_2 = 5,
    RDB_MODULE = 6,
    RDB_MODULE_2 = 7,
    RDB_HASH_ZIPMAP = 9,
    RDB_LIST_ZIPLIST = 10,
    RDB_SET_INTSET = 11,
    RDB_ZSET_ZIPLIST = 12,
    RDB_HASH_ZIPLIST = 13,
    RDB_LIST_QUICKLIST = 14, /* of ziplists */
    RDB_STREAM = 15,
    RDB_HASH_LISTPACK = 16,
    RDB_ZSET_LISTPACK = 17,
    RDB_LIST_QUICKLIST_2 = 18, /* of listpacks */
    RDB_STREAM_2 = 19,         /* with the first ID, deleted IDs, entries added and read */
    RDB_SET_LISTPACK = 20,
    RDB_STREAM_3 = 21,             /* with the time when a consumer was active */
    RDB_HASH_DEADLINES_DRAFT = 22, /* of a release candidate: absolute deadlines, */
    RDB_HASH_TRIPLES_DRAFT = 23,   /* and the first one not in front */
    RDB_HASH_DEADLINES = 24,       /* fields with deadlines */
    RDB_HASH_TRIPLES = 25,         /* the same as a listpack of field, value, deadline */
};

/* Whether any value has this form, and of which type. */
bool rdb_form_type(uint8_t form, enum type *type);

/* Reads a string that is a listpack: NULL, and r failed by this reason, if it is
 * none. The caller's. */
unsigned char *rdb_form_take_listpack(struct rdb_reader *r, const char *reason);

/* Passes the elements of a ziplist, of a zipmap (fields and values in turn), the
 * encodings of old files. False: the bytes are none, or the visitor says so. */
typedef bool rdb_form_visit(void *ctx, struct slice element);
bool rdb_form_walk_ziplist(struct slice bytes, rdb_form_visit *visit, void *ctx);
bool rdb_form_walk_zipmap(struct slice bytes, rdb_form_visit *visit, void *ctx);

/* The same with the string that comes next; r fails by this reason. */
void rdb_form_load_ziplist(struct rdb_reader *r, const char *reason, rdb_form_visit *visit, void *ctx);
void rdb_form_load_zipmap(struct rdb_reader *r, const char *reason, rdb_form_visit *visit, void *ctx);

#endif
