#include "db/watch.h"

#include "base/mem.h"
#include "keyspace.h"
#include "seed.h"

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void watch(struct watcher *watcher, struct db *db, const char *key)
{
    watch_add(watcher, db, slice_of(key));
}

static void set(struct db *db, const char *key)
{
    world_set(db, key, "v", ENTRY_NO_DEADLINE);
    db_signal_modified(db, slice_of(key), EVENT_SET);
}

static void changes_of_others_do_not_matter(void)
{
    struct watcher a, b;
    setup();
    watch_init(&a);
    watch_init(&b);
    watch(&a, w.db, "k");
    watch(&a, w.db, "k");
    watch(&a, w.db, "l");
    CHECK_INT(w.ks->watchers, 1);
    watch(&b, &w.ks->dbs[1], "k");
    CHECK_INT(w.ks->watchers, 2);
    set(w.db, "other");
    CHECK(!a.dirty && !b.dirty);
    set(&w.ks->dbs[1], "k");
    CHECK(!a.dirty && b.dirty);
    set(w.db, "l");
    CHECK(a.dirty);
    watch_clear(&a);
    CHECK(!a.dirty);
    CHECK_INT(w.ks->watchers, 1);
    CHECK_INT(hashtable_count(&w.db->watched), 0);
    set(w.db, "k");
    CHECK(!a.dirty);
    watch_clear(&a);
    watch_clear(&b);
    CHECK_INT(w.ks->watchers, 0);
    world_fini(&w);
}

static void a_key_that_comes_due(void)
{
    struct watcher a;
    setup();
    watch_init(&a);
    world_set(w.db, "k", "v", w.ks->now_ms + 10);
    watch(&a, w.db, "k");
    w.ks->now_ms += 10;
    CHECK(!watch_any_overdue(&a));
    w.ks->now_ms++;
    CHECK(watch_any_overdue(&a));
    CHECK(!a.dirty); /* nobody has come upon it yet */
    CHECK(db_peek(w.db, SLICE("k")) == NULL);
    CHECK(a.dirty);
    watch_clear(&a);
    world_fini(&w);
}

/* It counted as absent; that it is removed is no change, that it comes back is. */
static void a_key_that_was_overdue_already(void)
{
    struct watcher a;
    setup();
    watch_init(&a);
    world_set(w.db, "k", "v", w.ks->now_ms + 10);
    w.ks->now_ms += 11;
    watch(&a, w.db, "k");
    CHECK(!watch_any_overdue(&a));
    CHECK(db_peek(w.db, SLICE("k")) == NULL);
    CHECK(!a.dirty);
    CHECK(!watch_any_overdue(&a));
    set(w.db, "k");
    CHECK(a.dirty);
    watch_clear(&a);
    world_fini(&w);
}

static void emptying(void)
{
    struct watcher a, b, c;
    setup();
    watch_init(&a);
    watch_init(&b);
    watch_init(&c);
    set(w.db, "k");
    set(&w.ks->dbs[1], "k");
    watch(&a, w.db, "k");
    watch(&b, w.db, "absent");
    watch(&c, &w.ks->dbs[1], "k");
    db_clear(w.db, false);
    CHECK(a.dirty && !b.dirty && !c.dirty);
    watch_clear(&a);
    watch(&a, w.db, "k");
    db_clear(w.db, false); /* there was nothing */
    CHECK(!a.dirty);
    watch_clear(&a);
    watch_clear(&b);
    watch_clear(&c);
    world_fini(&w);
}

static void swapping(void)
{
    struct watcher here, there, nowhere, both;
    setup();
    watch_init(&here);
    watch_init(&there);
    watch_init(&nowhere);
    watch_init(&both);
    set(w.db, "here");
    set(&w.ks->dbs[1], "there");
    set(w.db, "both");
    set(&w.ks->dbs[1], "both");
    watch(&here, w.db, "here");
    watch(&there, w.db, "there");
    watch(&nowhere, w.db, "nowhere");
    watch(&both, &w.ks->dbs[1], "both");
    keyspace_swap(w.ks, 0, 1);
    CHECK(here.dirty && there.dirty && both.dirty && !nowhere.dirty);
    watch_clear(&here);
    watch(&here, w.db, "here"); /* a watch stays with the database's number */
    set(w.db, "here");
    CHECK(here.dirty);
    watch_clear(&here);
    watch_clear(&there);
    watch_clear(&nowhere);
    watch_clear(&both);
    world_fini(&w);
}

/* Many watchers and keys, against a table of who watches what. */
static void any_watches(void)
{
    enum { WATCHERS = 20, KEYS = 30 };
    struct random r;
    struct watcher watchers[WATCHERS];
    bool watches[WATCHERS][WORLD_DBS][KEYS] = {0}, dirty[WATCHERS] = {0};
    seed_init(&r);
    setup();
    for (int i = 0; i < WATCHERS; i++) watch_init(&watchers[i]);
    for (int i = 0; i < 50000; i++) {
        int who = (int)random_below(&r, WATCHERS), k = (int)random_below(&r, KEYS);
        int db = (int)random_below(&r, WORLD_DBS);
        char key[8];
        snprintf(key, sizeof key, "k%d", k);
        if (random_below(&r, 3) == 0) {
            set(&w.ks->dbs[db], key);
            for (int each = 0; each < WATCHERS; each++) dirty[each] |= watches[each][db][k];
        } else if (random_below(&r, 8) == 0) {
            watch_clear(&watchers[who]);
            memset(watches[who], 0, sizeof watches[who]);
            dirty[who] = false;
        } else {
            watch(&watchers[who], &w.ks->dbs[db], key);
            watches[who][db][k] = true;
        }
        unsigned watching = 0;
        for (int each = 0; each < WATCHERS; each++) {
            CHECK_INT(watchers[each].dirty, dirty[each]);
            watching += !list_empty(&watchers[each].keys);
        }
        CHECK_INT(w.ks->watchers, watching);
        buffer_clear(&w.events);
    }
    for (int i = 0; i < WATCHERS; i++) watch_clear(&watchers[i]);
    for (int i = 0; i < WORLD_DBS; i++) CHECK_INT(hashtable_count(&w.ks->dbs[i].watched), 0);
    world_fini(&w);
}

int main(void)
{
    mem_thread_init();
    TEST("a change makes those dirty who watch that key in that database", changes_of_others_do_not_matter);
    TEST("a key that comes due while it is watched has changed", a_key_that_comes_due);
    TEST("a key that was overdue when watched counted as absent", a_key_that_was_overdue_already);
    TEST("emptying a database changes the keys it had", emptying);
    TEST("swapping databases changes the keys that either had", swapping);
    TEST("any watches and changes agree with a table", any_watches);
    return TEST_END();
}
