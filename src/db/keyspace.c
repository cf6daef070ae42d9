#include "db/keyspace.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/mem.h"
#include "db/evict.h"
#include "db/fields.h"
#include "db/lazyfree.h"
#include "db/watch.h"
#include "types/string.h"

/* ---- the table's element ---- */

static uint64_t element_hash(const void *element)
{
    return db_hash(entry_key(element));
}

static bool element_equal(const void *element, const void *key, size_t key_len)
{
    struct slice own = entry_key(element);
    return own.len == key_len && slice_bytes_equal(own.ptr, key, key_len);
}

static void element_prefetch(const void *element)
{
    __builtin_prefetch(element);
}

static const struct hashtable_type entry_table = {
    .hash = element_hash, .equal = element_equal, .prefetch = element_prefetch};

static inline __attribute__((always_inline)) struct entry **find(const struct db *db, struct slice key,
                                                                 uint64_t hash)
{
    return (struct entry **)hashtable_find_as(&db->keys, &entry_table, hash, key.ptr, key.len);
}

/* ---- life ---- */

enum {
    LAG_HIGHEST_US = 10 * 1000 * 1000, /* of the expiry lag histogram */
    FIELDS_AT_ACCESS = 4096,           /* due fields that one access removes */
};

struct keyspace *keyspace_new(uint64_t seed)
{
    struct keyspace *ks = mem_calloc(1, sizeof *ks);
    random_seed(&ks->random, seed);
    ks->touch = true;
    ks->may_expire = true;
    ks->active_expire = true;
    ks->expire_lag_us = histogram_new(LAG_HIGHEST_US);
    return ks;
}

void keyspace_open(struct keyspace *ks, int db_count)
{
    ASSERT(ks->dbs == NULL);
    ks->dbs = mem_calloc((size_t)db_count, sizeof *ks->dbs);
    ks->db_count = db_count;
    for (int i = 0; i < db_count; i++) {
        ks->dbs[i].keyspace = ks;
        ks->dbs[i].id = i;
        hashtable_init(&ks->dbs[i].keys, &entry_table);
        fields_init(&ks->dbs[i]);
        watch_table_init(&ks->dbs[i].watched);
    }
}

void keyspace_free(struct keyspace *ks)
{
    for (int i = 0; i < ks->db_count; i++) {
        db_clear(&ks->dbs[i], false);
        hashtable_fini(&ks->dbs[i].watched);
    }
    mem_free(ks->dbs);
    histogram_free(ks->expire_lag_us);
    mem_free(ks);
}

size_t keyspace_count(const struct keyspace *ks)
{
    size_t count = 0;
    for (int i = 0; i < ks->db_count; i++) count += db_count(&ks->dbs[i]);
    return count;
}

/* ---- deadlines ---- */

static void unlink_deadline(struct db *db, struct entry *e)
{
    struct wheel_node *node = entry_node(e);
    if (!e->has_node || node->deadline_ms < 0) return;
    db->deadline_sum_ms -= node->deadline_ms;
    /* The wheel itself took out what it found due. */
    if (wheel_has(node)) wheel_remove(db->wheel, node);
    node->deadline_ms = ENTRY_NO_DEADLINE;
}

static void link_deadline(struct db *db, struct entry *e, int64_t deadline_ms)
{
    if (deadline_ms < 0) return;
    if (db->wheel == NULL) {
        db->wheel = mem_alloc(sizeof *db->wheel);
        wheel_init(db->wheel, db->keyspace->now_ms);
    }
    db->deadline_sum_ms += deadline_ms;
    wheel_add(db->wheel, entry_node(e), deadline_ms);
}

int64_t db_average_ttl_ms(const struct db *db)
{
    size_t count = db_volatile_count(db);
    if (count == 0) return 0;
    int64_t ttl_ms = (int64_t)(db->deadline_sum_ms / (__int128)count) - db->keyspace->now_ms;
    return ttl_ms > 0 ? ttl_ms : 0;
}

/* ---- removing ---- */

static void free_entry(struct keyspace *ks, struct entry *e, bool in_background)
{
    struct value value = entry_value(e);
    if (value.store == STORE_OBJECT) lazyfree_object(ks, &value, in_background);
    entry_free(e);
}

static void take_out(struct db *db, uint64_t hash, struct entry **slot)
{
    unlink_deadline(db, *slot);
    if ((*slot)->has_fields) fields_forget(db, *slot);
    hashtable_remove(&db->keys, hash, (void **)slot);
}

