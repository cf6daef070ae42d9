#include "types/hash.h"

#include "base/mem.h"
#include "ds/listpack.h"
#include "types/hash_table.h"
#include "types/rdb_form.h"
#include "types/sample.h"

enum { ENTRY_OVERHEAD_BYTES = 10 }; /* of a listpack's entry, at most */

/* ---- the two encodings ---- */

/* Where a listpack has the field; its value is the next entry. */
static unsigned char *find_entry(const struct value *hash, struct slice field)
{
    const unsigned char *lp = hash->object, *first = listpack_first(lp);
    return first ? listpack_find(lp, first, field, 1) : NULL;
}

static void convert(struct value *hash)
{
    struct hash_table *t = hash_table_new();
    unsigned char *lp = hash->object;
    char digits[NUMBER_TEXT_MAX], more_digits[NUMBER_TEXT_MAX];
    for (unsigned char *at = listpack_first(lp); at;) {
        unsigned char *value = listpack_next(lp, at);
        hash_table_set(t, listpack_get(at, digits), listpack_get(value, more_digits), false);
        at = listpack_next(lp, value);
    }
    listpack_free(lp);
    hash->object = t;
    hash->encoding = HASH_TABLE;
}

static bool fits_listpack(const struct value *hash, struct slice field, struct slice value,
                          const struct types_settings *settings)
{
    uint64_t limit = settings->hash_max_listpack_value_bytes;
    return field.len <= limit && value.len <= limit &&
           listpack_fits(hash->object, field.len + value.len + 2 * ENTRY_OVERHEAD_BYTES);
}

static bool set_in_listpack(struct value *hash, struct slice field, struct slice value,
                            const struct types_settings *settings)
{
    unsigned char *at = find_entry(hash, field);
    bool is_new = at == NULL;
    if (is_new) {
        const struct slice pair[] = {field, value};
        hash->object = listpack_insert(hash->object, &at, pair, 2);
    } else {
        at = listpack_next(hash->object, at);
        hash->object = listpack_replace(hash->object, &at, value);
    }
    if ((int64_t)(listpack_count(hash->object) / 2) > settings->hash_max_listpack_entries) convert(hash);
    return is_new;
}

/* ---- operations ---- */

bool hash_find(const struct value *hash, struct slice field, char digits[NUMBER_TEXT_MAX],
               struct slice *value)
{
    if (hash->object == NULL) return false;
    if (hash->encoding == HASH_TABLE) {
        const struct hash_field *f = hash_table_find(hash->object, field);
        if (f) *value = hash_field_value(f);
        return f != NULL;
    }
    const unsigned char *at = find_entry(hash, field);
    if (at) *value = listpack_get(listpack_next(hash->object, at), digits);
    return at != NULL;
}

bool hash_set(struct value *hash, struct slice field, struct slice value, bool keep_deadline,
              const struct types_settings *settings)
{
    if (hash->object == NULL) hash->object = listpack_new(0);
    if (hash->encoding == HASH_LISTPACK) {
        if (fits_listpack(hash, field, value, settings)) return set_in_listpack(hash, field, value, settings);
        convert(hash);
    }
    return hash_table_set(hash->object, field, value, keep_deadline);
}

bool hash_remove(struct value *hash, struct slice field)
{
    if (hash->object == NULL) return false;
    if (hash->encoding == HASH_TABLE) return hash_table_remove(hash->object, field);
    unsigned char *at = find_entry(hash, field);
    if (at == NULL) return false;
    hash->object = listpack_delete(hash->object, &at, 2);
    return true;
}

bool hash_deadline_ms(const struct value *hash, struct slice field, int64_t *deadline_ms)
{
    *deadline_ms = VALUE_NO_DEADLINE;
    if (hash->object == NULL) return false;
    if (hash->encoding == HASH_LISTPACK) return find_entry(hash, field) != NULL;
    const struct hash_field *f = hash_table_find(hash->object, field);
    if (f) *deadline_ms = hash_table_deadline_ms(hash->object, f);
    return f != NULL;
}

