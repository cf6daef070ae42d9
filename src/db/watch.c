#include "db/watch.h"

#include "base/hash.h"
#include "base/mem.h"
#include "db/keyspace.h"

/* All who watch one key of one database. */
struct watchers {
    struct list list; /* struct watched_key, through its of_key */
    size_t key_len;
    char key[];
};

struct watched_key {
    struct list of_watcher, of_key;
    struct watcher *watcher;
    struct watchers *watchers;
    struct db *db;
    bool was_overdue; /* when watched: that it then goes changes nothing */
};

static struct slice key_of(const struct watchers *watchers)
{
    return slice_make(watchers->key, watchers->key_len);
}

static uint64_t element_hash(const void *element)
{
    struct slice key = key_of(element);
    return hash_bytes(key.ptr, key.len);
}

static bool element_equal(const void *element, const void *key, size_t key_len)
{
    return slice_equal(key_of(element), slice_make(key, key_len));
}

static const struct hashtable_type watch_table = {.hash = element_hash, .equal = element_equal};

void watch_table_init(struct hashtable *watched)
{
    hashtable_init(watched, &watch_table);
}

void watcher_init(struct watcher *w)
{
    list_init(&w->keys);
    w->dirty = false;
}

static struct watchers *watchers_of(struct hashtable *watched, struct slice key)
{
    uint64_t hash = hash_bytes(key.ptr, key.len);
    void **slot = hashtable_find(watched, hash, key.ptr, key.len);
    if (slot) return *slot;
    struct watchers *watchers = mem_alloc(sizeof *watchers + key.len);
    list_init(&watchers->list);
    watchers->key_len = key.len;
    memcpy(watchers->key, key.ptr, key.len);
    hashtable_insert(watched, hash, watchers);
    return watchers;
}

/* Whether the key's entry is there though its time has come. */
static bool is_overdue(struct db *db, struct slice key)
{
    void **slot = hashtable_find(&db->keys, hash_bytes(key.ptr, key.len), key.ptr, key.len);
    return slot && entry_is_overdue(db->keyspace, *slot);
}

void watch_add(struct watcher *w, struct db *db, struct slice key)
{
    list_each(node, &w->keys)
    {
        struct watched_key *watched = container_of(node, struct watched_key, of_watcher);
        if (watched->db == db && slice_equal(key_of(watched->watchers), key)) return;
    }
    if (list_empty(&w->keys)) db->keyspace->watchers++;
    struct watched_key *watched = mem_alloc(sizeof *watched);
    watched->watcher = w;
    watched->db = db;
    watched->watchers = watchers_of(&db->watched, key);
    watched->was_overdue = is_overdue(db, key);
    list_push_tail(&w->keys, &watched->of_watcher);
    list_push_tail(&watched->watchers->list, &watched->of_key);
}

static void forget(struct watched_key *watched)
{
    struct watchers *watchers = watched->watchers;
    list_remove(&watched->of_watcher);
    list_remove(&watched->of_key);
    if (list_empty(&watchers->list)) {
        uint64_t hash = element_hash(watchers);
        struct hashtable *table = &watched->db->watched;
        hashtable_remove(table, hash, hashtable_find(table, hash, watchers->key, watchers->key_len));
        mem_free(watchers);
    }
    mem_free(watched);
}

void watch_clear(struct watcher *w)
{
    w->dirty = false;
    struct list *first = list_head(&w->keys);
    if (first == NULL) return;
    container_of(first, struct watched_key, of_watcher)->db->keyspace->watchers--;
    list_each_safe(node, &w->keys) forget(container_of(node, struct watched_key, of_watcher));
}

bool watch_any_overdue(const struct watcher *w)
{
    list_each(node, &w->keys)
    {
        struct watched_key *watched = container_of(node, struct watched_key, of_watcher);
        if (!watched->was_overdue && is_overdue(watched->db, key_of(watched->watchers))) return true;
    }
    return false;
}

size_t watch_count(const struct watcher *w)
{
    size_t count = 0;
    list_each(node, &w->keys) count += node != NULL;
    return count;
}

static void make_dirty(struct watchers *watchers)
{
    list_each(node, &watchers->list) container_of(node, struct watched_key, of_key)->watcher->dirty = true;
}

static bool exists(struct db *db, struct slice key)
{
    return hashtable_find(&db->keys, hash_bytes(key.ptr, key.len), key.ptr, key.len) != NULL;
}

void watch_touch(struct hashtable *watched, struct slice key)
{
    void **slot = hashtable_find(watched, hash_bytes(key.ptr, key.len), key.ptr, key.len);
    if (slot == NULL) return;
    list_each(node, &((struct watchers *)*slot)->list)
    {
        struct watched_key *its = container_of(node, struct watched_key, of_key);
        if (its->was_overdue && !exists(its->db, key)) its->was_overdue = false; /* for the client it was gone */
        else its->watcher->dirty = true;
    }
}

static void touch_existing(struct db *watched, struct db *a, struct db *b)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, &watched->watched);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        struct slice key = key_of(*slot);
        if (exists(a, key) || exists(b, key)) make_dirty(*slot);
    }
}

void watch_touch_all(struct db *db)
{
    touch_existing(db, db, db);
}

void watch_touch_swapped(struct db *a, struct db *b)
{
    touch_existing(a, a, b);
    touch_existing(b, a, b);
}
