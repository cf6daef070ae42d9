/* Streams: entries of fields and values under ascending IDs, and consumer
 * groups that hand entries out and remember who has which.
 *
 * Entries lie in nodes of a few KB: a listpack each, in the form that RDB files
 * hold. Its first entry, the master, names the fields of the node's first entry,
 * so that entries with the same fields store values only:
 *
 *   master:  count, deleted, field count, field..., 0
 *   entry:   flags, ms and seq after the node's ID, then value... (SAME_FIELDS)
 *            or field count, field, value...; and the number of these elements
 *
 * A deleted entry is only flagged; a node goes with its last entry. Nodes are
 * found by their ID in a B-tree (ds/btree.h), as are the groups and consumers of
 * a stream by name (types/stream_group.h). */
#ifndef TYPES_STREAM_H
#define TYPES_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/number.h"
#include "base/slice.h"
#include "ds/btree.h"
#include "types/settings.h"
#include "types/value.h"

struct stream_id {
    uint64_t ms, seq;
};

#define STREAM_ID_MIN ((struct stream_id){0, 0})
#define STREAM_ID_MAX ((struct stream_id){UINT64_MAX, UINT64_MAX})

enum { STREAM_ID_TEXT_MAX = 42, STREAM_ID_BYTES = 16 };

struct stream {
    uint64_t length;              /* entries */
    uint64_t added;               /* entries ever added */
    struct stream_id last;        /* the highest ID ever used */
    struct stream_id max_deleted; /* the highest ID of a deleted entry */
    struct btree nodes;           /* struct stream_node, private */
    struct btree groups;          /* struct stream_group */
};

/* ---- IDs ---- */

int stream_id_compare(struct stream_id a, struct stream_id b);

/* The next and the one before; false, and nothing done, at the end. */
bool stream_id_increment(struct stream_id *id);
bool stream_id_decrement(struct stream_id *id);

/* "ms-seq"; returns its length, at most STREAM_ID_TEXT_MAX. */
size_t stream_id_print(char *to, struct stream_id id);

/* In RDB files: as two lengths; as bytes in the order of the IDs. */
void stream_id_save(struct stream_id id, struct rdb_writer *w);
struct stream_id stream_id_load(struct rdb_reader *r);
void stream_id_to_bytes(struct stream_id id, unsigned char to[STREAM_ID_BYTES]);
struct stream_id stream_id_of_bytes(const unsigned char from[STREAM_ID_BYTES]);

/* ---- streams ---- */

struct stream *stream_new(void);
struct value stream_value(struct stream *s);

static inline struct stream *stream_get(const struct value *v)
{
    return v->object;
}

/* The ID of the first entry; 0-0 when there is none. */
struct stream_id stream_first_id(const struct stream *s);

/* Adds an entry; id is greater than s->last. fields holds count pairs of field
 * and value. False when it would not fit a node (nothing was done). */
bool stream_append(struct stream *s, struct stream_id id, const struct slice *fields, size_t count,
                   const struct types_settings *settings);

/* Deletes an entry; false if there is none of that ID. */
bool stream_delete(struct stream *s, struct stream_id id);

/* What is to remain: the last max_length entries, or those from min_id on.
 * Approximately: only whole nodes go, and no more than limit entries (0: any
 * number). Returns how many entries went. */
struct stream_trim {
    enum { STREAM_TRIM_NONE, STREAM_TRIM_LENGTH, STREAM_TRIM_ID } by;
    bool approximately;
    uint64_t max_length;
    struct stream_id min_id;
    uint64_t limit;
};
uint64_t stream_trim(struct stream *s, const struct stream_trim *trim);

/* Nodes, as XINFO STREAM shows them. */
size_t stream_node_count(const struct stream *s);

/* ---- walking ---- */

/* The entries from start to end, both included, or backwards from end to start.
 * The stream must not change meanwhile. */
struct stream_walk {
    struct stream_id id; /* of the entry that stream_walk_next found */
    size_t field_count;
    /* private */
    struct stream_id start, end;
    bool backwards;
    struct btree_pos node;
    const unsigned char *at; /* the entry's first element, or where to go on; NULL: enter the node */
    const unsigned char *master_field;
    const unsigned char *element; /* the next field or value */
    bool same_fields;
};
void stream_walk_init(struct stream_walk *w, const struct stream *s, struct stream_id start,
                      struct stream_id end, bool backwards);
bool stream_walk_next(struct stream_walk *w);

/* The entry's fields in order, field_count times; digits hold the text of what
 * is stored as a number. */
struct stream_field {
    struct slice name, value;
    char name_digits[NUMBER_TEXT_MAX], value_digits[NUMBER_TEXT_MAX];
};
void stream_walk_field(struct stream_walk *w, struct stream_field *field);

extern const struct value_type stream_type;

#endif
