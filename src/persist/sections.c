#include "persist/sections.h"

#include <stdatomic.h>

#include "core/info.h"
#include "core/propagate.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "persist/aof.h"
#include "persist/child.h"
#include "persist/loading.h"
#include "persist/snapshot.h"

static int64_t running_s(const struct persist *p, enum child_purpose purpose)
{
    if (child_purpose(p->child) != purpose) return -1;
    return (server_now_ms(p->server) - p->child->started_ms) / 1000;
}

static void write_child(const struct persist *p, struct buffer *to)
{
    const struct child *c = p->child;
    bool runs = child_purpose(c) != CHILD_NONE;
    int64_t age_s = runs ? (server_now_ms(p->server) - c->report.at_ms) / 1000 : 0;
    info_int(to, "current_cow_peak", runs ? (int64_t)c->cow_peak_bytes : 0);
    info_int(to, "current_cow_size", runs ? (int64_t)c->report.cow_bytes : 0);
    info_int(to, "current_cow_size_age", age_s);
    info_ratio(to, "current_fork_perc",
               runs && c->keys_total ? 100.0 * (double)c->report.keys / (double)c->keys_total : 0);
    info_int(to, "current_save_keys_processed", runs ? (int64_t)c->report.keys : 0);
    info_int(to, "current_save_keys_total", runs ? (int64_t)c->keys_total : 0);
}

static void write_rdb(const struct persist *p, struct buffer *to)
{
    const struct snapshot *s = p->snapshot;
    info_int(to, "rdb_changes_since_last_save", (int64_t)p->keyspace->dirty);
    info_int(to, "rdb_bgsave_in_progress", child_purpose(p->child) == CHILD_SAVE);
    info_int(to, "rdb_last_save_time", s->last_save_s);
    info_text(to, "rdb_last_bgsave_status", s->last_failed ? "err" : "ok");
    info_int(to, "rdb_last_bgsave_time_sec", s->last_duration_s);
    info_int(to, "rdb_current_bgsave_time_sec", running_s(p, CHILD_SAVE));
    info_int(to, "rdb_saves", (int64_t)s->saves);
    info_int(to, "rdb_last_cow_size", (int64_t)s->last_cow_bytes);
    info_int(to, "rdb_last_load_keys_expired", (int64_t)p->loading->keys_expired);
    info_int(to, "rdb_last_load_keys_loaded", (int64_t)p->loading->keys_loaded);
}

static void write_aof(const struct persist *p, struct buffer *to)
{
    const struct aof *a = p->aof;
    info_int(to, "aof_enabled", a->state != AOF_OFF);
    info_int(to, "aof_rewrite_in_progress", child_purpose(p->child) == CHILD_REWRITE);
    info_int(to, "aof_rewrite_scheduled", a->is_scheduled);
    info_int(to, "aof_last_rewrite_time_sec", a->last_duration_s);
    info_int(to, "aof_current_rewrite_time_sec", running_s(p, CHILD_REWRITE));
    info_text(to, "aof_last_bgrewrite_status", a->last_failed ? "err" : "ok");
    info_int(to, "aof_rewrites", (int64_t)a->rewrites);
    info_int(to, "aof_rewrites_consecutive_failures", a->failures);
    info_text(to, "aof_last_write_status", a->write_errno ? "err" : "ok");
    info_int(to, "aof_last_cow_size", (int64_t)a->last_cow_bytes);
    info_int(to, "module_fork_in_progress", 0);
    info_int(to, "module_fork_last_cow_size", 0);
    if (a->state == AOF_OFF) return;
    info_int(to, "aof_current_size", (int64_t)a->total_bytes);
    info_int(to, "aof_base_size", (int64_t)a->base_bytes);
    info_int(to, "aof_pending_rewrite", 0);
    info_int(to, "aof_buffer_length", (int64_t)p->server->propagation->stream.len);
    info_int(to, "aof_pending_bio_fsync", atomic_load(&a->is_syncing));
    info_int(to, "aof_delayed_fsync", (int64_t)a->delayed_syncs);
}

static void write_progress(const struct loading *l, struct buffer *to)
{
    int64_t elapsed_s = (server_now_ms(l->persist->server) - l->start_ms) / 1000;
    double part = l->total_bytes ? (double)l->loaded_bytes / (double)l->total_bytes : 0;
    int64_t left_bytes = (int64_t)l->total_bytes - (int64_t)l->loaded_bytes;
    info_int(to, "loading_start_time", l->start_ms / 1000);
    info_int(to, "loading_total_bytes", (int64_t)l->total_bytes);
    info_int(to, "loading_rdb_used_mem", l->expected_memory_bytes);
    info_int(to, "loading_loaded_bytes", (int64_t)l->loaded_bytes);
    info_ratio(to, "loading_loaded_perc", 100 * part);
    info_int(to, "loading_eta_seconds",
             l->loaded_bytes ? elapsed_s * left_bytes / (int64_t)l->loaded_bytes : 1);
}

static void write_persistence(void *module, struct buffer *to)
{
    const struct persist *p = ((const struct server *)module)->persist;
    info_int(to, "loading", p->loading->is_on);
    info_int(to, "async_loading", 0);
    write_child(p, to);
    write_rdb(p, to);
    write_aof(p, to);
    if (p->loading->is_on) write_progress(p->loading, to);
}

const struct info_section persist_section = {"persistence", "Persistence", true, write_persistence};

static void write_stats(void *module, struct buffer *to)
{
    const struct persist *p = ((const struct server *)module)->persist;
    const struct child *c = p->child;
    info_int(to, "latest_fork_usec", c->last_fork_us);
    info_int(to, "total_forks", (int64_t)c->forks);
    info_int(to, "dump_payload_sanitizations", (int64_t)p->payloads_checked);
}

const struct info_section persist_section_stats = {"stats", NULL, true, write_stats};
