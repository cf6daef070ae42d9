/* MONITOR: clients that are shown every command as it is executed. */
#ifndef CORE_MONITOR_H
#define CORE_MONITOR_H

#include "core/client.h"

void monitor_start(struct client *c);
void monitor_stop(struct client *c);

/* Shows a command of client c to all monitors. Passwords never come here:
 * commands that carry them are flagged CMD_SECRET. */
void monitor_feed(struct client *c, int argc, const struct slice *argv);

#endif
