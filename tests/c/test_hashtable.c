#include "ds/hashtable.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* An element is a key. The oracle is an array with a place for every key. */
enum { KEYS = 6000 };
struct element {
    uint64_t key;
    unsigned seen;
};
static struct element *elements[KEYS]; /* NULL: not in the table */
static size_t present;

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static uint64_t good_hash(uint64_t key)
{
    return mix(key + 0x9e3779b97f4a7c15);
}

/* Few buckets and fewer tags: long chains, and many elements to compare. */
static uint64_t poor_hash(uint64_t key)
{
    return good_hash(key) & 0x030000000000001f;
}

static uint64_t good_hash_of(const void *element)
{
    return good_hash(((const struct element *)element)->key);
}

static uint64_t poor_hash_of(const void *element)
{
    return poor_hash(((const struct element *)element)->key);
}

static bool equal(const void *element, const void *key, size_t key_len)
{
    return key_len == sizeof(uint64_t) && ((const struct element *)element)->key == *(const uint64_t *)key;
}

static void prefetch(const void *element)
{
    __builtin_prefetch(element);
}

static const struct hashtable_type good_type = {good_hash_of, equal, prefetch};
static const struct hashtable_type poor_type = {poor_hash_of, equal, NULL};

static struct hashtable table;

static uint64_t hash_of(uint64_t key)
{
    return table.type == &good_type ? good_hash(key) : poor_hash(key);
}

static void **find(uint64_t key)
{
    return hashtable_find(&table, hash_of(key), &key, sizeof key);
}

static void insert(uint64_t key)
{
    struct element *element = mem_calloc(1, sizeof *element);
    element->key = key;
    elements[key] = element;
    present++;
    void **slot = hashtable_insert(&table, hash_of(key), element);
    CHECK(*slot == element);
}

static void forget(void *ctx, void *element)
{
    (void)ctx;
    elements[((struct element *)element)->key] = NULL;
    present--;
    mem_free(element);
}

static void take_out(uint64_t key)
{
    void **slot = find(key);
    CHECK(slot && *slot == elements[key]);
    forget(NULL, elements[key]); /* removing must not look at it */
    hashtable_remove(&table, hash_of(key), slot);
}

/* An element that was reallocated. */
static void replace(uint64_t key)
{
    void **slot = find(key);
    struct element *moved = mem_alloc(sizeof *moved);
    *moved = *elements[key];
    mem_free(elements[key]);
    *slot = elements[key] = moved;
}

static void change_one(struct random *r, uint64_t keys, uint64_t inserts_in_ten)
{
    uint64_t key = random_below(r, keys);
    hashtable_prefetch(&table, hash_of(key));
    if (random_below(r, 10) < inserts_in_ten) {
        if (elements[key]) replace(key);
        else insert(key);
    } else if (elements[key]) {
        take_out(key);
    } else {
        CHECK(find(key) == NULL);
    }
}

/* Only the last bucket of a chain has room, and it is not there for one element. */
static void check_chain(const struct hashtable_bucket *home)
{
    for (const struct hashtable_bucket *b = home; b; b = hashtable_chained(b)) {
        if (b->meta & HASHTABLE_CHAINED) CHECK_INT(b->meta, HASHTABLE_CHAINED | HASHTABLE_OCCUPIED >> 1);
        else if (b != home) CHECK(__builtin_popcount(b->meta) >= 2);
    }
}

static void check_all(void)
{
    for (size_t i = 0; i < table.buckets; i++) check_chain(hashtable_bucket_at(&table, i));
    CHECK_INT(hashtable_count(&table), present);
    for (uint64_t key = 0; key < KEYS; key++) {
        void **slot = find(key);
        CHECK(elements[key] ? slot && *slot == elements[key] : slot == NULL);
    }
    struct hashtable_stats stats;
    hashtable_stats(&table, &stats);
    size_t chains = 0;
    for (int i = 0; i < HASHTABLE_CHAIN_LENGTHS; i++) chains += stats.chains[i];
    CHECK_INT(chains, stats.buckets);
    CHECK_INT(stats.elements, present);
    CHECK(stats.longest_chain <= table.longest);
    CHECK_INT(stats.memory_bytes, hashtable_memory_bytes(&table));
}

static void start(const struct hashtable_type *type)
{
    hashtable_init(&table, type);
    memset(elements, 0, sizeof elements);
    present = 0;
}

