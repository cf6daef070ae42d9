#include "ds/heap.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

enum { NODES = 300, STEPS = 200000 };

struct item {
    int filler; /* so that the node is not at the item's address */
    int64_t deadline_ms;
    struct heap_node node;
};

static int64_t earliest_ms(struct item *const *items)
{
    int64_t earliest = INT64_MAX;
    for (int i = 0; i < NODES; i++)
        if (heap_has(&items[i]->node) && items[i]->deadline_ms < earliest) earliest = items[i]->deadline_ms;
    return earliest;
}

static void check_order(const struct heap *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        CHECK_INT(h->slots[i].node->place, i + 1);
        if (i) CHECK(h->slots[(i - 1) / 4].deadline_ms <= h->slots[i].deadline_ms);
    }
}

static void random_changes(void)
{
    struct random random;
    struct heap heap = {0};
    struct item *items[NODES];
    uint32_t count = 0;
    seed_init(&random);
    for (int i = 0; i < NODES; i++) items[i] = mem_calloc(1, sizeof **items);
    for (int step = 0; step < STEPS; step++) {
        /* Grows, then shrinks, again and again; ties are common. */
        bool growing = step / 2000 % 2 == 0;
        struct item **place = &items[random_below(&random, NODES)];
        if (!heap_has(&(*place)->node)) {
            if (!growing && random_below(&random, 3)) continue;
            (*place)->deadline_ms = (int64_t)random_below(&random, 100) - 50;
            if (random_below(&random, 50) == 0) (*place)->deadline_ms = INT64_MIN;
            heap_add(&heap, &(*place)->node, (*place)->deadline_ms);
            count++;
        } else if (random_below(&random, 2)) {
            CHECK_INT(heap_deadline_ms(&heap, &(*place)->node), (*place)->deadline_ms);
        } else if (!growing || random_below(&random, 3) == 0) {
            heap_remove(&heap, &(*place)->node);
            count--;
        }
        CHECK_INT(heap.count, count);
        CHECK_INT(heap_first_ms(&heap), earliest_ms(items));
        if (step % 100 == 0) check_order(&heap);
    }
    heap_fini(&heap);
    for (int i = 0; i < NODES; i++) mem_free(items[i]);
}

static void sorts(void)
{
    struct random random;
    struct heap heap = {0};
    struct item *items = mem_calloc(10000, sizeof *items);
    seed_init(&random);
    for (int i = 0; i < 10000; i++) heap_add(&heap, &items[i].node, (int64_t)random_next(&random));
    CHECK(heap_memory_bytes(&heap) >= 10000 * sizeof(struct heap_slot));
    int64_t last = INT64_MIN;
    for (int i = 0; i < 10000; i++) {
        int64_t first = heap_first_ms(&heap);
        CHECK(first >= last);
        last = first;
        heap_remove(&heap, heap_first(&heap));
    }
    CHECK(heap_first(&heap) == NULL);
    CHECK_INT(heap_first_ms(&heap), INT64_MAX);
    CHECK_INT(heap_memory_bytes(&heap), 0);
    mem_free(items);
}

int main(void)
{
    TEST("the first is the earliest, whatever is added, moved and removed", random_changes);
    TEST("what is taken out first to last is sorted, and an empty heap has no memory", sorts);
    return TEST_END();
}
