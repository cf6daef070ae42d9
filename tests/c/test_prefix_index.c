#include "ds/prefix_index.h"

#include <stdint.h>

#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* The oracle: all keys in an array, looked through one by one. */
enum { KEYS_MAX = 400, KEY_LEN_MAX = 24 };
struct key {
    char text[KEY_LEN_MAX];
    size_t len;
    int visits;
};
struct oracle {
    struct key *keys[KEYS_MAX];
    size_t count;
};

static struct slice slice_of_key(const struct key *key)
{
    return slice_make(key->text, key->len);
}

static size_t oracle_find(const struct oracle *o, struct slice text)
{
    size_t i = 0;
    while (i < o->count && !slice_equal(slice_of_key(o->keys[i]), text)) i++;
    return i;
}

static struct key random_key(struct random *r, unsigned alphabet)
{
    struct key key = {.len = random_below(r, KEY_LEN_MAX)};
    for (size_t i = 0; i < key.len; i++)
        key.text[i] = (char)(alphabet == 256 ? random_below(r, 256) : 'a' + random_below(r, alphabet));
    if (alphabet == 256 && key.len > 2) key.len = 1 + random_below(r, 2);
    return key;
}

static void add(struct prefix_index *x, struct oracle *o, const struct key *key)
{
    size_t at = oracle_find(o, slice_of_key(key));
    void **place = prefix_index_add(x, slice_of_key(key));
    if (at < o->count) {
        CHECK(*place == o->keys[at]);
    } else if (o->count < KEYS_MAX) {
        CHECK(*place == NULL);
        o->keys[o->count] = mem_alloc(sizeof *key);
        *o->keys[o->count] = *key;
        *place = o->keys[o->count++];
    } else {
        CHECK(prefix_index_remove(x, slice_of_key(key)));
    }
}

static void remove_key(struct prefix_index *x, struct oracle *o, struct slice text)
{
    size_t at = oracle_find(o, text);
    CHECK_INT(prefix_index_remove(x, text), at < o->count);
    if (at == o->count) return;
    mem_free(o->keys[at]);
    o->keys[at] = o->keys[--o->count];
}

static size_t visited_len;
static void visit(void *ctx, void *value)
{
    struct key *key = value;
    key->visits++;
    CHECK(key->len >= visited_len); /* shortest first */
    visited_len = key->len;
    ++*(size_t *)ctx;
}

static void query(const struct prefix_index *x, const struct oracle *o, struct slice name)
{
    size_t calls = 0, expected = 0;
    bool overlaps = false;
    for (size_t i = 0; i < o->count; i++) o->keys[i]->visits = 0;
    visited_len = 0;
    size_t nodes = prefix_index_visit(x, name, visit, &calls);
    CHECK(nodes <= name.len + 2);
    for (size_t i = 0; i < o->count; i++) {
        struct slice key = slice_of_key(o->keys[i]);
        bool matches = slice_starts_with(name, key);
        CHECK_INT(o->keys[i]->visits, matches);
        expected += matches;
        overlaps = overlaps || matches || slice_starts_with(key, name);
    }
    CHECK_INT(calls, expected);
    CHECK_INT(prefix_index_overlaps(x, name), overlaps);
    void **found = prefix_index_find(x, name);
    size_t at = oracle_find(o, name);
    CHECK(at < o->count ? found && *found == o->keys[at] : found == NULL);
}

static void against_an_oracle(unsigned alphabet)
{
    struct random r;
    struct prefix_index x = {0};
    struct oracle o = {.count = 0};
    seed_init(&r);
    for (int i = 0; i < 12000; i++) {
        struct key key = random_key(&r, alphabet);
        bool growing = i / 2000 % 2 == 0;
        if (random_below(&r, 3) < (growing ? 2 : 1)) add(&x, &o, &key);
        else if (o.count && random_below(&r, 2))
            remove_key(&x, &o, slice_of_key(o.keys[random_below(&r, o.count)]));
        else remove_key(&x, &o, slice_of_key(&key));
        CHECK_INT(prefix_index_count(&x), o.count);
        if (i % 3) continue;
        key = random_key(&r, alphabet);
        query(&x, &o, slice_of_key(&key));
    }
    while (o.count) remove_key(&x, &o, slice_of_key(o.keys[0]));
    CHECK_INT(prefix_index_count(&x), 0);
    CHECK_INT(prefix_index_memory_bytes(&x), 0);
    CHECK(!prefix_index_overlaps(&x, SLICE("")));
    prefix_index_fini(&x, NULL, NULL);
}

