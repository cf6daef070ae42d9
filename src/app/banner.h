/* The first lines of the log. */
#ifndef APP_BANNER_H
#define APP_BANNER_H

#include <stdbool.h>

struct server;

/* Before the server is open: who starts, and with which configuration. */
void banner_starting(const struct server *server, bool has_directives);

/* Once it listens: how it runs. With the logo when the log goes to a
 * terminal, or with always-show-logo. */
void banner_running(const struct server *server);

#endif
