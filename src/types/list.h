/* Lists: elements in the order in which they were put there. A small list is a
 * listpack, for as long as it would fit into one node of a quicklist
 * (list-max-listpack-size); a long one is a quicklist, until it has shrunk to one
 * node of half that size.
 *
 * Operations that may change the encoding take the settings. A value without
 * an object is the empty list. Indexes count from the left. */
#ifndef TYPES_LIST_H
#define TYPES_LIST_H

#include <stdbool.h>

#include "ds/quicklist.h"
#include "types/settings.h"
#include "types/value.h"

enum list_encoding { LIST_LISTPACK, LIST_QUICKLIST };

enum list_end { LIST_LEFT, LIST_RIGHT };

size_t list_length(const struct value *v);

/* Puts elements to an end, one after another. They may not be parts of the list. */
void list_push(struct value *v, enum list_end end, const struct slice *elements, size_t count,
               const struct types_settings *settings);

/* Inserts in front of or behind the leftmost pivot; false if there is none. */
bool list_insert(struct value *v, struct slice pivot, bool behind, struct slice element,
                 const struct types_settings *settings);

/* Replaces an element; false where there is none. */
bool list_set(struct value *v, size_t index, struct slice element, const struct types_settings *settings);

/* Deletes count elements from index on; less where there are less. */
void list_delete(struct value *v, size_t index, size_t count, const struct types_settings *settings);

/* Deletes elements equal to this one, at most max, from an end on; tells how many. */
size_t list_delete_equal(struct value *v, struct slice element, enum list_end from, size_t max,
                         const struct types_settings *settings);

/* A walk over the elements, to be ended by list_iter_fini. The list must not
 * change meanwhile. */
struct list_iter {
    const unsigned char *lp, *at; /* of a listpack; NULL: of a quicklist */
    bool backwards;
    char digits[NUMBER_TEXT_MAX];
    struct quicklist_iter nodes;
};

/* Begins with the element of an index, where there is one, and goes on to the
 * right, or backwards. */
void list_iter_init(struct list_iter *it, const struct value *v, size_t index, bool backwards);
void list_iter_fini(struct list_iter *it);

/* The next element, valid until the next call; false beyond the end. */
bool list_next(struct list_iter *it, struct slice *element);

extern const struct value_type list_type;

#endif
