/* From a request to its handler: finding the command, the checks in their
 * order, queueing in MULTI, execution with its accounting. */
#ifndef CORE_DISPATCH_H
#define CORE_DISPATCH_H

#include <stdbool.h>

#include "core/client.h"

/* Executes or queues or refuses one request. Returns false when it must be
 * tried again later (CLIENT PAUSE): nothing was done. */
bool dispatch(struct client *c, int argc, const struct slice *argv);

/* The command that a client means; NULL: there is none. Without any check. */
struct command_state *dispatch_find(struct client *c, int argc, const struct slice *argv);

/* Runs a command whose checks were made, and accounts for it. */
void dispatch_run(struct client *c, struct command_state *command, int argc, const struct slice *argv);

/* Whether the client's user may run the command; false: why, as an error's
 * text, and it is noted in the ACL log. To be asked of CLIENT_RESTRICTED ones
 * only: others may do everything. */
bool dispatch_permits(struct client *c, const struct command_state *command, int argc,
                      const struct slice *argv, struct buffer *error);

/* Whether something is on that concerns commands of every client: memory
 * limit, pause, monitors. To be called when one of them changes; the ordinary
 * request then tests one word. */
struct server;
void dispatch_refresh_checks(struct server *server);

#endif
