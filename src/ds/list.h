/* Intrusive doubly linked list: the links live in the element, so joining and
 * leaving are O(1) and allocate nothing.
 *
 * A list is a ring through its head. `struct list` is both the head and the
 * link inside an element; list_of (container_of) leads from a link back to
 * its element. A head or a linked element must not be moved in memory.
 * An element that may be removed without knowing whether it is in a list must
 * be list_init'ed first; list_remove leaves it so again. */
#ifndef DS_LIST_H
#define DS_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

#ifndef container_of
#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))
#endif

static inline void list_init(struct list *list)
{
    list->next = list->prev = list;
}

/* Of a head: no elements. Of an element's link: not in any list. */
static inline bool list_empty(const struct list *list)
{
    return list->next == list;
}

/* Links node, which is in no list, in front of or behind another link. */
static inline void list_insert_before(struct list *at, struct list *node)
{
    node->next = at;
    node->prev = at->prev;
    at->prev->next = node;
    at->prev = node;
}

static inline void list_insert_after(struct list *at, struct list *node)
{
    list_insert_before(at->next, node);
}

static inline void list_push_head(struct list *list, struct list *node)
{
    list_insert_after(list, node);
}

static inline void list_push_tail(struct list *list, struct list *node)
{
    list_insert_before(list, node);
}

/* Does nothing to a node that is initialised and in no list. */
static inline void list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* The first and the last link, NULL when the list is empty. */
static inline struct list *list_head(const struct list *list)
{
    return list_empty(list) ? NULL : list->next;
}

static inline struct list *list_tail(const struct list *list)
{
    return list_empty(list) ? NULL : list->prev;
}

/* Unlinks and returns the first link, NULL when the list is empty. */
static inline struct list *list_pop_head(struct list *list)
{
    struct list *node = list_head(list);
    if (node) list_remove(node);
    return node;
}

/* Moves all elements of from to the tail of to; from is empty afterwards. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
    if (list_empty(from)) return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

/* Walks the links. The list must not change meanwhile; in list_each_safe the
 * current node, and only that, may be removed (and freed). */
#define list_each(node, head) for (struct list *node = (head)->next; node != (head); node = node->next)
#define list_each_safe(node, head)                                                                           \
    for (struct list *node = (head)->next, *node##_next = node->next; node != (head);                        \
         node = node##_next, node##_next = node->next)

#endif
