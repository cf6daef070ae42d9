/* The server as handlers see it: one pointer per module, opaque to the
 * others, and the time of the current command. Made in app/, passed down. */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

struct server {
    struct loop *loop;             /* io/loop.h */
    struct worker *worker;         /* io/worker.h: the background thread */
    struct config *config;         /* core/config.h */
    struct info *info;             /* core/info.h */
    struct command_table *commands; /* core/command.h */
    struct clients *clients;       /* core/client.h */
    struct network *network;       /* core/network.h */
    struct auth *auth;             /* core/auth.h */
    struct pause *pause;           /* core/pause.h */
    struct slowlog *slowlog;       /* core/slowlog.h */
    struct latency *latency;       /* core/latency.h */
    struct monitor *monitor;       /* core/monitor.h */
    struct shutdown *shutdown;     /* core/shutdown.h */
    struct keyspace *keyspace;     /* db/keyspace.h */
    struct pubsub *pubsub;         /* notify/pubsub.h */
    struct notify *notify;         /* notify/keyspace_events.h */
    struct debug *debug;           /* core/debug.h: switches of the DEBUG command */

    struct random random;  /* for everything an attacker may predict */
    int64_t start_ms;      /* wall clock at start */
    int64_t now_us;        /* wall clock, read at most 0.5 ms ago */
    char run_id[41];
    char executable[4096]; /* absolute */
    char config_file[4096]; /* absolute, or empty */
};

/* Wall clock in ms, as frozen for the current command. */
static inline int64_t server_now_ms(const struct server *server)
{
    return server->now_us / 1000;
}

#endif
