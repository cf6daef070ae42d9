#include "types/set.h"

#include "base/mem.h"
#include "ds/hashtable.h"
#include "ds/intset.h"
#include "ds/listpack.h"
#include "types/rdb_form.h"
#include "types/sample.h"

/* ---- the hash table ---- */

struct element {
    uint32_t len;
    char bytes[];
};

static struct slice element_text(const struct element *e)
{
    return slice_make(e->bytes, e->len);
}

static uint64_t element_hash(const void *element)
{
    const struct element *e = element;
    return hash_bytes(e->bytes, e->len);
}

static bool element_equal(const void *element, const void *key, size_t key_len)
{
    return slice_equal(element_text(element), slice_make(key, key_len));
}

static void element_prefetch(const void *element)
{
    __builtin_prefetch(element);
}

static const struct hashtable_type element_table = {
    .hash = element_hash, .equal = element_equal, .prefetch = element_prefetch};

static struct hashtable *table_new(void)
{
    struct hashtable *t = mem_alloc(sizeof *t);
    hashtable_init(t, &element_table);
    return t;
}

static void table_insert(struct hashtable *t, struct slice text, uint64_t hash)
{
    struct element *e = mem_alloc(sizeof *e + text.len);
    e->len = (uint32_t)text.len;
    memcpy(e->bytes, text.ptr, text.len);
    hashtable_insert(t, hash, e);
}

static void **table_find(const struct hashtable *t, struct set_member *m)
{
    struct slice text = set_member_text(m);
    return hashtable_find_as(t, &element_table, set_member_hash(m), text.ptr, text.len);
}

static void table_remove(struct hashtable *t, uint64_t hash, void **slot)
{
    struct element *e = *slot;
    hashtable_remove(t, hash, slot);
    mem_free_sized(e, sizeof *e + e->len);
}

static void drop_element(void *ctx, void *element)
{
    struct element *e = element;
    (void)ctx;
    mem_free_sized(e, sizeof *e + e->len);
}

static void table_free(struct hashtable *t)
{
    while (!hashtable_clear_step(t, SIZE_MAX, drop_element, NULL)) continue;
    mem_free(t);
}

/* A walk does not change the table, which is why a set that is only read will do. */
static struct hashtable_iter table_walk(const struct value *set)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, set->object);
    return it;
}

static struct hashtable *table_copy(const struct value *set)
{
    struct hashtable *copy = table_new();
    struct hashtable_iter it = table_walk(set);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;)
        table_insert(copy, element_text(*slot), element_hash(*slot));
    return copy;
}

static size_t table_memory_bytes(const struct value *set, size_t samples)
{
    const struct hashtable *t = set->object;
    size_t count = hashtable_count(t), seen = 0, bytes = 0;
    struct hashtable_iter it = table_walk(set);
    for (void **slot; (samples == 0 || seen < samples) && (slot = hashtable_iter_next(&it)) != NULL; seen++)
        bytes += mem_usable(*slot);
    if (seen) bytes = (size_t)((double)bytes / (double)seen * (double)count);
    return mem_usable(t) + hashtable_memory_bytes(t) + bytes;
}

/* ---- the listpack ---- */

static unsigned char *listpack_place(const unsigned char *lp, struct set_member *m)
{
    const unsigned char *first = listpack_first(lp);
    return first ? listpack_find(lp, first, set_member_text(m), 0) : NULL;
}

static void member_at(struct set_member *m, const unsigned char *at)
{
    int64_t number;
    if (listpack_get_number(at, &number)) set_member_init_number(m, number);
    else set_member_init_word(m, listpack_get(at, NULL));
}

static unsigned char *listpack_add(unsigned char *lp, struct set_member *m)
{
    return m->known & SET_MEMBER_NUMBER ? listpack_append_number(lp, m->number)
                                        : listpack_append(lp, set_member_text(m));
}

/* ---- walks ---- */

/* Where a walk is: in an intset, a listpack or a table. */
struct walk {
    size_t index;
    const unsigned char *at;
    struct hashtable_iter it;
};

/* The elements are asked for at once, since each is somewhere else. */
static int fill_from_table(struct walk *walk, struct set_member members[SET_BATCH])
{
    const struct element *elements[SET_BATCH];
    int count = 0;
    for (void **slot; count < SET_BATCH && (slot = hashtable_iter_next(&walk->it)) != NULL; count++) {
        elements[count] = *slot;
        __builtin_prefetch(*slot);
    }
    for (int i = 0; i < count; i++) set_member_init(&members[i], element_text(elements[i]));
    return count;
}

