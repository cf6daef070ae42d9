/* The settings of replication. repl/settings.c has the rows (repl_options). */
#ifndef REPL_SETTINGS_H
#define REPL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

enum { DISKLESS_LOAD_DISABLED, DISKLESS_LOAD_EMPTY_DB, DISKLESS_LOAD_SWAPDB };

struct repl_settings {
    char *master_host; /* replicaof; empty: this is a master. REPLICAOF changes it too */
    int64_t master_port;
    char *masteruser;
    struct buffer masterauth;
    bool serve_stale_data;
    bool read_only;
    bool lazy_flush;
    bool ignore_maxmemory;
    bool ignore_disk_write_errors;
    int64_t priority; /* 0: never promoted by sentinel */
    bool announced;
    char *announce_ip;     /* empty: as the master sees it */
    int64_t announce_port; /* 0: the port */
    bool diskless_sync;
    int64_t diskless_sync_delay_s;
    int64_t diskless_sync_max_replicas; /* 0: wait for the delay */
    int diskless_load;                  /* DISKLESS_LOAD_x */
    bool rdb_del_sync_files;
    int64_t ping_replica_period_s;
    int64_t timeout_s;
    bool disable_tcp_nodelay;
    uint64_t backlog_size_bytes; /* at least REPL_BACKLOG_MIN */
    int64_t backlog_ttl_s;       /* without replicas; 0: kept */
    int64_t min_replicas_to_write;
    int64_t min_replicas_max_lag_s;
};

enum { REPL_BACKLOG_MIN = 16 * 1024 };

extern const struct option repl_options[];

#endif
