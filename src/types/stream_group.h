/* Consumer groups: who has been given which entries of a stream and has not
 * acknowledged them yet. An entry that is pending is in two B-trees by its ID,
 * the group's and its consumer's. */
#ifndef TYPES_STREAM_GROUP_H
#define TYPES_STREAM_GROUP_H

#include "types/stream.h"

enum { STREAM_READ_UNKNOWN = -1 }; /* how many entries a group has read */

struct stream_group {
    struct stream_id last;  /* delivered */
    int64_t read;           /* entries delivered, STREAM_READ_UNKNOWN if it cannot be told */
    struct btree pending;   /* struct stream_pending */
    struct btree consumers; /* struct stream_consumer */
    size_t name_len;
    char name[];
};

struct stream_consumer {
    int64_t seen_ms;      /* when it last tried anything, */
    int64_t active_ms;    /* and last got something; -1: never */
    struct btree pending; /* struct stream_pending */
    size_t name_len;
    char name[];
};

struct stream_pending {
    struct stream_id id;
    struct stream_consumer *consumer;
    int64_t delivered_ms;
    uint64_t deliveries;
};

static inline struct slice stream_group_name(const struct stream_group *group)
{
    return slice_make(group->name, group->name_len);
}

static inline struct slice stream_consumer_name(const struct stream_consumer *consumer)
{
    return slice_make(consumer->name, consumer->name_len);
}

/* ---- groups ---- */

/* The trees, for walking; also what an empty stream begins with. */
extern const struct btree_type stream_group_tree, stream_consumer_tree, stream_pending_tree;

struct stream_group *stream_group_find(const struct stream *s, struct slice name);

/* A new group, NULL if there is one of that name. */
struct stream_group *stream_group_add(struct stream *s, struct slice name, struct stream_id last,
                                      int64_t read);
void stream_group_remove(struct stream *s, struct stream_group *group);

/* All groups of a stream: freed; copied to one that has none; counted;
 * written to and read from an RDB form (types/rdb_form.h); made by commands; mixed in. */
void stream_groups_free(struct stream *s);
void stream_groups_copy(const struct stream *from, struct stream *to);
size_t stream_groups_memory_bytes(const struct stream *s);
void stream_groups_save(const struct stream *s, uint8_t form, struct rdb_writer *w);
void stream_groups_load(struct stream *s, uint8_t form, struct rdb_reader *r);
void stream_groups_rebuild(const struct stream *s, struct slice key, const struct value_rebuilder *to);
void stream_groups_digest(const struct stream *s, struct digest *to);

/* Entries that the group has not been given yet; false when it cannot be told. */
bool stream_group_lag(const struct stream *s, const struct stream_group *group, uint64_t *lag);

/* Notes that the entry id is given to the group: last and read move on. */
void stream_group_advance(const struct stream *s, struct stream_group *group, struct stream_id id);

/* ---- consumers ---- */

struct stream_consumer *stream_consumer_find(const struct stream_group *group, struct slice name);

/* A new consumer, NULL if there is one of that name. */
struct stream_consumer *stream_consumer_add(struct stream_group *group, struct slice name, int64_t now_ms);

/* Removes a consumer with what is pending for it; returns how much that was. */
size_t stream_consumer_remove(struct stream_group *group, struct stream_consumer *consumer);

/* ---- pending entries ---- */

struct stream_pending *stream_pending_find(const struct stream_group *group, struct stream_id id);

/* Notes that an entry is pending for a consumer, whoever had it before; the
 * time and count of deliveries are the caller's to set. */
struct stream_pending *stream_pending_give(struct stream_group *group, struct stream_consumer *consumer,
                                           struct stream_id id);
void stream_pending_remove(struct stream_group *group, struct stream_pending *pending);

/* The first one not before id, NULL when there is none. */
struct stream_pending *stream_pending_from(const struct btree *pending, struct stream_id id);

#endif
