#include "persist/loading.h"

#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/dispatch.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/loop.h"
#include "persist/aof.h"
#include "persist/snapshot.h"

struct loading *loading_new(struct persist *p)
{
    struct loading *l = mem_calloc(1, sizeof *l);
    l->persist = p;
    return l;
}

void loading_free(struct loading *l)
{
    buffer_fini(&l->key);
    buffer_fini(&l->expired);
    mem_free(l);
}

/* Nothing expires meanwhile: a deadline may not be the last word on a key. */
static void set_loading(struct loading *l, bool on)
{
    struct server *server = l->persist->server;
    l->is_on = server->loading = on;
    server->keyspace->is_loading = on;
    server->keyspace->may_expire = !on;
    dispatch_refresh_checks(server);
}

void loading_begin(struct loading *l, uint64_t total_bytes)
{
    l->start_ms = server_now_ms(l->persist->server);
    l->total_bytes = total_bytes;
    l->loaded_bytes = l->served_bytes = l->keys = 0;
    l->expected_memory_bytes = 0;
    set_loading(l, true);
}

void loading_end(struct loading *l)
{
    set_loading(l, false);
}

size_t loading_room(const struct loading *l, size_t room)
{
    size_t interval_bytes = (size_t)l->persist->settings->loading_process_events_interval_bytes;
    return room < interval_bytes ? room : interval_bytes;
}

bool loading_step(struct loading *l, uint64_t bytes)
{
    struct server *server = l->persist->server;
    int64_t interval_bytes = l->persist->settings->loading_process_events_interval_bytes;
    l->loaded_bytes += bytes;
    if (server->loop == NULL || l->loaded_bytes - l->served_bytes < (uint64_t)interval_bytes) return true;
    l->served_bytes = l->loaded_bytes;
    loop_turn(server->loop);
    return !loop_is_stopping(server->loop);
}

void loading_expect_memory(struct loading *l, int64_t bytes)
{
    l->expected_memory_bytes = bytes;
}

void loading_delay(struct loading *l)
{
    int64_t delay_us = l->persist->settings->key_load_delay_us;
    l->keys++;
    if (delay_us > 0) usleep((useconds_t)delay_us);
    else if (delay_us < 0 && l->keys % (uint64_t)-delay_us == 0) usleep(1);
}

/* ---- what had come due ---- */

struct expired_key {
    uint32_t db, len;
};

void loading_note_expired(struct loading *l, int db, struct slice key)
{
    struct expired_key record = {(uint32_t)db, (uint32_t)key.len};
    if (!l->persist->settings->notify_expired_on_load) return;
    buffer_append(&l->expired, &record, sizeof record);
    buffer_append_slice(&l->expired, key);
}

void loading_announce_expired(struct loading *l)
{
    struct keyspace *ks = l->persist->keyspace;
    for (size_t at = 0; at < l->expired.len;) {
        struct expired_key record;
        memcpy(&record, l->expired.data + at, sizeof record);
        at += sizeof record;
        db_tell_expired(&ks->dbs[record.db], slice_make(l->expired.data + at, record.len));
        at += record.len;
    }
    buffer_fini(&l->expired);
}

/* ---- at the start ---- */

bool loading_run(struct persist *p)
{
    bool loaded = p->settings->appendonly ? aof_load(p->aof) : snapshot_load(p->snapshot);
    if (loaded && loop_is_stopping(p->server->loop)) log_notice("Loading was ended by a shutdown.");
    return loaded;
}
