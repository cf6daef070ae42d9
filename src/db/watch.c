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

void watch_init(struct watcher *w)
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

static struct entry *find_entry(const struct db *db, struct slice key)
{
    void **slot = hashtable_find(&db->keys, hash_bytes(key.ptr, key.len), key.ptr, key.len);
    return slot ? *slot : NULL;
}

/* Whether the key's entry is there though its time has come. */
static bool is_overdue(const struct db *db, struct slice key)
{
    const struct entry *e = find_entry(db, key);
    return e && entry_is_overdue(db->keyspace, e);
}

void watch_add(struct watcher *w, struct db *db, struct slice key)
{
    list_each (node, &w->keys) {
        struct watched_key *watched = container_of(node, struct watched_key, of_watcher);
        if (watched->db == db && slice_equal(key_of(watched->watchers), key)) return;
    }
    if (list_empty(&w->keys)) {
        db->keyspace->watchers++;
        db->keyspace->observers++;
    }
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
    struct keyspace *ks = container_of(first, struct watched_key, of_watcher)->db->keyspace;
    ks->watchers--;
    ks->observers--;
    list_each_safe (node, &w->keys) forget(container_of(node, struct watched_key, of_watcher));
}

bool watch_any_overdue(const struct watcher *w)
{
    list_each (node, &w->keys) {
        struct watched_key *watched = container_of(node, struct watched_key, of_watcher);
        if (!watched->was_overdue && is_overdue(watched->db, key_of(watched->watchers))) return true;
    }
    return false;
}

/* The key has changed, or will: `after` is the entry it has then. One that was
 * overdue when it was watched counted as absent; while it stays so, nothing
 * has changed for the watcher. */
static void note_change(struct watched_key *watched, const struct entry *after, bool was_there)
{
    bool absent_after = after == NULL || entry_is_overdue(watched->db->keyspace, after);
    if (absent_after && (watched->was_overdue || !was_there)) watched->was_overdue = after != NULL;
    else watched->watcher->dirty = true;
}

void watch_touch(struct db *db, struct slice key)
{
    void **slot = hashtable_find(&db->watched, hash_bytes(key.ptr, key.len), key.ptr, key.len);
    if (slot == NULL) return;
    const struct watchers *watchers = *slot;
    const struct entry *after = find_entry(db, key);
    list_each (node, &watchers->list)
        note_change(container_of(node, struct watched_key, of_key), after, true);
}

/* A database gets the content of another, or none. */
static void touch_replaced(struct db *db, const struct db *replacement)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, &db->watched);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        const struct watchers *watchers = *slot;
        struct slice key = key_of(watchers);
        bool was_there = find_entry(db, key) != NULL;
        const struct entry *after = replacement ? find_entry(replacement, key) : NULL;
        if (!was_there && after == NULL) continue;
        list_each (node, &watchers->list)
            note_change(container_of(node, struct watched_key, of_key), after, was_there);
    }
}

void watch_touch_all(struct db *db)
{
    touch_replaced(db, NULL);
}

void watch_touch_swapped(struct db *a, struct db *b)
{
    touch_replaced(a, b);
    touch_replaced(b, a);
}