/* Removes a key that the server, not a command, decided to remove; the key's
 * bytes live until its event is told. */
static void drop_slot(struct db *db, uint64_t hash, struct entry **slot, enum event event, bool in_background)
{
    struct entry *e = *slot;
    struct keyspace *ks = db->keyspace;
    take_out(db, hash, slot);
    if (ks->tell_removed) ks->listener.removed(ks->listener.keeper, db->id, entry_key(e), event);
    db_signal_modified(db, entry_key(e), event);
    free_entry(ks, e, in_background);
}

static void expire_slot(struct db *db, uint64_t hash, struct entry **slot)
{
    struct keyspace *ks = db->keyspace;
    ks->stats.expired++;
    drop_slot(db, hash, slot, EVENT_EXPIRED, ks->settings.lazyfree_lazy_expire);
}

void db_expire_entry(struct db *db, struct entry *entry)
{
    uint64_t hash = element_hash(entry);
    expire_slot(db, hash, find(db, entry_key(entry), hash));
}

void db_tell_expired(struct db *db, struct slice key)
{
    struct keyspace *ks = db->keyspace;
    ks->stats.expired++;
    if (ks->tell_removed) ks->listener.removed(ks->listener.keeper, db->id, key, EVENT_EXPIRED);
    db_signal_modified(db, key, EVENT_EXPIRED);
}

/* The names of fields that are going, kept until they are told. */
struct field_names {
    bool wanted;
    struct buffer bytes;
    struct slice *names; /* ptr: an offset into bytes, until they are complete */
    size_t count, capacity;
};

static bool note_name(void *ctx, struct slice name, struct slice attached)
{
    struct field_names *to = ctx;
    (void)attached;
    if (!to->wanted) return true;
    if (to->count == to->capacity) {
        to->capacity = to->capacity ? 2 * to->capacity : 16;
        to->names = mem_realloc(to->names, to->capacity * sizeof *to->names);
    }
    to->names[to->count++] = slice_make((const char *)to->bytes.len, name.len);
    buffer_append_slice(&to->bytes, name);
    return true;
}

static void tell_expired_fields(struct db *db, struct slice key, struct field_names *from, size_t count)
{
    struct keyspace *ks = db->keyspace;
    ks->stats.expired_fields += count;
    ks->dirty += count - 1;
    for (size_t i = 0; i < from->count; i++)
        from->names[i].ptr = from->bytes.data + (size_t)from->names[i].ptr;
    if (ks->tell_removed)
        ks->listener.fields_removed(ks->listener.keeper, db->id, key, from->names, from->count);
    db_signal_modified(db, key, EVENT_HEXPIRED);
    db_signal_fields(db, key, EVENT_HEXPIRED, from->names, from->count);
    mem_free(from->names);
    buffer_fini(&from->bytes);
}

struct entry *db_expire_fields(struct db *db, struct entry *e, size_t limit)
{
    struct keyspace *ks = db->keyspace;
    struct value value = entry_value(e);
    const struct value_type *type = value_type(&value);
    if (ks->is_loading) return e;
    if (ks->may_expire && type->next_deadline_ms(&value) < ks->now_ms) {
        struct field_names names = {.wanted = ks->fields_interested || ks->tell_removed};
        const struct value_visitor visitor = {note_name, &names};
        size_t count = type->expire_due(&value, ks->now_ms, limit, &visitor);
        tell_expired_fields(db, entry_key(e), &names, count);
        if (type->length(&value) == 0) {
            uint64_t hash = element_hash(e);
            drop_slot(db, hash, find(db, entry_key(e), hash), EVENT_DEL, false);
            return NULL;
        }
        fields_track(db, e);
    }
    type->show_at(&value, ks->now_ms);
    return e;
}

void db_evict_entry(struct db *db, struct entry *entry)
{
    struct keyspace *ks = db->keyspace;
    uint64_t hash = element_hash(entry);
    ks->stats.evicted++;
    drop_slot(db, hash, find(db, entry_key(entry), hash), EVENT_EVICTED, ks->settings.lazyfree_lazy_eviction);
}

static bool remove_key(struct db *db, struct slice key, bool in_background)
{
    uint64_t hash = db_hash(key);
    struct entry **slot = find(db, key, hash), *e;
    if (slot == NULL) return false;
    e = *slot;
    if (entry_is_overdue(db->keyspace, e) && db->keyspace->may_expire) {
        expire_slot(db, hash, slot);
        return false;
    }
    if (e->has_fields && db_expire_fields(db, e, FIELDS_AT_ACCESS) == NULL) return false;
    take_out(db, hash, slot);
    free_entry(db->keyspace, e, in_background);
    return true;
}