static int fill_batch(const struct value *set, struct walk *walk, struct set_member members[SET_BATCH])
{
    int count = 0;
    if (set->encoding == SET_TABLE) return fill_from_table(walk, members);
    if (set->encoding == SET_INTSET) {
        size_t end = intset_count(set->object);
        while (count < SET_BATCH && walk->index < end)
            set_member_init_number(&members[count++], intset_at(set->object, walk->index++));
    } else {
        for (; count < SET_BATCH && walk->at; walk->at = listpack_next(set->object, walk->at))
            member_at(&members[count++], walk->at);
    }
    return count;
}

bool set_walk_batches(const struct value *set,
                      bool (*visit)(void *ctx, struct set_member *members, int count), void *ctx)
{
    struct set_member members[SET_BATCH];
    struct walk walk = {0};
    if (set->object == NULL) return true;
    if (set->encoding == SET_TABLE) walk.it = table_walk(set);
    if (set->encoding == SET_LISTPACK) walk.at = listpack_first(set->object);
    for (int count; (count = fill_batch(set, &walk, members)) > 0;)
        if (!visit(ctx, members, count)) return false;
    return true;
}

static bool visit_one_by_one(void *ctx, struct set_member *members, int count)
{
    const struct set_visitor *visitor = ctx;
    for (int i = 0; i < count; i++)
        if (!visitor->visit(visitor->ctx, &members[i])) return false;
    return true;
}

bool set_walk(const struct value *set, const struct set_visitor *visitor)
{
    return set_walk_batches(set, visit_one_by_one, (void *)(uintptr_t)visitor);
}

void set_prefetch(const struct value *set, struct set_member *members, unsigned mask)
{
    if (set->object == NULL || set->encoding != SET_TABLE) return;
    for (unsigned left = mask; left; left &= left - 1)
        hashtable_prefetch(set->object, set_member_hash(&members[__builtin_ctz(left)]));
    for (unsigned left = mask; left; left &= left - 1)
        hashtable_prefetch_match(set->object, set_member_hash(&members[__builtin_ctz(left)]));
}

static size_t length(const struct value *set)
{
    if (set->object == NULL) return 0;
    if (set->encoding == SET_INTSET) return intset_count(set->object);
    return set->encoding == SET_LISTPACK ? listpack_count(set->object) : hashtable_count(set->object);
}

static void free_object(void *object, uint8_t encoding)
{
    if (encoding == SET_INTSET) intset_free(object);
    else if (encoding == SET_LISTPACK) listpack_free(object);
    else table_free(object);
}

/* ---- choosing the encoding ---- */

static size_t intset_max(const struct types_settings *settings)
{
    size_t max = (size_t)settings->set_max_intset_entries;
    return max < INTSET_COUNT_MAX ? max : INTSET_COUNT_MAX;
}

static size_t listpack_max(const struct types_settings *settings)
{
    return (size_t)settings->set_max_listpack_entries;
}

static bool insert_in_table(void *ctx, struct set_member *m)
{
    table_insert(ctx, set_member_text(m), set_member_hash(m));
    return true;
}

static bool append_to_listpack(void *ctx, struct set_member *m)
{
    unsigned char **lp = ctx;
    *lp = listpack_add(*lp, m);
    return true;
}

/* Puts a new object, with the members of the old one, in its place. */
static void replace(struct value *set, void *object, enum set_encoding encoding)
{
    free_object(set->object, set->encoding);
    set->object = object;
    set->encoding = (uint8_t)encoding;
}

static void convert_to_table(struct value *set)
{
    struct hashtable *t = table_new();
    set_walk(set, &(struct set_visitor){insert_in_table, t});
    replace(set, t, SET_TABLE);
}

static void convert_to_listpack(struct value *set)
{
    unsigned char *lp = listpack_new(0);
    set_walk(set, &(struct set_visitor){append_to_listpack, &lp});
    replace(set, lp, SET_LISTPACK);
}

/* Whether a listpack may hold one more member of this length. */
static bool listpack_may_take(size_t count, size_t len, const struct types_settings *settings)
{
    return count < listpack_max(settings) && len <= settings->set_max_listpack_value_bytes;
}

/* The same for the numbers that an intset holds now: the first and the last
 * are the longest. */
static bool numbers_suit_listpack(const unsigned char *numbers, const struct types_settings *settings)
{
    size_t count = intset_count(numbers);
    if (count == 0) return true;
    unsigned first = number_width(intset_at(numbers, 0)), last = number_width(intset_at(numbers, count - 1));
    return (first > last ? first : last) <= settings->set_max_listpack_value_bytes &&
           count < LISTPACK_LIMIT_BYTES / (2 * NUMBER_TEXT_MAX);
}