void hash_set_deadline(struct value *hash, struct slice field, int64_t deadline_ms)
{
    if (hash->encoding == HASH_LISTPACK) {
        if (deadline_ms == VALUE_NO_DEADLINE) return;
        convert(hash);
    }
    hash_table_set_deadline(hash->object, field, deadline_ms);
}

/* ---- walks ---- */

static void each_in_listpack(const unsigned char *lp, const struct value_visitor *visitor)
{
    char digits[NUMBER_TEXT_MAX], more_digits[NUMBER_TEXT_MAX];
    for (const unsigned char *at = listpack_first(lp); at;) {
        const unsigned char *value = listpack_next(lp, at);
        if (!visitor->visit(visitor->ctx, listpack_get(at, digits), listpack_get(value, more_digits))) return;
        at = listpack_next(lp, value);
    }
}

static void each(const struct value *hash, const struct value_visitor *visitor)
{
    if (hash->object == NULL) return;
    if (hash->encoding == HASH_LISTPACK) {
        each_in_listpack(hash->object, visitor);
        return;
    }
    struct hash_table *t = hash->object;
    struct hashtable_iter it;
    hashtable_iter_init(&it, &t->fields);
    for (const struct hash_field *f; (f = hash_table_next(t, &it)) != NULL;)
        if (!visitor->visit(visitor->ctx, hash_field_name(f), hash_field_value(f))) return;
}

static uint64_t scan(const struct value *hash, uint64_t cursor, const struct value_visitor *visitor)
{
    if (hash->object && hash->encoding == HASH_TABLE) return hash_table_scan(hash->object, cursor, visitor);
    each(hash, visitor);
    return 0;
}

static size_t length(const struct value *hash)
{
    if (hash->object == NULL) return 0;
    if (hash->encoding == HASH_TABLE) return hash_table_count(hash->object);
    return listpack_count(hash->object) / 2;
}

/* ---- chance ---- */

void hash_random(const struct value *hash, struct random *random, const struct value_visitor *visitor)
{
    size_t count = length(hash);
    if (count == 0) return;
    if (hash->encoding == HASH_TABLE) {
        const struct hash_field *f = hash_table_random(hash->object, random);
        if (f) visitor->visit(visitor->ctx, hash_field_name(f), hash_field_value(f));
        return;
    }
    char digits[NUMBER_TEXT_MAX], more_digits[NUMBER_TEXT_MAX];
    const unsigned char *at = listpack_seek(hash->object, 2 * (int64_t)random_below(random, count));
    struct slice value = listpack_get(listpack_next(hash->object, at), more_digits);
    visitor->visit(visitor->ctx, listpack_get(at, digits), value);
}

struct sampling {
    struct sample sample;
    const struct value_visitor *visitor;
};

static bool count_one(void *ctx, struct slice field, struct slice value)
{
    (void)field, (void)value;
    ((struct sampling *)ctx)->sample.left++;
    return true;
}

static bool take_or_leave(void *ctx, struct slice field, struct slice value)
{
    struct sampling *s = ctx;
    if (sample_takes(&s->sample)) s->visitor->visit(s->visitor->ctx, field, value);
    return s->sample.wanted > 0;
}

static void sample_all(const struct value *hash, size_t count, struct random *random,
                       const struct value_visitor *visitor)
{
    struct sampling sampling = {{count, 0, random}, visitor};
    each(hash, &(struct value_visitor){count_one, &sampling});
    if (sampling.sample.left) each(hash, &(struct value_visitor){take_or_leave, &sampling});
}

/* Few of many: drawn one by one, what was drawn before not counting. */
static void draw_few(const struct hash_table *t, size_t count, struct random *random,
                     const struct value_visitor *visitor)
{
    struct hashtable drawn;
    sample_drawn_init(&drawn);
    while (hashtable_count(&drawn) < count) {
        struct hash_field *f = hash_table_random(t, random);
        if (!sample_drawn_add(&drawn, f)) continue;
        visitor->visit(visitor->ctx, hash_field_name(f), hash_field_value(f));
    }
    hashtable_fini(&drawn);
}

