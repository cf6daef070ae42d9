/* The keyspace: numbered databases of entries. Everything that reads or
 * changes a key goes through here; every change is reported by one call,
 * db_signal_modified, and leaves through one listener.
 *
 * Time is ks->now_ms, set by the owner before each command and frozen during
 * it. A key is gone when now_ms > its deadline, strictly: whoever comes upon
 * it then removes it (`expired`), a command or the wheel. The same is true of
 * a hash's fields (`hexpired`): no lookup returns a value with a field that is due.
 *
 * An entry pointer is valid until its key is set, expired, renamed or removed
 * or gets its first deadline. One thread. */
#ifndef DB_KEYSPACE_H
#define DB_KEYSPACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/random.h"
#include "db/entry.h"
#include "db/event.h"
#include "db/settings.h"
#include "ds/hashtable.h"
#include "ds/histogram.h"
#include "ds/wheel.h"

struct worker;

struct db {
    struct keyspace *keyspace;
    int id;
    struct hashtable keys;       /* struct entry * */
    struct wheel *wheel;         /* of the entries with a deadline; NULL until there was one */
    __int128 deadline_sum_ms;    /* of them, for the average */
    struct hashtable fields_due; /* db/fields.h: keys with elements that have deadlines, */
    struct wheel *fields_wheel;  /* by the first of these; NULL until there was one */
    struct hashtable watched;    /* db/watch.h */
};

/* What the keyspace calls upwards; wired once. */
struct keyspace_listener {
    void *ctx;
    /* Something happened to a key, and somebody listens to its class. */
    void (*event)(void *ctx, int db, struct slice key, enum event event);
    /* These fields are what an event was about, while ks->fields_interested. */
    void (*fields)(void *ctx, int db, struct slice key, enum event event, const struct slice *fields,
                   size_t count);
    void *keeper;
    /* A key (expired, evicted, or gone with its last field), or fields of one, was
     * removed and no command said so, while ks->tell_removed. */
    void (*removed)(void *keeper, int db, struct slice key, enum event event);
    void (*fields_removed)(void *keeper, int db, struct slice key, const struct slice *fields, size_t count);
    void *waiters;
    /* A key was changed, or a database got another content, while ks->waiting. */
    void (*changed)(void *waiters, struct db *db, struct slice key);
    void (*replaced)(void *waiters, struct db *db);
    void *caches;
    void (*invalid)(void *caches, struct slice key); /* a key was changed, while ks->trackers */
};

struct keyspace_stats {
    uint64_t hits, misses;
    uint64_t expired, evicted;
    uint64_t expired_fields;
    uint64_t expire_cap_reached;                /* slices that ended with keys still overdue */
    uint64_t expire_ns;                         /* spent in slices */
    uint64_t events_skipped[EVENT_CLASS_COUNT]; /* enabled, but nobody listened */
};

struct keyspace {
    struct db_settings settings;
    struct keyspace_listener listener;
    struct worker *worker; /* frees large values; NULL: at once */
    struct random random;
    struct db *dbs;
    int db_count;

    int64_t now_ms;
    uint32_t access_clock; /* what a touched entry gets, for LRU */
    bool touch;            /* lookups count as accesses */
    bool may_expire;       /* an overdue key is removed, not only hidden (replica, pause) */
    bool is_loading;       /* nothing is overdue: a deadline may not be the last word on a key */
    bool active_expire;    /* by the wheel, too (DEBUG SET-ACTIVE-EXPIRE) */

    uint32_t events_enabled;    /* bits of enum event_class that the configuration names */
    uint32_t events_interested; /* of those, the ones somebody could receive */
    bool fields_interested;     /* somebody could receive the fields of events */
    bool tell_removed;          /* somebody keeps what the server removes by itself */
    uint64_t dirty;             /* changes since the last save */
    size_t memory_not_counted;  /* against maxmemory: buffers that eviction itself fills */
    unsigned observers;         /* the three below together: one test tells that nobody looks */
    unsigned watchers;          /* clients with a watched key */
    unsigned waiting;           /* clients that a changed key may wake */
    unsigned trackers;          /* clients that keep copies of keys */
    struct histogram *expire_lag_us;
    struct keyspace_stats stats;
    atomic_size_t lazyfree_pending, lazyfreed; /* values and keys freed in the background */
};

struct keyspace *keyspace_new(uint64_t seed);
void keyspace_free(struct keyspace *ks);

/* Makes the databases, once the settings are read. */
void keyspace_open(struct keyspace *ks, int db_count);

/* Keys in all databases. */
size_t keyspace_count(const struct keyspace *ks);

static inline uint64_t db_hash(struct slice key)
{
    return hash_bytes(key.ptr, key.len);
}

/* ---- looking up ---- */

/* For a read: counts a hit or a miss (and tells `keymiss`), touches. */
struct entry *db_lookup_read(struct db *db, struct slice key);

/* The same without touching: for questions about a key (EXISTS, TTL, TYPE). */
struct entry *db_lookup_fact(struct db *db, struct slice key);

/* For a write: touches, tells nothing. */
struct entry *db_lookup_write(struct db *db, struct slice key);

/* As they do, without touching, counting or telling (OBJECT, DEBUG). */
struct entry *db_peek(struct db *db, struct slice key);