bool db_delete(struct db *db, struct slice key)
{
    return remove_key(db, key, false);
}

bool db_unlink(struct db *db, struct slice key)
{
    return remove_key(db, key, true);
}

/* ---- looking up ---- */

/* An entry for which, or for a part of which, the time may have come. */
static __attribute__((noinline)) struct entry *settle(struct db *db, struct entry **slot)
{
    struct entry *e = *slot;
    if (!entry_is_overdue(db->keyspace, e))
        return e->has_fields ? db_expire_fields(db, e, FIELDS_AT_ACCESS) : e;
    if (db->keyspace->may_expire) expire_slot(db, element_hash(*slot), slot);
    return NULL;
}

static inline __attribute__((always_inline)) struct entry *find_live(struct db *db, struct slice key)
{
    struct entry **slot = find(db, key, db_hash(key));
    if (slot == NULL) return NULL;
    if (__builtin_expect(entry_is_timeless(*slot), 1)) return *slot;
    return settle(db, slot);
}

struct entry *db_peek(struct db *db, struct slice key)
{
    return find_live(db, key);
}

struct entry *db_lookup_write(struct db *db, struct slice key)
{
    struct entry *e = find_live(db, key);
    if (e && db->keyspace->touch) evict_touch(db->keyspace, e);
    return e;
}

static inline struct entry *find_counted(struct db *db, struct slice key)
{
    struct entry *e = find_live(db, key);
    if (e == NULL) {
        db->keyspace->stats.misses++;
        db_signal_event(db, key, EVENT_KEYMISS);
        return NULL;
    }
    db->keyspace->stats.hits++;
    return e;
}

struct entry *db_lookup_fact(struct db *db, struct slice key)
{
    return find_counted(db, key);
}

struct entry *db_lookup_read(struct db *db, struct slice key)
{
    struct entry *e = find_counted(db, key);
    if (e && db->keyspace->touch) evict_touch(db->keyspace, e);
    return e;
}

/* ---- setting ---- */

/* Text too long for an entry moves to an object of its own. */
static struct value storable(const struct value *value)
{
    struct value v = *value;
    if (v.store == STORE_TEXT && v.text.len > STRING_TEXT_MAX) {
        v.object = string_new_try(value->text, 0);
        if (v.object == NULL) panic("out of memory storing a string of %zu bytes", value->text.len);
        v.store = STORE_OBJECT;
    }
    return v;
}

/* Puts a value where an entry was: in place if the layout stays, else in a
 * new entry, to which a node goes with its place in the wheel. */
static struct entry *rewrite_entry(struct db *db, struct entry **slot, const struct value *value,
                                   bool has_node)
{
    struct entry *e = *slot;
    struct value old = entry_value(e);
    bool same_layout = e->has_node == has_node && (old.store == STORE_TEXT) == (value->store == STORE_TEXT) &&
                       (value->store != STORE_TEXT || old.text.len == value->text.len);
    if (same_layout) {
        entry_set_value(e, value);
    } else {
        struct entry *fresh = entry_new(entry_key(e), value, has_node);
        fresh->access = e->access;
        fresh->has_fields = e->has_fields;
        if (e->has_node && has_node) {
            *entry_node(fresh) = *entry_node(e);
            if (wheel_has(entry_node(fresh))) wheel_moved(entry_node(fresh));
        }
        entry_free(e);
        *slot = e = fresh;
    }
    if (e->has_fields || value->store == STORE_OBJECT) fields_track(db, e);
    if (old.store == STORE_OBJECT)
        lazyfree_object(db->keyspace, &old, db->keyspace->settings.lazyfree_lazy_server_del);
    return e;
}

static struct entry *insert_new(struct db *db, uint64_t hash, struct slice key, const struct value *value,
                                int64_t deadline_ms)
{
    struct entry *e = entry_new(key, value, deadline_ms >= 0);
    e->access = evict_initial_access(db->keyspace) & 0xffffff;
    hashtable_insert(&db->keys, hash, e);
    link_deadline(db, e, deadline_ms);
    if (value->store == STORE_OBJECT) fields_track(db, e);
    return e;
}

