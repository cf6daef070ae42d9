#include "core/output.h"

#include <errno.h>

#include "base/assert.h"
#include "base/buffer.h"
#include "base/mem.h"

enum {
    BLOCK_MAX_BYTES = 1024 * 1024, /* a longer run of bytes is cut into blocks, freed as they are written */
    IOV_BATCH = 64,
};

/* ---- the queue ---- */

void output_init(struct output *o, struct block_pool *pool)
{
    *o = (struct output){.pool = pool};
}

static void drop_spare(struct output *o)
{
    if (o->spare) block_drop(o->pool, o->spare);
    o->spare = NULL;
}

void output_fini(struct output *o)
{
    for (uint32_t i = 0; i < o->count; i++) block_drop(o->pool, o->segments[o->first + i].block);
    drop_spare(o);
    mem_free(o->segments);
    *o = (struct output){.pool = o->pool};
}

static struct segment *last_segment(const struct output *o)
{
    return &o->segments[o->first + o->count - 1];
}

/* Closes the open block: from here on its segment says how far it goes. Its
 * room is kept as the spare one, for the next reply behind a shared message. */
static void seal(struct output *o)
{
    if (o->at == NULL) return;
    struct segment *last = last_segment(o);
    last->to = (uint32_t)(o->at - last->block->data);
    o->sealed_bytes += last->to - last->from;
    drop_spare(o);
    o->spare = last->block;
    o->spare->refs++;
    o->spare_at = o->at;
    o->at = o->end = NULL;
    if (last->from == last->to) {
        block_drop(o->pool, last->block);
        o->count--;
    }
}

static struct segment *push_segment(struct output *o)
{
    if (o->first + o->count == o->capacity) {
        if (o->first > o->capacity / 2) {
            memmove(o->segments, o->segments + o->first, o->count * sizeof *o->segments);
            o->first = 0;
        } else {
            o->capacity = o->capacity ? o->capacity * 2 : 4;
            o->segments = mem_realloc(o->segments, o->capacity * sizeof *o->segments);
        }
    }
    return &o->segments[o->first + o->count++];
}

char *output_reserve_slow(struct output *o, size_t len)
{
    seal(o);
    struct block *block;
    if (o->spare && (size_t)(o->spare->data + o->spare->capacity - o->spare_at) >= len) {
        block = o->spare; /* its reference becomes the segment's */
        o->at = o->spare_at;
        o->spare = NULL;
    } else {
        block = block_new(o->pool, len);
        o->at = block->data;
    }
    o->end = block->data + block->capacity;
    uint32_t from = (uint32_t)(o->at - block->data);
    *push_segment(o) = (struct segment){block, from, from};
    return o->at;
}

void output_append_slow(struct output *o, const void *data, size_t len)
{
    while (len > 0) { /* fill the open block before opening another */
        size_t room = (size_t)(o->end - o->at);
        if (room == 0) {
            output_reserve_slow(o, len < BLOCK_MAX_BYTES ? len : BLOCK_MAX_BYTES);
            room = (size_t)(o->end - o->at);
        }
        size_t part = len < room ? len : room;
        memcpy(o->at, data, part);
        o->at += part;
        data = (const char *)data + part;
        len -= part;
    }
}

void output_append_shared(struct output *o, struct block *block, uint32_t from, uint32_t to)
{
    seal(o);
    o->sealed_bytes += to - from;
    if (o->count) {
        struct segment *last = last_segment(o);
        if (last->block == block && last->to == from) {
            last->to = to;
            return;
        }
    }
    block->refs++;
    *push_segment(o) = (struct segment){block, from, to};
}

void output_splice(struct output *to, struct output *from)
{
    seal(from);
    for (uint32_t i = 0; i < from->count; i++) {
        struct segment *segment = &from->segments[from->first + i];
        output_append_shared(to, segment->block, segment->from, segment->to);
    }
    output_fini(from);
}

size_t output_bytes(const struct output *o)
{
    size_t open = o->at ? (size_t)(o->at - last_segment(o)->block->data) - last_segment(o)->from : 0;
    return o->sealed_bytes + open;
}

size_t output_memory_bytes(const struct output *o)
{
    size_t open = o->at ? last_segment(o)->block->capacity + sizeof(struct block) : 0;
    return o->sealed_bytes + open + o->capacity * sizeof *o->segments;
}

