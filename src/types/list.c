#include "types/list.h"

#include "base/mem.h"
#include "ds/listpack.h"
#include "types/rdb_form.h"

enum { FILL_MAX = 32767, FILL_MIN = -5, EMPTY_BYTES = 7 };

/* ---- the encoding ---- */

static int fill_of(const struct types_settings *settings)
{
    int64_t fill = settings->list_max_listpack_size;
    return (int)(fill > FILL_MAX ? FILL_MAX : fill < FILL_MIN ? FILL_MIN : fill);
}

static void convert_to_quicklist(struct value *v, const struct types_settings *settings)
{
    uint64_t plain_bytes = settings->list_plain_bytes;
    struct quicklist_limits limits = {
        .fill = fill_of(settings),
        .depth = (unsigned)settings->list_compress_depth,
        .plain_bytes = plain_bytes && plain_bytes < QUICKLIST_PLAIN_BYTES_MAX ? plain_bytes
                                                                              : QUICKLIST_PLAIN_BYTES_MAX,
    };
    struct quicklist *q = quicklist_new(&limits);
    unsigned char *lp = v->object;
    if (lp && listpack_count(lp)) quicklist_append_listpack(q, lp);
    else listpack_free(lp);
    v->object = q;
    v->encoding = LIST_QUICKLIST;
}

/* Before elements come in: what they would make of a listpack decides, though
 * their overhead there is not counted. */
static void prepare_growth(struct value *v, const struct slice *elements, size_t count,
                           const struct types_settings *settings)
{
    if (v->object && v->encoding != LIST_LISTPACK) return;
    size_t bytes = v->object ? listpack_bytes(v->object) : EMPTY_BYTES;
    for (size_t i = 0; i < count; i++) bytes += elements[i].len;
    if (quicklist_exceeds(fill_of(settings), bytes, list_length(v) + count))
        convert_to_quicklist(v, settings);
    else if (v->object == NULL) v->object = listpack_new(0);
}

static void follow_shrinking(struct value *v, const struct types_settings *settings)
{
    if (v->object == NULL || v->encoding != LIST_QUICKLIST) return;
    struct quicklist *q = v->object;
    const unsigned char *lp = quicklist_only_listpack(q);
    if (lp == NULL || quicklist_exceeds_half(fill_of(settings), listpack_bytes(lp), q->count)) return;
    v->object = quicklist_take_listpack(q);
    v->encoding = LIST_LISTPACK;
}

/* ---- operations ---- */

size_t list_length(const struct value *v)
{
    if (v->object == NULL) return 0;
    if (v->encoding == LIST_LISTPACK) return listpack_count(v->object);
    return ((const struct quicklist *)v->object)->count;
}

void list_push(struct value *v, enum list_end end, const struct slice *elements, size_t count,
               const struct types_settings *settings)
{
    prepare_growth(v, elements, count, settings);
    for (size_t i = 0; i < count; i++) {
        if (v->encoding == LIST_QUICKLIST) {
            if (end == LIST_LEFT) quicklist_push_head(v->object, elements[i]);
            else quicklist_push_tail(v->object, elements[i]);
        } else {
            v->object = end == LIST_LEFT ? listpack_prepend(v->object, elements[i])
                                         : listpack_append(v->object, elements[i]);
        }
    }
}

/* The index of the leftmost element equal to this one; false if there is none. */
static bool find(const struct value *v, struct slice element, size_t *index)
{
    struct list_iter it;
    struct slice found;
    bool equal = false;
    list_iter_init(&it, v, 0, false);
    for (*index = 0; !equal && list_next(&it, &found); ++*index) equal = slice_equal(found, element);
    list_iter_fini(&it);
    --*index;
    return equal;
}

static void insert_at(struct value *v, size_t index, struct slice element)
{
    if (v->encoding == LIST_QUICKLIST) {
        quicklist_insert(v->object, index, element);
        return;
    }
    unsigned char *at = listpack_seek(v->object, (int64_t)index);
    v->object = listpack_insert(v->object, &at, &element, 1);
}

bool list_insert(struct value *v, struct slice pivot, bool behind, struct slice element,
                 const struct types_settings *settings)
{
    size_t index;
    if (v->object == NULL) return false;
    prepare_growth(v, &element, 1, settings);
    if (!find(v, pivot, &index)) return false;
    insert_at(v, index + behind, element);
    return true;
}

