/* `maxmemory-clients`: when all clients together use more memory than that, the
 * largest are cut off, but those that asked for CLIENT NO-EVICT.
 *
 * A client is counted anew where it may have changed: after its input was
 * handled, after output was written to it. Without a limit nothing is counted. */
#ifndef CORE_CLIENT_EVICTION_H
#define CORE_CLIENT_EVICTION_H

#include <stddef.h>

struct client;
struct server;

void client_eviction_count(struct client *c);

/* The limit in bytes; 0: none. */
size_t client_eviction_limit(const struct server *server);

/* Counts everybody: the limit came up, or a while has passed. */
void client_eviction_count_all(struct server *server);

/* Before the loop sleeps: cuts off as many as it takes. */
void client_eviction_run(struct server *server);

#endif
