/* The end of the server: what has to happen before the process may exit.
 * Modules take part by a row each; a shutdown asks all of them whether it may
 * go on, and if so (or if it is forced) has each finish, in the order of
 * their registration, and stops the event loop. */
#ifndef CORE_LIFECYCLE_H
#define CORE_LIFECYCLE_H

#include <stdbool.h>

struct server;

/* modes are SHUTDOWN_ON_x of core/settings.h, or'ed; 0: save if save points
 * are set. Either function may be NULL. */
struct lifecycle_participant {
    void *module;
    bool (*may_exit)(void *module, unsigned modes); /* false, the reason in the log: not now */
    void (*finish)(void *module);                   /* the end has come */
};

enum { LIFECYCLE_PARTICIPANTS_MAX = 8 };

struct lifecycle {
    struct lifecycle_participant participants[LIFECYCLE_PARTICIPANTS_MAX];
    int count;
};

struct lifecycle *lifecycle_new(void);
void lifecycle_free(struct lifecycle *lifecycle);
void lifecycle_join(struct lifecycle *lifecycle, struct lifecycle_participant participant);

/* Ends the server: the loop runs no more callback. False: somebody refused,
 * and all goes on as before. */
bool lifecycle_shutdown(struct server *server, unsigned modes);

#endif
