#include "persist/rdb_load.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "core/server.h"
#include "db/evict.h"
#include "db/keyspace.h"
#include "persist/loading.h"
#include "persist/rdb_save.h"
#include "types/rdb_form.h"

enum { HEADER_BYTES = 9, MAGIC_BYTES = 5, EMPTY_KEYS_LOGGED = 10 };

bool rdb_load_header(struct rdb_reader *r)
{
    char header[HEADER_BYTES];
    int64_t version = 0;
    if (!rdb_get_bytes(r, header, sizeof header)) return false;
    for (const char *digit = header + MAGIC_BYTES; digit < header + HEADER_BYTES; digit++)
        version = *digit >= '0' && *digit <= '9' && version >= 0 ? version * 10 + *digit - '0' : -1;
    if (memcmp(header, "REDIS", MAGIC_BYTES) != 0 || version < 0)
        rdb_fail(r, "Wrong signature trying to load DB from file");
    else if (version < 1 || version > RDB_VERSION_MAX)
        rdb_fail(r, "Can't handle RDB format version %" PRId64, version);
    r->version = (int)version;
    return !r->failed;
}

/* ---- values ---- */

bool rdb_load_value(const struct types_settings *settings, struct rdb_reader *r, uint8_t form,
                    struct value *value)
{
    enum type type = TYPE_COUNT;
    if (form == RDB_MODULE || form == RDB_MODULE_2)
        rdb_fail(r, "a value of a module's type: this server loads no modules");
    else if (!rdb_form_type(form, &type)) rdb_fail(r, "Unknown RDB encoding type %d", form);
    if (r->failed) return false;
    *value = value_empty(type);
    value_types[type]->load(value, form, r, settings);
    bool is_collection = type != TYPE_STRING;
    bool unwanted = r->failed || (is_collection && !value_types[type]->stays_when_empty && value->object &&
                                  value_types[type]->length(value) == 0);
    if (is_collection && unwanted && value->object) {
        value_types[type]->free(value->object, value->encoding);
        value->object = NULL;
    }
    return !r->failed;
}

void rdb_load_use(const struct keyspace *ks, struct entry *e, const struct rdb_use *use)
{
    int policy = ks->settings.maxmemory_policy;
    if (policy & EVICT_LFU && use->frequency >= 0) evict_set_frequency(ks, e, (unsigned)use->frequency);
    else if (!(policy & EVICT_LFU) && use->idle_s >= 0) evict_set_idle_s(ks, e, use->idle_s);
}

/* ---- the file ---- */

struct rdb_loading {
    struct persist *p;
    struct rdb_reader *r;
    struct rdb_loaded *loaded;
    struct db *db;
    bool may_merge;
    int64_t deadline_ms; /* of the next key */
    struct rdb_use use;
};

static void load_fact(struct rdb_loading *l)
{
    struct rdb_reader *r = l->r;
    int64_t number;
    if (!rdb_get_string(r, &r->more) || !rdb_get_string(r, &r->text)) return;
    struct slice name = buffer_slice(&r->more), value = buffer_slice(&r->text);
    if (slice_is(name, "redis-ver")) {
        log_notice("Loading RDB produced by version %.*s", (int)value.len, value.ptr);
    } else if (slice_is(name, "ctime") && number_parse(value, &number)) {
        int64_t age_s = l->p->server->now_us / 1000000 - number;
        log_notice("RDB age %" PRId64 " seconds", age_s > 0 ? age_s : 0);
    } else if (slice_is(name, "used-mem") && number_parse(value, &number)) {
        log_notice("RDB memory usage when created %.2f Mb", (double)number / (1024 * 1024));
        loading_expect_memory(l->p->loading, number);
    } else if (slice_is(name, "aof-base") && slice_is(value, "1")) {
        log_notice("RDB is base AOF");
    }
}

static void select_db(struct rdb_loading *l)
{
    uint64_t number = rdb_get_length(l->r);
    if (l->r->failed) return;
    if (number >= (uint64_t)l->p->keyspace->db_count)
        rdb_fail(l->r, "Data file was created with a server configured to handle more than %d databases",
                 l->p->keyspace->db_count);
    else l->db = &l->p->keyspace->dbs[number];
}

static void skip_lengths(struct rdb_reader *r, int count)
{
    while (count-- > 0) rdb_get_length(r);
}

/* Of a module: numbers and strings, each announced by a code; and of no use here. */
static void skip_module(struct rdb_reader *r)
{
    enum { END, SIGNED, UNSIGNED, FLOAT, DOUBLE, STRING };
    rdb_get_length(r); /* the module */
    for (;;) {
        uint64_t code = rdb_get_length(r);
        if (r->failed || code == END) return;
        if (code == SIGNED || code == UNSIGNED) rdb_get_length(r);
        else if (code == FLOAT) rdb_get_u32(r);
        else if (code == DOUBLE) rdb_get_u64(r);
        else if (code == STRING) rdb_get_string(r, &r->text);
        else rdb_fail(r, "a module's data is damaged");
    }
}

