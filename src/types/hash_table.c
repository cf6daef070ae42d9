#include "types/hash_table.h"

#include "base/hash.h"
#include "base/mem.h"
#include "types/sample.h"

enum { RANDOM_TRIES = 64 };

/* ---- fields ---- */

static uint64_t field_hash(const void *element)
{
    struct slice name = hash_field_name(element);
    return hash_bytes(name.ptr, name.len);
}

static bool field_equal(const void *element, const void *key, size_t key_len)
{
    return slice_equal(hash_field_name(element), slice_make(key, key_len));
}

static const struct hashtable_type field_table = {.hash = field_hash, .equal = field_equal};

static inline struct heap_node *node_of(const struct hash_field *f)
{
    return (struct heap_node *)(uintptr_t)f - 1;
}

static inline struct hash_field *field_of(struct heap_node *node)
{
    return (struct hash_field *)(void *)(node + 1);
}

static inline void *memory_of(struct hash_field *f)
{
    return f->has_node ? (void *)node_of(f) : (void *)f;
}

static size_t size_for(size_t name_len, size_t value_len, bool has_node)
{
    return (has_node ? sizeof(struct heap_node) : 0) + sizeof(struct hash_field) + name_len + value_len;
}

static size_t size_of(const struct hash_field *f)
{
    return size_for(f->name_len, f->value_len, f->has_node);
}

static struct hash_field *field_new(struct slice name, struct slice value, bool has_node)
{
    void *memory = mem_alloc(size_for(name.len, value.len, has_node));
    struct hash_field *f = memory;
    if (has_node) {
        *(struct heap_node *)memory = (struct heap_node){0};
        f = field_of(memory);
    }
    f->name_len = (uint32_t)name.len & INT32_MAX;
    f->has_node = has_node;
    f->value_len = (uint32_t)value.len;
    memcpy(f->bytes, name.ptr, name.len);
    memcpy(f->bytes + name.len, value.ptr, value.len);
    return f;
}

static void field_free(struct hash_field *f)
{
    mem_free_sized(memory_of(f), size_of(f));
}

int64_t hash_table_deadline_ms(const struct hash_table *t, const struct hash_field *f)
{
    return f->has_node && heap_has(node_of(f)) ? heap_deadline_ms(&t->due, node_of(f)) : VALUE_NO_DEADLINE;
}

/* Nearly always nothing is hidden, and the first of all deadlines tells. */
static inline bool is_hidden(const struct hash_table *t, const struct hash_field *f)
{
    return hash_table_hides(t) && hash_table_deadline_ms(t, f) < t->shown_ms;
}

static void drop_deadline(struct hash_table *t, struct hash_field *f)
{
    if (f->has_node && heap_has(node_of(f))) heap_remove(&t->due, node_of(f));
}

/* ---- the table ---- */

struct hash_table *hash_table_new(void)
{
    struct hash_table *t = mem_alloc(sizeof *t);
    hashtable_init(&t->fields, &field_table);
    t->due = (struct heap){0};
    t->shown_ms = INT64_MIN;
    return t;
}

static void drop_field(void *ctx, void *element)
{
    (void)ctx;
    field_free(element);
}

void hash_table_free(struct hash_table *t)
{
    heap_fini(&t->due);
    while (!hashtable_clear_step(&t->fields, SIZE_MAX, drop_field, NULL)) continue;
    mem_free(t);
}

static struct hash_field *insert(struct hash_table *t, struct slice name, struct slice value,
                                 int64_t deadline_ms)
{
    struct hash_field *f = field_new(name, value, deadline_ms != VALUE_NO_DEADLINE);
    hashtable_insert(&t->fields, field_hash(f), f);
    if (f->has_node) heap_add(&t->due, node_of(f), deadline_ms);
    return f;
}

struct hash_table *hash_table_copy(const struct hash_table *t)
{
    struct hash_table *copy = hash_table_new();
    struct hashtable_iter it;
    hashtable_iter_init(&it, (struct hashtable *)(uintptr_t)&t->fields);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        const struct hash_field *f = *slot;
        insert(copy, hash_field_name(f), hash_field_value(f), hash_table_deadline_ms(t, f));
    }
    return copy;
}

size_t hash_table_memory_bytes(const struct hash_table *t, size_t samples)
{
    size_t count = hash_table_count(t), seen = 0, bytes = 0;
    struct hashtable_iter it;
    hashtable_iter_init(&it, (struct hashtable *)(uintptr_t)&t->fields);
    for (void **slot; (samples == 0 || seen < samples) && (slot = hashtable_iter_next(&it)) != NULL; seen++)
        bytes += mem_usable(memory_of(*slot));
    if (seen) bytes = (size_t)((double)bytes / (double)seen * (double)count);
    return mem_usable(t) + hashtable_memory_bytes(&t->fields) + heap_memory_bytes(&t->due) + bytes;
}

/* ---- finding and changing ---- */

static struct hash_field **find_slot(const struct hash_table *t, struct slice name, uint64_t hash)
{
    return (struct hash_field **)hashtable_find_as(&t->fields, &field_table, hash, name.ptr, name.len);
}

