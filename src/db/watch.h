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

void watch_init(struct watcher *w);
void watch_table_init(struct hashtable *watched);

/* Watches a key; a key watched already is left as it is. */
void watch_add(struct watcher *w, struct db *db, struct slice key);

/* Forgets all of a watcher's keys and that it was dirty. */
void watch_clear(struct watcher *w);

/* Whether a key that was alive when watched has come due since. */
bool watch_any_overdue(const struct watcher *w);

/* A key has changed (its entry, if there is one, is as it is now): makes its
 * watchers dirty. One that was overdue when it was watched counted as absent,
 * and that it goes is no change. */
void watch_touch(struct db *db, struct slice key);

/* The same for whole databases that are about to be emptied or swapped. */
void watch_touch_all(struct db *db);
void watch_touch_swapped(struct db *a, struct db *b);

#endif