bool list_set(struct value *v, size_t index, struct slice element, const struct types_settings *settings)
{
    if (v->object == NULL) return false;
    prepare_growth(v, &element, 1, settings);
    if (index >= list_length(v)) return false;
    if (v->encoding == LIST_QUICKLIST) {
        quicklist_replace(v->object, index, element);
        follow_shrinking(v, settings);
    } else {
        unsigned char *at = listpack_seek(v->object, (int64_t)index);
        v->object = listpack_replace(v->object, &at, element);
    }
    return true;
}

void list_delete(struct value *v, size_t index, size_t count, const struct types_settings *settings)
{
    if (v->object == NULL) return;
    if (v->encoding == LIST_LISTPACK) {
        v->object = listpack_delete_range(v->object, (int64_t)index, count);
        return;
    }
    quicklist_delete(v->object, index, count);
    follow_shrinking(v, settings);
}

static size_t delete_in_listpack(struct value *v, struct slice element, enum list_end from, size_t max)
{
    unsigned char *lp = v->object, *at = from == LIST_LEFT ? listpack_first(lp) : listpack_last(lp);
    size_t deleted = 0;
    while (at && deleted < max) {
        if (!listpack_equal(at, element)) {
            at = from == LIST_LEFT ? listpack_next(lp, at) : listpack_prev(lp, at);
            continue;
        }
        lp = listpack_delete(lp, &at, 1);
        deleted++;
        if (from == LIST_RIGHT) at = at ? listpack_prev(lp, at) : listpack_last(lp);
    }
    v->object = lp;
    return deleted;
}

size_t list_delete_equal(struct value *v, struct slice element, enum list_end from, size_t max,
                         const struct types_settings *settings)
{
    if (v->object == NULL) return 0;
    if (v->encoding == LIST_LISTPACK) return delete_in_listpack(v, element, from, max);
    struct quicklist *q = v->object;
    struct quicklist_iter it;
    struct slice found;
    size_t deleted = 0;
    quicklist_iter_init(&it, q, from == LIST_LEFT ? 0 : q->count - 1, from == LIST_RIGHT);
    while (deleted < max && quicklist_next(&it, &found)) {
        if (!slice_equal(found, element)) continue;
        quicklist_iter_delete(&it);
        deleted++;
    }
    quicklist_iter_fini(&it);
    if (deleted) follow_shrinking(v, settings);
    return deleted;
}

/* ---- walking ---- */

void list_iter_init(struct list_iter *it, const struct value *v, size_t index, bool backwards)
{
    it->lp = it->at = NULL;
    it->backwards = backwards;
    it->nodes.list = NULL;
    if (v->object == NULL) return;
    if (v->encoding == LIST_QUICKLIST) {
        quicklist_iter_init(&it->nodes, v->object, index, backwards);
    } else {
        it->lp = v->object;
        it->at = listpack_seek(it->lp, (int64_t)index);
    }
}

void list_iter_fini(struct list_iter *it)
{
    if (it->nodes.list) quicklist_iter_fini(&it->nodes);
}

bool list_next(struct list_iter *it, struct slice *element)
{
    if (it->nodes.list) return quicklist_next(&it->nodes, element);
    if (it->at == NULL) return false;
    *element = listpack_get(it->at, it->digits);
    it->at = it->backwards ? listpack_prev(it->lp, it->at) : listpack_next(it->lp, it->at);
    return true;
}

/* ---- the row ---- */

static const char *encoding_name(const struct value *v)
{
    return v->encoding == LIST_LISTPACK ? "listpack" : "quicklist";
}

static void free_object(void *object, uint8_t encoding)
{
    if (encoding == LIST_LISTPACK) listpack_free(object);
    else quicklist_free(object);
}

static size_t free_effort(const struct value *v)
{
    if (v->object == NULL || v->encoding == LIST_LISTPACK) return 1;
    return ((const struct quicklist *)v->object)->node_count;
}

static void *copy(const struct value *v)
{
    if (v->object == NULL) return NULL;
    if (v->encoding == LIST_LISTPACK) return listpack_copy(v->object);
    return quicklist_copy(v->object);
}

static size_t memory_bytes(const struct value *v, size_t samples)
{
    if (v->object == NULL) return 0;
    if (v->encoding == LIST_LISTPACK) return mem_usable(v->object);
    return quicklist_memory_bytes(v->object, samples);
}

