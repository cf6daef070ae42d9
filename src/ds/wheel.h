/* Hierarchical timing wheel: deadlines in milliseconds, O(1) to add, move and
 * drop, returned in order, never early (Varghese & Lauck, "Hashed and
 * Hierarchical Timing Wheels", SOSP 1987, scheme 7).
 *
 * The wheel has a tick, the millisecond it stands at: every deadline before
 * it has been returned. Level l = 0..7 has 128 slots of 64^l ms each; a node
 * hangs in the lowest level where its slot is less than 128 slots ahead, in
 * slot (deadline >> 6l) & 127. When the tick nears a slot of level l >= 1,
 * its nodes are cascaded: hung into the levels below.
 *
 * A level spans twice a slot of the level above. So slot j of level l can be
 * cascaded during the whole of slot j-1 before it, and no new node joins it
 * then: cascading goes node by node, in whatever budget the caller has left,
 * and there is no moment at which a whole slot must be moved at once.
 *
 * Times are signed milliseconds of any epoch. A clock (now_ms) stays within
 * +-2^61; a deadline may be any number. The clock may step either way.
 *
 * Intrusive: a node lives in its owner's memory and the wheel allocates
 * nothing. Not for several threads at once. */
#ifndef DS_WHEEL_H
#define DS_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wheel_node {
    struct wheel_node *next;
    struct wheel_node **link; /* the pointer that points here; NULL when in no wheel */
    int64_t deadline_ms;
};

enum { WHEEL_LEVELS = 8, WHEEL_LEVEL_BITS = 6, WHEEL_SLOTS = 128 };

/* About 8 KB. Must not be moved while it has nodes. */
struct wheel {
    int64_t tick_ms;
    bool settled; /* no slot that contains the tick waits to be cascaded */
    size_t count;
    struct wheel_node *late;                       /* deadline before the tick when added */
    uint64_t used[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* a bit for each slot that is not empty */
    struct wheel_node *slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, int64_t now_ms);

/* Adds a node that is in no wheel. */
void wheel_add(struct wheel *w, struct wheel_node *node, int64_t deadline_ms);

/* Removes a node that is in w. */
void wheel_remove(struct wheel *w, struct wheel_node *node);

/* To be called when the memory around a node in a wheel was moved, node being
 * its new address, before anything else is done with that wheel. */
static inline void wheel_moved(struct wheel_node *node)
{
    *node->link = node;
    if (node->next) node->next->link = &node->next;
}

/* Whether the node is in a wheel. It must have been in one before or have
 * been zeroed. */
static inline bool wheel_has(const struct wheel_node *node)
{
    return node->link != NULL;
}

/* Unlinks and returns a node whose deadline has passed: now_ms > deadline_ms,
 * strictly. NULL when there is none, or when *budget is spent (it is 0 then).
 *
 * Returned in order of deadlines; nodes with one deadline in any order. A node
 * added with a deadline before the tick comes before all others, such nodes
 * among themselves in any order.
 *
 * Every node returned, cascaded or hung elsewhere takes 1 off *budget. When
 * nothing is due, what is left of it is used for cascading ahead. */
struct wheel_node *wheel_pop(struct wheel *w, int64_t now_ms, unsigned *budget);

/* The earliest now_ms at which wheel_pop has something to do: return a node,
 * or cascade (then it may well be a time that has passed: call it again). Never
 * later than the first deadline + 1. INT64_MAX when the wheel is empty. To be
 * asked after wheel_pop saw the present clock, lest that was set back. */
int64_t wheel_next(const struct wheel *w);

/* The earliest deadline, INT64_MAX when the wheel is empty. Exact, unless it
 * hides in a slot of more than 1024 nodes: then the start of the slot, which
 * is off by less than 1/64 of the time left (of deadlines before the tick, one
 * of those is given). For reports. */
int64_t wheel_next_deadline(const struct wheel *w);

/* How many nodes are due, found by looking at no more than limit nodes. */
size_t wheel_overdue(const struct wheel *w, int64_t now_ms, size_t limit);

/* A node whose deadline is about the earliest (the earliest of those looked
 * at, a bounded number); NULL when the wheel is empty. */
struct wheel_node *wheel_first(const struct wheel *w);

/* Some node, from a slot that `random` chooses; NULL when the wheel is empty. */
struct wheel_node *wheel_any(const struct wheel *w, uint64_t random);

static inline size_t wheel_count(const struct wheel *w)
{
    return w->count;
}

/* The wheel itself; the nodes are their owners'. */
static inline size_t wheel_memory_bytes(const struct wheel *w)
{
    return sizeof *w;
}

#endif
