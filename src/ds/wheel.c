#include "ds/wheel.h"

#include <string.h>

#include "base/assert.h"

enum {
    NODES_LOOKED_AT = 1024, /* by wheel_next_deadline, in each slot */
    FIRST_LOOKED_AT = 64,   /* by wheel_first, in each list */
    ANY_STEPS = 16,         /* wheel_any goes at most as far into a list */
};

void wheel_init(struct wheel *w, int64_t now_ms)
{
    memset(w, 0, sizeof *w);
    w->tick_ms = now_ms;
}

/* The number, counted from time 0, of the slot of a level that holds time. */
static int64_t slot_number(int64_t time_ms, unsigned level)
{
    return time_ms >> (WHEEL_LEVEL_BITS * level);
}

static int64_t slot_start_ms(int64_t number, unsigned level)
{
    return (int64_t)((uint64_t)number << (WHEEL_LEVEL_BITS * level));
}

static unsigned slot_index(int64_t number)
{
    return (unsigned)((uint64_t)number % WHEEL_SLOTS);
}

static void link_head(struct wheel_node **head, struct wheel_node *node)
{
    node->next = *head;
    if (node->next) node->next->link = &node->next;
    node->link = head;
    *head = node;
}

/* Hangs a node where its deadline belongs, seen from the present tick: never
 * in a slot of level >= 1 that contains the tick or is next to it. */
static void hang(struct wheel *w, struct wheel_node *node)
{
    if (node->deadline_ms < w->tick_ms) {
        link_head(&w->late, node);
        return;
    }
    unsigned level = 0;
    uint64_t ahead = 0;
    for (;; level++) {
        ahead = (uint64_t)slot_number(node->deadline_ms, level) - (uint64_t)slot_number(w->tick_ms, level);
        if (ahead < WHEEL_SLOTS) break;
        if (level == WHEEL_LEVELS - 1) {
            ahead = WHEEL_SLOTS - 1; /* beyond the wheel: comes by here again */
            break;
        }
    }
    unsigned index = slot_index(slot_number(w->tick_ms, level) + (int64_t)ahead);
    link_head(&w->slot[level][index], node);
    w->used[level][index / 64] |= (uint64_t)1 << index % 64;
}

/* Unlinks a node; a slot that has become empty is no longer used. */
static void take_off(struct wheel *w, struct wheel_node *node)
{
    *node->link = node->next;
    if (node->next) {
        node->next->link = node->link;
        __builtin_prefetch(node->next->next);
    } else {
        uintptr_t offset = (uintptr_t)node->link - (uintptr_t)w->slot;
        if (offset < sizeof w->slot) {
            size_t slot = offset / sizeof(struct wheel_node *);
            size_t level = slot / WHEEL_SLOTS, index = slot % WHEEL_SLOTS;
            w->used[level][index / 64] &= ~((uint64_t)1 << index % 64);
        }
    }
    node->next = NULL;
    node->link = NULL;
}

void wheel_add(struct wheel *w, struct wheel_node *node, int64_t deadline_ms)
{
    node->deadline_ms = deadline_ms;
    hang(w, node);
    w->count++;
}

void wheel_remove(struct wheel *w, struct wheel_node *node)
{
    ASSERT(wheel_has(node));
    take_off(w, node);
    w->count--;
}

/* How many slots on from index, 0 to 127, the next used one of a level is;
 * WHEEL_SLOTS if none is. */
static unsigned used_ahead(const uint64_t used[2], unsigned index)
{
    unsigned shift = index % 64;
    uint64_t first = used[index / 64], second = used[1 - index / 64];
    if (first >> shift) return (unsigned)__builtin_ctzll(first >> shift);
    if (second) return 64 - shift + (unsigned)__builtin_ctzll(second);
    if (first) return 128 - shift + (unsigned)__builtin_ctzll(first);
    return WHEEL_SLOTS;
}

/* Finds the first used slot of a level whose number is at least from, which
 * is the tick's or one after it; false if there is none. */
static bool next_used(const struct wheel *w, unsigned level, int64_t from, int64_t *number)
{
    *number = from + used_ahead(w->used[level], slot_index(from));
    return *number < slot_number(w->tick_ms, level) + WHEEL_SLOTS;
}

static bool first_used(const struct wheel *w, unsigned level, int64_t *number)
{
    return next_used(w, level, slot_number(w->tick_ms, level), number);
}

/* Moves nodes of one slot to where they belong now; false when the budget did
 * not suffice for all. None returns to the same slot. */
static bool cascade(struct wheel *w, unsigned level, int64_t number, unsigned *budget)
{
    struct wheel_node **slot = &w->slot[level][slot_index(number)];
    while (*slot) {
        if (*budget == 0) return false;
        --*budget;
        struct wheel_node *node = *slot;
        take_off(w, node);
        hang(w, node);
    }
    return true;
}

/* Cascades the slots that contain the tick, or those next to them, the most
 * urgent first. */
static bool cascade_all(struct wheel *w, int64_t ahead, unsigned *budget)
{
    for (unsigned level = 1; level < WHEEL_LEVELS; level++)
        if (!cascade(w, level, slot_number(w->tick_ms, level) + ahead, budget)) return false;
    return true;
}

/* Moves the tick to the next used slot of level 0 or the start of the next
 * used one of the others, whichever comes first, but not past now. */
