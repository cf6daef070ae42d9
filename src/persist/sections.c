#include "persist/sections.h"

#include "core/info.h"
#include "core/server.h"
#include "db/keyspace.h"

static void write_loading(struct buffer *to)
{
    static const char *const idle[] = {
        "loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age", NULL,
    };
    info_zeros(to, idle);
    info_ratio(to, "current_fork_perc", 0);
    info_int(to, "current_save_keys_processed", 0);
    info_int(to, "current_save_keys_total", 0);
}

static void write_rdb(const struct server *server, struct buffer *to)
{
    info_int(to, "rdb_changes_since_last_save", (int64_t)server->keyspace->dirty);
    info_int(to, "rdb_bgsave_in_progress", 0);
    info_int(to, "rdb_last_save_time", server->start_ms / 1000);
    info_text(to, "rdb_last_bgsave_status", "ok");
    info_int(to, "rdb_last_bgsave_time_sec", -1);
    info_int(to, "rdb_current_bgsave_time_sec", -1);
    static const char *const never[] = {
        "rdb_saves", "rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded", NULL,
    };
    info_zeros(to, never);
}

static void write_aof(struct buffer *to)
{
    info_int(to, "aof_enabled", 0);
    info_int(to, "aof_rewrite_in_progress", 0);
    info_int(to, "aof_rewrite_scheduled", 0);
    info_int(to, "aof_last_rewrite_time_sec", -1);
    info_int(to, "aof_current_rewrite_time_sec", -1);
    info_text(to, "aof_last_bgrewrite_status", "ok");
    info_int(to, "aof_rewrites", 0);
    info_int(to, "aof_rewrites_consecutive_failures", 0);
    info_text(to, "aof_last_write_status", "ok");
    info_int(to, "aof_last_cow_size", 0);
    info_int(to, "module_fork_in_progress", 0);
    info_int(to, "module_fork_last_cow_size", 0);
}

static void write_persistence(void *module, struct buffer *to)
{
    const struct server *server = module;
    write_loading(to);
    write_rdb(server, to);
    write_aof(to);
}

const struct info_section persist_section = {"persistence", "Persistence", true, write_persistence};

static void write_stats(void *module, struct buffer *to)
{
    (void)module;
    info_int(to, "latest_fork_usec", 0);
    info_int(to, "total_forks", 0);
}

const struct info_section persist_section_stats = {"stats", NULL, true, write_stats};
