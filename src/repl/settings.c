#include "repl/settings.h"

#include <inttypes.h>

#include "base/mem.h"
#include "base/number.h"

#define OPTION_SETTINGS struct repl_settings

/* replicaof host port, replicaof no one, or "" for the same */

static bool set_replicaof(const struct option_context *ctx, int argc, const struct slice *argv,
                          struct buffer *reason)
{
    struct repl_settings *settings = ctx->settings;
    struct slice host = argv[0];
    int64_t port = 0;
    bool none = argc == 1 ? host.len == 0 : argc == 2 && slice_is(host, "no") && slice_is(argv[1], "one");
    if (!none && argc != 2) return option_refuse(reason, "wrong number of arguments");
    if (none) host = SLICE("");
    else if (!number_parse(argv[1], &port) || port < 0 || port > 65535)
        return option_refuse(reason, "Invalid master port");
    mem_free(settings->master_host);
    settings->master_host = mem_copy(host.ptr, host.len);
    settings->master_port = port;
    return true;
}

static void get_replicaof(const struct option_context *ctx, struct buffer *to)
{
    const struct repl_settings *settings = ctx->settings;
    if (settings->master_host[0])
        buffer_printf(to, "%s %" PRId64, settings->master_host, settings->master_port);
}

static bool rewrite_replicaof(const struct option_context *ctx, struct buffer *to)
{
    const struct repl_settings *settings = ctx->settings;
    if (settings->master_host[0] == '\0') return true;
    buffer_append_text(to, "replicaof ");
    buffer_append_quoted(to, slice_of(settings->master_host));
    buffer_printf(to, " %" PRId64 "\n", settings->master_port);
    return true;
}

static void fini_replicaof(void *module_settings)
{
    struct repl_settings *settings = module_settings;
    mem_free(settings->master_host);
    settings->master_host = NULL;
}

static void adjust_backlog(void *module_settings)
{
    struct repl_settings *settings = module_settings;
    if (settings->backlog_size_bytes < REPL_BACKLOG_MIN) settings->backlog_size_bytes = REPL_BACKLOG_MIN;
}

static const struct option_word diskless_loads[] = {{"disabled", DISKLESS_LOAD_DISABLED},
                                                    {"on-empty-db", DISKLESS_LOAD_EMPTY_DB},
                                                    {"swapdb", DISKLESS_LOAD_SWAPDB},
                                                    {NULL, 0}};

enum { SENSITIVE = OPTION_SENSITIVE, MASTER = OPTION_IMMUTABLE | OPTION_WORDS };

/* name, alias, kind and field, default, min, max, flags */
const struct option repl_options[] = {
    {"replicaof", "slaveof", SPECIAL, "", 0, 0, MASTER, .set = set_replicaof, .get = get_replicaof,
     .rewrite = rewrite_replicaof, .fini = fini_replicaof},
    {"masteruser", NULL, TEXT_AT(masteruser), .flags = SENSITIVE},
    {"masterauth", NULL, BYTES_AT(masterauth), .flags = SENSITIVE},
    {"replica-serve-stale-data", "slave-serve-stale-data", BOOL_AT(serve_stale_data), "yes"},
    {"replica-read-only", "slave-read-only", BOOL_AT(read_only), "yes"},
    {"replica-lazy-flush", "slave-lazy-flush", BOOL_AT(lazy_flush), "no"},
    {"replica-ignore-maxmemory", "slave-ignore-maxmemory", BOOL_AT(ignore_maxmemory), "yes"},
    {"replica-ignore-disk-write-errors", NULL, BOOL_AT(ignore_disk_write_errors), "no"},
    {"replica-priority", "slave-priority", INT_AT(priority), "100", 0, INT32_MAX},
    {"replica-announced", NULL, BOOL_AT(announced), "yes"},
    {"replica-announce-ip", "slave-announce-ip", TEXT_AT(announce_ip)},
    {"replica-announce-port", "slave-announce-port", INT_AT(announce_port), "0", 0, 65535},
    {"repl-diskless-sync", NULL, BOOL_AT(diskless_sync), "yes"},
    {"repl-diskless-sync-delay", NULL, INT_AT(diskless_sync_delay_s), "5", 0, INT32_MAX},
    {"repl-diskless-sync-max-replicas", NULL, INT_AT(diskless_sync_max_replicas), "0", 0, INT32_MAX},
    {"repl-diskless-load", NULL, ENUM_AT(diskless_load), "disabled", .words = diskless_loads},
    {"rdb-del-sync-files", NULL, BOOL_AT(rdb_del_sync_files), "no"},
    {"repl-ping-replica-period", "repl-ping-slave-period", INT_AT(ping_replica_period_s), "10", 1, INT32_MAX},
    {"repl-timeout", NULL, INT_AT(timeout_s), "60", 1, INT32_MAX},
    {"repl-disable-tcp-nodelay", NULL, BOOL_AT(disable_tcp_nodelay), "no"},
    {"repl-backlog-size", NULL, MEMORY_AT(backlog_size_bytes), "1mb", 1, INT64_MAX, .adjust = adjust_backlog},
    {"repl-backlog-ttl", NULL, INT_AT(backlog_ttl_s), "3600", 0, INT64_MAX},
    {"min-replicas-to-write", "min-slaves-to-write", INT_AT(min_replicas_to_write), "0", 0, INT32_MAX},
    {"min-replicas-max-lag", "min-slaves-max-lag", INT_AT(min_replicas_max_lag_s), "10", 0, INT32_MAX},
    {0},
};
