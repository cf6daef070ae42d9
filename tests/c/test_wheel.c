#include "ds/wheel.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

struct timer {
    int filler; /* so that the node is not at the timer's address */
    bool late;  /* was added with a deadline before the tick */
    struct wheel_node node;
};

static struct timer *timer_of(struct wheel_node *node)
{
    return (struct timer *)(void *)((char *)node - offsetof(struct timer, node));
}

/* A number of at most 2^bits_max, every order of magnitude alike. */
static int64_t any_scale(struct random *r, unsigned bits_max)
{
    return (int64_t)(random_next(r) >> (64 - 1 - random_below(r, bits_max)));
}

static int64_t any_deadline(struct random *r, int64_t now_ms)
{
    switch (random_below(r, 40)) {
    case 0: return INT64_MAX;
    case 1: return INT64_MIN;
    case 2: return now_ms;
    case 3: return now_ms - 1;
    case 4: return -any_scale(r, 40);
    case 5: return INT64_MAX - any_scale(r, 60);
    case 6: return now_ms - any_scale(r, 20);
    default: return now_ms + any_scale(r, 44);
    }
}

/* A few timers, all of which are looked at to know what the wheel must do. */
enum { TIMERS = 150 };
struct world {
    struct random random;
    struct wheel wheel;
    int64_t now_ms;
    struct timer *timers[TIMERS];
};

static void world_init(struct world *world, int64_t now_ms)
{
    *world = (struct world){.now_ms = now_ms};
    seed_init(&world->random);
    wheel_init(&world->wheel, now_ms);
    for (int i = 0; i < TIMERS; i++) world->timers[i] = mem_calloc(1, sizeof(struct timer));
}

static void world_fini(struct world *world)
{
    for (int i = 0; i < TIMERS; i++) mem_free(world->timers[i]);
}

static void world_add(struct world *world, struct timer *timer, int64_t deadline_ms)
{
    timer->late = deadline_ms < world->wheel.tick_ms;
    wheel_add(&world->wheel, &timer->node, deadline_ms);
}

static int64_t earliest_ms(const struct world *world, bool late_as_well)
{
    int64_t earliest = INT64_MAX;
    for (int i = 0; i < TIMERS; i++) {
        const struct timer *timer = world->timers[i];
        if (!wheel_has(&timer->node) || (timer->late && !late_as_well)) continue;
        if (timer->node.deadline_ms < earliest) earliest = timer->node.deadline_ms;
    }
    return earliest;
}

static size_t count_due(const struct world *world)
{
    size_t due = 0;
    for (int i = 0; i < TIMERS; i++)
        due += wheel_has(&world->timers[i]->node) && world->timers[i]->node.deadline_ms < world->now_ms;
    return due;
}

static void change_some(struct world *world)
{
    for (uint64_t changes = random_below(&world->random, 12); changes; changes--) {
        struct timer **place = &world->timers[random_below(&world->random, TIMERS)];
        if (!wheel_has(&(*place)->node)) {
            world_add(world, *place, any_deadline(&world->random, world->now_ms));
        } else if (random_below(&world->random, 2)) {
            wheel_remove(&world->wheel, &(*place)->node);
        } else {
            struct timer *moved = mem_alloc(sizeof *moved);
            *moved = **place;
            memset(*place, 0xdb, sizeof **place);
            mem_free(*place);
            *place = moved;
            wheel_moved(&moved->node);
        }
    }
}

