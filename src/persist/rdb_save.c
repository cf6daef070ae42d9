#include "persist/rdb_save.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/version.h"
#include "core/server.h"
#include "db/evict.h"
#include "db/fields.h"
#include "db/keyspace.h"
#include "types/rdb_form.h"

/* ---- the version ---- */

static bool has_field_deadlines(const struct keyspace *ks)
{
    for (int i = 0; i < ks->db_count; i++)
        if (hashtable_count(&ks->dbs[i].fields_due)) return true;
    return false;
}

int rdb_save_version_for(const struct persist *p, bool has_deadlines)
{
    int version = (int)p->settings->rdb_version;
    if (version >= RDB_VERSION_FIELD_TTL || !has_deadlines) return version;
    return version > RDB_VERSION_LEAST ? RDB_VERSION_FIELD_TTL : 0;
}

int rdb_save_version(const struct persist *p, struct buffer *why)
{
    int version = rdb_save_version_for(p, has_field_deadlines(p->keyspace));
    if (version) return version;
    buffer_printf(why,
                  "rdb-version %d has no place for the TTLs of hash fields: remove them (HPERSIST), or set "
                  "rdb-version to 11 or more",
                  (int)p->settings->rdb_version);
    return 0;
}

void rdb_save_init(const struct persist *p, struct rdb_writer *w, int version)
{
    w->version = version;
    w->compress = p->settings->rdbcompression;
    w->no_checksum = !p->settings->rdbchecksum;
}

/* ---- what is not a key ---- */

static void put_aux(struct rdb_writer *w, const char *name, struct slice value)
{
    rdb_put_byte(w, RDB_OP_AUX);
    rdb_put_string(w, slice_of(name));
    rdb_put_string(w, value);
}

static void put_aux_number(struct rdb_writer *w, const char *name, int64_t number)
{
    char digits[NUMBER_TEXT_MAX];
    put_aux(w, name, slice_make(digits, number_print(digits, number)));
}

static void put_facts(const struct persist *p, struct rdb_writer *w, bool is_base)
{
    put_aux(w, "redis-ver", SLICE(VERSION_REDIS));
    put_aux_number(w, "redis-bits", 8 * (int64_t)sizeof(void *));
    put_aux_number(w, "ctime", p->server->now_us / 1000000);
    put_aux_number(w, "used-mem", (int64_t)mem_used());
    put_aux_number(w, "aof-base", is_base);
}

/* ---- keys ---- */

static void put_eviction(const struct keyspace *ks, struct rdb_writer *w, const struct entry *e)
{
    int policy = ks->settings.maxmemory_policy;
    if (policy & EVICT_LRU) {
        rdb_put_byte(w, RDB_OP_IDLE);
        rdb_put_length(w, (uint64_t)evict_idle_s(ks, e));
    } else if (policy & EVICT_LFU) {
        rdb_put_byte(w, RDB_OP_FREQUENCY);
        rdb_put_byte(w, (uint8_t)evict_frequency(ks, e));
    }
}

static void put_entry(const struct keyspace *ks, struct rdb_writer *w, const struct entry *e)
{
    struct value value = entry_value(e);
    const struct value_type *type = value_type(&value);
    int64_t deadline_ms = entry_deadline_ms(e);
    if (deadline_ms >= 0) {
        rdb_put_byte(w, RDB_OP_DEADLINE_MS);
        rdb_put_u64(w, (uint64_t)deadline_ms);
    }
    put_eviction(ks, w, e);
    rdb_put_byte(w, type->rdb_form(&value, w->version));
    rdb_put_string(w, entry_key(e));
    type->save(&value, w);
}

/* Slows saving down, for tests. */
static void delay(const struct persist *p, uint64_t keys)
{
    int64_t delay_us = p->settings->rdb_key_save_delay_us;
    if (delay_us > 0) usleep((useconds_t)delay_us);
    else if (delay_us < 0 && keys % (uint64_t)-delay_us == 0) usleep(1);
}

static void put_db(const struct persist *p, struct rdb_writer *w, struct db *db, uint64_t *keys,
                   const struct rdb_progress *progress)
{
    struct hashtable_iter it;
    rdb_put_byte(w, RDB_OP_SELECT_DB);
    rdb_put_length(w, (uint64_t)db->id);
    rdb_put_byte(w, RDB_OP_SIZES);
    rdb_put_length(w, db_count(db));
    rdb_put_length(w, db_volatile_count(db));
    hashtable_iter_init(&it, &db->keys);
    for (void **slot; !w->failed && (slot = hashtable_iter_next(&it)) != NULL;) {
        put_entry(p->keyspace, w, *slot);
        ++*keys;
        if (p->settings->rdb_key_save_delay_us) delay(p, *keys);
        if (progress) progress->tell(progress->ctx, *keys);
    }
}

bool rdb_save(const struct persist *p, struct rdb_writer *w, bool is_base,
              const struct rdb_progress *progress)
{
    char header[16];
    uint64_t keys = 0;
    rdb_put_bytes(w, header, (size_t)snprintf(header, sizeof header, "REDIS%04d", w->version));
    put_facts(p, w, is_base);
    for (int i = 0; i < p->keyspace->db_count; i++)
        if (db_count(&p->keyspace->dbs[i])) put_db(p, w, &p->keyspace->dbs[i], &keys, progress);
    rdb_put_byte(w, RDB_OP_END);
    rdb_put_u64(w, rdb_writer_checksum(w));
    return rdb_writer_flush(w);
}
