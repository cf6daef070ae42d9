#include "db/evict.h"

#include "base/mem.h"
#include "keyspace.h"
#include "seed.h"

/* Enough samples to see each of a few keys for certain. */
enum { KEYS = 8, SAMPLES = 300 };
static struct world w;

static void setup(int policy)
{
    world_init(&w);
    w.ks->settings.maxmemory_policy = policy;
    w.ks->settings.maxmemory_samples = SAMPLES;
    w.ks->settings.maxmemory_eviction_tenacity = 100;
    w.ks->access_clock = 1000;
    buffer_reserve(&w.events, 1 << 20); /* does not grow while memory is counted */
}

static struct entry *entry_of(const char *key)
{
    struct entry *e = db_peek(w.db, slice_of(key));
    if (e == NULL) e = db_peek(&w.ks->dbs[1], slice_of(key));
    CHECK(e != NULL);
    return e;
}

static void add(int db, const char *key, int64_t ttl_ms)
{
    world_set(&w.ks->dbs[db], key, "some value", ttl_ms < 0 ? ENTRY_NO_DEADLINE : w.ks->now_ms + ttl_ms);
    buffer_clear(&w.events);
}

/* Memory is one byte short: whatever goes, goes alone. */
static void evict_one(void)
{
    w.ks->settings.maxmemory_bytes = evict_memory_used(w.ks) - 1;
    CHECK_INT(evict_run(w.ks), EVICT_FITS);
}

static void lru(void)
{
    setup(EVICT_LRU | EVICT_ALL_KEYS);
    for (int i = 0; i < KEYS; i++) {
        char key[] = {(char)('a' + i), '\0'};
        w.ks->access_clock += 10;
        add(i % 2, key, -1);
    }
    w.ks->access_clock += 10;
    db_lookup_read(w.db, SLICE("a"));
    w.ks->access_clock += 10;
    db_lookup_write(&w.ks->dbs[1], SLICE("d"));
    db_lookup_fact(&w.ks->dbs[1], SLICE("b")); /* a question is no use */
    db_peek(w.db, SLICE("c"));
    w.ks->touch = false;
    db_lookup_read(w.db, SLICE("e"));
    w.ks->touch = true;
    CHECK_INT(evict_idle_s(w.ks, entry_of("b")), 80);
    CHECK_INT(evict_idle_s(w.ks, entry_of("d")), 0);
    for (int i = 0; i < KEYS; i++) evict_one();
    CHECK_EVENTS(&w, "evicted(b@1) evicted(c) evicted(e) evicted(f@1) evicted(g) evicted(h@1) evicted(a) "
                     "evicted(d@1)");
    CHECK_INT(w.ks->stats.evicted, KEYS);
    CHECK_INT(keyspace_count(w.ks), 0);
    world_fini(&w);
}

static void lfu(void)
{
    setup(EVICT_LFU | EVICT_ALL_KEYS);
    w.ks->settings.lfu_log_factor = 0; /* each use counts one */
    for (int i = 0; i < KEYS; i++) {
        char key[] = {(char)('a' + i), '\0'};
        add(0, key, -1);
        CHECK_INT(evict_frequency(w.ks, entry_of(key)), 5);
        for (int uses = 0; uses < 10 * (i * 3 % KEYS); uses++) db_lookup_read(w.db, slice_of(key));
        CHECK_INT(evict_frequency(w.ks, entry_of(key)), 5 + 10 * (i * 3 % KEYS));
    }
    for (int i = 0; i < KEYS; i++) evict_one();
    CHECK_EVENTS(&w,
                 "evicted(a) evicted(d) evicted(g) evicted(b) evicted(e) evicted(h) evicted(c) evicted(f)");
    world_fini(&w);
}

static void counts_fade(void)
{
    setup(EVICT_LFU | EVICT_ALL_KEYS);
    w.ks->settings.lfu_log_factor = 0;
    add(0, "k", -1);
    for (int uses = 0; uses < 1000; uses++) db_lookup_read(w.db, SLICE("k"));
    CHECK_INT(evict_frequency(w.ks, entry_of("k")), 255);
    w.ks->now_ms += 10 * 60000;
    CHECK_INT(evict_frequency(w.ks, entry_of("k")), 245);
    w.ks->settings.lfu_decay_time_minutes = 5;
    CHECK_INT(evict_frequency(w.ks, entry_of("k")), 253);
    w.ks->settings.lfu_decay_time_minutes = 0; /* never */
    CHECK_INT(evict_frequency(w.ks, entry_of("k")), 255);
    w.ks->settings.lfu_decay_time_minutes = 1;
    w.ks->now_ms += 300 * 60000LL;
    CHECK_INT(evict_frequency(w.ks, entry_of("k")), 0);
    db_lookup_read(w.db, SLICE("k"));
    CHECK_INT(evict_frequency(w.ks, entry_of("k")), 1);
    world_fini(&w);
}

/* The higher the count, the rarer a use raises it. */
static void counting_is_logarithmic(void)
{
    unsigned last = 0;
    setup(EVICT_LFU | EVICT_ALL_KEYS);
    add(0, "k", -1);
    for (unsigned uses = 1, done = 0; uses <= 1000000; uses *= 10) {
        for (; done < uses; done++) db_lookup_read(w.db, SLICE("k"));
        unsigned count = evict_frequency(w.ks, entry_of("k"));
        CHECK(count >= last);
        last = count;
        if (uses == 1000) CHECK(count > 10 && count < 30);
    }
    CHECK(last > 200);
    world_fini(&w);
}