static void finish(void)
{
    CHECK(hashtable_clear_step(&table, SIZE_MAX, forget, NULL));
    CHECK_INT(hashtable_count(&table), 0);
    CHECK_INT(hashtable_memory_bytes(&table), 0);
    CHECK_INT(present, 0);
    hashtable_fini(&table);
}

static void any_changes(const struct hashtable_type *type)
{
    struct random r;
    seed_init(&r);
    start(type);
    for (int phase = 0; phase < 24; phase++) {
        uint64_t keys = phase % 3 ? 50 + random_below(&r, 500) : KEYS;
        uint64_t inserts_in_ten = random_below(&r, 11);
        hashtable_hold(&table, random_below(&r, 3) == 0);
        for (int i = 0; i < 4000; i++) change_one(&r, keys, inserts_in_ten);
        check_all();
    }
    for (uint64_t key = 0; key < KEYS; key++)
        if (elements[key]) take_out(key);
    hashtable_hold(&table, false);
    while (!hashtable_adjust(&table, 1)) CHECK(table.buckets);
    CHECK_INT(hashtable_memory_bytes(&table), 0);
    finish();
}

static void any_changes_with_a_good_hash(void)
{
    any_changes(&good_type);
}

static void any_changes_with_a_poor_hash(void)
{
    any_changes(&poor_type);
}

static void matching_tags(void)
{
    struct random r;
    seed_init(&r);
    for (int i = 0; i < 200000; i++) {
        struct hashtable_bucket b;
        unsigned expected = 0;
        uint8_t tag = (uint8_t)(random_below(&r, 3) ? random_next(&r) : random_below(&r, 2) * 0x80);
        for (unsigned j = 0; j < HASHTABLE_SLOTS; j++)
            b.tag[j] = (uint8_t)(random_below(&r, 2) ? tag ^ 1U << random_below(&r, 9) : random_next(&r));
        b.meta = (uint8_t)(random_below(&r, 4) ? random_next(&r) : tag);
        for (unsigned j = 0; j < HASHTABLE_SLOTS; j++)
            expected |= (unsigned)(b.tag[j] == tag && b.meta >> j & 1) << j;
        CHECK_INT(hashtable_match(&b, tag), expected);
        CHECK_INT(hashtable_match_word(&b, tag), expected);
    }
}

static void mark(void *ctx, void *element)
{
    ((struct element *)element)->seen = *(const unsigned *)ctx;
}

/* Keys below STAYING stay while others come and go between the calls. */
static void scanning(const struct hashtable_type *type)
{
    enum { STAYING = 300 };
    struct random r;
    seed_init(&r);
    start(type);
    for (uint64_t key = 0; key < STAYING; key++) insert(key);
    for (unsigned pass = 1; pass <= 60; pass++) {
        uint64_t cursor = 0, inserts_in_ten = random_below(&r, 11);
        size_t calls = 0;
        do {
            cursor = hashtable_scan(&table, cursor, mark, &pass);
            if (random_below(&r, 60) == 0) inserts_in_ten = random_below(&r, 11);
            for (uint64_t changes = random_below(&r, 40); changes; changes--) {
                uint64_t key = STAYING + random_below(&r, KEYS - STAYING);
                if (elements[key] && random_below(&r, 10) >= inserts_in_ten) take_out(key);
                else if (!elements[key] && random_below(&r, 10) < inserts_in_ten) insert(key);
            }
            CHECK(++calls < 4 * KEYS);
        } while (cursor);
        for (uint64_t key = 0; key < STAYING; key++) CHECK_INT(elements[key]->seen, pass);
    }
    finish();
}

static void scanning_with_a_good_hash(void)
{
    scanning(&good_type);
}

static void scanning_with_a_poor_hash(void)
{
    scanning(&poor_type);
}

static void count_passed(void *ctx, void *element)
{
    ++((struct element *)element)->seen;
    ++*(size_t *)ctx;
}

