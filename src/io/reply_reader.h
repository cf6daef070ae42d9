/* Reads replies of a server, RESP2 and RESP3, from bytes that come in pieces
 * of any size, into trees of struct reply. For the programs; the server's own
 * reader of requests is another one.
 *
 * A length that a peer announces is only a promise: memory grows with the
 * bytes and items that really arrive. Depth and sizes are limited. */
#ifndef IO_REPLY_READER_H
#define IO_REPLY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

enum reply_kind {
    REPLY_SIMPLE,
    REPLY_ERROR, /* simple and blob errors */
    REPLY_BLOB,
    REPLY_INTEGER,
    REPLY_DOUBLE,
    REPLY_BOOLEAN,
    REPLY_NULL, /* also RESP2's null blob and null array */
    REPLY_BIG_NUMBER,
    REPLY_VERBATIM,
    REPLY_ARRAY,
    REPLY_MAP, /* items are key, value, key, value, ... */
    REPLY_SET,
    REPLY_PUSH,
};

struct reply {
    enum reply_kind kind;
    int64_t integer;     /* INTEGER; BOOLEAN: 0 or 1 */
    struct slice text;   /* SIMPLE, ERROR, BLOB, VERBATIM, and DOUBLE and BIG_NUMBER as written by the peer */
    char format[4];      /* VERBATIM: "txt", "mkd" */
    struct reply *items; /* ARRAY, MAP, SET, PUSH */
    size_t item_count;   /* a map has two items for each entry */
    struct reply *attributes; /* a MAP that preceded this reply, or NULL */
};

/* Frees what the reply owns and makes it a REPLY_NULL. */
void reply_fini(struct reply *reply);

static inline bool reply_is_aggregate(const struct reply *reply)
{
    return reply->kind >= REPLY_ARRAY;
}

static inline bool reply_is_text(const struct reply *reply)
{
    return reply->kind == REPLY_SIMPLE || reply->kind == REPLY_BLOB || reply->kind == REPLY_VERBATIM;
}

/* The value that follows the given name in a map, or in a RESP2 array that
 * stands for one; names compare without case. NULL if there is none. */
const struct reply *reply_find(const struct reply *reply, const char *name);

enum {
    REPLY_DEPTH_MAX = 64 /* aggregates within aggregates */
};
#define REPLY_BYTES_MAX ((int64_t)4 << 30) /* of one string */
#define REPLY_ITEMS_MAX ((int64_t)1 << 32) /* of one aggregate */

enum reply_status {
    REPLY_MORE,  /* all input is consumed, the reply is not complete */
    REPLY_READY, /* *reply is filled and the caller's to free */
    REPLY_BAD,   /* not a reply: see reply_reader_error; the reader stays bad */
};

struct reply_frame {
    struct reply *reply; /* the aggregate being filled */
    int64_t missing;     /* items still to come */
    size_t capacity;     /* of reply->items */
    bool is_attribute;
};

struct reply_reader {
    struct reply root;
    struct reply *attributes; /* read, waiting for the reply they belong to */
    struct reply_frame stack[REPLY_DEPTH_MAX];
    size_t depth;
    struct buffer partial; /* the line or the string being read */
    int64_t blob_bytes;    /* length of the string being read, -1 while a line is */
    char type;             /* the byte that announced that string */
    bool bad;
    char error[64];
};

void reply_reader_init(struct reply_reader *reader);
void reply_reader_fini(struct reply_reader *reader);

/* Reads from *input, which is advanced past the bytes consumed; never reads
 * past the end of the reply that it completes. */
enum reply_status reply_reader_feed(struct reply_reader *reader, struct slice *input, struct reply *reply);

/* What was wrong, after REPLY_BAD. */
const char *reply_reader_error(const struct reply_reader *reader);

#endif
