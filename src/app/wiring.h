/* Putting the server together: wiring.c is the one page where modules meet. */
#ifndef APP_WIRING_H
#define APP_WIRING_H

#include <stdbool.h>

struct server;

/* Makes all modules and registers their rows; settings have their defaults.
 * The arguments are those of main, borrowed for the title of the process. */
struct server *wiring_new(int argc, char **argv);

/* Once the settings are read: threads, databases, the event loop, and all that
 * is made from settings. False when TLS cannot be had as they want it: the
 * log says why. */
bool wiring_open(struct server *server);

void wiring_free(struct server *server);

#endif
