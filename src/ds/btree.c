#include "ds/btree.h"

#include <string.h>

#include "base/assert.h"
#include "base/mem.h"

/* In a hard build nodes are small, so that all that happens to them happens
 * often. */
enum {
#ifdef TOCSIN_HARD
    LEAF_SLOTS = 8,
    INNER_SLOTS = 8,
#else
    LEAF_SLOTS = 62, /* 1 KiB */
    INNER_SLOTS = 31,
#endif
    LEAF_FEW = LEAF_SLOTS / 4, /* fewer: joins or is filled from a neighbour */
    INNER_FEW = INNER_SLOTS / 4,
    LEAF_JOINED = LEAF_SLOTS * 3 / 4, /* two that hold no more together become one */
    INNER_JOINED = INNER_SLOTS * 3 / 4,
};

struct btree_leaf {
    struct btree_leaf *prev, *next;
    unsigned count, capacity;
    uint64_t keys[]; /* `capacity` of them, then as many element pointers */
};

/* keys[i] and firsts[i] are the first slot below children[i], for i > 0. */
struct inner {
    unsigned count;
    uint64_t keys[INNER_SLOTS];
    void *firsts[INNER_SLOTS];
    void *children[INNER_SLOTS];
    size_t sizes[INNER_SLOTS]; /* elements below each child */
};

static inline void **elements_of(const struct btree_leaf *leaf)
{
    return (void **)(uintptr_t)(leaf->keys + leaf->capacity);
}

/* ---- life ---- */

void btree_init(struct btree *t, const struct btree_type *type)
{
    *t = (struct btree){.type = type};
}

static size_t leaf_bytes(unsigned capacity)
{
    return sizeof(struct btree_leaf) + capacity * (sizeof(uint64_t) + sizeof(void *));
}

/* Links a new leaf behind another (NULL: it is the only one). */
static struct btree_leaf *leaf_new(struct btree *t, struct btree_leaf *behind, unsigned capacity)
{
    struct btree_leaf *leaf = mem_alloc(leaf_bytes(capacity));
    *leaf = (struct btree_leaf){.prev = behind, .next = behind ? behind->next : NULL, .capacity = capacity};
    *(leaf->prev ? &leaf->prev->next : &t->first) = leaf;
    *(leaf->next ? &leaf->next->prev : &t->last) = leaf;
    return leaf;
}

static void leaf_free(struct btree *t, struct btree_leaf *leaf)
{
    *(leaf->prev ? &leaf->prev->next : &t->first) = leaf->next;
    *(leaf->next ? &leaf->next->prev : &t->last) = leaf->prev;
    mem_free(leaf);
}

/* Gives a leaf another capacity; where it is now. */
static struct btree_leaf *leaf_resize(struct btree *t, struct btree_leaf *leaf, unsigned capacity)
{
    struct btree_leaf *to = mem_alloc(leaf_bytes(capacity));
    *to = (struct btree_leaf){leaf->prev, leaf->next, leaf->count, capacity};
    memcpy(to->keys, leaf->keys, leaf->count * sizeof *leaf->keys);
    memcpy(elements_of(to), elements_of(leaf), leaf->count * sizeof(void *));
    *(to->prev ? &to->prev->next : &t->first) = to;
    *(to->next ? &to->next->prev : &t->last) = to;
    mem_free(leaf);
    return to;
}

/* The slots that a leaf gets when it needs count: what the allocator would give
 * it anyway. */
static unsigned capacity_for(unsigned count)
{
    size_t bytes = mem_good_size(leaf_bytes(count)) - sizeof(struct btree_leaf);
    unsigned capacity = (unsigned)(bytes / (sizeof(uint64_t) + sizeof(void *)));
    return capacity < LEAF_SLOTS ? capacity : LEAF_SLOTS;
}

/* Room for count slots, and not much more; where the leaf is now. */
static struct btree_leaf *leaf_fit(struct btree *t, struct btree_leaf *leaf, unsigned count)
{
    bool fits = count <= leaf->capacity && leaf->capacity - count <= LEAF_SLOTS / 4;
    return fits ? leaf : leaf_resize(t, leaf, capacity_for(count));
}

static void free_below(struct btree *t, void *node, unsigned level, void (*drop)(void *, void *), void *ctx)
{
    if (level == 0) {
        struct btree_leaf *leaf = node;
        for (unsigned i = 0; drop && i < leaf->count; i++) drop(ctx, elements_of(leaf)[i]);
        leaf_free(t, leaf);
        return;
    }
    struct inner *inner = node;
    for (unsigned i = 0; i < inner->count; i++) free_below(t, inner->children[i], level - 1, drop, ctx);
    mem_free(inner);
}