void hash_random_fields(const struct value *hash, size_t count, struct random *random,
                        const struct value_visitor *visitor)
{
    if (count == 0) return;
    bool few = hash->encoding == HASH_TABLE && count < length(hash) / 3 && !hash_table_hides(hash->object);
    if (few) draw_few(hash->object, count, random, visitor);
    else sample_all(hash, count, random, visitor);
}

/* ---- the row ---- */

static const char *encoding_name(const struct value *hash)
{
    return hash->encoding == HASH_TABLE ? "hashtable" : "listpack";
}

static void free_object(void *object, uint8_t encoding)
{
    if (encoding == HASH_TABLE) hash_table_free(object);
    else listpack_free(object);
}

static size_t free_effort(const struct value *hash)
{
    return hash->encoding == HASH_TABLE ? length(hash) : 1;
}

static void *copy(const struct value *hash)
{
    if (hash->object == NULL) return NULL;
    return hash->encoding == HASH_TABLE ? (void *)hash_table_copy(hash->object)
                                        : (void *)listpack_copy(hash->object);
}

static size_t memory_bytes(const struct value *hash, size_t samples)
{
    if (hash->object == NULL) return 0;
    return hash->encoding == HASH_TABLE ? hash_table_memory_bytes(hash->object, samples)
                                        : mem_usable(hash->object);
}

struct digesting {
    const struct hash_table *table; /* NULL: no field can have a deadline */
    struct digest *to;
};

/* Any order of the fields gives the same sum. That a field expires counts,
 * when does not. */
static bool digest_field(void *ctx, struct slice field, struct slice value)
{
    const struct digesting *digesting = ctx;
    struct digest one = {0};
    digest_mix(&one, field.ptr, field.len);
    digest_mix(&one, value.ptr, value.len);
    const struct hash_table *t = digesting->table;
    if (t && hash_table_deadline_ms(t, hash_table_find(t, field)) != VALUE_NO_DEADLINE)
        digest_mix(&one, "expires", strlen("expires"));
    digest_xor(digesting->to, one.bytes, sizeof one.bytes);
    return true;
}

static void digest(const struct value *hash, struct digest *to)
{
    struct digesting digesting = {hash->encoding == HASH_TABLE ? hash->object : NULL, to};
    each(hash, &(struct value_visitor){digest_field, &digesting});
}

static int64_t next_deadline_ms(const struct value *hash)
{
    bool may_have = hash->object && hash->encoding == HASH_TABLE;
    return may_have ? hash_table_next_deadline_ms(hash->object) : VALUE_NO_DEADLINE;
}

static size_t expire_due(struct value *hash, int64_t now_ms, size_t limit,
                         const struct value_visitor *visitor)
{
    bool may_have = hash->object && hash->encoding == HASH_TABLE;
    return may_have ? hash_table_expire(hash->object, now_ms, limit, visitor) : 0;
}

static void show_at(const struct value *hash, int64_t now_ms)
{
    if (hash->object && hash->encoding == HASH_TABLE) hash_table_show(hash->object, now_ms);
}

/* ---- RDB ---- */

static uint8_t rdb_form(const struct value *hash, int version)
{
    (void)version;
    if (hash->encoding == HASH_LISTPACK) return RDB_HASH_LISTPACK;
    return next_deadline_ms(hash) == VALUE_NO_DEADLINE ? RDB_HASH : RDB_HASH_DEADLINES;
}

/* All fields, hidden ones, too. A deadline is told by its distance from the first
 * one, and one; 0 is none. */
