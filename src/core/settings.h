/* The settings of the server's core: network, clients, access, logging, the
 * process. core/settings.c has the rows (core_options), one a directive;
 * core/config.c fills the struct. Readers take the fields as they are: most
 * act by being read at the next use. What must act at once goes through the
 * hooks. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

enum { BIND_ADDRESSES_MAX = 16 };

/* The classes of client-output-buffer-limit, in the order they are printed. */
enum output_class { OUTPUT_NORMAL, OUTPUT_REPLICA, OUTPUT_PUBSUB, OUTPUT_CLASSES };

/* A client is closed above hard_bytes, or when it stays above soft_bytes for
 * soft_s seconds; 0: no limit. */
struct output_limit {
    uint64_t hard_bytes;
    uint64_t soft_bytes;
    int64_t soft_s;
};

/* Values of enable-debug-command and its like. */
enum { ENABLE_NO, ENABLE_YES, ENABLE_LOCAL };

/* Bits of shutdown-on-sigint and shutdown-on-sigterm. */
enum { SHUTDOWN_ON_SAVE = 1, SHUTDOWN_ON_NOSAVE = 2, SHUTDOWN_ON_NOW = 4, SHUTDOWN_ON_FORCE = 8 };

enum { OOM_ADJUST_NO, OOM_ADJUST_RELATIVE, OOM_ADJUST_ABSOLUTE };
enum { OOM_MASTER, OOM_REPLICA, OOM_CHILD, OOM_CLASSES };
enum { SUPERVISED_NO, SUPERVISED_AUTO, SUPERVISED_SYSTEMD, SUPERVISED_UPSTART };
enum { PROPAGATION_IGNORE, PROPAGATION_PANIC, PROPAGATION_PANIC_ON_REPLICAS };

struct core_settings {
    /* Listening. */
    char *bind[BIND_ADDRESSES_MAX]; /* "*" all IPv4, "::*" all IPv6; a leading "-": may be unavailable */
    int bind_count;                 /* 0: no tcp */
    int64_t port;                   /* 0: no tcp */
    int64_t tcp_backlog;
    int64_t tcp_keepalive_s; /* 0: off */
    int64_t socket_mark_id;
    char *bind_source_addr; /* of connections that the server opens; empty: any */
    char *unixsocket;       /* empty: none */
    int64_t unixsocketperm; /* 0: as the umask leaves it */
    bool protected_mode;

    /* Clients. */
    int64_t maxclients;
    int64_t timeout_s; /* an idle client is closed; 0: never */
    uint64_t proto_max_bulk_len_bytes;
    uint64_t client_query_buffer_limit_bytes;
    struct output_limit output_limits[OUTPUT_CLASSES];
    int64_t maxmemory_clients; /* bytes, or minus a percentage of maxmemory; 0: no limit */
    int64_t tracking_table_max_keys;
    int64_t io_threads;
    bool io_threads_do_reads;

    /* Access. */
    struct buffer requirepass;
    char *aclfile;
    int64_t acllog_max_len;
    int acl_pubsub_allchannels; /* acl-pubsub-default: 1 allchannels, 0 resetchannels */
    int enable_debug_command;   /* ENABLE_x, the next two too */
    int enable_module_command;
    int enable_protected_configs;

    /* Observation. */
    int loglevel; /* enum log_level */
    char *logfile;
    bool syslog_enabled;
    char *syslog_ident;
    int syslog_facility;                /* LOG_LOCAL0 and its like, of syslog.h */
    int64_t slowlog_log_slower_than_us; /* -1: off */
    int64_t slowlog_max_len;
    int64_t latency_monitor_threshold_ms; /* 0: off */
    bool latency_tracking;
    double *latency_percentiles;
    int latency_percentile_count;
    bool crash_log_enabled;
    bool crash_memcheck_enabled;
    bool use_exit_on_panic;
    int64_t watchdog_period_ms; /* 0: off */

    /* The process. */
    int64_t databases;
    int64_t hz; /* 1 to 500 */
    bool dynamic_hz;
    bool activerehashing;
    bool daemonize;
    char *pidfile;
    int supervised; /* SUPERVISED_x */
    bool always_show_logo;
    bool set_proc_title;
    char *proc_title_template;
    char *locale_collate; /* empty: as the environment says */
    int oom_score_adj;    /* OOM_ADJUST_x */
    int64_t oom_score_adj_values[OOM_CLASSES];
    bool disable_thp;
    bool jemalloc_bg_thread;
    char *server_cpulist, *bio_cpulist;
    char *ignore_warnings;
    int64_t busy_reply_threshold_ms; /* a script that runs longer makes others answer BUSY; 0: never */
    int propagation_error_behavior;  /* PROPAGATION_x */

    /* Shutdown. */
    int64_t shutdown_timeout_s; /* wait for lagging replicas */
    int shutdown_on_sigint;     /* SHUTDOWN_ON_x, or'ed */
    int shutdown_on_sigterm;
};

/* What must act at once when CONFIG SET changed its fields (or, the last
 * group, when a line of the file is read). All are optional: NULL does
 * nothing. On false the reason is in `reason`, the server is as before, and
 * the fields are set back. Passed to config_add as the module of
 * core_options. */
struct core_hooks {
    void *ctx;
    bool (*listen)(void *ctx, struct buffer *reason);        /* bind, port */
    bool (*maxclients)(void *ctx, struct buffer *reason);    /* the file limit must allow them */
    bool (*requirepass)(void *ctx, struct buffer *reason);   /* the default user's password */
    bool (*hz)(void *ctx, struct buffer *reason);            /* the period of cron */
    bool (*watchdog)(void *ctx, struct buffer *reason);      /* watchdog-period */
    bool (*proc_title)(void *ctx, struct buffer *reason);    /* proc-title-template */
    bool (*oom_score_adj)(void *ctx, struct buffer *reason); /* and its values */
    bool (*trim)(void *ctx, struct buffer *reason);          /* slowlog-max-len, acllog-max-len went down */
    bool (*latency_tracking)(void *ctx, struct buffer *reason);
    bool (*crash_log)(void *ctx, struct buffer *reason); /* crash-log-enabled: signal handlers */

    bool (*rename_command)(void *ctx, struct slice name, struct slice to, struct buffer *reason);
    bool (*user)(void *ctx, int argc, const struct slice *argv, struct buffer *reason); /* name, rules */
    bool (*users_rewrite)(void *ctx, struct buffer *to); /* as rewrite of base/option.h */
};

extern const struct option core_options[];

#endif