static void advance(struct wheel *w, int64_t now_ms)
{
    int64_t next_ms = now_ms, number;
    if (first_used(w, 0, &number)) {
        if (number < next_ms) next_ms = number;
        if (slot_number(next_ms, 1) == slot_number(w->tick_ms, 1)) {
            w->tick_ms = next_ms; /* within one slot of all the other levels */
            return;
        }
    }
    for (unsigned level = 1; level < WHEEL_LEVELS; level++)
        if (first_used(w, level, &number) && slot_start_ms(number, level) < next_ms)
            next_ms = slot_start_ms(number, level);
    w->settled = false;
    w->tick_ms = next_ms;
}

struct wheel_node *wheel_pop(struct wheel *w, int64_t now_ms, unsigned *budget)
{
    if (now_ms < w->tick_ms) {
        w->tick_ms = now_ms;
        w->settled = false;
    }
    while (*budget) {
        if (w->late == NULL && !w->settled) {
            w->settled = cascade_all(w, 0, budget);
            continue;
        }
        struct wheel_node *node = w->late ? w->late : w->slot[0][slot_index(w->tick_ms)];
        if (node && (node == w->late || w->tick_ms < now_ms)) {
            --*budget;
            take_off(w, node);
            if (node->deadline_ms <= w->tick_ms && node->deadline_ms < now_ms) {
                w->count--;
                return node;
            }
            hang(w, node); /* met before its turn: the clock was set back */
        } else if (w->tick_ms < now_ms) {
            advance(w, now_ms);
        } else {
            cascade_all(w, 1, budget);
            return NULL;
        }
    }
    return NULL;
}

int64_t wheel_next(const struct wheel *w)
{
    int64_t next_ms = INT64_MAX, number;
    if (w->late) return w->tick_ms;
    if (first_used(w, 0, &number)) next_ms = number + 1;
    for (unsigned level = 1; level < WHEEL_LEVELS; level++) {
        if (!first_used(w, level, &number)) continue;
        int64_t cascade_ms = slot_start_ms(number - 1, level);
        if (cascade_ms < next_ms) next_ms = cascade_ms;
    }
    return next_ms > w->tick_ms ? next_ms : w->tick_ms;
}

/* Looks at the nodes of a list: lowers *earliest_ms to their earliest deadline
 * and counts those that are due in *due. False when there are more nodes than
 * *limit, which is lowered by those looked at. */
static bool look_at(const struct wheel_node *node, int64_t now_ms, size_t *limit, int64_t *earliest_ms,
                    size_t *due)
{
    for (; node; node = node->next) {
        if (*limit == 0) return false;
        --*limit;
        if (node->deadline_ms < *earliest_ms) *earliest_ms = node->deadline_ms;
        if (node->deadline_ms < now_ms) ++*due;
    }
    return true;
}

int64_t wheel_next_deadline(const struct wheel *w)
{
    int64_t earliest_ms = INT64_MAX, number;
    size_t due = 0, limit = NODES_LOOKED_AT;
    look_at(w->late, 0, &limit, &earliest_ms, &due);
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        int64_t from = slot_number(w->tick_ms, level);
        for (; next_used(w, level, from, &number); from = number + 1) {
            int64_t start_ms = slot_start_ms(number, level);
            if (start_ms >= earliest_ms) break;
            limit = NODES_LOOKED_AT;
            if (!look_at(w->slot[level][slot_index(number)], 0, &limit, &earliest_ms, &due))
                earliest_ms = start_ms;
        }
    }
    return earliest_ms;
}

size_t wheel_overdue(const struct wheel *w, int64_t now_ms, size_t limit)
{
    int64_t earliest_ms = INT64_MAX, number;
    size_t due = 0;
    look_at(w->late, now_ms, &limit, &earliest_ms, &due);
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        int64_t from = slot_number(w->tick_ms, level);
        for (; next_used(w, level, from, &number); from = number + 1) {
            if (slot_start_ms(number, level) >= now_ms) break;
            if (!look_at(w->slot[level][slot_index(number)], now_ms, &limit, &earliest_ms, &due)) return due;
        }
    }
    return due;
}

static struct wheel_node *earlier(struct wheel_node *best, struct wheel_node *node)
{
    for (int looked = 0; node && looked < FIRST_LOOKED_AT; node = node->next, looked++)
        if (best == NULL || node->deadline_ms < best->deadline_ms) best = node;
    return best;
}

struct wheel_node *wheel_first(const struct wheel *w)
{
    struct wheel_node *best = earlier(NULL, w->late);
    int64_t number;
    for (unsigned level = 0; level < WHEEL_LEVELS; level++)
        if (first_used(w, level, &number)) best = earlier(best, w->slot[level][slot_index(number)]);
    return best;
}

struct wheel_node *wheel_any(const struct wheel *w, uint64_t random)
{
    struct wheel_node *node = w->late;
    unsigned start = (unsigned)(random >> 32);
    for (unsigned level = 0; level < WHEEL_LEVELS && node == NULL; level++) {
        unsigned its = (start + level) % WHEEL_LEVELS, index = (unsigned)(random >> 8) % WHEEL_SLOTS;
        unsigned ahead = used_ahead(w->used[its], index);
        if (ahead < WHEEL_SLOTS) node = w->slot[its][(index + ahead) % WHEEL_SLOTS];
    }
    for (unsigned steps = (unsigned)random % ANY_STEPS; node && node->next && steps > 0; steps--)
        node = node->next;
    return node;
}