struct slice output_peek(const struct output *o, struct buffer *room)
{
    if (o->count == 0) return slice_make("", 0);
    if (o->count == 1) {
        const struct segment *only = &o->segments[o->first];
        const char *from = only->block->data + only->from;
        return slice_make(from, o->at ? (size_t)(o->at - from) : only->to - only->from);
    }
    buffer_clear(room);
    for (uint32_t i = 0; i < o->count; i++) {
        const struct segment *segment = &o->segments[o->first + i];
        const char *from = segment->block->data + segment->from;
        bool is_open = o->at && i == o->count - 1;
        buffer_append(room, from, is_open ? (size_t)(o->at - from) : segment->to - segment->from);
    }
    return buffer_slice(room);
}

/* ---- coming back to a mark ---- */

void output_truncate(struct output *o, struct output_mark mark)
{
    seal(o);
    while (o->sealed_bytes > mark.bytes) {
        struct segment *last = last_segment(o);
        size_t here = last->to - last->from, excess = o->sealed_bytes - mark.bytes;
        if (excess < here) {
            last->to -= (uint32_t)excess;
            o->sealed_bytes = mark.bytes;
            return;
        }
        block_drop(o->pool, last->block);
        o->count--;
        o->sealed_bytes -= here;
    }
}

/* The first segment that has bytes behind the mark (the count: none has); the
 * mark is *offset bytes into it. Everything is sealed. */
static uint32_t segment_behind(const struct output *o, struct output_mark mark, size_t *offset)
{
    uint32_t i = o->count;
    size_t start = o->sealed_bytes;
    while (start > mark.bytes) {
        const struct segment *segment = &o->segments[o->first + --i];
        start -= segment->to - segment->from;
    }
    *offset = mark.bytes - start;
    return i;
}

/* Makes room for a segment in front of the i-th. */
static struct segment *insert_segment(struct output *o, uint32_t i)
{
    push_segment(o);
    struct segment *at = &o->segments[o->first + i];
    memmove(at + 1, at, (o->count - 1 - i) * sizeof *at);
    return at;
}

void output_insert(struct output *o, struct output_mark mark, const void *data, size_t len)
{
    if (o->at && mark.bytes >= o->sealed_bytes && (size_t)(o->end - o->at) >= len) {
        size_t behind = output_bytes(o) - mark.bytes;
        memmove(o->at - behind + len, o->at - behind, behind);
        memcpy(o->at - behind, data, len);
        o->at += len;
        return;
    }
    /* The mark is in a block that is full or not ours alone: its segment is
     * split there, the text goes between. */
    seal(o);
    size_t offset;
    uint32_t i = segment_behind(o, mark, &offset);
    if (offset) {
        struct segment *rest = insert_segment(o, i);
        rest[0] = rest[1];
        rest->to = rest->from + (uint32_t)offset;
        rest[1].from = rest->to;
        rest->block->refs++;
        i++;
    }
    struct block *block = block_new(o->pool, len);
    memcpy(block->data, data, len);
    *insert_segment(o, i) = (struct segment){block, 0, (uint32_t)len};
    o->sealed_bytes += len;
}

/* ---- writing ---- */

/* Drops the first len waiting bytes; everything is sealed. */
static void consume(struct output *o, size_t len)
{
    o->sealed_bytes -= len;
    while (o->count) {
        struct segment *segment = &o->segments[o->first];
        size_t here = segment->to - segment->from;
        if (len < here) {
            segment->from += (uint32_t)len;
            return;
        }
        len -= here;
        block_drop(o->pool, segment->block);
        o->first++;
        o->count--;
    }
    o->first = 0;
    ASSERT(len == 0 && o->sealed_bytes == 0);
}

static ssize_t write_once(struct output *o, struct byte_stream *stream, size_t limit_bytes)
{
    struct iovec parts[IOV_BATCH];
    int count = 0;
    size_t total = 0;
    for (uint32_t i = 0; i < o->count && count < IOV_BATCH && total < limit_bytes; i++) {
        struct segment *segment = &o->segments[o->first + i];
        size_t len = segment->to - segment->from;
#ifdef TOCSIN_HARD
        if (len > 7) len = 7; /* short writes everywhere */
        limit_bytes = 1;
#endif
        parts[count++] = (struct iovec){segment->block->data + segment->from, len};
        total += len;
    }
    return byte_stream_writev(stream, parts, count);
}

bool output_write(struct output *o, struct byte_stream *stream, size_t limit_bytes, size_t *written)
{
    seal(o);
    size_t sum = 0;
    while (o->count && sum < limit_bytes) {
        ssize_t len = write_once(o, stream, limit_bytes - sum);
        if (len < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
            return false;
        }
        consume(o, (size_t)len);
        sum += (size_t)len;
    }
    *written += sum;
    if (o->count == 0) drop_spare(o);
    if (o->count == 0 && o->capacity > 64) { /* a burst is over: give its segments back */
        mem_free(o->segments);
        o->segments = NULL;
        o->capacity = 0;
    }
    return true;
}