/* ---- changing: silent but for the events named ---- */

enum { DB_KEEP_DEADLINE = -2 };
enum db_change { DB_ADDED, DB_OVERWRITTEN, DB_TYPE_CHANGED };

/* Sets the key to the value (text is copied, an object becomes the
 * keyspace's), with a deadline, ENTRY_NO_DEADLINE, or the one it has. */
enum db_change db_set_quietly(struct db *db, struct slice key, const struct value *value,
                              int64_t deadline_ms);

/* Tells what db_set_quietly did: `new`, or `overwritten` and `type_changed`. */
void db_signal_change(struct db *db, struct slice key, enum db_change change);

/* Both: the new value of a key, before the command's own event. */
void db_set(struct db *db, struct slice key, const struct value *value, int64_t deadline_ms);

/* Adds a key that a lookup has just not found, without a deadline; tells `new`. */
struct entry *db_add(struct db *db, struct slice key, const struct value *value);

/* Replaces the value of an entry that db_lookup_write just returned, keeps the
 * deadline; nothing is told. Returns where the entry is now. */
struct entry *db_replace_value(struct db *db, struct entry *entry, const struct value *value);

/* Stores what became of a collection that was changed in place. */
void db_update_value(struct db *db, struct entry *entry, const struct value *value);

/* The bytes of a string entry, len of them, to be written to: kept as far as
 * they were, zero beyond; from now on raw. NULL when there is no memory for
 * them, and nothing changed. May move *entry. */
char *db_edit_string(struct db *db, struct entry **entry, size_t len);

/* Removes the key; false if it is not there (an overdue one: `expired`). */
bool db_delete(struct db *db, struct slice key);

/* The same with the value freed in the background if it is large. */
bool db_unlink(struct db *db, struct slice key);

/* Sets (>= 0) or takes away (ENTRY_NO_DEADLINE) the deadline. May move the
 * entry: returns where it is now. */
struct entry *db_set_deadline(struct db *db, struct entry *entry, int64_t deadline_ms);

/* Moves a key, with its value and deadline, to a name in the same or another
 * database, replacing what is there. False if there is no such key. */
bool db_move(struct db *from, struct slice key, struct db *to, struct slice name, enum db_change *change);

/* Copies a key likewise. */
bool db_copy(struct db *from, struct slice key, struct db *to, struct slice name, enum db_change *change);

/* ---- telling ---- */

void db_signal_observers(struct db *db, struct slice key);
void db_emit(struct db *db, struct slice key, enum event event);

/* An event without a change of the data. */
static inline void db_signal_event(struct db *db, struct slice key, enum event event)
{
    if (__builtin_expect(db->keyspace->events_enabled >> event_rows[event].class & 1, 0))
        db_emit(db, key, event);
}

/* The one call by which a command reports what it did to a key. */
static inline void db_signal_modified(struct db *db, struct slice key, enum event event)
{
    struct keyspace *ks = db->keyspace;
    ks->dirty++;
    if (__builtin_expect(ks->observers != 0, 0)) db_signal_observers(db, key);
    db_signal_event(db, key, event);
}

/* Tells the fields that an event was about; call it behind the event's own. */
static inline void db_signal_fields(struct db *db, struct slice key, enum event event,
                                    const struct slice *fields, size_t count)
{
    const struct keyspace *ks = db->keyspace;
    if (__builtin_expect(ks->fields_interested && count, 0))
        ks->listener.fields(ks->listener.ctx, db->id, key, event, fields, count);
}

/* ---- whole databases ---- */

static inline size_t db_count(const struct db *db)
{
    return hashtable_count(&db->keys);
}

static inline size_t db_volatile_count(const struct db *db)
{
    return db->wheel ? wheel_count(db->wheel) : 0;
}

/* Mean time to live of the volatile keys; 0 when there are none. */
int64_t db_average_ttl_ms(const struct db *db);

/* Empties a database (silent), in the background if asked to. Returns the
 * number of keys it had. */
size_t db_clear(struct db *db, bool in_background);

void keyspace_swap(struct keyspace *ks, int a, int b);

/* A random live key; overdue ones met on the way expire. NULL when empty. */
struct entry *db_random(struct db *db);

/* Whether an entry's time has come (it may still be in the table). */
static inline bool entry_is_overdue(const struct keyspace *ks, const struct entry *e)
{
    return e->has_node && ks->now_ms > entry_node(e)->deadline_ms && entry_node(e)->deadline_ms >= 0 &&
           !ks->is_loading;
}

/* Removes an overdue key, tells `expired`. */
void db_expire_entry(struct db *db, struct entry *entry);

/* Tells `expired` of a key that is no more there, since its time came before the
 * data was read. */
void db_tell_expired(struct db *db, struct slice key);

/* Removes what is due of an entry that has_fields, at most limit fields, and
 * hides the rest; tells `hexpired`, and `del` if nothing is left: then returns
 * NULL, else the entry. Only hides where ks->may_expire forbids more. */
struct entry *db_expire_fields(struct db *db, struct entry *entry, size_t limit);

/* Removes a key to make room, tells `evicted`. */
void db_evict_entry(struct db *db, struct entry *entry);

#endif