void set_expect(struct value *set, struct set_member *first, size_t count,
                const struct types_settings *settings)
{
    if (set->object == NULL) {
        bool all_numbers = count <= intset_max(settings) && set_member_is_number(first);
        if (all_numbers) set->object = intset_new();
        else if (count <= listpack_max(settings)) set->object = listpack_new(0);
        else set->object = table_new();
        set->encoding = all_numbers ? SET_INTSET : count <= listpack_max(settings) ? SET_LISTPACK : SET_TABLE;
    } else if ((set->encoding == SET_INTSET && count > intset_max(settings)) ||
               (set->encoding == SET_LISTPACK && count > listpack_max(settings))) {
        convert_to_table(set);
    }
}

/* ---- operations ---- */

bool set_has(const struct value *set, struct set_member *m)
{
    size_t index;
    if (set->object == NULL) return false;
    if (set->encoding == SET_TABLE) return table_find(set->object, m) != NULL;
    if (set->encoding == SET_LISTPACK) return listpack_place(set->object, m) != NULL;
    return set_member_is_number(m) && intset_find(set->object, m->number, &index);
}

static bool add_to_table(struct value *set, struct set_member *m)
{
    if (table_find(set->object, m)) return false;
    table_insert(set->object, set_member_text(m), set_member_hash(m));
    return true;
}

static bool add_to_listpack(struct value *set, struct set_member *m, const struct types_settings *settings)
{
    unsigned char *lp = set->object;
    struct slice text = set_member_text(m);
    if (listpack_place(lp, m)) return false;
    if (listpack_may_take(listpack_count(lp), text.len, settings) &&
        listpack_fits(lp, listpack_entry_bytes(text))) {
        set->object = listpack_add(lp, m);
        return true;
    }
    convert_to_table(set);
    return add_to_table(set, m);
}

static bool add_to_intset(struct value *set, struct set_member *m, const struct types_settings *settings)
{
    size_t index;
    if (set_member_is_number(m)) {
        if (intset_find(set->object, m->number, &index)) return false;
        set->object = intset_insert(set->object, index, m->number);
        if (intset_count(set->object) > intset_max(settings)) convert_to_table(set);
        return true;
    }
    if (!listpack_may_take(intset_count(set->object), m->text.len, settings) ||
        !numbers_suit_listpack(set->object, settings)) {
        convert_to_table(set);
        return add_to_table(set, m);
    }
    convert_to_listpack(set);
    return add_to_listpack(set, m, settings);
}

bool set_add(struct value *set, struct set_member *m, const struct types_settings *settings)
{
    if (set->object == NULL) set_expect(set, m, 1, settings);
    if (set->encoding == SET_TABLE) return add_to_table(set, m);
    if (set->encoding == SET_LISTPACK) return add_to_listpack(set, m, settings);
    return add_to_intset(set, m, settings);
}

bool set_remove(struct value *set, struct set_member *m)
{
    if (set->object == NULL) return false;
    if (set->encoding == SET_TABLE) {
        void **slot = table_find(set->object, m);
        if (slot) table_remove(set->object, set_member_hash(m), slot);
        return slot != NULL;
    }
    if (set->encoding == SET_LISTPACK) {
        unsigned char *at = listpack_place(set->object, m);
        if (at == NULL) return false;
        set->object = listpack_delete(set->object, &at, 1);
        return true;
    }
    size_t index;
    if (!set_member_is_number(m) || !intset_find(set->object, m->number, &index)) return false;
    set->object = intset_delete(set->object, index);
    return true;
}

struct adding {
    struct value *to;
    const struct types_settings *settings;
};

static bool add_one(void *ctx, struct set_member *m)
{
    const struct adding *adding = ctx;
    set_add(adding->to, m, adding->settings);
    return true;
}

void set_add_all(struct value *set, const struct value *from, const struct types_settings *settings)
{
    size_t count = length(from);
    bool stays_table = set->object == NULL && from->object && from->encoding == SET_TABLE &&
                       count > intset_max(settings) && count > listpack_max(settings);
    if (stays_table) {
        set->object = table_copy(from);
        set->encoding = SET_TABLE;
        return;
    }
    struct adding adding = {set, settings};
    set_walk(from, &(struct set_visitor){add_one, &adding});
}

/* ---- chance ---- */

