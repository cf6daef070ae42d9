/* Quicklist: a long list as a chain of listpacks, so that elements lie close
 * together, both ends are changed in O(1), and an index is found by skipping
 * whole nodes from the nearer end.
 *
 * A node holds as many elements as the limits of its list allow. An element
 * too large for a listpack has a plain node of its own. Where a depth is given,
 * nodes further than that from both ends are compressed by LZF, if that saves
 * enough: they are unpacked to be changed and packed again behind it, and read
 * through a copy.
 *
 * In front of the first node's listpack there may be free bytes, by which that
 * end, too, is changed without moving what is behind it.
 *
 * Nodes that an insert had to split are merged with neighbours as far as the
 * limits allow; deleting merges nothing. A list owns its memory, and copies
 * the elements it is given. Indexes count from the head. */
#ifndef DS_QUICKLIST_H
#define DS_QUICKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number.h"
#include "base/slice.h"

/* What a list is made with. */
struct quicklist_limits {
    int fill;           /* elements of a node; -1 to -5: bytes, 4 KiB to 64 KiB */
    unsigned depth;     /* nodes at each end that are never compressed; 0: none is */
    size_t plain_bytes; /* an element of so many bytes gets a plain node */
};

/* plain_bytes may not exceed this. */
#define QUICKLIST_PLAIN_BYTES_MAX (((size_t)1 << 30) - 32)

struct quicklist_node;

struct quicklist {
    struct quicklist_node *head, *tail;
    size_t count, node_count;
    size_t gap; /* free bytes in front of the head's listpack */
    struct quicklist_limits limits;
};

/* Whether a node of so many bytes and elements would be beyond a fill. */
bool quicklist_exceeds(int fill, size_t bytes, size_t count);

/* The same for half of what the fill allows. */
bool quicklist_exceeds_half(int fill, size_t bytes, size_t count);

struct quicklist *quicklist_new(const struct quicklist_limits *limits);
void quicklist_free(struct quicklist *q);
struct quicklist *quicklist_copy(const struct quicklist *q);

/* Makes a listpack that is not empty the last node, and owns it. */
void quicklist_append_listpack(struct quicklist *q, unsigned char *lp);

/* The listpack of a list that has only one node, borrowed; NULL for any other
 * list. quicklist_take_listpack hands it to the caller and frees the list. */
const unsigned char *quicklist_only_listpack(const struct quicklist *q);
unsigned char *quicklist_take_listpack(struct quicklist *q);

void quicklist_push_head(struct quicklist *q, struct slice text);
void quicklist_push_tail(struct quicklist *q, struct slice text);

/* Inserts an element that will have this index, at most the count. */
void quicklist_insert(struct quicklist *q, size_t index, struct slice text);

/* Replaces the element of an index below the count. */
void quicklist_replace(struct quicklist *q, size_t index, struct slice text);

/* Deletes count elements from index on; less where there are less. */
void quicklist_delete(struct quicklist *q, size_t index, size_t count);

/* Passes what each node holds: a listpack, or the text of an element that has a
 * plain node to itself. */
void quicklist_each_node(const struct quicklist *q,
                         void (*visit)(void *ctx, bool is_plain, struct slice bytes), void *ctx);

/* Bytes of the list, exact where at most samples nodes are to be looked at
 * (0: all), else extrapolated from these. */
size_t quicklist_memory_bytes(const struct quicklist *q, size_t samples);

/* ---- walking ---- */

/* The list must not be changed meanwhile but by quicklist_iter_delete. */
struct quicklist_iter {
    struct quicklist *list;
    struct quicklist_node *node;
    unsigned char *data; /* of the node; of a compressed one an unpacked copy, */
    bool is_copy;        /* which is the iterator's */
    bool is_changed;     /* the node was */
    bool backwards;
    const unsigned char *at;   /* the next element; NULL: the next node's first */
    const unsigned char *last; /* the element returned last; NULL when it was deleted */
    char digits[NUMBER_TEXT_MAX];
};

/* Begins with the element of an index, where there is one. */
void quicklist_iter_init(struct quicklist_iter *it, struct quicklist *q, size_t index, bool backwards);
void quicklist_iter_fini(struct quicklist_iter *it);

/* The next element, valid until the next call; false beyond the end. */
bool quicklist_next(struct quicklist_iter *it, struct slice *text);

/* Deletes the element returned last. */
void quicklist_iter_delete(struct quicklist_iter *it);

#endif