static void scanning_a_table_at_rest(void)
{
    start(&good_type);
    CHECK_INT(hashtable_scan(&table, 12345, count_passed, NULL), 0);
    for (uint64_t key = 0; key < 1000; key++) {
        insert(key);
        size_t passed = 0;
        uint64_t cursor = 0;
        do cursor = hashtable_scan(&table, cursor, count_passed, &passed);
        while (cursor);
        CHECK_INT(passed, present);
        for (uint64_t k = 0; k <= key; k++) CHECK_INT(elements[k]->seen, key - k + 1);
    }
    size_t passed = 0; /* no cursor is invalid */
    for (uint64_t cursor = UINT64_MAX; cursor; cursor /= 3)
        hashtable_scan(&table, cursor, count_passed, &passed);
    finish();
}

static void iterating(const struct hashtable_type *type)
{
    struct random r;
    seed_init(&r);
    start(type);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 300; i++) change_one(&r, 1000, 8);
        size_t before = present, walked = 0, taken = 0;
        uint64_t remove_in_ten = random_below(&r, 11);
        struct hashtable_iter it;
        hashtable_iter_init(&it, &table);
        for (void **slot; (slot = hashtable_iter_next(&it)); walked++) {
            struct element *element = *slot;
            CHECK(elements[element->key] == element);
            CHECK_INT(element->seen, 0);
            element->seen = 1;
            if (random_below(&r, 10) < remove_in_ten) {
                forget(NULL, element);
                hashtable_iter_remove(&it);
                taken++;
            }
        }
        CHECK(hashtable_iter_next(&it) == NULL);
        CHECK_INT(walked, before);
        CHECK_INT(present, before - taken);
        check_all();
        for (uint64_t key = 0; key < KEYS; key++)
            if (elements[key]) elements[key]->seen = 0;
    }
    finish();
}

static void iterating_with_a_good_hash(void)
{
    iterating(&good_type);
}

static void iterating_with_a_poor_hash(void)
{
    iterating(&poor_type);
}

static void a_walk_broken_off(void)
{
    start(&poor_type);
    for (uint64_t key = 0; key < 500; key++) insert(key);
    for (int round = 0; round < 20; round++) {
        struct hashtable_iter it;
        hashtable_iter_init(&it, &table);
        for (int i = 0; i <= round; i++) {
            forget(NULL, *hashtable_iter_next(&it));
            hashtable_iter_remove(&it);
        }
        hashtable_iter_fini(&it);
        check_all();
    }
    finish();
}

static uint64_t draw(void *ctx)
{
    return random_next(ctx);
}

/* Chi-squared over n elements with D draws each: its mean is n-1 and its
 * deviation sqrt(2n); eight deviations off is no chance. */
static void drawing(const struct hashtable_type *type, uint64_t n, bool sparse)
{
    enum { DRAWS = 60 };
    struct random r;
    seed_init(&r);
    start(type);
    CHECK(hashtable_random(&table, draw, &r) == NULL);
    for (uint64_t key = 0; key < (sparse ? 5000 : n); key++) insert(key);
    if (sparse) {
        struct hashtable_iter it;
        hashtable_iter_init(&it, &table);
        for (void **slot; (slot = hashtable_iter_next(&it));) {
            if (((struct element *)*slot)->key < n) continue;
            forget(NULL, *slot);
            hashtable_iter_remove(&it);
        }
    }
    for (uint64_t i = 0; i < n * DRAWS; i++) {
        struct element *element = *hashtable_random(&table, draw, &r);
        CHECK(elements[element->key] == element);
        element->seen++;
    }
    uint64_t squares = 0;
    for (uint64_t key = 0; key < n; key++) {
        int64_t off = (int64_t)elements[key]->seen - DRAWS;
        squares += (uint64_t)(off * off);
    }
    int64_t surplus = (int64_t)(squares / DRAWS) - (int64_t)n;
    CHECK(surplus * surplus < 64 * 2 * (int64_t)n);
    finish();
}

static void drawing_with_a_good_hash(void)
{
    drawing(&good_type, 1, false);
    drawing(&good_type, 900, false);
}

static void drawing_with_a_poor_hash(void)
{
    drawing(&poor_type, 700, false);
}

static void drawing_from_a_sparse_table(void)
{
    drawing(&good_type, 5, true);
}

