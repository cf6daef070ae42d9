#include "db/expire.h"

#include "base/mem.h"
#include "keyspace.h"
#include "seed.h"

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static bool slice_of_expiry(int64_t budget_us)
{
    return expire_slice(w.ks, w.ks->now_ms * 1000, budget_us);
}

static void on_time_and_not_before(void)
{
    setup();
    CHECK_INT(expire_next_ms(w.ks), INT64_MAX);
    CHECK_INT(expire_next_deadline_ms(w.ks), INT64_MAX);
    world_set(w.db, "k", "v", w.ks->now_ms + 5);
    world_set(w.db, "stays", "v", ENTRY_NO_DEADLINE);
    CHECK_INT(expire_next_ms(w.ks), w.ks->now_ms + 6);
    CHECK_INT(expire_next_deadline_ms(w.ks), w.ks->now_ms + 5);
    buffer_clear(&w.events);
    for (int ms = 0; ms < 5; ms++) {
        w.ks->now_ms++;
        CHECK_INT(expire_overdue(w.ks), 0);
        CHECK(!slice_of_expiry(1000));
    }
    CHECK_INT(w.ks->now_ms, WORLD_START_MS + 5); /* the deadline itself */
    CHECK_EVENTS(&w, "");
    CHECK_INT(db_count(w.db), 2);
    w.ks->now_ms++;
    CHECK_INT(expire_overdue(w.ks), 1);
    CHECK(!slice_of_expiry(1000));
    CHECK_EVENTS(&w, "expired(k)");
    CHECK_INT(db_count(w.db), 1);
    CHECK_INT(w.ks->stats.expired, 1);
    CHECK_INT(expire_overdue(w.ks), 0);
    CHECK_INT(expire_next_ms(w.ks), INT64_MAX);
    world_fini(&w);
}

static void in_the_order_of_deadlines(void)
{
    setup();
    world_set(w.db, "c", "v", w.ks->now_ms + 3000);
    world_set(w.db, "a", "v", w.ks->now_ms + 1);
    world_set(w.db, "d", "v", w.ks->now_ms + 86400000);
    world_set(w.db, "b", "v", w.ks->now_ms + 20);
    world_set(&w.ks->dbs[1], "x", "v", w.ks->now_ms + 2);
    buffer_clear(&w.events);
    w.ks->now_ms += 86400001;
    CHECK(!slice_of_expiry(1000000));
    CHECK_EVENTS(&w, "expired(a) expired(b) expired(c) expired(d) expired(x@1)");
    world_fini(&w);
}

/* A deadline that changed, or went, is forgotten. */
static void deadlines_that_change(void)
{
    setup();
    const char *keys[] = {"sooner", "later", "never", "deleted", "replaced", "kept"};
    for (int i = 0; i < 6; i++) world_set(w.db, keys[i], "v", w.ks->now_ms + 100);
    db_set_deadline(w.db, db_peek(w.db, SLICE("sooner")), w.ks->now_ms + 10);
    db_set_deadline(w.db, db_peek(w.db, SLICE("later")), w.ks->now_ms + 1000);
    db_set_deadline(w.db, db_peek(w.db, SLICE("never")), ENTRY_NO_DEADLINE);
    db_delete(w.db, SLICE("deleted"));
    world_set(w.db, "replaced", "v", ENTRY_NO_DEADLINE);
    world_set(w.db, "kept", "another value", DB_KEEP_DEADLINE);
    buffer_clear(&w.events);
    CHECK_INT(db_volatile_count(w.db), 3);
    w.ks->now_ms += 11;
    slice_of_expiry(1000000);
    CHECK_EVENTS(&w, "expired(sooner)");
    w.ks->now_ms += 90;
    slice_of_expiry(1000000);
    CHECK_EVENTS(&w, "expired(kept)");
    w.ks->now_ms += 1000000;
    slice_of_expiry(1000000);
    CHECK_EVENTS(&w, "expired(later)");
    CHECK_INT(db_count(w.db), 2);
    world_fini(&w);
}

