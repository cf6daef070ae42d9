/* MONITOR: clients that are shown every command as it is executed. */
#ifndef CORE_MONITOR_H
#define CORE_MONITOR_H

#include "core/client.h"

void monitor_start(struct client *c);
void monitor_stop(struct client *c);

/* Shows a call to all monitors, without its secrets. */
void monitor_feed(const struct call *call);

#endif