static void held(void)
{
#ifndef TOCSIN_HARD
    start(&good_type);
    for (uint64_t key = 0; key < 1000; key++) insert(key);
    size_t buckets = table.buckets;
    hashtable_hold(&table, true);
    for (uint64_t key = 1000; key < 4000; key++) insert(key);
    CHECK_INT(table.buckets, buckets);
    check_all();
    for (uint64_t key = 100; key < 4000; key++) take_out(key);
    CHECK_INT(table.buckets, buckets);
    hashtable_hold(&table, false);
    CHECK(hashtable_adjust(&table, SIZE_MAX));
    CHECK(table.buckets < buckets);
    for (uint64_t key = 100; key < KEYS; key++) insert(key);
    CHECK(table.buckets > 2 * buckets);
    check_all();
    finish();
#endif
}

static void clearing_in_slices(void)
{
    start(&good_type);
    for (uint64_t key = 0; key < KEYS; key++) insert(key);
    size_t slices = 0, before;
    do {
        before = present;
        slices++;
        if (slices % 16 == 0) check_all();
    } while (!hashtable_clear_step(&table, 50, forget, NULL) && before - present <= 80);
    CHECK_INT(present, 0);
    CHECK(slices > KEYS / 80);
    finish();
}

static void memory_of_small_tables(void)
{
#ifndef TOCSIN_HARD
    start(&good_type);
    CHECK_INT(hashtable_memory_bytes(&table), 0);
    insert(0);
    CHECK_INT(hashtable_memory_bytes(&table), sizeof(struct hashtable_bucket));
    take_out(0);
    CHECK_INT(hashtable_memory_bytes(&table), 0);
    finish();
#endif
}

/* Enough keys for segments and a directory, up and down again. */
static void a_large_table(void)
{
    enum { MANY = 300000 };
    struct element *many = mem_calloc(MANY, sizeof *many);
    struct hashtable t;
    size_t used = mem_used(), worst = 0;
    hashtable_init(&t, &good_type);
    for (uint64_t key = 0; key < MANY; key++) {
        many[key].key = key;
        hashtable_insert(&t, good_hash(key), &many[key]);
        if (key >= 200000 && hashtable_memory_bytes(&t) * 10 / (key + 1) > worst)
            worst = hashtable_memory_bytes(&t) * 10 / (key + 1);
    }
    CHECK(mem_used() - used >= hashtable_memory_bytes(&t));
    if (strcmp(mem_allocator(), "libc") != 0) CHECK_INT(mem_used() - used, hashtable_memory_bytes(&t));
#ifndef TOCSIN_HARD
    CHECK(worst < 150); /* tenths of a byte for each key */
#endif
    for (uint64_t key = 0; key < MANY; key++) {
        void **slot = hashtable_find_as(&t, &good_type, good_hash(key), &key, sizeof key);
        CHECK(slot && *slot == &many[key]);
        hashtable_remove(&t, good_hash(key), slot);
    }
    CHECK_INT(hashtable_count(&t), 0);
    while (!hashtable_adjust(&t, 100)) CHECK(t.buckets);
    CHECK_INT(hashtable_memory_bytes(&t), 0);
    CHECK_INT(mem_used(), used);
    mem_free(many);
}

int main(void)
{
    mem_thread_init();
    TEST("tags are matched as one by one, by both ways of doing it", matching_tags);
    TEST("any inserts, removes and replacements agree with an array", any_changes_with_a_good_hash);
    TEST("the same with a hash that makes long chains", any_changes_with_a_poor_hash);
    TEST("a scan passes every element that stays, whatever comes and goes", scanning_with_a_good_hash);
    TEST("the same with a hash that makes long chains and a scan", scanning_with_a_poor_hash);
    TEST("a scan of a table at rest passes every element once", scanning_a_table_at_rest);
    TEST("a walk returns every element once and may remove it", iterating_with_a_good_hash);
    TEST("the same with a hash that makes long chains and a walk", iterating_with_a_poor_hash);
    TEST("a walk with removals may be broken off", a_walk_broken_off);
    TEST("random elements are uniform", drawing_with_a_good_hash);
    TEST("random elements are uniform among long chains", drawing_with_a_poor_hash);
    TEST("random elements are uniform in a table that is almost empty", drawing_from_a_sparse_table);
    TEST("a held table neither splits nor merges, and catches up", held);
    TEST("a table is cleared in slices and valid between them", clearing_in_slices);
    TEST("a table of one element is one bucket, an empty one nothing", memory_of_small_tables);
    TEST("a table of many segments grows, shrinks and accounts for its memory", a_large_table);
    return TEST_END();
}
