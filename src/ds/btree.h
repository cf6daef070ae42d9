/* Order-statistic B+ tree of pointers: an ordered collection whose elements can
 * also be found by their rank.
 *
 * A slot is a key and an element. The key is an abbreviation of what the element
 * is ordered by that keeps the order (a score as a number, an ID's milliseconds,
 * a name's first 8 bytes), so that walking down touches no elements; only where
 * keys are equal are elements compared. Leaves are linked; inner nodes know how
 * many elements are below each child. Bayer & McCreight 1972; Comer 1979;
 * abbreviated keys: Graefe & Larson, "B-tree indexes and CPU caches", 2001.
 *
 * Finding, inserting, removing, and counting what is before an element take
 * O(log n). Ascending inserts leave full leaves behind. Leaves take memory in
 * steps, so that a small tree is small; an empty one owns none.
 *
 * Elements are the caller's: the tree never frees one, and compares it only
 * while it is in the tree. They are distinct. A position is valid until the next
 * insert or removal. Not for several threads at once. */
#ifndef DS_BTREE_H
#define DS_BTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btree_type {
    /* Order of two elements, of an element and what is searched, whose keys are
     * equal: < 0, 0, > 0. */
    int (*compare)(const void *a, const void *b);
    int (*compare_probe)(const void *element, const void *probe);
};

struct btree_leaf;

struct btree {
    const struct btree_type *type;
    size_t count;
    void *root;      /* a leaf, or an inner node when height > 0 */
    unsigned height; /* levels of inner nodes */
    struct btree_leaf *first, *last;
};

void btree_init(struct btree *t, const struct btree_type *type);

/* Frees the nodes, not the elements. The tree is empty afterwards. */
void btree_fini(struct btree *t);

static inline size_t btree_count(const struct btree *t)
{
    return t->count;
}

/* Adds an element that is not in the tree; takes out one that is. */
void btree_insert(struct btree *t, uint64_t key, void *element);
void btree_remove(struct btree *t, uint64_t key, const void *element);

/* The element that the probe compares equal to, NULL when there is none. */
void *btree_find(const struct btree *t, uint64_t key, const void *probe);

/* How many elements are before the probe, before an element. */
size_t btree_rank(const struct btree *t, uint64_t key, const void *probe);
size_t btree_rank_of(const struct btree *t, uint64_t key, const void *element);

/* Takes out the elements with ranks from <= rank < to, passing each to drop
 * (unless NULL). O(log n) and what there is to drop. */
void btree_remove_range(struct btree *t, size_t from, size_t to, void (*drop)(void *ctx, void *element),
                        void *ctx);

/* Bytes allocated for nodes. Looks at every leaf. */
size_t btree_memory_bytes(const struct btree *t);

/* ---- positions ---- */

struct btree_pos {
    struct btree_leaf *leaf; /* NULL: no element */
    unsigned index;
};

static inline bool btree_valid(struct btree_pos pos)
{
    return pos.leaf != NULL;
}

struct btree_pos btree_first(const struct btree *t);
struct btree_pos btree_last(const struct btree *t);
struct btree_pos btree_at(const struct btree *t, size_t rank); /* not valid from count on */

/* The first element not before the probe; the last one not behind it. */
struct btree_pos btree_lower(const struct btree *t, uint64_t key, const void *probe);
struct btree_pos btree_floor(const struct btree *t, uint64_t key, const void *probe);

uint64_t btree_key(struct btree_pos pos);
void *btree_element(struct btree_pos pos);

/* Moves on or back; false, and the position is not valid any more, at the end. */
bool btree_next(struct btree_pos *pos);
bool btree_prev(struct btree_pos *pos);

#endif
