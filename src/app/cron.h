/* The rhythm of the server: what happens around each sleep of the event loop,
 * and the periodic jobs. */
#ifndef APP_CRON_H
#define APP_CRON_H

struct server;
struct loop;

/* The event loop with the server's hooks. The server itself is borrowed. */
struct loop *cron_new_loop(struct server *server);

#endif