static void each(const struct value *v, const struct value_visitor *visitor)
{
    struct list_iter it;
    struct slice element, nothing = {NULL, 0};
    list_iter_init(&it, v, 0, false);
    while (list_next(&it, &element) && visitor->visit(visitor->ctx, element, nothing)) continue;
    list_iter_fini(&it);
}

static bool mix(void *digest, struct slice element, struct slice attached)
{
    (void)attached;
    digest_mix(digest, element.ptr, element.len);
    return true;
}

static void digest(const struct value *v, struct digest *to)
{
    each(v, &(struct value_visitor){mix, to});
}

/* ---- RDB ---- */

enum { NODE_PLAIN = 1, NODE_LISTPACK = 2 };

static uint8_t rdb_form(const struct value *v, int version)
{
    (void)v, (void)version;
    return RDB_LIST_QUICKLIST_2;
}

static void save_node(void *ctx, bool is_plain, struct slice bytes)
{
    rdb_put_length(ctx, is_plain ? NODE_PLAIN : NODE_LISTPACK);
    rdb_put_blob(ctx, bytes.ptr, bytes.len);
}

static void save(const struct value *v, struct rdb_writer *w)
{
    if (v->encoding == LIST_LISTPACK) {
        rdb_put_length(w, 1);
        save_node(w, false, slice_make(v->object, listpack_bytes(v->object)));
        return;
    }
    const struct quicklist *q = v->object;
    rdb_put_length(w, q->node_count);
    quicklist_each_node(q, save_node, w);
}

struct loading {
    struct value *list;
    const struct types_settings *settings;
};

static bool load_element(void *ctx, struct slice element)
{
    const struct loading *loading = ctx;
    list_push(loading->list, LIST_RIGHT, &element, 1, loading->settings);
    return true;
}

/* A node's listpack becomes one of ours as it is. */
static void load_node(struct value *v, struct rdb_reader *r)
{
    uint64_t kind = rdb_get_length(r);
    if (kind == NODE_PLAIN) {
        if (rdb_get_string(r, &r->text)) quicklist_push_tail(v->object, buffer_slice(&r->text));
    } else if (kind == NODE_LISTPACK) {
        unsigned char *lp = rdb_form_take_listpack(r, "List listpack integrity check failed.");
        if (lp && listpack_count(lp)) quicklist_append_listpack(v->object, lp);
        else listpack_free(lp);
    } else {
        rdb_fail(r, "a quicklist node of unknown kind %llu", (unsigned long long)kind);
    }
}

/* A list of one node that a listpack may hold is one. */
static void follow_load(struct value *v, const struct types_settings *settings)
{
    struct quicklist *q = v->object;
    const unsigned char *lp = q->count ? quicklist_only_listpack(q) : NULL;
    if (lp == NULL || quicklist_exceeds(fill_of(settings), listpack_bytes(lp), q->count)) return;
    v->object = quicklist_take_listpack(q);
    v->encoding = LIST_LISTPACK;
}

static void load(struct value *v, uint8_t form, struct rdb_reader *r, const struct types_settings *settings)
{
    struct loading loading = {v, settings};
    uint64_t count = form == RDB_LIST_ZIPLIST ? 1 : rdb_get_length(r);
    if (form == RDB_LIST_QUICKLIST_2) convert_to_quicklist(v, settings);
    for (; count && !r->failed; count--) {
        if (form == RDB_LIST_QUICKLIST_2) load_node(v, r);
        else if (form != RDB_LIST)
            rdb_form_load_ziplist(r, "List ziplist integrity check failed.", load_element, &loading);
        else if (rdb_get_string(r, &r->text)) load_element(&loading, buffer_slice(&r->text));
    }
    if (form == RDB_LIST_QUICKLIST_2) follow_load(v, settings);
}

static void rebuild(const struct value *v, struct slice key, const struct value_rebuilder *to)
{
    value_rebuild_elements(v, key, "RPUSH", ATTACHED_NOTHING, to);
}

const struct value_type list_type = {
    .rdb_form = rdb_form,
    .save = save,
    .load = load,
    .rebuild = rebuild,
    .name = "list",
    .sorting = SORTING_ORDERED,
    .encoding_name = encoding_name,
    .length = list_length,
    .free = free_object,
    .free_effort = free_effort,
    .copy = copy,
    .memory_bytes = memory_bytes,
    .digest = digest,
    .each = each,
};
