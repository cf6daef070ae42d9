/* The network side of clients: listening, accepting, reading requests and
 * writing what is queued. */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct server;
struct client;

enum network_kind { NETWORK_TCP, NETWORK_UNIX, NETWORK_TLS };

struct network *network_new(struct server *server);
void network_free(struct network *n);

/* Opens (and closes) listeners so that they agree with the settings; on a
 * failure none is left, the reason names the port or the path, and the log
 * has the details. */
bool network_listen(struct server *server, struct buffer *reason);
void network_stop_listening(struct server *server);
bool network_is_listening(const struct server *server);

/* The same for good: the file of the Unix socket goes too. */
void network_close(struct server *server);

/* Makes a client of an accepted descriptor, or refuses and closes it. */
void network_accept_client(struct server *server, int fd, enum network_kind kind);

/* Reads what TLS streams have decrypted and nobody has taken yet; true: some is
 * left, the loop must not sleep. */
bool network_read_pending(struct server *server);

/* Writes to all clients that have something to be written; before sleep. */
void network_flush(struct server *server);

/* Lets others be served for a moment while a command of `running` goes on (a slow
 * script); that client is neither read from nor freed. When the command is over,
 * it is read from again. */
void network_serve_aside(struct server *server, struct client *running);
void network_end_aside(struct server *server, struct client *running);

/* Lets clients go on that CLIENT PAUSE had stopped. */
void network_resume_postponed(struct server *server);

/* Before the loop sleeps, looks at what a client sent while it waited in a
 * blocking command, or behind as many requests as it may have answered in one
 * turn. True: more is left for the next turn, the loop must not sleep. */
void network_resume_later(struct client *c);
bool network_resume(struct server *server);

/* Closes idle clients (`timeout`), looks at soft limits; once a second. */
void network_check_idle(struct server *server, int64_t now_ms);

#endif