/* A random member of a set that is not empty; where: its index or its slot. */
static void draw(const struct value *set, struct random *random, struct set_member *m, uintptr_t *where)
{
    if (set->encoding == SET_TABLE) {
        void **slot = hashtable_random(set->object, sample_draw, random);
        *where = (uintptr_t)slot;
        set_member_init(m, element_text(*slot));
        return;
    }
    *where = (uintptr_t)random_below(random, length(set));
    if (set->encoding == SET_INTSET) set_member_init_number(m, intset_at(set->object, *where));
    else member_at(m, listpack_seek(set->object, (int64_t)*where));
}

void set_random(const struct value *set, struct random *random, const struct set_visitor *visitor)
{
    struct set_member m;
    uintptr_t where;
    if (length(set) == 0) return;
    draw(set, random, &m, &where);
    visitor->visit(visitor->ctx, &m);
}

static void pop_one(struct value *set, struct random *random, const struct set_visitor *visitor)
{
    struct set_member m;
    uintptr_t where;
    draw(set, random, &m, &where);
    visitor->visit(visitor->ctx, &m);
    if (set->encoding == SET_TABLE) table_remove(set->object, set_member_hash(&m), (void **)where);
    else if (set->encoding == SET_INTSET) set->object = intset_delete(set->object, where);
    else set->object = listpack_delete_range(set->object, (int64_t)where, 1);
}

struct sampling {
    struct sample sample;
    const struct set_visitor *visitor;
};

static bool take_or_leave(void *ctx, struct set_member *m)
{
    struct sampling *s = ctx;
    if (sample_takes(&s->sample)) s->visitor->visit(s->visitor->ctx, m);
    return s->sample.wanted > 0;
}

static void draw_few(const struct value *set, size_t count, struct random *random,
                     const struct set_visitor *visitor)
{
    struct hashtable drawn;
    sample_drawn_init(&drawn);
    while (hashtable_count(&drawn) < count) {
        struct set_member m;
        void **slot = hashtable_random(set->object, sample_draw, random);
        if (!sample_drawn_add(&drawn, *slot)) continue;
        set_member_init(&m, element_text(*slot));
        visitor->visit(visitor->ctx, &m);
    }
    hashtable_fini(&drawn);
}

void set_random_members(const struct value *set, size_t count, struct random *random,
                        const struct set_visitor *visitor)
{
    if (count == 0) return;
    if (set->encoding == SET_TABLE && count < length(set) / 3) {
        draw_few(set, count, random, visitor);
        return;
    }
    struct sampling sampling = {{count, length(set), random}, visitor};
    set_walk(set, &(struct set_visitor){take_or_leave, &sampling});
}

void set_pop(struct value *set, size_t count, struct random *random, const struct types_settings *settings,
             const struct set_visitor *visitor)
{
    enum { FEW_LEFT = 5 };
    size_t left = length(set) - count;
    if (left > count / FEW_LEFT) {
        while (count--) pop_one(set, random, visitor);
        return;
    }
    /* It is less work to draw what stays, and to pass the rest. */
    struct value kept = value_empty(TYPE_SET);
    struct adding adding = {&kept, settings};
    while (left--) pop_one(set, random, &(struct set_visitor){add_one, &adding});
    set_walk(set, visitor);
    free_object(set->object, set->encoding);
    *set = kept;
}

/* ---- the row ---- */

static const char *encoding_name(const struct value *set)
{
    static const char *const names[] = {
        [SET_INTSET] = "intset", [SET_LISTPACK] = "listpack", [SET_TABLE] = "hashtable"};
    return names[set->encoding];
}

static size_t free_effort(const struct value *set)
{
    return set->encoding == SET_TABLE ? length(set) : 1;
}

static void *copy(const struct value *set)
{
    if (set->object == NULL) return NULL;
    if (set->encoding == SET_INTSET) return intset_copy(set->object);
    return set->encoding == SET_LISTPACK ? (void *)listpack_copy(set->object) : (void *)table_copy(set);
}

static size_t memory_bytes(const struct value *set, size_t samples)
{
    if (set->object == NULL) return 0;
    return set->encoding == SET_TABLE ? table_memory_bytes(set, samples) : mem_usable(set->object);
}

/* Any order of the members gives the same sum. */
static bool digest_one(void *ctx, struct set_member *m)
{
    struct slice text = set_member_text(m);
    digest_xor(ctx, text.ptr, text.len);
    return true;
}

static void digest(const struct value *set, struct digest *to)
{
    set_walk(set, &(struct set_visitor){digest_one, to});
}

static bool pass_text(void *ctx, struct set_member *m)
{
    const struct value_visitor *visitor = ctx;
    return visitor->visit(visitor->ctx, set_member_text(m), (struct slice){0});
}