bool rdb_load_skip(struct rdb_reader *r, uint8_t code)
{
    switch (code) {
    case RDB_OP_FUNCTION: return rdb_get_string(r, &r->text), true;
    case RDB_OP_MODULE_AUX: return skip_module(r), true;
    case RDB_OP_SIZES: return skip_lengths(r, 2), true;
    case RDB_OP_SLOT_INFO: return skip_lengths(r, 3), true;
    default: return false;
    }
}

/* What comes instead of a key, or in front of one. False: it is a key's form. */
static bool load_operation(struct rdb_loading *l, uint8_t code)
{
    struct rdb_reader *r = l->r;
    switch (code) {
    case RDB_OP_DEADLINE_S: l->deadline_ms = (int64_t)(int32_t)rdb_get_u32(r) * 1000; return true;
    case RDB_OP_DEADLINE_MS: l->deadline_ms = (int64_t)rdb_get_u64(r); return true;
    case RDB_OP_FREQUENCY: l->use.frequency = rdb_get_byte(r); return true;
    case RDB_OP_IDLE: l->use.idle_s = (int64_t)(rdb_get_length(r) & INT64_MAX); return true;
    case RDB_OP_SELECT_DB: select_db(l); return true;
    case RDB_OP_AUX: load_fact(l); return true;
    case RDB_OP_FUNCTION_DRAFT: rdb_fail(r, "Pre-release function format not supported"); return true;
    default: return rdb_load_skip(r, code);
    }
}

static void skip_empty(const struct rdb_loading *l)
{
    struct slice key = buffer_slice(&l->p->loading->key);
    if (l->loaded->empty++ < EMPTY_KEYS_LOGGED) log_notice("skipping empty key: %.*s", (int)key.len, key.ptr);
}

/* Puts a key into the keyspace, which owns the value from then on. */
static void keep(struct rdb_loading *l, const struct value *value)
{
    struct slice key = buffer_slice(&l->p->loading->key);
    if (db_set_quietly(l->db, key, value, l->deadline_ms) != DB_ADDED && !l->may_merge)
        rdb_fail(l->r, "RDB has duplicated key '%.*s' in DB %d", key.len > 100 ? 100 : (int)key.len, key.ptr,
                 l->db->id);
    if (l->use.idle_s >= 0 || l->use.frequency >= 0)
        rdb_load_use(l->p->keyspace, db_peek(l->db, key), &l->use);
    l->loaded->keys++;
}

static void load_key(struct rdb_loading *l, uint8_t form)
{
    struct value value;
    struct rdb_reader *r = l->r;
    const struct keyspace *ks = l->p->keyspace;
    bool is_overdue = l->deadline_ms != ENTRY_NO_DEADLINE && l->deadline_ms < ks->now_ms;
    if (!rdb_get_string(r, &l->p->loading->key) || !rdb_load_value(l->p->server->types, r, form, &value))
        return;
    bool is_object = value.store == STORE_OBJECT;
    if (is_object && value.object == NULL) {
        skip_empty(l);
    } else if (is_overdue) {
        if (is_object) value_type(&value)->free(value.object, value.encoding);
        loading_note_expired(l->p->loading, l->db->id, buffer_slice(&l->p->loading->key));
        l->loaded->expired++;
    } else {
        keep(l, &value);
    }
    l->deadline_ms = ENTRY_NO_DEADLINE;
    l->use = (struct rdb_use){-1, -1};
    loading_delay(l->p->loading);
}

static void check_checksum(const struct rdb_loading *l)
{
    struct rdb_reader *r = l->r;
    if (r->version < RDB_CHECKSUM_SINCE) return;
    uint64_t reckoned = rdb_reader_checksum(r), told = rdb_get_u64(r);
    if (r->failed || !l->p->settings->rdbchecksum || l->p->skip_checksums) return;
    if (told == 0) log_notice("RDB file was saved with checksum disabled: no check performed.");
    else if (told != reckoned)
        rdb_fail(r, "Wrong RDB checksum expected: (%" PRIx64 ") but got (%" PRIx64 ")", reckoned, told);
}

bool rdb_load(struct persist *p, struct rdb_reader *r, bool may_merge, struct rdb_loaded *loaded)
{
    struct rdb_loading l = {
        .p = p,
        .r = r,
        .loaded = loaded,
        .db = &p->keyspace->dbs[0],
        .may_merge = may_merge,
        .deadline_ms = ENTRY_NO_DEADLINE,
        .use = {-1, -1},
    };
    *loaded = (struct rdb_loaded){0};
    rdb_load_header(r);
    r->deep = p->settings->sanitize_dump_payload == SANITIZE_YES;
    while (!r->failed) {
        uint8_t code = rdb_get_byte(r);
        if (r->failed || code == RDB_OP_END) break;
        if (!load_operation(&l, code)) load_key(&l, code);
    }
    if (!r->failed) check_checksum(&l);
    if (loaded->empty)
        log_notice("Done loading RDB, keys loaded: %" PRIu64 ", keys expired: %" PRIu64
                   ", empty keys skipped: %" PRIu64 ".",
                   loaded->keys, loaded->expired, loaded->empty);
    else if (!r->failed)
        log_notice("Done loading RDB, keys loaded: %" PRIu64 ", keys expired: %" PRIu64 ".", loaded->keys,
                   loaded->expired);
    return !r->failed;
}
