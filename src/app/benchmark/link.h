/* Connections: hiredis connects, formats and parses, the bytes go through a
 * stream, which the measuring loops read and write themselves. */
#ifndef APP_BENCHMARK_LINK_H
#define APP_BENCHMARK_LINK_H

#include <hiredis/hiredis.h>

#include "app/benchmark/options.h"
#include "base/buffer.h"
#include "io/transport.h"

struct link {
    struct byte_stream stream;
    redisReader *reader;
};

/* Appends the commands that a connection begins with (HELLO, AUTH, SELECT,
 * CLIENT TRACKING); returns how many. */
unsigned link_append_setup(const struct endpoint *e, struct buffer *to);

/* Connects and sends nothing yet; the descriptor is then nonblocking. Exits
 * when there is no server. */
struct link *link_start(const struct endpoint *e);

/* A blocking connection, set up. Exits when the server refuses. */
struct link *link_open(const struct endpoint *e);
void link_close(struct link *link);

/* As write(2). */
ssize_t link_write(struct link *link, const char *data, size_t len);

/* A command and its reply, to be freed by freeReplyObject. NULL on an error
 * reply; exits when the connection is lost. */
redisReply *link_command(struct link *link, const char *format, ...);

/* The same, whatever comes of it. */
void link_try(struct link *link, const char *format, ...);

/* Settings: the value as a string to be freed with mem_free, NULL when the
 * server does not tell. */
char *link_config_get(struct link *link, const char *name);
void link_config_set(struct link *link, const char *name, const char *value); /* exits when refused */

#endif
