/* Connections: hiredis connects and formats, the measuring loops read and
 * write the descriptor themselves. */
#ifndef APP_BENCHMARK_LINK_H
#define APP_BENCHMARK_LINK_H

#include <hiredis/hiredis.h>

#include "app/benchmark/options.h"
#include "base/buffer.h"

/* Appends the commands that a connection begins with (HELLO, AUTH, SELECT,
 * CLIENT TRACKING); returns how many. */
unsigned link_append_setup(const struct endpoint *e, struct buffer *to);

/* Connects and sends nothing yet; the descriptor is then nonblocking. Exits
 * when there is no server. Closed by redisFree. */
redisContext *link_start(const struct endpoint *e);

/* A blocking connection, set up. Exits when the server refuses. */
redisContext *link_open(const struct endpoint *e);

/* A command and its reply, to be freed by freeReplyObject. NULL on an error
 * reply; exits when the connection is lost. */
redisReply *link_command(redisContext *link, const char *format, ...);

/* Settings: the value as a string to be freed with mem_free, NULL when the
 * server does not tell. */
char *link_config_get(redisContext *link, const char *name);
void link_config_set(redisContext *link, const char *name, const char *value); /* exits when refused */

#endif
