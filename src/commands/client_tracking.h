/* The subcommands of CLIENT that are about client-side caching; their rows are
 * in commands/client.c. */
#ifndef COMMANDS_CLIENT_TRACKING_H
#define COMMANDS_CLIENT_TRACKING_H

struct call;

void client_tracking(struct call *call);
void client_tracking_caching(struct call *call);
void client_tracking_getredir(struct call *call);
void client_tracking_info(struct call *call);

#endif