static void save_table(struct hash_table *t, struct rdb_writer *w)
{
    int64_t first_ms = hash_table_next_deadline_ms(t), shown_ms = t->shown_ms;
    struct hashtable_iter it;
    if (first_ms != VALUE_NO_DEADLINE) rdb_put_u64(w, (uint64_t)first_ms);
    rdb_put_length(w, hash_table_count(t));
    hash_table_show(t, 0);
    hashtable_iter_init(&it, &t->fields);
    for (const struct hash_field *f; (f = hash_table_next(t, &it)) != NULL;) {
        int64_t deadline_ms = hash_table_deadline_ms(t, f);
        if (first_ms != VALUE_NO_DEADLINE)
            rdb_put_length(w, deadline_ms == VALUE_NO_DEADLINE ? 0 : (uint64_t)(deadline_ms - first_ms) + 1);
        rdb_put_string(w, hash_field_name(f));
        rdb_put_string(w, hash_field_value(f));
    }
    hash_table_show(t, shown_ms);
}

static void save(const struct value *hash, struct rdb_writer *w)
{
    if (hash->encoding == HASH_TABLE) save_table(hash->object, w);
    else rdb_put_blob(w, hash->object, listpack_bytes(hash->object));
}

struct loading {
    struct value *hash;
    struct rdb_reader *r;
    const struct types_settings *settings;
    bool has_field; /* r->more is a field that waits for its value */
};

static void load_field(const struct loading *loading, struct slice field, struct slice value)
{
    if (field.len > HASH_TEXT_MAX || value.len > HASH_TEXT_MAX)
        rdb_fail(loading->r, "a field or a value of a hash is too long");
    else if (!hash_set(loading->hash, field, value, false, loading->settings))
        rdb_fail(loading->r, "Duplicate hash fields detected");
}

/* Of a ziplist or a zipmap: fields and values in turn. */
static bool load_in_turn(void *ctx, struct slice element)
{
    struct loading *loading = ctx;
    struct buffer *field = &loading->r->more;
    if (loading->has_field) {
        load_field(loading, buffer_slice(field), element);
    } else {
        buffer_clear(field);
        buffer_append_slice(field, element);
    }
    loading->has_field = !loading->has_field;
    return !loading->r->failed;
}

static void load_deadline(const struct loading *loading, struct slice field, uint64_t deadline_ms)
{
    if (deadline_ms > INT64_MAX - 1) rdb_fail(loading->r, "a field's deadline is out of range");
    if (!loading->r->failed) hash_set_deadline(loading->hash, field, (int64_t)deadline_ms);
}

/* Pairs, and in front of each a deadline, if there are any: relative to first_ms,
 * plus one. */
static void load_pairs(const struct loading *loading, bool with_deadlines, uint64_t first_ms)
{
    struct rdb_reader *r = loading->r;
    for (uint64_t count = rdb_get_length(r); count && !r->failed; count--) {
        uint64_t deadline = with_deadlines ? rdb_get_length(r) : 0;
        if (!rdb_get_string(r, &r->more) || !rdb_get_string(r, &r->text)) return;
        load_field(loading, buffer_slice(&r->more), buffer_slice(&r->text));
        if (deadline == 0 || r->failed) continue;
        uint64_t relative = first_ms ? deadline - 1 : deadline;
        if (relative > UINT64_MAX - first_ms) rdb_fail(r, "a field's deadline is out of range");
        load_deadline(loading, buffer_slice(&r->more), first_ms + relative);
    }
}

static bool has_duplicates(const unsigned char *lp)
{
    struct value copy = {.type = TYPE_HASH, .encoding = HASH_LISTPACK, .store = STORE_OBJECT};
    copy.object = listpack_copy(lp);
    convert(&copy);
    bool has = hash_table_count(copy.object) != listpack_count(lp) / 2;
    hash_table_free(copy.object);
    return has;
}

static void load_listpack(const struct loading *loading)
{
    static const char reason[] = "Hash listpack integrity check failed.";
    unsigned char *lp = rdb_form_take_listpack(loading->r, reason);
    if (lp == NULL) return;
    loading->hash->object = lp;
    if (listpack_count(lp) % 2 || (loading->r->deep && has_duplicates(lp))) rdb_fail(loading->r, reason);
    else if ((int64_t)(listpack_count(lp) / 2) > loading->settings->hash_max_listpack_entries)
        convert(loading->hash);
}