void btree_fini(struct btree *t)
{
    if (t->root) free_below(t, t->root, t->height, NULL, NULL);
    btree_init(t, t->type);
}

/* ---- searching ---- */

/* What is searched: an element of the tree's, or a probe. */
struct target {
    uint64_t key;
    const void *what;
    int (*compare)(const void *element, const void *what);
};

static unsigned keys_below(const uint64_t *keys, unsigned count, uint64_t key)
{
    const uint64_t *base = keys;
    while (count > 1) {
        unsigned half = count / 2;
        base += base[half - 1] < key ? half : 0;
        count -= half;
    }
    return (unsigned)(base - keys) + (count && *base < key);
}

/* How many of the slots are before the target, or equal to it if that is asked
 * for. */
static unsigned slots_before(const uint64_t *keys, void *const *elements, unsigned count,
                             const struct target *target, bool or_equal)
{
    unsigned low = keys_below(keys, count, target->key), high = low;
    while (high < count && keys[high] == target->key) high++;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = target->compare(elements[middle], target->what);
        if (order < 0 || (order == 0 && or_equal)) low = middle + 1;
        else high = middle;
    }
    return low;
}

static unsigned leaf_before(const struct btree_leaf *leaf, const struct target *target, bool or_equal)
{
    return slots_before(leaf->keys, elements_of(leaf), leaf->count, target, or_equal);
}

/* The child that holds the target, or would. */
static unsigned child_for(const struct inner *inner, const struct target *target)
{
    return slots_before(inner->keys + 1, inner->firsts + 1, inner->count - 1, target, true);
}

/* The leaf that holds the target, or would; rank: how many elements are before
 * that leaf. */
static struct btree_leaf *leaf_for(const struct btree *t, const struct target *target, size_t *rank)
{
    void *node = t->root;
    *rank = 0;
    for (unsigned level = t->height; level > 0; level--) {
        const struct inner *inner = node;
        unsigned child = child_for(inner, target);
        for (unsigned i = 0; i < child; i++) *rank += inner->sizes[i];
        node = inner->children[child];
    }
    return node;
}

static struct target probe_target(const struct btree *t, uint64_t key, const void *probe)
{
    return (struct target){key, probe, t->type->compare_probe};
}

static struct target element_target(const struct btree *t, uint64_t key, const void *element)
{
    return (struct target){key, element, t->type->compare};
}

void *btree_find(const struct btree *t, uint64_t key, const void *probe)
{
    struct btree_pos pos = btree_lower(t, key, probe);
    if (!btree_valid(pos) || btree_key(pos) != key) return NULL;
    void *element = btree_element(pos);
    return t->type->compare_probe(element, probe) == 0 ? element : NULL;
}

static size_t rank_of_target(const struct btree *t, const struct target *target)
{
    size_t rank;
    if (t->root == NULL) return 0;
    const struct btree_leaf *leaf = leaf_for(t, target, &rank);
    return rank + leaf_before(leaf, target, false);
}

size_t btree_rank(const struct btree *t, uint64_t key, const void *probe)
{
    struct target target = probe_target(t, key, probe);
    return rank_of_target(t, &target);
}

size_t btree_rank_of(const struct btree *t, uint64_t key, const void *element)
{
    struct target target = element_target(t, key, element);
    return rank_of_target(t, &target);
}

/* ---- positions ---- */

struct btree_pos btree_first(const struct btree *t)
{
    return (struct btree_pos){t->first, 0};
}

struct btree_pos btree_last(const struct btree *t)
{
    return (struct btree_pos){t->last, t->last ? t->last->count - 1 : 0};
}

struct btree_pos btree_at(const struct btree *t, size_t rank)
{
    void *node = t->root;
    if (rank >= t->count) return (struct btree_pos){0};
    for (unsigned level = t->height; level > 0; level--) {
        const struct inner *inner = node;
        unsigned child = 0;
        for (; rank >= inner->sizes[child]; child++) rank -= inner->sizes[child];
        node = inner->children[child];
    }
    return (struct btree_pos){node, (unsigned)rank};
}

