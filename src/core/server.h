/* The server as handlers see it: one pointer per module, opaque to the
 * others, and the time of the current command. Made in app/, passed down. */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

struct client;
struct client_subscriptions;
struct script_usage;

enum { SERVER_PATH_MAX = 4096 };

/* Conditions under which every command must be looked at more closely; see
 * core/dispatch.c. */
enum server_check {
    CHECK_MEMORY = 1 << 0,   /* maxmemory is set */
    CHECK_PAUSE = 1 << 1,    /* CLIENT PAUSE is on */
    CHECK_MONITORS = 1 << 2, /* somebody runs MONITOR */
    CHECK_LOADING = 1 << 3,  /* the data is being read */
    CHECK_WRITES = 1 << 4,   /* commands that write are refused */
    CHECK_BUSY = 1 << 5,     /* busy_error is set */
};

struct server {
    struct loop *loop;               /* io/loop.h */
    struct worker *worker;           /* io/worker.h: the background thread */
    struct core_settings *settings;  /* core/settings.h */
    struct config *config;           /* core/config.h */
    struct info *info;               /* core/info.h */
    struct command_table *commands;  /* core/command.h */
    struct errorstats *errorstats;   /* core/errorstats.h */
    struct clients *clients;         /* core/client.h */
    struct acl *acl;                 /* core/acl.h */
    struct network *network;         /* core/network.h */
    struct pause *pause;             /* core/pause.h */
    struct blocking *blocking;       /* core/blocking.h */
    struct propagation *propagation; /* core/propagate.h */
    struct slowlog *slowlog;         /* core/slowlog.h */
    struct latency *latency;         /* core/latency.h */
    struct lifecycle *lifecycle;     /* core/lifecycle.h: the end, and what comes before it */
    struct stats *stats;             /* core/stats.h */
    struct process *process;         /* app/process.h */
    struct tls_settings *tls;        /* io/tls_settings.h */
    struct tls_context *tls_live;    /* io/tls_context.h: of new connections; NULL without tls-port */
    struct tracking *tracking;       /* core/tracking.h */
    struct persist *persist;         /* persist/persist.h */
    struct keyspace *keyspace;       /* db/keyspace.h */
    struct types_settings *types;    /* types/settings.h */
    struct pubsub *pubsub;           /* notify/pubsub.h */
    struct notify *notify;           /* notify/keyspace.h */
    struct script_host *script;      /* script/host.h */

    /* Hands what was published to the queues of its subscribers; drops a
     * client's subscriptions; counts them; tells whether its user permits them
     * all, and notes whether there are keys that it may not read.
     * app/wiring.c sets them to notify/pubsub.c's. */
    void (*deliver_messages)(struct server *server);
    void (*forget_subscriber)(struct server *server, struct client *client);
    /* What scripts hold; script/host.c's. */
    void (*measure_scripts)(const struct server *server, struct script_usage *usage);
    void (*count_subscriptions)(const struct client *client, struct client_subscriptions *counts);
    bool (*review_subscriber)(struct client *client, bool reads_some);

    const char *busy_error;    /* a slow script runs: what others are answered, but for CMD_ALLOW_BUSY */
    bool is_out_of_memory;     /* maxmemory left no room when it was last looked at */
    bool propagating;          /* what changes is propagated */
    bool loading;              /* the data is being read: commands that need it have to wait */
    const char *write_refusal; /* the error that commands which write get; NULL: none */
    bool keys_changed;         /* that clients wait for: blocking_serve is due */
    bool cron_paused;          /* DEBUG PAUSE-CRON: periodic jobs rest */
    unsigned checks;           /* enum server_check; like the next one set by dispatch_refresh_checks */
    uint64_t slow_ns;          /* commands that take longer are recorded somewhere */
    struct random random;
    int64_t start_ms;     /* wall clock at start */
    int64_t now_us;       /* wall clock, read at most 0.5 ms ago */
    uint64_t clock_ticks; /* when it was read, and after how many it must be again */
    uint64_t clock_max_age_ticks;
    const char *supervisor; /* of the process: "no", "systemd" or "upstart" */
    char run_id[41];
    char replication_id[41];          /* of the history of the data */
    char executable[SERVER_PATH_MAX]; /* absolute */
};

/* Reads the wall clock and hands it to the keyspace: between commands only. */
void server_read_clock(struct server *server);

/* The same if the last reading is too old by now_ticks (clock_ticks()). */
static inline void server_refresh_clock(struct server *server, uint64_t now_ticks)
{
    if (__builtin_expect(now_ticks - server->clock_ticks > server->clock_max_age_ticks, 0))
        server_read_clock(server);
}

static inline int64_t server_now_ms(const struct server *server)
{
    return server->now_us / 1000;
}

#endif
