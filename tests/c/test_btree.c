#include "ds/btree.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* An item is ordered by a number, of which the tree's key shows only the upper
 * part: ties are common. */
struct item {
    uint64_t order;
};

enum { TIE_BITS = 3 };

static uint64_t key_of(uint64_t order)
{
    return order >> TIE_BITS;
}

static int compare_orders(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare(const void *a, const void *b)
{
    return compare_orders(((const struct item *)a)->order, ((const struct item *)b)->order);
}

static int compare_probe(const void *item, const void *order)
{
    return compare_orders(((const struct item *)item)->order, *(const uint64_t *)order);
}

static const struct btree_type item_tree = {compare, compare_probe};

/* A tree, and the same items in a sorted array. */
enum { ITEMS_MAX = 3000 };
struct world {
    struct random random;
    struct btree tree;
    struct item *items[ITEMS_MAX];
    size_t count, dropped;
};

static void world_init(struct world *world)
{
    *world = (struct world){0};
    seed_init(&world->random);
    btree_init(&world->tree, &item_tree);
}

static size_t lower(const struct world *world, uint64_t order)
{
    size_t at = 0;
    while (at < world->count && world->items[at]->order < order) at++;
    return at;
}

static void add(struct world *world, uint64_t order)
{
    size_t at = lower(world, order);
    if (world->count == ITEMS_MAX || (at < world->count && world->items[at]->order == order)) return;
    struct item *item = mem_alloc(sizeof *item);
    item->order = order;
    memmove(world->items + at + 1, world->items + at, (world->count - at) * sizeof *world->items);
    world->items[at] = item;
    world->count++;
    btree_insert(&world->tree, key_of(order), item);
}

static void drop(void *ctx, void *element)
{
    struct world *world = ctx;
    world->dropped++;
    mem_free(element);
}

static void remove_range(struct world *world, size_t from, size_t to)
{
    size_t dropped = world->dropped;
    btree_remove_range(&world->tree, from, to, drop, world);
    CHECK_INT(world->dropped - dropped, to - from);
    memmove(world->items + from, world->items + to, (world->count - to) * sizeof *world->items);
    world->count -= to - from;
}

static void remove_one(struct world *world, size_t at)
{
    struct item *item = world->items[at];
    btree_remove(&world->tree, key_of(item->order), item);
    mem_free(item);
    memmove(world->items + at, world->items + at + 1, (world->count - at - 1) * sizeof *world->items);
    world->count--;
}

static void check_walk(struct world *world)
{
    struct btree_pos pos = btree_first(&world->tree);
    CHECK_INT(btree_count(&world->tree), world->count);
    size_t at = 0;
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        CHECK(at < world->count && btree_element(pos) == world->items[at]);
        CHECK_INT(btree_key(pos), key_of(world->items[at]->order));
        at++;
    }
    CHECK_INT(at, world->count);
    pos = btree_last(&world->tree);
    for (bool more = btree_valid(pos); more; more = btree_prev(&pos))
        CHECK(at > 0 && btree_element(pos) == world->items[--at]);
    CHECK_INT(at, 0);
}

static void check_search(struct world *world, uint64_t order)
{
    size_t at = lower(world, order);
    bool exists = at < world->count && world->items[at]->order == order;
    struct btree_pos pos = btree_lower(&world->tree, key_of(order), &order);
    CHECK_INT(btree_valid(pos), at < world->count);
    if (at < world->count) CHECK(btree_element(pos) == world->items[at]);
    size_t behind = at + exists;
    pos = btree_floor(&world->tree, key_of(order), &order);
    CHECK_INT(btree_valid(pos), behind > 0);
    if (behind) CHECK(btree_element(pos) == world->items[behind - 1]);
    CHECK_INT(btree_rank(&world->tree, key_of(order), &order), at);
    CHECK(btree_find(&world->tree, key_of(order), &order) == (exists ? world->items[at] : NULL));
    if (exists) CHECK_INT(btree_rank_of(&world->tree, key_of(order), world->items[at]), at);
    pos = btree_at(&world->tree, at);
    CHECK_INT(btree_valid(pos), at < world->count);
    if (at < world->count) CHECK(btree_element(pos) == world->items[at]);
}

static void step(struct world *world, uint64_t span, unsigned growth)
{
    uint64_t order = random_below(&world->random, span);
    unsigned action = (unsigned)random_below(&world->random, 100);
    if (action < growth) {
        add(world, order);
    } else if (action < 97 && world->count) {
        remove_one(world, random_below(&world->random, world->count));
    } else if (world->count) {
        size_t from = random_below(&world->random, world->count);
        size_t most = world->count - from < 200 ? world->count - from : 200;
        remove_range(world, from, from + random_below(&world->random, most + 1));
    }
    check_search(world, random_below(&world->random, span));
}

static void test_random(void)
{
    static struct world world;
    world_init(&world);
    for (int round = 0; round < 60; round++) {
        unsigned growth = round % 3 == 2 ? 20 : 90;
        uint64_t span = round % 2 ? 500 : 1000000;
        for (int i = 0; i < 700; i++) step(&world, span, growth);
        check_walk(&world);
    }
    remove_range(&world, 0, world.count);
    CHECK_INT(btree_memory_bytes(&world.tree), 0);
}

static void test_ascending(void)
{
    static struct world world;
    world_init(&world);
    for (uint64_t i = 0; i < ITEMS_MAX; i++) add(&world, i * 8);
    check_walk(&world);
#ifndef TOCSIN_HARD
    CHECK(btree_memory_bytes(&world.tree) < ITEMS_MAX * 18);
#endif
    while (world.count) remove_one(&world, 0);
    for (uint64_t i = ITEMS_MAX; i > 0; i--) add(&world, i);
    check_walk(&world);
    while (world.count) remove_one(&world, world.count - 1);
    CHECK_INT(btree_memory_bytes(&world.tree), 0);
}

static void test_large(void)
{
    enum { COUNT = 300000 };
    static struct item items[COUNT];
    struct random random;
    struct btree tree;
    seed_init(&random);
    btree_init(&tree, &item_tree);
    for (int i = 0; i < COUNT; i++) {
        items[i].order = random_next(&random);
        btree_insert(&tree, key_of(items[i].order), &items[i]);
    }
#ifndef TOCSIN_HARD
    CHECK(btree_memory_bytes(&tree) < (size_t)COUNT * 26);
#endif
    for (int i = 0; i < COUNT; i += 97) {
        size_t rank = btree_rank_of(&tree, key_of(items[i].order), &items[i]);
        CHECK(btree_element(btree_at(&tree, rank)) == &items[i]);
    }
    btree_remove_range(&tree, 1000, COUNT - 1000, NULL, NULL);
    CHECK_INT(btree_count(&tree), 2000);
#ifndef TOCSIN_HARD
    CHECK(btree_memory_bytes(&tree) < 2000 * 40);
#endif
    btree_fini(&tree);
    CHECK_INT(btree_count(&tree), 0);
}

int main(void)
{
    TEST("random inserts and removals leave what a sorted array holds", test_random);
    TEST("ascending and descending runs are dense and come apart again", test_ascending);
    TEST("a large tree knows its ranks and gives its memory back", test_large);
    return TEST_END();
}
