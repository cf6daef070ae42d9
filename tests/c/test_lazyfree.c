#include "db/lazyfree.h"

#include "base/mem.h"
#include "io/worker.h"
#include "keyspace.h"

enum { KEYS = 20000 };
static struct world w;

static void fill(void)
{
    static char text[6000]; /* an object of its own */
    memset(text, 'v', sizeof text - 1);
    for (int i = 0; i < KEYS; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        world_set(w.db, key, i % 100 ? "v" : text, i % 2 ? ENTRY_NO_DEADLINE : w.ks->now_ms + i);
    }
    buffer_clear(&w.events);
}

static void setup(void)
{
    world_init(&w);
    buffer_reserve(&w.events, KEYS * 20); /* its memory must not change below */
}

static void a_database_in_the_background(void)
{
    setup();
    w.ks->worker = worker_new("test");
    size_t before = mem_used();
    for (int round = 0; round < 3; round++) {
        fill();
        CHECK(mem_used() > before + KEYS * 20);
        CHECK_INT(db_clear(w.db, true), KEYS);
        CHECK_INT(db_count(w.db), 0);
        CHECK_INT(db_volatile_count(w.db), 0);
        CHECK(lazyfree_pending(w.ks) <= KEYS);
        world_set(w.db, "k1", "new", w.ks->now_ms + 5); /* while the old one may still be freed */
        CHECK(db_peek(w.db, SLICE("k1")) != NULL);
        worker_drain(w.ks->worker);
        CHECK_INT(lazyfree_pending(w.ks), 0);
        CHECK_INT(atomic_load(&w.ks->lazyfreed), (size_t)KEYS * (size_t)(round + 1));
        CHECK_INT(db_count(w.db), 1);
        db_clear(w.db, false);
        CHECK_INT(mem_used(), before);
    }
    worker_free(w.ks->worker);
    w.ks->worker = NULL;
    world_fini(&w);
}

static void at_once(void)
{
    setup();
    size_t before = mem_used();
    fill();
    CHECK_INT(db_clear(w.db, true), KEYS); /* there is no worker */
    CHECK_INT(mem_used(), before);
    CHECK_INT(lazyfree_pending(w.ks), 0);
    CHECK_INT(atomic_load(&w.ks->lazyfreed), 0);
    fill();
    w.ks->worker = worker_new("test");
    before = mem_used();
    CHECK_INT(db_clear(w.db, false), KEYS); /* nobody asks for it */
    CHECK_INT(atomic_load(&w.ks->lazyfreed), 0);
    CHECK(mem_used() < before - KEYS * 20);
    worker_free(w.ks->worker);
    w.ks->worker = NULL;
    world_fini(&w);
}

/* One allocation is not worth a job. */
static void small_values_are_freed_at_once(void)
{
    static char text[6000];
    memset(text, 'v', sizeof text - 1);
    setup();
    w.ks->worker = worker_new("test");
    world_set(w.db, "k", text, ENTRY_NO_DEADLINE);
    CHECK(db_unlink(w.db, SLICE("k")));
    CHECK_INT(lazyfree_pending(w.ks), 0);
    worker_drain(w.ks->worker);
    CHECK_INT(atomic_load(&w.ks->lazyfreed), 0);
    worker_free(w.ks->worker);
    w.ks->worker = NULL;
    world_fini(&w);
}

int main(void)
{
    mem_thread_init();
    TEST("a database emptied in the background is usable at once, and its memory comes back",
         a_database_in_the_background);
    TEST("without a worker, or unasked, it is emptied at once", at_once);
    TEST("a value of one allocation is freed at once", small_values_are_freed_at_once);
    return TEST_END();
}