/* Pops what budget allows; checks each node against all that are queued. */
static void pop_all(struct world *world, unsigned budget)
{
    struct wheel *w = &world->wheel;
    size_t queued = wheel_count(w);
    for (;;) {
        int64_t first_ms = earliest_ms(world, false);
        unsigned before = budget;
        struct wheel_node *node = wheel_pop(w, world->now_ms, &budget);
        CHECK(budget <= before);
        if (node == NULL) break;
        CHECK(budget < before);
        CHECK(!wheel_has(node));
        CHECK(node->deadline_ms < world->now_ms);
        CHECK(timer_of(node)->late || node->deadline_ms == first_ms);
        CHECK_INT(wheel_count(w), --queued);
    }
    if (budget) CHECK_INT(count_due(world), 0);
    CHECK_INT(wheel_overdue(w, world->now_ms, SIZE_MAX), count_due(world));
    CHECK_INT(wheel_next_deadline(w), earliest_ms(world, true));
    int64_t next_ms = wheel_next(w);
    if (queued == 0) CHECK_INT(next_ms, INT64_MAX);
    else CHECK(next_ms <= world->now_ms || next_ms - 1 <= earliest_ms(world, true));
}

static void any_operations(bool clock_goes_back)
{
    struct world world;
    world_init(&world, 1700000000000);
    for (int round = 0; round < 20000; round++) {
        change_some(&world);
        world.now_ms += any_scale(&world.random, random_below(&world.random, 50) ? 12 : 43);
        if (clock_goes_back && random_below(&world.random, 8) == 0)
            world.now_ms -= any_scale(&world.random, random_below(&world.random, 4) ? 14 : 43);
        pop_all(&world,
                random_below(&world.random, 3) ? UINT32_MAX : (unsigned)random_below(&world.random, 20));
    }
    world_fini(&world);
}

static void operations_with_a_steady_clock(void)
{
    any_operations(false);
}

static void operations_with_a_clock_that_goes_back(void)
{
    any_operations(true);
}

/* An event loop that sleeps until wheel_next and does nothing else. */
static void sleeping_until_next(void)
{
    struct world world;
    world_init(&world, -1000000);
    struct wheel *w = &world.wheel;
    size_t wakeups = 0, popped = 0;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < TIMERS; i++)
            if (!wheel_has(&world.timers[i]->node))
                world_add(&world, world.timers[i], world.now_ms + any_scale(&world.random, 40));
        for (int turns = 0; turns < 200 && wheel_count(w); turns++, wakeups++) {
            int64_t next_ms = wheel_next(w);
            CHECK(next_ms > world.now_ms);
            world.now_ms = next_ms;
            unsigned budget = UINT32_MAX;
            for (struct wheel_node *node; (node = wheel_pop(w, world.now_ms, &budget)); popped++)
                CHECK_INT(node->deadline_ms, world.now_ms - 1);
        }
    }
    CHECK(popped > 100);
    CHECK(wakeups < 8 * (popped + TIMERS));
    world_fini(&world);
}

