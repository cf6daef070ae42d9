/* The large form of a hash: a hash table of fields, each one allocation
 *
 *   [heap_node, only if it has or had a deadline]
 *   header, 8 bytes              <- struct hash_field points here
 *   bytes of the name
 *   bytes of the value
 *
 * and a heap of those that have a deadline.
 *
 * A field is due when the clock is past its deadline, strictly. It goes by
 * hash_table_expire. Where it may not go yet, hash_table_show says what time
 * it is, and what is due then is hidden: no find and no walk comes upon it,
 * though it still counts. A hidden field that is set is a new one. */
#ifndef TYPES_HASH_TABLE_H
#define TYPES_HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/slice.h"
#include "ds/hashtable.h"
#include "ds/heap.h"
#include "types/value.h"

#define HASH_TABLE_TEXT_MAX INT32_MAX /* bytes of a name or a value */

struct hash_field {
    uint32_t name_len : 31;
    uint32_t has_node : 1;
    uint32_t value_len;
    char bytes[];
};

struct hash_table {
    struct hashtable fields; /* struct hash_field */
    struct heap due;         /* the nodes of those that have a deadline */
    int64_t shown_ms;        /* what was due then is hidden */
};

struct hash_table *hash_table_new(void);
void hash_table_free(struct hash_table *t);
struct hash_table *hash_table_copy(const struct hash_table *t);

/* Bytes of all that belongs to it: looks at samples fields, 0: all. */
size_t hash_table_memory_bytes(const struct hash_table *t, size_t samples);

static inline size_t hash_table_count(const struct hash_table *t)
{
    return hashtable_count(&t->fields);
}

static inline struct slice hash_field_name(const struct hash_field *f)
{
    return slice_make(f->bytes, f->name_len);
}

static inline struct slice hash_field_value(const struct hash_field *f)
{
    return slice_make(f->bytes + f->name_len, f->value_len);
}

/* VALUE_NO_DEADLINE: none. */
int64_t hash_table_deadline_ms(const struct hash_table *t, const struct hash_field *f);

/* NULL when there is none, or none that is shown. Valid until it is changed. */
struct hash_field *hash_table_find(const struct hash_table *t, struct slice name);

/* Sets a field, whose deadline stays or goes. True if it is new. */
bool hash_table_set(struct hash_table *t, struct slice name, struct slice value, bool keep_deadline);

/* Removes a field that is shown; false if there is none. */
bool hash_table_remove(struct hash_table *t, struct slice name);

/* Sets or takes away (VALUE_NO_DEADLINE) the deadline of a field that is shown. */
void hash_table_set_deadline(struct hash_table *t, struct slice name, int64_t deadline_ms);

/* A field that is shown, each with the same probability; NULL if there is none. */
struct hash_field *hash_table_random(const struct hash_table *t, struct random *random);

/* A walk over all that is shown, as hashtable_iter_init begins it. */
struct hash_field *hash_table_next(const struct hash_table *t, struct hashtable_iter *it);

/* As the slots of struct value_type. */
uint64_t hash_table_scan(const struct hash_table *t, uint64_t cursor, const struct value_visitor *visitor);
int64_t hash_table_next_deadline_ms(const struct hash_table *t);
size_t hash_table_expire(struct hash_table *t, int64_t now_ms, size_t limit,
                         const struct value_visitor *visitor);

/* Whether anything is hidden. */
static inline bool hash_table_hides(const struct hash_table *t)
{
    return heap_first_ms(&t->due) < t->shown_ms;
}

static inline void hash_table_show(struct hash_table *t, int64_t now_ms)
{
    t->shown_ms = now_ms;
}

#endif
