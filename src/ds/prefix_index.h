/* Prefix index: a map from byte strings to values that answers, for a name,
 * which of its keys the name begins with. Glob patterns are kept here under
 * their literal prefix, so that publishing a message looks only at patterns
 * whose prefix the channel really has.
 *
 * A radix tree with path compression (Morrison's PATRICIA, 1968, over bytes):
 * a node holds the bytes between it and its parent; a node that is not stored
 * itself has at least two children. Children are found by a sorted array of
 * bytes, by a bitmap when there are more than 32 of them. The cost of a query
 * follows the bytes of the name that agree with some key, never the number of
 * keys. Nothing recurses, so a key may be as long as memory allows.
 *
 * An index that is all zero is a valid empty one and owns no memory. Values
 * belong to the caller. */
#ifndef DS_PREFIX_INDEX_H
#define DS_PREFIX_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct prefix_index {
    struct prefix_index_node *root; /* of the empty label; NULL when nothing is stored */
    size_t count;
    size_t memory_bytes;
};

void prefix_index_init(struct prefix_index *x);

/* Frees the index. drop, unless NULL, is called once with each value. */
void prefix_index_fini(struct prefix_index *x, void (*drop)(void *ctx, void *value), void *ctx);

/* The place of prefix's value, NULL in it when the prefix is new. The place
 * is valid until the next add or remove. */
void **prefix_index_add(struct prefix_index *x, struct slice prefix);

/* The place of prefix's value, or NULL if exactly this prefix is not stored. */
void **prefix_index_find(const struct prefix_index *x, struct slice prefix);

/* Forgets prefix; false if it is not stored. */
bool prefix_index_remove(struct prefix_index *x, struct slice prefix);

/* Calls fn with the value of every stored prefix of name, the empty one
 * included, shortest first. fn must not change the index. Returns how many
 * nodes were looked at. */
size_t prefix_index_visit(const struct prefix_index *x, struct slice name, void (*fn)(void *ctx, void *value),
                          void *ctx);

/* Whether a stored prefix begins with text or text begins with a stored
 * prefix: could any name that begins with text have a stored prefix? */
bool prefix_index_overlaps(const struct prefix_index *x, struct slice text);

static inline size_t prefix_index_count(const struct prefix_index *x)
{
    return x->count;
}

/* Bytes allocated for nodes and their children, the struct itself excluded. */
static inline size_t prefix_index_memory_bytes(const struct prefix_index *x)
{
    return x->memory_bytes;
}

#endif