/* A listpack of field, value, deadline (0: none). */
static void load_triples(const struct loading *loading)
{
    static const char reason[] = "Hash listpack integrity check failed.";
    char digits[NUMBER_TEXT_MAX], more_digits[NUMBER_TEXT_MAX];
    unsigned char *lp = rdb_form_take_listpack(loading->r, reason);
    if (lp == NULL) return;
    if (listpack_count(lp) % 3) rdb_fail(loading->r, reason);
    for (const unsigned char *at = listpack_first(lp), *value; at && !loading->r->failed;) {
        int64_t deadline_ms = 0;
        struct slice field = listpack_get(at, digits);
        value = listpack_next(lp, at);
        load_field(loading, field, listpack_get(value, more_digits));
        at = listpack_next(lp, value);
        if (!listpack_get_number(at, &deadline_ms) || deadline_ms < 0) rdb_fail(loading->r, reason);
        else if (deadline_ms) load_deadline(loading, field, (uint64_t)deadline_ms);
        at = listpack_next(lp, at);
    }
    listpack_free(lp);
}

static void load(struct value *hash, uint8_t form, struct rdb_reader *r,
                 const struct types_settings *settings)
{
    struct loading loading = {hash, r, settings, false};
    switch (form) {
    case RDB_HASH: load_pairs(&loading, false, 0); break;
    case RDB_HASH_DEADLINES_DRAFT: load_pairs(&loading, true, 0); break;
    case RDB_HASH_DEADLINES: load_pairs(&loading, true, rdb_get_u64(r)); break;
    case RDB_HASH_TRIPLES:
        rdb_get_u64(r); /* the first deadline: the listpack has it, too */ /* fall through */
    case RDB_HASH_TRIPLES_DRAFT: load_triples(&loading); break;
    case RDB_HASH_LISTPACK: load_listpack(&loading); break;
    case RDB_HASH_ZIPMAP:
        rdb_form_load_zipmap(r, "Zipmap integrity check failed.", load_in_turn, &loading);
        break;
    default: rdb_form_load_ziplist(r, "Hash ziplist integrity check failed.", load_in_turn, &loading);
    }
    if (loading.has_field) rdb_fail(r, "Hash ziplist integrity check failed.");
}

static void rebuild_deadline(struct slice key, struct slice field, int64_t deadline_ms,
                             const struct value_rebuilder *to)
{
    char digits[NUMBER_TEXT_MAX];
    const struct slice words[] = {
        SLICE("HPEXPIREAT"), key,        slice_make(digits, number_print(digits, deadline_ms)),
        SLICE("FIELDS"),     SLICE("1"), field,
    };
    to->command(to->ctx, sizeof words / sizeof *words, words);
}

static void rebuild(const struct value *hash, struct slice key, const struct value_rebuilder *to)
{
    value_rebuild_elements(hash, key, "HMSET", ATTACHED_BEHIND, to);
    if (next_deadline_ms(hash) == VALUE_NO_DEADLINE) return;
    struct hash_table *t = hash->object;
    struct hashtable_iter it;
    hashtable_iter_init(&it, &t->fields);
    for (const struct hash_field *f; (f = hash_table_next(t, &it)) != NULL;) {
        int64_t deadline_ms = hash_table_deadline_ms(t, f);
        if (deadline_ms != VALUE_NO_DEADLINE) rebuild_deadline(key, hash_field_name(f), deadline_ms, to);
    }
}

const struct value_type hash_type = {
    .rdb_form = rdb_form,
    .save = save,
    .load = load,
    .rebuild = rebuild,
    .name = "hash",
    .encoding_name = encoding_name,
    .length = length,
    .free = free_object,
    .free_effort = free_effort,
    .copy = copy,
    .memory_bytes = memory_bytes,
    .digest = digest,
    .each = each,
    .scan = scan,
    .next_deadline_ms = next_deadline_ms,
    .expire_due = expire_due,
    .show_at = show_at,
};