static int compare_deadlines(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void a_million_in_order(void)
{
    enum { NODES = 1000000 };
    struct random r;
    struct wheel w;
    struct wheel_node *nodes = mem_calloc(NODES, sizeof *nodes);
    int64_t *sorted = mem_alloc(NODES * sizeof *sorted), now_ms = 123456789;
    seed_init(&r);
    wheel_init(&w, now_ms);
    for (size_t i = 0; i < NODES; i++) {
        sorted[i] = now_ms + any_scale(&r, 46);
        wheel_add(&w, &nodes[i], sorted[i]);
    }
    qsort(sorted, NODES, sizeof *sorted, compare_deadlines);
    for (size_t i = 0; i < NODES;) {
        unsigned budget = random_below(&r, 2) ? UINT32_MAX : (unsigned)random_below(&r, 1000);
        struct wheel_node *node = wheel_pop(&w, now_ms, &budget);
        if (node) {
            CHECK_INT(node->deadline_ms, sorted[i]);
            i++;
        } else if (budget) {
            CHECK(sorted[i] >= now_ms);
            now_ms = sorted[i] + 1 + any_scale(&r, 36);
        }
    }
    CHECK_INT(wheel_count(&w), 0);
    mem_free(sorted);
    mem_free(nodes);
}

/* All nodes are due in one millisecond. On the way there they are cascaded a
 * few at a time, and when it has come the first is returned at once. */
static void cascading_in_time(void)
{
    enum { NODES = 100000, BUDGET = 64 };
    struct wheel w;
    struct wheel_node *nodes = mem_calloc(NODES, sizeof *nodes);
    int64_t now_ms = 5, deadline_ms = now_ms + 20 * 3600 * 1000;
    wheel_init(&w, now_ms);
    for (size_t i = 0; i < NODES; i++) wheel_add(&w, &nodes[i], deadline_ms);
    while (now_ms < deadline_ms) {
        int64_t next_ms = wheel_next(&w);
        now_ms = next_ms > now_ms + 1 ? next_ms : now_ms + 1;
        if (now_ms > deadline_ms) now_ms = deadline_ms;
        unsigned budget = now_ms > deadline_ms - 200 ? NODES / 20 : BUDGET;
        CHECK(wheel_pop(&w, now_ms, &budget) == NULL);
    }
    CHECK_INT(wheel_next(&w), deadline_ms + 1);
    CHECK_INT(wheel_overdue(&w, deadline_ms, SIZE_MAX), 0);
    CHECK_INT(wheel_overdue(&w, deadline_ms + 1, SIZE_MAX), NODES);
    CHECK_INT(wheel_overdue(&w, deadline_ms + 1, 10), 10);
    for (size_t i = 0; i < NODES; i++) {
        unsigned budget = 1;
        CHECK(wheel_pop(&w, deadline_ms + 1, &budget) != NULL);
    }
    CHECK_INT(wheel_count(&w), 0);
    mem_free(nodes);
}

static void strictly_after_the_deadline(void)
{
    struct wheel w;
    struct wheel_node node = {0};
    unsigned budget = 10;
    wheel_init(&w, 100);
    CHECK_INT(wheel_next(&w), INT64_MAX);
    CHECK_INT(wheel_next_deadline(&w), INT64_MAX);
    CHECK(wheel_pop(&w, 100, &budget) == NULL);
    wheel_add(&w, &node, 105);
    CHECK_INT(wheel_next(&w), 106);
    CHECK_INT(wheel_next_deadline(&w), 105);
    CHECK(wheel_pop(&w, 105, &budget) == NULL);
    CHECK_INT(budget, 10);
    CHECK(wheel_pop(&w, 106, &budget) == &node);
    CHECK_INT(budget, 9);
    CHECK(!wheel_has(&node));
    CHECK(wheel_pop(&w, 1 << 30, &budget) == NULL);
    wheel_add(&w, &node, 7);
    CHECK_INT(wheel_next(&w), 1 << 30);
    CHECK(wheel_pop(&w, 1 << 30, &budget) == &node);
}

static void a_crowded_slot_is_estimated(void)
{
    enum { NODES = 3000 };
    static struct wheel_node nodes[NODES];
    struct wheel w;
    int64_t hour_ms = 3600 * 1000;
    wheel_init(&w, 0);
    for (int i = 0; i < NODES; i++) wheel_add(&w, &nodes[i], hour_ms + i);
    int64_t next_ms = wheel_next_deadline(&w);
    CHECK(next_ms <= hour_ms);
    CHECK(next_ms > hour_ms - hour_ms / 16);
}

int main(void)
{
    TEST("a node is due strictly after its deadline", strictly_after_the_deadline);
    TEST("a million deadlines come back in order", a_million_in_order);
    TEST("any adds, removes, moves and pops agree with a search through all", operations_with_a_steady_clock);
    TEST("a clock that goes back makes nothing early or late", operations_with_a_clock_that_goes_back);
    TEST("who sleeps until the next time gets each node in the first millisecond it is due",
         sleeping_until_next);
    TEST("cascading keeps to its budget and is done before the deadline", cascading_in_time);
    TEST("the next deadline in a crowded slot is estimated from below", a_crowded_slot_is_estimated);
    return TEST_END();
}