struct btree_pos btree_lower(const struct btree *t, uint64_t key, const void *probe)
{
    struct target target = probe_target(t, key, probe);
    size_t rank;
    if (t->root == NULL) return (struct btree_pos){0};
    struct btree_leaf *leaf = leaf_for(t, &target, &rank);
    unsigned index = leaf_before(leaf, &target, false);
    return index < leaf->count ? (struct btree_pos){leaf, index} : (struct btree_pos){leaf->next, 0};
}

/* An element not behind the probe is in the probe's own leaf, or nowhere: a leaf
 * begins with what its parent tells it from its left neighbour by. */
struct btree_pos btree_floor(const struct btree *t, uint64_t key, const void *probe)
{
    struct target target = probe_target(t, key, probe);
    size_t rank;
    if (t->root == NULL) return (struct btree_pos){0};
    struct btree_leaf *leaf = leaf_for(t, &target, &rank);
    unsigned index = leaf_before(leaf, &target, true);
    return index ? (struct btree_pos){leaf, index - 1} : (struct btree_pos){0};
}

uint64_t btree_key(struct btree_pos pos)
{
    return pos.leaf->keys[pos.index];
}

void *btree_element(struct btree_pos pos)
{
    return elements_of(pos.leaf)[pos.index];
}

bool btree_next(struct btree_pos *pos)
{
    if (++pos->index < pos->leaf->count) return true;
    *pos = (struct btree_pos){pos->leaf->next, 0};
    if (pos->leaf) __builtin_prefetch(pos->leaf->next);
    return pos->leaf != NULL;
}

bool btree_prev(struct btree_pos *pos)
{
    if (pos->index-- > 0) return true;
    pos->leaf = pos->leaf->prev;
    pos->index = pos->leaf ? pos->leaf->count - 1 : 0;
    return pos->leaf != NULL;
}

/* ---- moving slots ---- */

/* Moves count slots of a leaf, from one index to another of the same or another. */
static void move_slots(struct btree_leaf *to, unsigned to_index, struct btree_leaf *from, unsigned from_index,
                       unsigned count)
{
    memmove(to->keys + to_index, from->keys + from_index, count * sizeof *to->keys);
    memmove(elements_of(to) + to_index, elements_of(from) + from_index, count * sizeof(void *));
}

static void move_children(struct inner *to, unsigned to_index, struct inner *from, unsigned from_index,
                          unsigned count)
{
    memmove(to->keys + to_index, from->keys + from_index, count * sizeof *to->keys);
    memmove(to->firsts + to_index, from->firsts + from_index, count * sizeof *to->firsts);
    memmove(to->children + to_index, from->children + from_index, count * sizeof *to->children);
    memmove(to->sizes + to_index, from->sizes + from_index, count * sizeof *to->sizes);
}

static unsigned node_count(const void *node, unsigned level)
{
    return level ? ((const struct inner *)node)->count : ((const struct btree_leaf *)node)->count;
}

static size_t size_of(const void *node, unsigned level)
{
    const struct inner *inner = node;
    size_t size = 0;
    if (level == 0) return ((const struct btree_leaf *)node)->count;
    for (unsigned i = 0; i < inner->count; i++) size += inner->sizes[i];
    return size;
}

/* Reads again the first slot below child i, which is at level, and its size. */
static void refresh_first(struct inner *inner, unsigned i, unsigned level)
{
    const void *node = inner->children[i];
    while (level--) node = ((const struct inner *)node)->children[0];
    const struct btree_leaf *leaf = node;
    inner->keys[i] = leaf->keys[0];
    inner->firsts[i] = elements_of(leaf)[0];
}

static void refresh(struct inner *inner, unsigned i, unsigned level)
{
    inner->sizes[i] = size_of(inner->children[i], level);
    refresh_first(inner, i, level);
}

/* ---- inserting ---- */

/* A new right neighbour for a full node, with the slots from `at` on. */
static void *split(struct btree *t, void *node, unsigned level, unsigned at)
{
    if (level == 0) {
        struct btree_leaf *leaf = node;
        unsigned moved = leaf->count - at;
        struct btree_leaf *right = leaf_new(t, leaf, capacity_for(moved + 1));
        move_slots(right, 0, leaf, at, moved);
        right->count = moved;
        leaf->count = at;
        return right;
    }
    struct inner *inner = node, *right = mem_alloc(sizeof *right);
    move_children(right, 0, inner, at, inner->count - at);
    right->count = inner->count - at;
    inner->count = at;
    return right;
}

