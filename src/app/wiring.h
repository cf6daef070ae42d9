/* Putting the server together: wiring.c is the one page where modules meet. */
#ifndef APP_WIRING_H
#define APP_WIRING_H

#include <stdbool.h>

#include "base/buffer.h"

struct server;

/* Makes all modules and registers their rows; settings have their defaults. */
struct server *wiring_new(void);

/* Once the settings are read: databases, and what is made from settings. */
void wiring_open(struct server *server);

void wiring_free(struct server *server);

#endif