/* The slot of a field that is shown. */
static struct hash_field **find_shown(const struct hash_table *t, struct slice name)
{
    struct hash_field **slot = find_slot(t, name, hash_bytes(name.ptr, name.len));
    return slot && !is_hidden(t, *slot) ? slot : NULL;
}

struct hash_field *hash_table_find(const struct hash_table *t, struct slice name)
{
    struct hash_field **slot = find_shown(t, name);
    return slot ? *slot : NULL;
}

/* Puts another allocation, with the value given, in the place of a field. */
static void rewrite(struct hash_table *t, struct hash_field **slot, struct slice value, bool has_node)
{
    struct hash_field *old = *slot;
    int64_t deadline_ms = hash_table_deadline_ms(t, old);
    drop_deadline(t, old);
    *slot = field_new(hash_field_name(old), value, has_node);
    if (deadline_ms != VALUE_NO_DEADLINE) heap_add(&t->due, node_of(*slot), deadline_ms);
    field_free(old);
}

bool hash_table_set(struct hash_table *t, struct slice name, struct slice value, bool keep_deadline)
{
    uint64_t hash = hash_bytes(name.ptr, name.len);
    struct hash_field **slot = find_slot(t, name, hash);
    if (slot == NULL) {
        hashtable_insert(&t->fields, hash, field_new(name, value, false));
        return true;
    }
    bool is_new = is_hidden(t, *slot);
    if (is_new || !keep_deadline) drop_deadline(t, *slot);
    if ((*slot)->value_len == value.len) memcpy((*slot)->bytes + name.len, value.ptr, value.len);
    else rewrite(t, slot, value, hash_table_deadline_ms(t, *slot) != VALUE_NO_DEADLINE);
    return is_new;
}

bool hash_table_remove(struct hash_table *t, struct slice name)
{
    struct hash_field **slot = find_shown(t, name);
    if (slot == NULL) return false;
    struct hash_field *f = *slot;
    drop_deadline(t, f);
    hashtable_remove(&t->fields, field_hash(f), (void **)slot);
    field_free(f);
    return true;
}

/* ---- deadlines ---- */

void hash_table_set_deadline(struct hash_table *t, struct slice name, int64_t deadline_ms)
{
    struct hash_field **slot = find_shown(t, name);
    drop_deadline(t, *slot);
    if (deadline_ms == VALUE_NO_DEADLINE) return;
    if (!(*slot)->has_node) rewrite(t, slot, hash_field_value(*slot), true);
    heap_add(&t->due, node_of(*slot), deadline_ms);
}

int64_t hash_table_next_deadline_ms(const struct hash_table *t)
{
    return heap_first_ms(&t->due);
}

size_t hash_table_expire(struct hash_table *t, int64_t now_ms, size_t limit,
                         const struct value_visitor *visitor)
{
    size_t count = 0;
    for (; count < limit && hash_table_next_deadline_ms(t) < now_ms; count++) {
        struct hash_field *f = field_of(heap_first(&t->due));
        struct slice name = hash_field_name(f);
        uint64_t hash = field_hash(f);
        visitor->visit(visitor->ctx, name, (struct slice){0});
        drop_deadline(t, f);
        hashtable_remove(&t->fields, hash, (void **)find_slot(t, name, hash));
        field_free(f);
    }
    return count;
}

/* ---- walks ---- */

struct hash_field *hash_table_next(const struct hash_table *t, struct hashtable_iter *it)
{
    for (void **slot; (slot = hashtable_iter_next(it)) != NULL;)
        if (!is_hidden(t, *slot)) return *slot;
    return NULL;
}

/* The one of all that are shown whose turn it is, where drawing does not find
 * one among so many that are hidden. */
static struct hash_field *random_shown(const struct hash_table *t, struct random *random)
{
    struct hashtable_iter it;
    size_t count = 0;
    struct hash_field *chosen = NULL;
    hashtable_iter_init(&it, (struct hashtable *)(uintptr_t)&t->fields);
    for (struct hash_field *f; (f = hash_table_next(t, &it)) != NULL;)
        if (random_below(random, ++count) == 0) chosen = f;
    return chosen;
}

struct hash_field *hash_table_random(const struct hash_table *t, struct random *random)
{
    for (int tries = 0; tries < RANDOM_TRIES; tries++) {
        void **slot = hashtable_random(&t->fields, sample_draw, random);
        if (slot == NULL) return NULL;
        if (!is_hidden(t, *slot)) return *slot;
    }
    return random_shown(t, random);
}

struct scanning {
    const struct hash_table *table;
    const struct value_visitor *visitor;
};

static void scan_field(void *ctx, void *element)
{
    const struct scanning *scanning = ctx;
    const struct hash_field *f = element;
    if (is_hidden(scanning->table, f)) return;
    scanning->visitor->visit(scanning->visitor->ctx, hash_field_name(f), hash_field_value(f));
}

uint64_t hash_table_scan(const struct hash_table *t, uint64_t cursor, const struct value_visitor *visitor)
{
    struct scanning scanning = {t, visitor};
    return hashtable_scan(&t->fields, cursor, scan_field, &scanning);
}
