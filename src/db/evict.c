#include "db/evict.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/lazyfree.h"

enum {
    LFU_INITIAL = 5,       /* a new key's count: it must not be the next victim */
    SAMPLE_TRIES = 10,     /* draws per wanted sample before a sparse database is given up */
    TIME_CHECK_EVERY = 16, /* evictions between looks at the clock */
    ACCESS_MASK = 0xffffff,
};

/* ---- the access field ---- */

static unsigned minutes_of(const struct keyspace *ks)
{
    return (unsigned)(ks->now_ms / 60000) & 0xffff;
}

unsigned evict_frequency(const struct keyspace *ks, const struct entry *e)
{
    unsigned count = e->access & 255, elapsed = (minutes_of(ks) - (e->access >> 8)) & 0xffff;
    int64_t decay = ks->settings.lfu_decay_time_minutes;
    unsigned periods = decay ? elapsed / (unsigned)decay : 0;
    return periods < count ? count - periods : 0;
}

void evict_count_use(struct keyspace *ks, struct entry *e)
{
    unsigned count = evict_frequency(ks, e);
    if (count < 255) {
        /* One use in (count - initial) * factor + 1 raises the count. */
        uint64_t base = count > LFU_INITIAL ? count - LFU_INITIAL : 0;
        uint64_t rarity = base * (uint64_t)ks->settings.lfu_log_factor + 1;
        if (random_below(&ks->random, rarity) == 0) count++;
    }
    e->access = (minutes_of(ks) << 8 | count) & ACCESS_MASK;
}

uint32_t evict_initial_access(const struct keyspace *ks)
{
    if (ks->settings.maxmemory_policy & EVICT_LFU) return minutes_of(ks) << 8 | LFU_INITIAL;
    return ks->access_clock & ACCESS_MASK;
}

int64_t evict_idle_s(const struct keyspace *ks, const struct entry *e)
{
    return (ks->access_clock - e->access) & ACCESS_MASK;
}

void evict_set_idle_s(const struct keyspace *ks, struct entry *e, int64_t idle_s)
{
    int64_t farthest_s = ACCESS_MASK / 2;
    e->access = (ks->access_clock - (uint32_t)(idle_s < farthest_s ? idle_s : farthest_s)) & ACCESS_MASK;
}

void evict_set_frequency(const struct keyspace *ks, struct entry *e, unsigned frequency)
{
    e->access = (minutes_of(ks) << 8 | (frequency & 255)) & ACCESS_MASK;
}

/* ---- choosing a victim ---- */

/* The higher, the better a victim; ties are as good as one another. */
static uint64_t badness(const struct keyspace *ks, const struct entry *e)
{
    int policy = ks->settings.maxmemory_policy;
    if (policy & EVICT_LFU) return 255 - evict_frequency(ks, e);
    if (policy & EVICT_TTL) return UINT64_MAX - (uint64_t)entry_deadline_ms(e);
    return (uint64_t)evict_idle_s(ks, e);
}

struct candidate {
    struct db *db;
    struct entry *entry;
    uint64_t badness;
};

static uint64_t draw(void *random)
{
    return random_next(random);
}

/* A random entry that the policy may take, NULL when none was found. */
static struct entry *sample(struct db *db)
{
    struct keyspace *ks = db->keyspace;
    bool all = ks->settings.maxmemory_policy & EVICT_ALL_KEYS;
    for (int tries = 0; tries < SAMPLE_TRIES; tries++) {
        struct entry **slot = (struct entry **)hashtable_random(&db->keys, draw, &ks->random);
        if (slot == NULL) return NULL;
        if (all || entry_deadline_ms(*slot) >= 0) return *slot;
    }
    return NULL;
}

/* Where volatile keys are too sparse to be drawn, the wheel knows them all. */
static struct entry *next_volatile(struct db *db)
{
    struct wheel_node *node = db->wheel ? wheel_any(db->wheel, random_next(&db->keyspace->random)) : NULL;
    return node ? entry_of_node(node) : NULL;
}

