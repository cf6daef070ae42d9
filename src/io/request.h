/* Reading requests: RESP arrays of bulk strings, and inline commands, from a
 * byte stream that arrives in any pieces. Parsing resumes where it stopped,
 * so a request that trickles in costs no more than one that comes at once,
 * and memory follows what has arrived, never what a length claims. */
#ifndef IO_REQUEST_H
#define IO_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    REQUEST_INLINE_MAX = 64 * 1024,       /* bytes of an inline command or of a length's line */
    REQUEST_UNAUTHENTICATED_ARGS = 10,    /* what a stranger may send, */
    REQUEST_UNAUTHENTICATED_BULK = 16384, /* in arguments and bytes of one */
};

enum request_status {
    REQUEST_READY,   /* argc and argv are set; argc 0: an empty request, to be ignored */
    REQUEST_PARTIAL, /* feed more */
    REQUEST_INVALID, /* error is set; the stream cannot be followed any more */
    REQUEST_HTTP,    /* a browser's: what follows must not be run as commands */
};

struct request_limits {
    int64_t args;
    int64_t bulk_bytes;
    bool authenticated;
};

/* All zero is a fresh parser. */
struct request {
    int argc;           /* arguments found so far; all of them once READY */
    struct slice *argv; /* once READY: slices of the data that was fed, or of inline_text */
    size_t consumed;    /* once READY: bytes of the data that the request took */

    int64_t args_left;    /* bulks still to come; -1: the header is still to come */
    int64_t bulk_len;     /* of the bulk being read; -1: its header is still to come */
    uintptr_t base;       /* where the data was that argv points into */
    size_t at;            /* parsed up to here, from the start of the request */
    int capacity;         /* of argv */
    char *inline_text;    /* owner of unquoted inline arguments */
    char error[96];
    bool started;
    bool is_inline;
};

/* Parses data, which begins at the request's first byte at each call; between
 * the calls for one request it may move and grow but not change. */
enum request_status request_parse(struct request *r, struct slice data, const struct request_limits *limits);

/* Makes ready for the next request, keeps a small argv. */
void request_reset(struct request *r);
void request_fini(struct request *r);

/* How many bytes of the current bulk are still missing (0 if unknown): what
 * a reader may make room for. */
size_t request_missing(const struct request *r, size_t have);

/* Splits a line into words with shell-like quoting: "..." with \n \r \t \a \b
 * \xHH, '...' with \' only. The words are slices of storage, which holds
 * line.len bytes. Returns their count, -1 when a quote is not closed or is
 * followed by something else than a blank, -2 when there are more than max. */
int request_split_words(struct slice line, char *storage, struct slice *words, int max);

#endif
