/* Many different commands in a row over one connection: filling a database
 * before something is measured. Replies are counted, not kept. */
#ifndef APP_BENCHMARK_PIPE_H
#define APP_BENCHMARK_PIPE_H

#include "app/benchmark/options.h"
#include "app/benchmark/replies.h"
#include "base/buffer.h"

struct pipe {
    int fd; /* of the link, to wait for */
    struct link *link;
    struct buffer out;
    size_t sent; /* of out */
    struct replies in;
    uint64_t awaited;
    bool subscribing; /* confirmations, which may be pushes, count as replies */
};

/* Opens a connection; setup included. */
void pipe_init(struct pipe *p, const struct endpoint *e);
void pipe_fini(struct pipe *p);

/* Adds a command; sends what has gathered now and then, so that memory stays
 * bounded. Exits when the server answers with an error. */
void pipe_command(struct pipe *p, const struct slice *words, size_t count);

/* SUBSCRIBE or PSUBSCRIBE to count channels, and waits for their confirmations.
 * From then on the connection is only read, through in and fd. */
void pipe_subscribe(struct pipe *p, const char *command, const struct slice *channels, size_t count);

/* Sends the rest and waits for all replies. */
void pipe_flush(struct pipe *p);

/* The steps of a loop of the caller's own: sends what the socket takes now;
 * reads once, and returns how many replies, pushes among them, were read. */
void pipe_send(struct pipe *p);
uint64_t pipe_receive(struct pipe *p);

#endif