static void consider(struct candidate *best, struct db *db, struct entry *e)
{
    uint64_t its = badness(db->keyspace, e);
    if (best->entry == NULL || its > best->badness) *best = (struct candidate){db, e, its};
}

/* How many keys of a database the policy may take. */
static size_t eligible(const struct db *db)
{
    return db->keyspace->settings.maxmemory_policy & EVICT_ALL_KEYS ? db_count(db) : db_volatile_count(db);
}

static struct entry *sample_or_next(struct db *db)
{
    struct entry *e = sample(db);
    return e ? e : next_volatile(db);
}

/* Any key, whichever database it is in. */
static struct candidate choose_any(struct keyspace *ks)
{
    size_t total = 0;
    for (int i = 0; i < ks->db_count; i++) total += eligible(&ks->dbs[i]);
    if (total == 0) return (struct candidate){0};
    size_t at = random_below(&ks->random, total);
    struct db *db = ks->dbs;
    while (at >= eligible(db)) at -= eligible(db++);
    return (struct candidate){db, sample_or_next(db), 0};
}

/* The best of a few samples of each database, beginning with any of them, as
 * the first of equals is taken. volatile-ttl needs no samples: the wheel names
 * the key that is nearest to its deadline. */
static struct candidate choose(struct keyspace *ks)
{
    struct candidate best = {0};
    bool by_deadline = ks->settings.maxmemory_policy & EVICT_TTL;
    int first = (int)random_below(&ks->random, (uint64_t)ks->db_count);
    if (ks->settings.maxmemory_policy & EVICT_RANDOM) return choose_any(ks);
    for (int i = 0; i < ks->db_count; i++) {
        struct db *db = &ks->dbs[(first + i) % ks->db_count];
        if (eligible(db) == 0) continue;
        if (by_deadline) consider(&best, db, entry_of_node(wheel_first(db->wheel)));
        for (int64_t n = by_deadline ? 0 : ks->settings.maxmemory_samples; n > 0; n--) {
            struct entry *e = sample_or_next(db);
            if (e) consider(&best, db, e);
        }
    }
    return best;
}

size_t evict_memory_used(const struct keyspace *ks)
{
    size_t used = mem_used();
    return used > ks->memory_not_counted ? used - ks->memory_not_counted : 0;
}

/* Tenacity 0 to 10 is up to 500 us, in steps of 50; above it grows by 15 % a
 * step; 100 has no bound. */
static int64_t time_limit_ns(const struct keyspace *ks)
{
    int64_t tenacity = ks->settings.maxmemory_eviction_tenacity;
    if (tenacity >= 100) return INT64_MAX;
    double limit_us = 50.0 * (double)(tenacity < 10 ? tenacity : 10);
    for (int64_t step = 10; step < tenacity; step++) limit_us *= 1.15;
    return (int64_t)(limit_us * 1000);
}

enum evict_result evict_run(struct keyspace *ks)
{
    int64_t start_ns = 0, limit_ns = time_limit_ns(ks);
    for (unsigned evicted = 0; evict_memory_used(ks) > ks->settings.maxmemory_bytes; evicted++) {
        if (ks->settings.maxmemory_policy == EVICT_NONE) return EVICT_FAILED;
        struct candidate victim = choose(ks);
        if (victim.entry == NULL) return lazyfree_pending(ks) ? EVICT_RUNNING : EVICT_FAILED;
        db_evict_entry(victim.db, victim.entry);
        if (evicted % TIME_CHECK_EVERY != TIME_CHECK_EVERY - 1) continue;
        int64_t now_ns = clock_monotonic_ns();
        if (start_ns == 0) start_ns = now_ns;
        if (now_ns - start_ns > limit_ns) return EVICT_RUNNING;
    }
    return EVICT_FITS;
}
