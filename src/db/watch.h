/* WATCH: optimistic locking of keys. A watcher (a client) becomes dirty when
 * one of its keys is changed by anybody; EXEC then refuses. */
#ifndef DB_WATCH_H
#define DB_WATCH_H

#include <stdbool.h>

#include "base/slice.h"
#include "ds/hashtable.h"
#include "ds/list.h"

struct db;

struct watcher {
    struct list keys; /* struct watched_key, through its of_watcher */
    bool dirty;
};

void watcher_init(struct watcher *w);
void watch_table_init(struct hashtable *watched);

/* Watches a key; a key watched already is left as it is. */
void watch_add(struct watcher *w, struct db *db, struct slice key);

/* Forgets all of a watcher's keys and that it was dirty. */
void watch_clear(struct watcher *w);

/* Whether a key that was alive when watched has come due since. */
bool watch_any_overdue(const struct watcher *w);

size_t watch_count(const struct watcher *w);

/* Makes the watchers of a key dirty; of all that exist (FLUSHALL), of those
 * that exist in either of two databases about to be swapped. */
void watch_touch(struct db *db, struct slice key);

/* A key went because its time had come: that dirties those who watched it
 * before, not those who came when it was overdue already. */

/* Whole databases. */
void watch_touch_all(struct db *db);
void watch_touch_swapped(struct db *a, struct db *b);

#endif
