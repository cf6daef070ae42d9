/* The primitives of the RDB format: lengths, strings, numbers, in a stream with
 * a checksum. RDB files, DUMP payloads and full synchronisation are made of
 * them; what a value consists of is the types' business.
 *
 * Both directions are streams with a sticky failure: after the first error
 * every call does nothing (reads return zero), and whoever began looks at
 * `failed` once, at the end of a value. A reader trusts nothing: what a length
 * announces is allocated only as the bytes arrive. One thread. */
#ifndef IO_RDB_H
#define IO_RDB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"

enum {
    RDB_VERSION_LEAST = 10, /* written, */
    RDB_VERSION_MAX = 12,   /* read and written */
    RDB_VERSION_FIELD_TTL = 12,
    RDB_CHECKSUM_SINCE = 5,
    RDB_BUFFER_BYTES = 64 * 1024,
};

/* ---- writing ---- */

struct rdb_writer {
    /* Takes bytes on; false (and errno) when it cannot. */
    bool (*flush)(void *ctx, const char *data, size_t len);
    void *ctx;
    int version;   /* of the format */
    bool compress; /* long strings by LZF, */
    bool no_checksum;
    bool failed;
    int failed_errno;
    uint64_t crc;    /* of what was flushed */
    uint64_t offset; /* bytes flushed */
    size_t used;
    char *buffer;  /* RDB_BUFFER_BYTES */
    char *scratch; /* what LZF makes */
    size_t scratch_bytes;
};

void rdb_writer_init(struct rdb_writer *w, bool (*flush)(void *, const char *, size_t), void *ctx);
void rdb_writer_fini(struct rdb_writer *w);

/* Hands on what is buffered; false if anything has failed. */
bool rdb_writer_flush(struct rdb_writer *w);

/* Bytes written so far, and the checksum of them. */
uint64_t rdb_writer_offset(const struct rdb_writer *w);
uint64_t rdb_writer_checksum(struct rdb_writer *w);

void rdb_put_bytes(struct rdb_writer *w, const void *data, size_t len);
void rdb_put_byte(struct rdb_writer *w, uint8_t byte);
void rdb_put_length(struct rdb_writer *w, uint64_t length);
void rdb_put_string(struct rdb_writer *w,
                    struct slice text); /* as an integer, compressed or plain: the shortest */
void rdb_put_blob(struct rdb_writer *w, const void *data, size_t len); /* never as an integer */
void rdb_put_integer(struct rdb_writer *w, int64_t number);            /* the string of its digits */
void rdb_put_u32(struct rdb_writer *w, uint32_t value);                /* 4 bytes, little endian */
void rdb_put_u64(struct rdb_writer *w, uint64_t value);
void rdb_put_double(struct rdb_writer *w, double value); /* 8 bytes */

/* ---- reading ---- */

enum { RDB_REASON_MAX = 200 };

struct rdb_reader {
    /* As read(2); NULL: there is no more than [at, end). */
    ssize_t (*fill)(void *ctx, void *to, size_t room);
    void *ctx;
    const char *at, *end;
    const char *summed; /* up to here the checksum has been reckoned */
    char *buffer;       /* RDB_BUFFER_BYTES, with fill only */
    uint64_t base;      /* offset of the byte after `end` */
    uint64_t crc;
    int version;        /* of the file, as its header says */
    bool deep;          /* blobs are to be checked element by element */
    struct buffer text; /* the string that was read last, */
    struct buffer more; /* and one that is needed beside it: the caller's to use */
    bool failed;
    char reason[RDB_REASON_MAX]; /* why, once failed */
};

void rdb_reader_init(struct rdb_reader *r, ssize_t (*fill)(void *, void *, size_t), void *ctx);
void rdb_reader_init_memory(struct rdb_reader *r, struct slice bytes);
void rdb_reader_fini(struct rdb_reader *r);

/* Bytes read so far, and the checksum of them. */
uint64_t rdb_reader_offset(const struct rdb_reader *r);
uint64_t rdb_reader_checksum(struct rdb_reader *r);

/* Fails the stream with a reason, unless it has failed already. */
void rdb_fail(struct rdb_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* False at a failure, whose reason says that the input ended. */
bool rdb_get_bytes(struct rdb_reader *r, void *to, size_t len);
uint8_t rdb_get_byte(struct rdb_reader *r);
uint64_t rdb_get_length(struct rdb_reader *r);
uint32_t rdb_get_u32(struct rdb_reader *r);
uint64_t rdb_get_u64(struct rdb_reader *r);
double rdb_get_double(struct rdb_reader *r);      /* 8 bytes */
double rdb_get_double_text(struct rdb_reader *r); /* a length byte and text, or 253 to 255: of old files */

/* A string, decoded and decompressed: in to, which is emptied first. */
bool rdb_get_string(struct rdb_reader *r, struct buffer *to);

/* The same as memory of its own (mem_free), NULL at a failure. */
void *rdb_take_string(struct rdb_reader *r, size_t *len);

#endif