static struct btree_leaf *put_slot(struct btree *t, struct btree_leaf *leaf, unsigned index, uint64_t key,
                                   void *element)
{
    leaf = leaf_fit(t, leaf, leaf->count + 1);
    move_slots(leaf, index + 1, leaf, index, leaf->count - index);
    leaf->keys[index] = key;
    elements_of(leaf)[index] = element;
    leaf->count++;
    return leaf;
}

static void put_child(struct inner *inner, unsigned index, void *child, unsigned child_level)
{
    move_children(inner, index + 1, inner, index, inner->count - index);
    inner->children[index] = child;
    inner->count++;
    refresh(inner, index, child_level);
}

/* Where a full node is split for something new at index: an ascending run leaves
 * it full. */
static unsigned split_point(unsigned count, unsigned index, bool is_last)
{
    return is_last && index == count ? count : count / 2;
}

/* Adds to a leaf; its new right neighbour if it was full, else NULL. last: it
 * is the last one of its level. */
static void *insert_in_leaf(struct btree *t, void **slot, const struct target *target, bool last)
{
    struct btree_leaf *leaf = *slot, *right = NULL;
    unsigned index = leaf_before(leaf, target, false);
    void *element = (void *)(uintptr_t)target->what;
    if (leaf->count == LEAF_SLOTS) {
        unsigned at = split_point(leaf->count, index, last);
        right = split(t, leaf, 0, at);
        if (index > at || right->count == 0) return put_slot(t, right, index - at, target->key, element);
    }
    *slot = put_slot(t, leaf, index, target->key, element);
    return right;
}

static void *insert_below(struct btree *t, void **slot, unsigned level, const struct target *target,
                          bool last)
{
    if (level == 0) return insert_in_leaf(t, slot, target, last);
    struct inner *inner = *slot, *right = NULL;
    unsigned child = child_for(inner, target);
    last = last && child == inner->count - 1;
    void *added = insert_below(t, &inner->children[child], level - 1, target, last);
    if (added == NULL) {
        inner->sizes[child]++;
        return NULL;
    }
    inner->sizes[child] = size_of(inner->children[child], level - 1);
    if (inner->count == INNER_SLOTS) {
        unsigned at = split_point(inner->count, child + 1, last);
        right = split(t, inner, level, at);
        if (child + 1 >= at) {
            put_child(right, child + 1 - at, added, level - 1);
            return right;
        }
    }
    put_child(inner, child + 1, added, level - 1);
    return right;
}

void btree_insert(struct btree *t, uint64_t key, void *element)
{
    struct target target = element_target(t, key, element);
    if (t->root == NULL) t->root = leaf_new(t, NULL, capacity_for(1));
    void *left = t->root, *right = insert_below(t, &left, t->height, &target, true);
    t->root = left;
    t->count++;
    if (right == NULL) return;
    struct inner *root = mem_alloc(sizeof *root);
    root->count = 0;
    put_child(root, 0, left, t->height);
    put_child(root, 1, right, t->height);
    t->root = root;
    t->height++;
}

/* ---- removing ---- */

static bool has_few(const void *node, unsigned level)
{
    return node_count(node, level) < (unsigned)(level ? INNER_FEW : LEAF_FEW);
}

/* Moves slots between two neighbours, so that the left one has `left_count`. */
static void shift_leaves(struct btree *t, struct inner *parent, unsigned i, unsigned left_count)
{
    struct btree_leaf *left = parent->children[i], *right = parent->children[i + 1];
    unsigned total = left->count + right->count, was = left->count;
    if (left_count > was) {
        left = leaf_fit(t, left, left_count);
        move_slots(left, was, right, 0, left_count - was);
        move_slots(right, 0, right, left_count - was, total - left_count);
    } else {
        right = leaf_fit(t, right, total - left_count);
        move_slots(right, was - left_count, right, 0, right->count);
        move_slots(right, 0, left, left_count, was - left_count);
    }
    left->count = left_count;
    right->count = total - left_count;
    parent->children[i] = left;
    parent->children[i + 1] = right;
}

static void shift_inners(struct inner *left, struct inner *right, unsigned left_count)
{
    unsigned total = left->count + right->count, was = left->count;
    if (left_count > was) {
        move_children(left, was, right, 0, left_count - was);
        move_children(right, 0, right, left_count - was, total - left_count);
    } else {
        move_children(right, was - left_count, right, 0, right->count);
        move_children(right, 0, left, left_count, was - left_count);
    }
    left->count = left_count;
    right->count = total - left_count;
}

