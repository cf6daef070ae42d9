/* A light reader of replies: it finds where each reply ends and keeps nothing
 * of it but its type and its last text, so that reading costs the load
 * generator less than answering costs the server. RESP2 and RESP3. */
#ifndef APP_BENCHMARK_REPLIES_H
#define APP_BENCHMARK_REPLIES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"
#include "io/transport.h"

struct replies {
    char *data;
    size_t cap;
    size_t from; /* data[from..to) was read and not yet looked at */
    size_t to;
    size_t skip;      /* bytes of a large text that are still to come */
    uint64_t pending; /* elements still missing from the reply being read */
    char type;        /* its type byte; 0 between replies */
    struct slice last;
};

/* Texts of more than half of size_bytes are passed over unseen. */
void replies_init(struct replies *r, size_t size_bytes);
void replies_fini(struct replies *r);
void replies_clear(struct replies *r); /* for a new connection */

/* One read from the stream, with its result and errno. */
ssize_t replies_read(struct replies *r, struct byte_stream *stream);

/* The type byte of the next complete reply ('-' for an error, '>' for a push),
 * 0 when more must be read. last is then its last text: an error's message, a
 * notification's payload; valid until replies_read, empty when it was passed
 * over. Exits when what the server sent is no reply. */
char replies_next(struct replies *r);

#endif