static void nearest_deadline(void)
{
    setup(EVICT_TTL);
    static const int64_t ttls_ms[] = {5000, 100, 86400000, 7000, 3, 40, -1, 300};
    for (int i = 0; i < KEYS; i++) {
        char key[] = {(char)('a' + i), '\0'};
        add(i % 2, key, ttls_ms[i]);
    }
    for (int i = 0; i < KEYS - 1; i++) evict_one();
    CHECK_EVENTS(&w, "evicted(e) evicted(f@1) evicted(b@1) evicted(h@1) evicted(a) evicted(d@1) evicted(c)");
    w.ks->settings.maxmemory_bytes = 1;
    CHECK_INT(evict_run(w.ks), EVICT_FAILED);
    CHECK_EVENTS(&w, "");
    CHECK_INT(keyspace_count(w.ks), 1);
    world_fini(&w);
}

/* Whatever the order, keys without a deadline are not volatile. */
static void only_volatile_keys(void)
{
    static const int policies[] = {EVICT_LRU, EVICT_LFU, EVICT_RANDOM, EVICT_TTL};
    for (int p = 0; p < 4; p++) {
        setup(policies[p]);
        for (int i = 0; i < 1000; i++) {
            char key[16];
            snprintf(key, sizeof key, "k%d", i);
            add(0, key, -1);
        }
        w.ks->access_clock += 100; /* the volatile one is the freshest */
        add(1, "other", -1);
        add(0, "volatile", 1000);
        evict_one();
        CHECK_EVENTS(&w, "evicted(volatile)");
        w.ks->settings.maxmemory_bytes = 1;
        CHECK_INT(evict_run(w.ks), EVICT_FAILED);
        CHECK_INT(keyspace_count(w.ks), 1001);
        world_fini(&w);
    }
}

static void nothing_at_all(void)
{
    setup(EVICT_NONE);
    add(0, "k", 1000);
    w.ks->settings.maxmemory_bytes = 1;
    CHECK_INT(evict_run(w.ks), EVICT_FAILED);
    w.ks->settings.maxmemory_bytes = SIZE_MAX;
    CHECK_INT(evict_run(w.ks), EVICT_FITS);
    CHECK_INT(keyspace_count(w.ks), 1);
    CHECK_EVENTS(&w, "");
    world_fini(&w);
}

/* Two databases, one with three times as many keys. */
static void at_random(void)
{
    enum { ROUNDS = 8000, EACH = ROUNDS / KEYS };
    int gone[KEYS] = {0};
    for (int volatile_only = 0; volatile_only < 2; volatile_only++) {
        setup(EVICT_RANDOM | (volatile_only ? 0 : EVICT_ALL_KEYS));
        memset(gone, 0, sizeof gone);
        seed_init(&w.ks->random);
        for (int i = 0; i < KEYS; i++) {
            char key[] = {(char)('a' + i), '\0'};
            add(i >= 6, key, 1000 + i);
        }
        for (int round = 0; round < ROUNDS; round++) {
            evict_one();
            int which = w.events.data[strlen("evicted(")] - 'a';
            gone[which]++;
            char key[] = {(char)('a' + which), '\0'};
            add(which >= 6, key, 1000 + which);
        }
        for (int i = 0; i < KEYS; i++) CHECK(gone[i] > EACH * 7 / 10 && gone[i] < EACH * 13 / 10);
        world_fini(&w);
    }
}

static void memory_that_does_not_count(void)
{
    setup(EVICT_RANDOM | EVICT_ALL_KEYS);
    add(0, "k", -1);
    size_t used = evict_memory_used(w.ks);
    w.ks->memory_not_counted = 100;
    CHECK_INT(evict_memory_used(w.ks), used - 100);
    w.ks->settings.maxmemory_bytes = used - 100;
    CHECK_INT(evict_run(w.ks), EVICT_FITS);
    CHECK_INT(keyspace_count(w.ks), 1);
    w.ks->memory_not_counted = SIZE_MAX;
    CHECK_INT(evict_memory_used(w.ks), 0);
    world_fini(&w);
}

static void only_so_long(void)
{
    enum { MANY = 5000 };
    setup(EVICT_RANDOM | EVICT_ALL_KEYS);
    for (int i = 0; i < MANY; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        add(0, key, -1);
    }
    w.ks->settings.maxmemory_bytes = 1;
    w.ks->settings.maxmemory_eviction_tenacity = 0;
    CHECK_INT(evict_run(w.ks), EVICT_RUNNING);
    CHECK(keyspace_count(w.ks) < MANY && keyspace_count(w.ks) > MANY / 2);
    w.ks->settings.maxmemory_eviction_tenacity = 100;
    CHECK_INT(evict_run(w.ks), EVICT_FAILED);
    CHECK_INT(keyspace_count(w.ks), 0);
    world_fini(&w);
}

int main(void)
{
    mem_thread_init();
    TEST("LRU evicts what was used longest ago", lru);
    TEST("LFU evicts what was used least", lfu);
    TEST("counts of uses fade with the minutes", counts_fade);
    TEST("counts of uses are logarithmic", counting_is_logarithmic);
    TEST("TTL evicts what is nearest to its deadline", nearest_deadline);
    TEST("volatile policies find the one key that has a deadline, and spare the others", only_volatile_keys);
    TEST("without a policy, or with room enough, nothing is evicted", nothing_at_all);
    TEST("random evicts all keys alike", at_random);
    TEST("memory that eviction itself fills does not count", memory_that_does_not_count);
    TEST("one run evicts for a time only, unless it may do so for ever", only_so_long);
    return TEST_END();
}