struct entry *db_add(struct db *db, struct slice key, const struct value *value)
{
    struct value v = storable(value);
    struct entry *e = insert_new(db, db_hash(key), key, &v, ENTRY_NO_DEADLINE);
    db_signal_event(db, key, EVENT_NEW);
    return e;
}

/* Whether there still is an entry once what is due has gone. */
static bool is_left(struct db *db, uint64_t hash, struct entry **slot)
{
    if (entry_is_overdue(db->keyspace, *slot)) {
        expire_slot(db, hash, slot);
        return false;
    }
    return !(*slot)->has_fields || db_expire_fields(db, *slot, FIELDS_AT_ACCESS);
}

enum db_change db_set_quietly(struct db *db, struct slice key, const struct value *value, int64_t deadline_ms)
{
    uint64_t hash = db_hash(key);
    struct value v = storable(value);
    struct entry **slot = find(db, key, hash);
    if (slot && !entry_is_timeless(*slot) && !is_left(db, hash, slot)) slot = NULL;
    if (slot == NULL) {
        insert_new(db, hash, key, &v, deadline_ms);
        return DB_ADDED;
    }
    enum db_change change = (*slot)->type == v.type ? DB_OVERWRITTEN : DB_TYPE_CHANGED;
    if (deadline_ms == DB_KEEP_DEADLINE) deadline_ms = entry_deadline_ms(*slot);
    unlink_deadline(db, *slot);
    struct entry *e = rewrite_entry(db, slot, &v, deadline_ms >= 0);
    link_deadline(db, e, deadline_ms);
    if (db->keyspace->touch) evict_touch(db->keyspace, e);
    return change;
}

void db_signal_change(struct db *db, struct slice key, enum db_change change)
{
    if (change == DB_ADDED) {
        db_signal_event(db, key, EVENT_NEW);
        return;
    }
    db_signal_event(db, key, EVENT_OVERWRITTEN);
    if (change == DB_TYPE_CHANGED) db_signal_event(db, key, EVENT_TYPE_CHANGED);
}

void db_set(struct db *db, struct slice key, const struct value *value, int64_t deadline_ms)
{
    db_signal_change(db, key, db_set_quietly(db, key, value, deadline_ms));
}

static struct entry **slot_of(struct db *db, struct entry *e)
{
    struct entry **slot = find(db, entry_key(e), element_hash(e));
    ASSERT(slot && *slot == e);
    return slot;
}

struct entry *db_replace_value(struct db *db, struct entry *entry, const struct value *value)
{
    struct value v = storable(value);
    /* A number for a number, the commonest of all, needs no table. */
    if (v.store == STORE_NUMBER && entry->store == STORE_NUMBER) {
        entry_set_value(entry, &v);
        return entry;
    }
    return rewrite_entry(db, slot_of(db, entry), &v, entry_deadline_ms(entry) >= 0);
}

void db_update_value(struct db *db, struct entry *entry, const struct value *value)
{
    entry_set_value(entry, value);
    if (value_type(value)->next_deadline_ms) fields_track(db, entry);
}

struct entry *db_set_deadline(struct db *db, struct entry *e, int64_t deadline_ms)
{
    if (deadline_ms >= 0 && !e->has_node) {
        struct entry **slot = slot_of(db, e);
        struct value value = entry_value(e);
        struct entry *fresh = entry_new(entry_key(e), &value, true);
        fresh->access = e->access;
        fresh->has_fields = e->has_fields;
        entry_free(e);
        *slot = e = fresh;
    }
    unlink_deadline(db, e);
    link_deadline(db, e, deadline_ms);
    return e;
}

/* An object grows by half again, so that appending byte by byte stays linear. */
static struct string *grown_string(struct entry *e, size_t len)
{
    struct value value = entry_value(e);
    if (value.store == STORE_OBJECT) {
        struct string *s = value.object;
        if (sizeof *s + len <= mem_usable(s)) return s;
        return string_grow_try(s, len + (len < (1 << 20) ? len : 1 << 20));
    }
    char digits[NUMBER_TEXT_MAX];
    return string_new_try(string_view(&value, digits), len + len / 2);
}

