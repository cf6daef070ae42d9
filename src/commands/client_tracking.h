/* The subcommands of CLIENT that are about client-side caching; their rows are
 * in commands/client.c. */
#ifndef COMMANDS_CLIENT_TRACKING_H
#define COMMANDS_CLIENT_TRACKING_H

struct call;

void client_tracking(struct call *call);
void client_caching(struct call *call);
void client_getredir(struct call *call);
void client_trackinginfo(struct call *call);

#endif
