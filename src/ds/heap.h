/* Heap of deadlines: the earliest of many is known at once, and any can be
 * changed or dropped. A 4-ary heap (Johnson, IPL 1975) in an array of deadlines
 * with their nodes, so that the four that are compared lie side by side.
 *
 * Where a timing wheel is too large: one heap costs nothing while it is empty
 * and 16 bytes for each node. Intrusive: a node, four bytes that say where in
 * the array it stands, lives in its owner's memory; the owner's element is
 * found from it. Deadlines are any numbers. Not for several threads at once. */
#ifndef DS_HEAP_H
#define DS_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    uint32_t place; /* index + 1; 0: in no heap. All zero is a valid node. */
};

struct heap_slot {
    int64_t deadline_ms;
    struct heap_node *node;
};

/* Read through the functions only; all zero is an empty heap. May be moved. */
struct heap {
    struct heap_slot *slots;
    uint32_t count, capacity;
};

/* Frees the array, not the nodes. */
void heap_fini(struct heap *h);

/* Adds a node that is in no heap. */
void heap_add(struct heap *h, struct heap_node *node, int64_t deadline_ms);

/* Takes out a node that is in h. */
void heap_remove(struct heap *h, struct heap_node *node);

static inline bool heap_has(const struct heap_node *node)
{
    return node->place != 0;
}

/* Of a node that is in h. */
static inline int64_t heap_deadline_ms(const struct heap *h, const struct heap_node *node)
{
    return h->slots[node->place - 1].deadline_ms;
}

/* The node with the earliest deadline, NULL when there is none. */
static inline struct heap_node *heap_first(const struct heap *h)
{
    return h->count ? h->slots[0].node : NULL;
}

/* The earliest deadline, INT64_MAX when there is none. */
static inline int64_t heap_first_ms(const struct heap *h)
{
    return h->count ? h->slots[0].deadline_ms : INT64_MAX;
}

/* Of the array. */
size_t heap_memory_bytes(const struct heap *h);

#endif