char *db_edit_string(struct db *db, struct entry **entry, size_t len)
{
    struct entry *e = *entry;
    char digits[NUMBER_TEXT_MAX];
    struct value value = entry_value(e);
    struct slice old = string_view(&value, digits);
    if (value.store == STORE_TEXT && value.encoding == STRING_RAW && old.len == len) return entry_text(e);
    if (len <= STRING_TEXT_MAX && value.store != STORE_OBJECT) {
        char text[STRING_TEXT_MAX];
        memcpy(text, old.ptr, old.len < len ? old.len : len);
        if (old.len < len) memset(text + old.len, 0, len - old.len);
        struct value edited = string_raw_value(slice_make(text, len));
        *entry = db_replace_value(db, e, &edited);
        return entry_text(*entry);
    }
    struct string *s = grown_string(e, len);
    if (s == NULL) return NULL;
    if (s->len < len) memset(s->data + s->len, 0, len - s->len);
    s->len = len;
    struct value edited = string_object_value(s);
    /* Where the entry already points to an object, that was moved, not replaced. */
    if (value.store == STORE_OBJECT) entry_set_value(e, &edited);
    else *entry = db_replace_value(db, e, &edited);
    return s->data;
}

/* The source entry stays in memory, out of the table, until the target has
 * its value: text is copied from it, an object changes hands. */
bool db_move(struct db *from, struct slice key, struct db *to, struct slice name, enum db_change *change)
{
    uint64_t hash = db_hash(key);
    struct entry **slot = find(from, key, hash);
    if (slot == NULL) return false;
    struct entry *e = *slot;
    struct value value = entry_value(e);
    int64_t deadline_ms = entry_deadline_ms(e);
    take_out(from, hash, slot);
    *change = db_set_quietly(to, name, &value, deadline_ms);
    entry_free(e);
    return true;
}

bool db_copy(struct db *from, struct slice key, struct db *to, struct slice name, enum db_change *change)
{
    struct entry **slot = find(from, key, db_hash(key));
    if (slot == NULL) return false;
    struct value value = entry_value(*slot);
    if (value.store == STORE_OBJECT) value.object = value_type(&value)->copy(&value);
    *change = db_set_quietly(to, name, &value, entry_deadline_ms(*slot));
    return true;
}

/* ---- telling ---- */

void db_signal_observers(struct db *db, struct slice key)
{
    struct keyspace *ks = db->keyspace;
    if (ks->watchers) watch_touch(db, key);
    if (ks->waiting) ks->listener.changed(ks->listener.waiters, db, key);
    if (ks->trackers) ks->listener.invalid(ks->listener.caches, key);
}

static void signal_replaced(struct db *db)
{
    struct keyspace *ks = db->keyspace;
    if (ks->waiting) ks->listener.replaced(ks->listener.waiters, db);
}

void db_emit(struct db *db, struct slice key, enum event event)
{
    struct keyspace *ks = db->keyspace;
    unsigned class = event_rows[event].class;
    if (ks->events_interested >> class & 1) ks->listener.event(ks->listener.ctx, db->id, key, event);
    else ks->stats.events_skipped[class]++;
}

/* ---- whole databases ---- */

size_t db_clear(struct db *db, bool in_background)
{
    size_t count = db_count(db);
    watch_touch_all(db);
    lazyfree_tables(db->keyspace, &db->keys, &db->fields_due, in_background);
    mem_free(db->wheel);
    mem_free(db->fields_wheel);
    db->wheel = db->fields_wheel = NULL;
    db->deadline_sum_ms = 0;
    db->keyspace->dirty += count;
    signal_replaced(db);
    return count;
}

static void take_content(struct db *to, const struct db *from)
{
    to->keys = from->keys;
    to->wheel = from->wheel;
    to->deadline_sum_ms = from->deadline_sum_ms;
    to->fields_due = from->fields_due;
    to->fields_wheel = from->fields_wheel;
}

void keyspace_swap(struct keyspace *ks, int a, int b)
{
    struct db *x = &ks->dbs[a], *y = &ks->dbs[b], was = *x;
    watch_touch_swapped(x, y);
    take_content(x, y);
    take_content(y, &was);
    ks->dirty++;
    signal_replaced(x);
    signal_replaced(y);
}

static uint64_t draw(void *random)
{
    return random_next(random);
}

struct entry *db_random(struct db *db)
{
    struct keyspace *ks = db->keyspace;
    /* Where overdue keys must stay (a replica), give up looking for another. */
    for (int tries = 0; tries < 100; tries++) {
        struct entry **slot = (struct entry **)hashtable_random(&db->keys, draw, &ks->random);
        if (slot == NULL) return NULL;
        if (!entry_is_overdue(ks, *slot)) return *slot;
        if (ks->may_expire) db_expire_entry(db, *slot);
    }
    return NULL;
}