static void each(const struct value *set, const struct value_visitor *visitor)
{
    set_walk(set, &(struct set_visitor){pass_text, (void *)(uintptr_t)visitor});
}

static void scan_element(void *ctx, void *element)
{
    const struct value_visitor *visitor = ctx;
    visitor->visit(visitor->ctx, element_text(element), (struct slice){0});
}

static uint64_t scan(const struct value *set, uint64_t cursor, const struct value_visitor *visitor)
{
    if (set->object && set->encoding == SET_TABLE)
        return hashtable_scan(set->object, cursor, scan_element, (void *)(uintptr_t)visitor);
    each(set, visitor);
    return 0;
}

/* ---- RDB ---- */

enum { VERSION_SET_LISTPACK = 11 };

static uint8_t rdb_form(const struct value *set, int version)
{
    if (set->encoding == SET_INTSET) return RDB_SET_INTSET;
    return set->encoding == SET_LISTPACK && version >= VERSION_SET_LISTPACK ? RDB_SET_LISTPACK : RDB_SET;
}

static bool save_member(void *w, struct set_member *m)
{
    rdb_put_string(w, set_member_text(m));
    return true;
}

static void save(const struct value *set, struct rdb_writer *w)
{
    if (set->encoding == SET_INTSET) {
        rdb_put_blob(w, set->object, intset_bytes(set->object));
    } else if (rdb_form(set, w->version) == RDB_SET_LISTPACK) {
        rdb_put_blob(w, set->object, listpack_bytes(set->object));
    } else {
        rdb_put_length(w, length(set));
        set_walk(set, &(struct set_visitor){save_member, w});
    }
}

static void load_members(struct value *set, struct rdb_reader *r, const struct types_settings *settings)
{
    uint64_t count = rdb_get_length(r);
    for (uint64_t i = 0; i < count && rdb_get_string(r, &r->text); i++) {
        struct set_member m;
        set_member_init(&m, buffer_slice(&r->text));
        if (r->text.len > SET_TEXT_MAX) rdb_fail(r, "a member of a set is too long");
        if (i == 0) set_expect(set, &m, count < SIZE_MAX ? (size_t)count : SIZE_MAX, settings);
        if (!r->failed && !set_add(set, &m, settings)) rdb_fail(r, "Duplicate set members detected");
    }
}

static bool add_unless_there(void *table, struct set_member *m)
{
    if (table_find(table, m)) return false;
    return insert_in_table(table, m);
}

static bool has_duplicates(const struct value *set)
{
    struct hashtable *seen = table_new();
    bool all = set_walk(set, &(struct set_visitor){add_unless_there, seen});
    table_free(seen);
    return !all;
}

static void load_listpack(struct value *set, struct rdb_reader *r, const struct types_settings *settings)
{
    unsigned char *lp = rdb_form_take_listpack(r, "Set listpack integrity check failed.");
    if (lp == NULL) return;
    replace(set, lp, SET_LISTPACK);
    if (r->deep && has_duplicates(set)) rdb_fail(r, "Set listpack integrity check failed.");
    else if (length(set) > listpack_max(settings)) convert_to_table(set);
}

static void load_intset(struct value *set, struct rdb_reader *r, const struct types_settings *settings)
{
    size_t len;
    unsigned char *numbers = rdb_take_string(r, &len);
    if (numbers == NULL) return;
    if (!intset_validate(numbers, len, true)) {
        mem_free(numbers);
        rdb_fail(r, "Intset integrity check failed.");
        return;
    }
    replace(set, numbers, SET_INTSET);
    if (length(set) > intset_max(settings)) convert_to_table(set);
}

static void load(struct value *set, uint8_t form, struct rdb_reader *r, const struct types_settings *settings)
{
    if (form == RDB_SET) load_members(set, r, settings);
    else if (form == RDB_SET_LISTPACK) load_listpack(set, r, settings);
    else load_intset(set, r, settings);
}

static void rebuild(const struct value *v, struct slice key, const struct value_rebuilder *to)
{
    value_rebuild_elements(v, key, "SADD", ATTACHED_NOTHING, to);
}

const struct value_type set_type = {
    .rdb_form = rdb_form,
    .save = save,
    .load = load,
    .rebuild = rebuild,
    .name = "set",
    .sorting = SORTING_UNORDERED,
    .encoding_name = encoding_name,
    .length = length,
    .free = free_object,
    .free_effort = free_effort,
    .copy = copy,
    .memory_bytes = memory_bytes,
    .digest = digest,
    .each = each,
    .scan = scan,
};
