/* The rhythm of the server: what happens around each sleep of the event loop,
 * and the periodic jobs. */
#ifndef APP_CRON_H
#define APP_CRON_H

#include "io/loop.h"

struct cron;
struct server;

/* The server is borrowed, and must have its loop when the hooks are called. */
struct cron *cron_new(struct server *server);
void cron_free(struct cron *cron);

struct loop_hooks cron_hooks(struct cron *cron);

#endif
