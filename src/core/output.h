/* A client's output queue: what waits to be written, as runs of bytes in
 * reference-counted blocks. Replies are appended to a block of the queue's
 * own; a message published to many lies once in a shared block, and each
 * queue holds only (block, from, to).
 *
 * Blocks come from a pool, so that an idle client holds none. One thread. */
#ifndef CORE_OUTPUT_H
#define CORE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "core/block.h"
#include "io/transport.h"

struct segment {
    struct block *block;
    uint32_t from, to;
};

struct output {
    char *at, *end;      /* free room of the open block, the last segment's; NULL when none is open */
    struct block *spare; /* the block opened last, closed with room left (a reference), */
    char *spare_at;      /* from here; NULL when none */
    struct segment *segments;
    uint32_t first, count, capacity; /* segments[first .. first + count) wait */
    size_t sealed_bytes;             /* waiting, without the open block's tail */
    struct block_pool *pool;
};

void output_init(struct output *o, struct block_pool *pool);
void output_fini(struct output *o);

/* Room for len bytes, contiguous; output_commit then says how far it was
 * filled. */
char *output_reserve_slow(struct output *o, size_t len);
static inline char *output_reserve(struct output *o, size_t len)
{
    return (size_t)(o->end - o->at) >= len ? o->at : output_reserve_slow(o, len);
}
static inline void output_commit(struct output *o, char *filled_to)
{
    o->at = filled_to;
}

void output_append_slow(struct output *o, const void *data, size_t len);
static inline void output_append(struct output *o, const void *data, size_t len)
{
    if ((size_t)(o->end - o->at) < len) {
        output_append_slow(o, data, len);
    } else if (len) {
        memcpy(o->at, data, len);
        o->at += len;
    }
}

/* Appends bytes [from, to) of a shared block, taking a reference of its own;
 * continues the last segment where it can. */
void output_append_shared(struct output *o, struct block *block, uint32_t from, uint32_t to);

/* Moves all that waits in `from` behind what waits in `to`. */
void output_splice(struct output *to, struct output *from);

/* Bytes waiting, and the memory they hold for this queue alone. */
size_t output_bytes(const struct output *o);
size_t output_memory_bytes(const struct output *o);
static inline bool output_empty(const struct output *o)
{
    return o->count == 0;
}

/* A position in the queue, to come back to: what was appended since is
 * dropped by output_truncate, or pushed back by output_insert to make room for
 * a length that became known later. A mark is valid until something before it
 * is inserted, dropped or written out. */
struct output_mark {
    size_t bytes; /* that waited when it was made */
};
static inline struct output_mark output_mark(const struct output *o)
{
    return (struct output_mark){output_bytes(o)};
}
void output_truncate(struct output *o, struct output_mark mark);
void output_insert(struct output *o, struct output_mark mark, const void *data, size_t len);

/* All that waits, contiguous: in the queue itself, or copied to room, which is
 * emptied before. Valid until the queue changes. */
struct buffer;
struct slice output_peek(const struct output *o, struct buffer *room);

/* Drops all that waits. */
static inline void output_clear(struct output *o)
{
    if (o->count == 1 && o->at) o->at = o->segments[o->first].block->data + o->segments[o->first].from;
    else output_truncate(o, (struct output_mark){0});
}

/* Writes as much as the stream takes, at most limit bytes. Returns false when the
 * stream is broken; what was written is gone from the queue and added to *written. */
bool output_write(struct output *o, struct byte_stream *stream, size_t limit_bytes, size_t *written);

#endif