static void deep_and_narrow(void)
{
    against_an_oracle(2);
}

static void shallow_and_wide(void)
{
    against_an_oracle(256);
}

static void count_drop(void *ctx, void *value)
{
    *(uintptr_t *)ctx += (uintptr_t)value;
}

static void values_are_dropped_once(void)
{
    struct prefix_index x;
    uintptr_t sum = 0;
    char text[16];
    prefix_index_init(&x);
    for (uintptr_t i = 0; i < 1000; i++)
        *prefix_index_add(
            &x, slice_make(text, (size_t)snprintf(text, sizeof text, "%lu", (unsigned long)i))) = (void *)i;
    prefix_index_fini(&x, count_drop, &sum);
    CHECK_INT(sum, 999 * 1000 / 2);
    CHECK_INT(prefix_index_memory_bytes(&x), 0);
    CHECK_INT(prefix_index_count(&x), 0);
}

static void ignore(void *ctx, void *value)
{
    (void)ctx;
    (void)value;
}

static void many_patterns_cost_nothing(void)
{
    struct prefix_index x = {0};
    char text[64];
    for (int i = 0; i < 10000; i++)
        prefix_index_add(&x,
                         slice_make(text, (size_t)snprintf(text, sizeof text, "__keyspace@0__:user:%d:", i)));
    CHECK_INT(prefix_index_visit(&x, SLICE("__keyspace@0__:key:12345"), ignore, NULL), 2);
    CHECK_INT(prefix_index_visit(&x, SLICE("__keyevent@0__:set"), ignore, NULL), 2);
    CHECK(prefix_index_visit(&x, SLICE("__keyspace@0__:user:77:name"), ignore, NULL) <= 5);
    CHECK(prefix_index_overlaps(&x, SLICE("__keyspace@0__:")));
    CHECK(!prefix_index_overlaps(&x, SLICE("__keyspace@1__:")));
    CHECK(!prefix_index_overlaps(&x, SLICE("__keyevent@")));
    CHECK(prefix_index_memory_bytes(&x) < 10000 * 100);
    prefix_index_fini(&x, NULL, NULL);
}

/* Most nodes have a label of one byte and one child. */
static void long_keys(void)
{
    enum { LENGTH = 4000000, NODES = 3000 };
    struct prefix_index x = {0};
    char *text = mem_alloc(LENGTH);
    memset(text, 'a', LENGTH);
    *prefix_index_add(&x, slice_make(text, LENGTH)) = &x;
    for (size_t len = NODES; len-- > 0;) *prefix_index_add(&x, slice_make(text, len)) = &x;
    CHECK_INT(prefix_index_visit(&x, slice_make(text, LENGTH), ignore, NULL), NODES + 1);
    text[LENGTH - 1] = 'b';
    *prefix_index_add(&x, slice_make(text, LENGTH)) = &x;
    CHECK_INT(prefix_index_count(&x), NODES + 2);
    CHECK(prefix_index_remove(&x, slice_make(text, LENGTH)));
    CHECK(prefix_index_find(&x, slice_make(text, LENGTH)) == NULL);
    text[LENGTH - 1] = 'a';
    CHECK(prefix_index_find(&x, slice_make(text, LENGTH)) != NULL);
    CHECK(prefix_index_remove(&x, slice_make(text, LENGTH)));
    prefix_index_fini(&x, NULL, NULL);
    mem_free(text);
}

int main(void)
{
    TEST("random prefixes of two letters agree with a search through all", deep_and_narrow);
    TEST("random prefixes of all bytes agree with a search through all", shallow_and_wide);
    TEST("freeing the index drops every value once", values_are_dropped_once);
    TEST("ten thousand patterns cost a name that has none of their prefixes two nodes",
         many_patterns_cost_nothing);
    TEST("keys of megabytes and chains of thousands of nodes work", long_keys);
    return TEST_END();
}
