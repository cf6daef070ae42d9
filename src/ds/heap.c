#include "ds/heap.h"

#include "base/mem.h"

enum { CHILDREN = 4, CAPACITY_MIN = 4 };

static void resize(struct heap *h, uint32_t capacity)
{
    h->capacity = capacity;
    h->slots = mem_realloc(h->slots, capacity * sizeof *h->slots);
}

void heap_fini(struct heap *h)
{
    mem_free(h->slots);
    *h = (struct heap){0};
}

static void put(struct heap *h, uint32_t index, struct heap_slot slot)
{
    h->slots[index] = slot;
    slot.node->place = index + 1;
}

/* Finds the place for a slot from the gap at index upwards. */
static void sift_up(struct heap *h, uint32_t index, struct heap_slot slot)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / CHILDREN;
        if (h->slots[parent].deadline_ms <= slot.deadline_ms) break;
        put(h, index, h->slots[parent]);
        index = parent;
    }
    put(h, index, slot);
}

/* The same downwards. */
static void sift_down(struct heap *h, uint32_t index, struct heap_slot slot)
{
    for (;;) {
        size_t first = (size_t)index * CHILDREN + 1, end = first + CHILDREN;
        if (first >= h->count) break;
        if (end > h->count) end = h->count;
        size_t least = first;
        for (size_t child = first + 1; child < end; child++)
            if (h->slots[child].deadline_ms < h->slots[least].deadline_ms) least = child;
        if (h->slots[least].deadline_ms >= slot.deadline_ms) break;
        put(h, index, h->slots[least]);
        index = (uint32_t)least;
    }
    put(h, index, slot);
}

void heap_add(struct heap *h, struct heap_node *node, int64_t deadline_ms)
{
    if (h->count == h->capacity) resize(h, h->capacity ? h->capacity * 2 : CAPACITY_MIN);
    sift_up(h, h->count++, (struct heap_slot){deadline_ms, node});
}

void heap_remove(struct heap *h, struct heap_node *node)
{
    uint32_t index = node->place - 1;
    struct heap_slot last = h->slots[--h->count];
    node->place = 0;
    if (last.node != node) {
        bool earlier = index > 0 && last.deadline_ms < h->slots[(index - 1) / CHILDREN].deadline_ms;
        if (earlier) sift_up(h, index, last);
        else sift_down(h, index, last);
    }
    if (h->count == 0) heap_fini(h);
    else if (h->capacity > CAPACITY_MIN && h->count < h->capacity / 4) resize(h, h->capacity / 2);
}

size_t heap_memory_bytes(const struct heap *h)
{
    return h->slots ? mem_usable(h->slots) : 0;
}