static void asleep(void)
{
    setup();
    world_set(w.db, "k", "v", w.ks->now_ms + 5);
    w.ks->now_ms += 6;
    buffer_clear(&w.events);
    w.ks->active_expire = false;
    CHECK(!slice_of_expiry(1000));
    CHECK_INT(expire_next_ms(w.ks), INT64_MAX);
    CHECK_INT(expire_overdue(w.ks), 1);
    w.ks->active_expire = true;
    w.ks->may_expire = false;
    CHECK(!slice_of_expiry(1000));
    CHECK_INT(expire_next_ms(w.ks), INT64_MAX);
    CHECK_EVENTS(&w, "");
    w.ks->may_expire = true;
    CHECK(expire_next_ms(w.ks) <= w.ks->now_ms);
    CHECK(!slice_of_expiry(1000));
    CHECK_EVENTS(&w, "expired(k)");
    world_fini(&w);
}

/* With a budget of no time, a slice does something all the same, says that
 * there is more, and all of them together get it done. */
static void in_slices(void)
{
    enum { KEYS = 5000 };
    setup();
    char key[16];
    for (int i = 0; i < KEYS; i++) {
        snprintf(key, sizeof key, "k%d", i);
        world_set(&w.ks->dbs[i % 2], key, "v", w.ks->now_ms + 50 + i % 3);
    }
    w.ks->now_ms += 60;
    size_t slices = 0, left = KEYS;
    bool more = true;
    CHECK_INT(expire_overdue(w.ks), KEYS);
    while (more) {
        buffer_clear(&w.events);
        more = slice_of_expiry(0);
        CHECK(keyspace_count(w.ks) < left || !more);
        left = keyspace_count(w.ks);
        slices++;
    }
    CHECK_INT(left, 0);
    CHECK(slices > KEYS / 100);
    CHECK_INT(w.ks->stats.expired, KEYS);
    CHECK_INT(w.ks->stats.expire_cap_reached, slices - 1);
    world_fini(&w);
}

static void the_lag(void)
{
    setup();
    world_set(w.db, "k", "v", w.ks->now_ms + 5);
    world_set(w.db, "l", "v", w.ks->now_ms + 7);
    w.ks->now_ms += 8;
    expire_slice(w.ks, w.ks->now_ms * 1000 + 250, 1000);
    CHECK_INT(histogram_count(w.ks->expire_lag_us), 2);
    CHECK_INT(histogram_max(w.ks->expire_lag_us), 3250);
    CHECK_INT(histogram_min(w.ks->expire_lag_us), 1250);
    world_fini(&w);
}

/* The event loop of a server that does nothing else: each key goes in the first
 * millisecond in which it is due. */
static void whoever_sleeps_until_then(void)
{
    enum { KEYS = 2000 };
    struct random r;
    seed_init(&r);
    setup();
    for (int i = 0; i < KEYS; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        int64_t ttl_ms = (int64_t)(random_next(&r) >> (64 - 1 - random_below(&r, 40)));
        world_set(&w.ks->dbs[i % 2], key, "v", w.ks->now_ms + ttl_ms);
    }
    for (int turns = 0; keyspace_count(w.ks); turns++) {
        CHECK(turns < 20 * KEYS);
        int64_t next_ms = expire_next_ms(w.ks), first_ms = expire_next_deadline_ms(w.ks);
        CHECK(next_ms <= first_ms + 1);
        if (next_ms > w.ks->now_ms) w.ks->now_ms = next_ms;
        size_t before = keyspace_count(w.ks);
        buffer_clear(&w.events);
        CHECK(!slice_of_expiry(1000000));
        CHECK_INT(keyspace_count(w.ks) < before, w.ks->now_ms > first_ms);
    }
    CHECK(histogram_max(w.ks->expire_lag_us) <= 1000);
    world_fini(&w);
}

int main(void)
{
    mem_thread_init();
    TEST("a key expires strictly after its deadline, not before", on_time_and_not_before);
    TEST("keys expire in the order of their deadlines", in_the_order_of_deadlines);
    TEST("a deadline that was changed, or went with its key, is forgotten", deadlines_that_change);
    TEST("nothing expires while it must not", asleep);
    TEST("many are worked off in slices", in_slices);
    TEST("the lag is counted from the deadline", the_lag);
    TEST("who sleeps until the next time expires each key in the first millisecond it is due",
         whoever_sleeps_until_then);
    return TEST_END();
}