static void drop_child(struct inner *inner, unsigned i)
{
    move_children(inner, i, inner, i + 1, inner->count - i - 1);
    inner->count--;
}

/* Joins child i, which holds few, with a neighbour, or evens the two out. */
static void rebalance(struct btree *t, struct inner *parent, unsigned i, unsigned level)
{
    unsigned left = i > 0 ? i - 1 : i, right = left + 1;
    if (right >= parent->count) return;
    unsigned total = node_count(parent->children[left], level) + node_count(parent->children[right], level);
    bool join = total <= (unsigned)(level ? INNER_JOINED : LEAF_JOINED);
    /* What a node knows of its first child may be out of date, and that moves. */
    if (level) refresh_first(parent->children[right], 0, level - 1);
    if (level) shift_inners(parent->children[left], parent->children[right], join ? total : total / 2);
    else shift_leaves(t, parent, left, join ? total : total / 2);
    refresh(parent, left, level);
    if (!join) {
        refresh(parent, right, level);
        return;
    }
    if (level) mem_free(parent->children[right]);
    else leaf_free(t, parent->children[right]);
    drop_child(parent, right);
}

/* Removes ranks [from, to) below a node, but not all that is there. */
static void remove_below(struct btree *t, void **slot, unsigned level, size_t from, size_t to,
                         void (*drop)(void *, void *), void *ctx)
{
    if (level == 0) {
        struct btree_leaf *leaf = *slot;
        for (size_t i = from; drop && i < to; i++) drop(ctx, elements_of(leaf)[i]);
        move_slots(leaf, (unsigned)from, leaf, (unsigned)to, leaf->count - (unsigned)to);
        leaf->count -= (unsigned)(to - from);
        *slot = leaf_fit(t, leaf, leaf->count);
        return;
    }
    struct inner *inner = *slot;
    unsigned first = 0, kept, i;
    size_t before = 0; /* elements below children already passed */
    while (before + inner->sizes[first] <= from) before += inner->sizes[first++];
    for (i = kept = first; i < inner->count && before < to; i++) {
        size_t size = inner->sizes[i], low = from > before ? from - before : 0;
        size_t high = to - before < size ? to - before : size;
        before += size;
        if (high - low == size) {
            free_below(t, inner->children[i], level - 1, drop, ctx);
            continue;
        }
        remove_below(t, &inner->children[i], level - 1, low, high, drop, ctx);
        if (kept < i) move_children(inner, kept, inner, i, 1);
        inner->sizes[kept] -= high - low;
        if (low == 0) refresh_first(inner, kept, level - 1);
        kept++;
    }
    if (kept < i) move_children(inner, kept, inner, i, inner->count - i);
    inner->count -= i - kept;
    while (kept-- > first)
        if (has_few(inner->children[kept], level - 1)) rebalance(t, inner, kept, level - 1);
}

void btree_remove_range(struct btree *t, size_t from, size_t to, void (*drop)(void *ctx, void *element),
                        void *ctx)
{
    if (to > t->count) to = t->count;
    if (from >= to) return;
    if (from == 0 && to == t->count) {
        free_below(t, t->root, t->height, drop, ctx);
        btree_init(t, t->type);
        return;
    }
    remove_below(t, &t->root, t->height, from, to, drop, ctx);
    t->count -= to - from;
    while (t->height && ((struct inner *)t->root)->count == 1) {
        struct inner *root = t->root;
        t->root = root->children[0];
        t->height--;
        mem_free(root);
    }
}

void btree_remove(struct btree *t, uint64_t key, const void *element)
{
    size_t rank = btree_rank_of(t, key, element);
    ASSERT(rank < t->count);
    btree_remove_range(t, rank, rank + 1, NULL, NULL);
}

/* ---- facts ---- */

static size_t inner_nodes(const void *node, unsigned level)
{
    const struct inner *inner = node;
    size_t count = 1;
    if (level == 0) return 0;
    for (unsigned i = 0; level > 1 && i < inner->count; i++)
        count += inner_nodes(inner->children[i], level - 1);
    return count;
}

size_t btree_memory_bytes(const struct btree *t)
{
    size_t bytes = t->root ? inner_nodes(t->root, t->height) * mem_good_size(sizeof(struct inner)) : 0;
    for (const struct btree_leaf *leaf = t->first; leaf; leaf = leaf->next) bytes += mem_usable(leaf);
    return bytes;
}
