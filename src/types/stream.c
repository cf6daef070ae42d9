#include "types/stream.h"

#include "base/assert.h"
#include "base/mem.h"
#include "ds/listpack.h"
#include "types/rdb_form.h"
#include "types/stream_group.h"

enum {
    ENTRY_DELETED = 1 << 0,
    ENTRY_SAME_FIELDS = 1 << 1,
};

struct stream_node {
    struct stream_id id; /* of its first entry, when that was added */
    unsigned char *entries;
};

/* ---- IDs ---- */

int stream_id_compare(struct stream_id a, struct stream_id b)
{
    if (a.ms != b.ms) return a.ms < b.ms ? -1 : 1;
    return a.seq < b.seq ? -1 : a.seq > b.seq;
}

bool stream_id_increment(struct stream_id *id)
{
    if (id->seq == UINT64_MAX && id->ms == UINT64_MAX) return false;
    if (++id->seq == 0) id->ms++;
    return true;
}

bool stream_id_decrement(struct stream_id *id)
{
    if (id->seq == 0 && id->ms == 0) return false;
    if (id->seq-- == 0) id->ms--;
    return true;
}

size_t stream_id_print(char *to, struct stream_id id)
{
    size_t len = number_print_unsigned(to, id.ms);
    to[len++] = '-';
    return len + number_print_unsigned(to + len, id.seq);
}

/* ---- nodes ---- */

static int compare_nodes(const void *a, const void *b)
{
    return stream_id_compare(((const struct stream_node *)a)->id, ((const struct stream_node *)b)->id);
}

static int compare_node_to_id(const void *node, const void *id)
{
    return stream_id_compare(((const struct stream_node *)node)->id, *(const struct stream_id *)id);
}

static const struct btree_type node_tree = {.compare = compare_nodes, .compare_probe = compare_node_to_id};

static struct stream_node *node_at(struct btree_pos pos)
{
    return btree_element(pos);
}

/* The last node that begins at or before id; else the first, if there is one. */
static struct btree_pos node_for(const struct stream *s, struct stream_id id)
{
    struct btree_pos pos = btree_floor(&s->nodes, id.ms, &id);
    return btree_valid(pos) ? pos : btree_first(&s->nodes);
}

static void drop_node(struct stream *s, struct stream_node *node)
{
    btree_remove(&s->nodes, node->id.ms, node);
    listpack_free(node->entries);
    mem_free(node);
}

static int64_t number_at(const unsigned char *at)
{
    int64_t number = 0;
    bool is_number = listpack_get_number(at, &number);
    ASSERT(is_number);
    return number;
}

/* Replaces the number of an element; returns where the element is now. */
static unsigned char *put_number(struct stream_node *node, unsigned char *at, int64_t number)
{
    node->entries = listpack_replace_number(node->entries, &at, number);
    return at;
}

static int64_t live_count(const struct stream_node *node)
{
    return number_at(listpack_first(node->entries));
}

/* Entries of a node become deleted ones (a positive number), or new ones. */
static void count_entries(struct stream_node *node, int64_t added, int64_t deleted)
{
    unsigned char *at = listpack_first(node->entries);
    at = put_number(node, at, number_at(at) + added - deleted);
    if (deleted == 0) return;
    at = listpack_next(node->entries, at);
    put_number(node, at, number_at(at) + deleted);
}

/* ---- walking ---- */

void stream_walk_init(struct stream_walk *w, const struct stream *s, struct stream_id start,
                      struct stream_id end, bool backwards)
{
    *w = (struct stream_walk){.start = start, .end = end, .backwards = backwards};
    w->node = node_for(s, backwards ? end : start);
}

static const unsigned char *skip(const unsigned char *entries, const unsigned char *at, int64_t count)
{
    while (count-- > 0) at = listpack_next(entries, at);
    return at;
}

static const unsigned char *skip_back(const unsigned char *entries, const unsigned char *at, int64_t count)
{
    while (count-- > 0) at = listpack_prev(entries, at);
    return at;
}

/* The first element behind the master entry. */
static const unsigned char *first_entry(const unsigned char *entries)
{
    const unsigned char *field_count = skip(entries, listpack_first(entries), 2);
    return skip(entries, field_count, number_at(field_count) + 2);
}

/* The beginning of the entry whose last element precedes `behind` (NULL: the
 * end); NULL when that is the master. */
static const unsigned char *entry_before(const unsigned char *entries, const unsigned char *behind)
{
    const unsigned char *last = behind ? listpack_prev(entries, behind) : listpack_last(entries);
    int64_t elements = number_at(last);
    return elements ? skip_back(entries, last, elements) : NULL;
}

/* Moves to the next entry of the node, deleted or not; false at its end. */
static bool next_in_node(struct stream_walk *w, const unsigned char *entries)
{
    if (w->backwards) {
        w->at = entry_before(entries, w->at);
    } else if (w->at == NULL) {
        w->at = first_entry(entries);
    } else {
        int64_t left = (int64_t)w->field_count * (w->same_fields ? 1 : 2);
        w->at = skip(entries, w->element, left + 1);
    }
    return w->at != NULL;
}

/* Reads what stands before the fields; returns the flags. */
static int64_t read_entry(struct stream_walk *w, const struct stream_node *node)
{
    const unsigned char *at = w->at;
    int64_t flags = number_at(at);
    at = listpack_next(node->entries, at);
    w->id.ms = node->id.ms + (uint64_t)number_at(at);
    at = listpack_next(node->entries, at);
    w->id.seq = node->id.seq + (uint64_t)number_at(at);
    w->element = listpack_next(node->entries, at);
    w->same_fields = flags & ENTRY_SAME_FIELDS;
    const unsigned char *master_count = skip(node->entries, listpack_first(node->entries), 2);
    w->master_field = listpack_next(node->entries, master_count);
    w->field_count = (size_t)number_at(w->same_fields ? master_count : w->element);
    if (!w->same_fields) w->element = listpack_next(node->entries, w->element);
    return flags;
}

/* How id stands to a bound in the direction of the walk. */
static int order(const struct stream_walk *w, struct stream_id id, struct stream_id bound)
{
    int ascending = stream_id_compare(id, bound);
    return w->backwards ? -ascending : ascending;
}

bool stream_walk_next(struct stream_walk *w)
{
    struct stream_id from = w->backwards ? w->end : w->start, to = w->backwards ? w->start : w->end;
    while (btree_valid(w->node)) {
        const struct stream_node *node = node_at(w->node);
        while (next_in_node(w, node->entries)) {
            int64_t flags = read_entry(w, node);
            if (order(w, w->id, to) > 0) return false;
            if (order(w, w->id, from) >= 0 && !(flags & ENTRY_DELETED)) return true;
        }
        if (!(w->backwards ? btree_prev(&w->node) : btree_next(&w->node))) break;
        w->at = NULL;
    }
    return false;
}

void stream_walk_field(struct stream_walk *w, struct stream_field *field)
{
    const unsigned char *entries = node_at(w->node)->entries;
    const unsigned char **name_at = w->same_fields ? &w->master_field : &w->element;
    field->name = listpack_get(*name_at, field->name_digits);
    *name_at = listpack_next(entries, *name_at);
    field->value = listpack_get(w->element, field->value_digits);
    w->element = listpack_next(entries, w->element);
    w->field_count--;
}

/* ---- streams ---- */

struct stream *stream_new(void)
{
    struct stream *s = mem_calloc(1, sizeof *s);
    btree_init(&s->nodes, &node_tree);
    btree_init(&s->groups, &stream_group_tree);
    return s;
}

struct value stream_value(struct stream *s)
{
    return (struct value){.type = TYPE_STREAM, .store = STORE_OBJECT, .object = s};
}

struct stream_id stream_first_id(const struct stream *s)
{
    struct stream_walk walk;
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, false);
    return stream_walk_next(&walk) ? walk.id : STREAM_ID_MIN;
}

size_t stream_node_count(const struct stream *s)
{
    return btree_count(&s->nodes);
}

/* ---- adding ---- */

static bool has_master_fields(const struct stream_node *node, const struct slice *fields, size_t count)
{
    const unsigned char *at = skip(node->entries, listpack_first(node->entries), 2);
    if ((size_t)number_at(at) != count) return false;
    for (size_t i = 0; i < count; i++) {
        at = listpack_next(node->entries, at);
        if (!listpack_equal(at, fields[2 * i])) return false;
    }
    return true;
}

static bool is_full(const struct stream_node *node, size_t more_bytes, const struct types_settings *settings)
{
    size_t bytes = listpack_bytes(node->entries);
    if (!listpack_fits(node->entries, more_bytes)) return true;
    if (settings->stream_node_max_bytes && bytes + more_bytes > settings->stream_node_max_bytes) return true;
    const unsigned char *live = listpack_first(node->entries);
    int64_t entries = number_at(live) + number_at(listpack_next(node->entries, live));
    return settings->stream_node_max_entries && entries >= settings->stream_node_max_entries;
}

static unsigned char *append_number(unsigned char *entries, uint64_t number)
{
    return listpack_append_number(entries, (int64_t)number);
}

static struct stream_node *add_node(struct stream *s, struct stream_id id, const struct slice *fields,
                                    size_t count, size_t reserve_bytes)
{
    struct stream_node *node = mem_alloc(sizeof *node);
    unsigned char *entries = listpack_new(reserve_bytes);
    entries = append_number(entries, 0);
    entries = append_number(entries, 0);
    entries = append_number(entries, count);
    for (size_t i = 0; i < count; i++) entries = listpack_append(entries, fields[2 * i]);
    *node = (struct stream_node){id, append_number(entries, 0)};
    btree_insert(&s->nodes, id.ms, node);
    return node;
}

bool stream_append(struct stream *s, struct stream_id id, const struct slice *fields, size_t count,
                   const struct types_settings *settings)
{
    enum { OVERHEAD = 64 }; /* of an entry or a master, beside fields and values */
    size_t bytes = OVERHEAD;
    for (size_t i = 0; i < 2 * count; i++) bytes += listpack_entry_bytes(fields[i]);
    if (bytes > LISTPACK_LIMIT_BYTES / 2) return false;
    struct btree_pos last = btree_last(&s->nodes);
    struct stream_node *node = btree_valid(last) ? node_at(last) : NULL;
    if (node == NULL || is_full(node, bytes - OVERHEAD, settings))
        node = add_node(s, id, fields, count, bytes);
    bool same = has_master_fields(node, fields, count);
    unsigned char *entries = node->entries;
    entries = append_number(entries, same ? ENTRY_SAME_FIELDS : 0);
    entries = append_number(entries, id.ms - node->id.ms);
    entries = append_number(entries, id.seq - node->id.seq);
    if (!same) entries = append_number(entries, count);
    for (size_t i = same ? 1 : 0; i < 2 * count; i += same ? 2 : 1)
        entries = listpack_append(entries, fields[i]);
    node->entries = append_number(entries, same ? count + 3 : 2 * count + 4);
    count_entries(node, 1, 0);
    s->length++;
    s->added++;
    s->last = id;
    return true;
}

/* ---- removing ---- */

/* Flags the entry that a walk stands at. */
static void flag_deleted(struct stream_node *node, const struct stream_walk *walk)
{
    unsigned char *at = node->entries + (walk->at - node->entries);
    put_number(node, at, number_at(at) | ENTRY_DELETED);
}

bool stream_delete(struct stream *s, struct stream_id id)
{
    struct stream_walk walk;
    stream_walk_init(&walk, s, id, id, false);
    if (!stream_walk_next(&walk)) return false;
    struct stream_node *node = node_at(walk.node);
    if (live_count(node) == 1) {
        drop_node(s, node);
    } else {
        flag_deleted(node, &walk);
        count_entries(node, 0, 1);
    }
    s->length--;
    if (stream_id_compare(id, s->max_deleted) > 0) s->max_deleted = id;
    return true;
}

/* Whether all entries of the first node may go; *done: none of its entries. */
static bool goes_whole(const struct stream *s, const struct stream_node *node, const struct stream_trim *trim,
                       bool *done)
{
    if (trim->by == STREAM_TRIM_LENGTH) {
        *done = s->length <= trim->max_length;
        return !*done && s->length - (uint64_t)live_count(node) >= trim->max_length;
    }
    struct stream_id min = trim->min_id;
    *done = stream_id_compare(min, STREAM_ID_MIN) == 0 || stream_id_compare(node->id, min) >= 0;
    if (*done) return false;
    /* Nothing from min on: looking backwards for its last entry ends at once. */
    struct btree_pos pos = btree_first(&s->nodes);
    struct stream_walk walk = {.start = STREAM_ID_MIN, .end = STREAM_ID_MAX, .backwards = true, .node = pos};
    return !stream_walk_next(&walk) || stream_id_compare(walk.id, min) < 0;
}

/* Flags entries of the first node, one by one, until enough have gone. */
static uint64_t trim_within(struct stream *s, const struct stream_trim *trim)
{
    uint64_t removed = 0;
    struct stream_node *node = node_at(btree_first(&s->nodes));
    struct stream_walk walk;
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, false);
    while (stream_walk_next(&walk) && node_at(walk.node) == node) {
        if (trim->by == STREAM_TRIM_LENGTH && s->length - removed <= trim->max_length) break;
        if (trim->by == STREAM_TRIM_ID && stream_id_compare(walk.id, trim->min_id) >= 0) break;
        flag_deleted(node, &walk);
        removed++;
    }
    if (removed) count_entries(node, 0, (int64_t)removed);
    s->length -= removed;
    return removed;
}

uint64_t stream_trim(struct stream *s, const struct stream_trim *trim)
{
    uint64_t removed = 0;
    while (trim->by != STREAM_TRIM_NONE && s->length) {
        struct stream_node *node = node_at(btree_first(&s->nodes));
        uint64_t entries = (uint64_t)live_count(node);
        bool done, whole = goes_whole(s, node, trim, &done);
        if (done || (trim->limit && removed + entries > trim->limit)) break;
        if (!whole) return trim->approximately ? removed : removed + trim_within(s, trim);
        drop_node(s, node);
        s->length -= entries;
        removed += entries;
    }
    return removed;
}

/* ---- the row ---- */

static const char *encoding_name(const struct value *v)
{
    (void)v;
    return "stream";
}

static size_t length(const struct value *v)
{
    return v->object ? (size_t)stream_get(v)->length : 0;
}

static void drop_node_element(void *ctx, void *element)
{
    struct stream_node *node = element;
    (void)ctx;
    listpack_free(node->entries);
    mem_free(node);
}

static void free_stream(void *object, uint8_t encoding)
{
    struct stream *s = object;
    (void)encoding;
    btree_remove_range(&s->nodes, 0, SIZE_MAX, drop_node_element, NULL);
    stream_groups_free(s);
    mem_free(s);
}

static size_t free_effort(const struct value *v)
{
    const struct stream *s = stream_get(v);
    size_t effort = 1 + btree_count(&s->nodes);
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        effort += 1 + btree_count(&((const struct stream_group *)btree_element(pos))->pending);
    return effort;
}

static void *copy(const struct value *v)
{
    const struct stream *s = stream_get(v);
    struct stream *to = stream_new();
    to->length = s->length;
    to->added = s->added;
    to->last = s->last;
    to->max_deleted = s->max_deleted;
    struct btree_pos pos = btree_first(&s->nodes);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_node *node = node_at(pos);
        struct stream_node *its = mem_alloc(sizeof *its);
        *its = (struct stream_node){node->id, listpack_copy(node->entries)};
        btree_insert(&to->nodes, its->id.ms, its);
    }
    stream_groups_copy(s, to);
    return to;
}

static size_t memory_bytes(const struct value *v, size_t samples)
{
    const struct stream *s = stream_get(v);
    size_t bytes = mem_usable(s) + btree_memory_bytes(&s->nodes), looked = 0, sampled = 0;
    size_t nodes = btree_count(&s->nodes);
    struct btree_pos pos = btree_first(&s->nodes);
    for (bool more = btree_valid(pos); more && (samples == 0 || looked < samples); more = btree_next(&pos)) {
        sampled += mem_usable(node_at(pos)) + mem_usable(node_at(pos)->entries);
        looked++;
    }
    if (looked) bytes += sampled / looked * nodes;
    return bytes + stream_groups_memory_bytes(s);
}

static void digest_id(struct digest *to, struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];
    digest_mix(to, text, stream_id_print(text, id));
}

static void digest(const struct value *v, struct digest *to)
{
    const struct stream *s = stream_get(v);
    struct stream_walk walk;
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, false);
    while (stream_walk_next(&walk)) {
        digest_id(to, walk.id);
        for (size_t left = walk.field_count; left; left--) {
            struct stream_field field;
            stream_walk_field(&walk, &field);
            digest_mix(to, field.name.ptr, field.name.len);
            digest_mix(to, field.value.ptr, field.value.len);
        }
    }
    digest_id(to, s->last);
    digest_id(to, s->max_deleted);
    stream_groups_digest(s, to);
}

/* ---- RDB ---- */

enum { VERSION_CONSUMER_ACTIVE = 11 };

static uint8_t rdb_form(const struct value *v, int version)
{
    (void)v;
    return version >= VERSION_CONSUMER_ACTIVE ? RDB_STREAM_3 : RDB_STREAM_2;
}

void stream_id_save(struct stream_id id, struct rdb_writer *w)
{
    rdb_put_length(w, id.ms);
    rdb_put_length(w, id.seq);
}

struct stream_id stream_id_load(struct rdb_reader *r)
{
    uint64_t ms = rdb_get_length(r);
    return (struct stream_id){ms, rdb_get_length(r)};
}

void stream_id_to_bytes(struct stream_id id, unsigned char to[STREAM_ID_BYTES])
{
    for (int i = 0; i < 8; i++) {
        to[i] = (unsigned char)(id.ms >> 8 * (7 - i));
        to[8 + i] = (unsigned char)(id.seq >> 8 * (7 - i));
    }
}

struct stream_id stream_id_of_bytes(const unsigned char from[STREAM_ID_BYTES])
{
    struct stream_id id = {0, 0};
    for (int i = 0; i < 8; i++) {
        id.ms = id.ms << 8 | from[i];
        id.seq = id.seq << 8 | from[8 + i];
    }
    return id;
}

static void save(const struct value *v, struct rdb_writer *w)
{
    const struct stream *s = v->object;
    uint8_t form = rdb_form(v, w->version);
    rdb_put_length(w, btree_count(&s->nodes));
    struct btree_pos pos = btree_first(&s->nodes);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_node *node = node_at(pos);
        unsigned char id[STREAM_ID_BYTES];
        stream_id_to_bytes(node->id, id);
        rdb_put_blob(w, id, sizeof id);
        rdb_put_blob(w, node->entries, listpack_bytes(node->entries));
    }
    rdb_put_length(w, s->length);
    stream_id_save(s->last, w);
    stream_id_save(stream_first_id(s), w);
    stream_id_save(s->max_deleted, w);
    rdb_put_length(w, s->added);
    stream_groups_save(s, form, w);
}

/* A listpack from outside on its way to be trusted. */
struct check {
    const unsigned char *entries, *at;
    bool valid;
};

static void pass(struct check *check, int64_t count)
{
    for (; check->valid && count > 0; count--) {
        if (check->at == NULL) check->valid = false;
        else check->at = listpack_next(check->entries, check->at);
    }
}

static int64_t pass_number(struct check *check)
{
    int64_t number = 0;
    check->valid = check->valid && check->at && listpack_get_number(check->at, &number);
    pass(check, 1);
    return check->valid ? number : 0;
}

/* An entry; *id is the one before it, and then its own. */
static void pass_entry(struct check *check, struct stream_id node_id, int64_t master_count,
                       struct stream_id *id, int64_t *flags)
{
    *flags = pass_number(check);
    uint64_t ms = node_id.ms + (uint64_t)pass_number(check);
    struct stream_id its = {ms, node_id.seq + (uint64_t)pass_number(check)};
    bool same = *flags & ENTRY_SAME_FIELDS;
    int64_t count = same ? master_count : pass_number(check);
    if (count < 0 || count > INT32_MAX || stream_id_compare(its, *id) < 0) check->valid = false;
    pass(check, same ? count : 2 * count);
    if (pass_number(check) != (same ? count + 3 : 2 * count + 4)) check->valid = false;
    *id = its;
}

/* Whether a listpack is a node of this ID. */
static bool is_node(const unsigned char *entries, struct stream_id node_id)
{
    struct check check = {entries, listpack_first(entries), true};
    int64_t live = pass_number(&check), deleted = pass_number(&check), count = pass_number(&check);
    if (live < 0 || deleted < 0 || count < 0 || count > INT32_MAX) return false;
    pass(&check, count);
    if (pass_number(&check) != 0) return false;
    struct stream_id id = node_id;
    for (bool first = true; check.valid && check.at; first = false) {
        int64_t flags;
        struct stream_id before = id;
        pass_entry(&check, node_id, count, &id, &flags);
        if (!first && stream_id_compare(before, id) == 0) return false;
        live -= !(flags & ENTRY_DELETED);
        deleted -= (flags & ENTRY_DELETED) != 0;
    }
    return check.valid && live == 0 && deleted == 0;
}

static void load_node(struct stream *s, struct rdb_reader *r)
{
    static const char reason[] = "Stream listpack integrity check failed.";
    if (!rdb_get_string(r, &r->text)) return;
    if (r->text.len != STREAM_ID_BYTES) {
        rdb_fail(r, "a stream's node has no ID of 16 bytes");
        return;
    }
    struct stream_id id = stream_id_of_bytes((const unsigned char *)r->text.data);
    unsigned char *entries = rdb_form_take_listpack(r, reason);
    if (entries == NULL) return;
    struct btree_pos last = btree_last(&s->nodes);
    bool ascends = !btree_valid(last) || stream_id_compare(node_at(last)->id, id) < 0;
    if (!ascends || !is_node(entries, id)) {
        listpack_free(entries);
        rdb_fail(r, "%s", reason);
        return;
    }
    struct stream_node *node = mem_alloc(sizeof *node);
    *node = (struct stream_node){id, entries};
    s->length += (uint64_t)live_count(node);
    if (live_count(node)) {
        btree_insert(&s->nodes, id.ms, node);
        return;
    }
    listpack_free(entries);
    mem_free(node);
}

static void load(struct value *v, uint8_t form, struct rdb_reader *r, const struct types_settings *settings)
{
    struct stream *s = stream_new();
    (void)settings;
    v->object = s;
    for (uint64_t nodes = rdb_get_length(r); nodes && !r->failed; nodes--) load_node(s, r);
    uint64_t length = rdb_get_length(r);
    s->last = stream_id_load(r);
    s->added = length;
    if (form != RDB_STREAM) {
        stream_id_load(r); /* of the first entry: it can be seen */
        s->max_deleted = stream_id_load(r);
        s->added = rdb_get_length(r);
    }
    if (length != s->length)
        rdb_fail(r, "a stream has %llu entries and says %llu", (unsigned long long)s->length,
                 (unsigned long long)length);
    if (!r->failed) stream_groups_load(s, form, r);
}

/* An ID or a number as a word. */
struct word {
    char text[STREAM_ID_TEXT_MAX];
};

static struct slice id_word(struct word *room, struct stream_id id)
{
    return slice_make(room->text, stream_id_print(room->text, id));
}

static struct slice number_word(struct word *room, uint64_t number)
{
    return slice_make(room->text, number_print_unsigned(room->text, number));
}

static void rebuild_entries(const struct stream *s, struct slice key, const struct value_rebuilder *to)
{
    struct stream_walk walk;
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, false);
    while (stream_walk_next(&walk)) {
        size_t count = walk.field_count;
        struct word id;
        struct slice *words = mem_alloc((3 + 2 * count) * sizeof *words);
        struct stream_field *fields = mem_alloc((count ? count : 1) * sizeof *fields);
        words[0] = SLICE("XADD");
        words[1] = key;
        words[2] = id_word(&id, walk.id);
        for (size_t i = 0; i < count; i++) {
            stream_walk_field(&walk, &fields[i]);
            words[3 + 2 * i] = fields[i].name;
            words[4 + 2 * i] = fields[i].value;
        }
        to->command(to->ctx, (int)(3 + 2 * count), words);
        mem_free(fields);
        mem_free(words);
    }
}

/* The key of an empty stream comes from an entry that is trimmed at once. */
static void rebuild(const struct value *v, struct slice key, const struct value_rebuilder *to)
{
    const struct stream *s = v->object;
    struct word last, added, deleted;
    struct stream_id first = stream_id_compare(s->last, STREAM_ID_MIN) == 0 ? (struct stream_id){0, 1}
                                                                            : s->last;
    rebuild_entries(s, key, to);
    if (s->length == 0) {
        const struct slice words[] = {SLICE("XADD"),         key,        SLICE("MAXLEN"), SLICE("0"),
                                      id_word(&last, first), SLICE("x"), SLICE("y")};
        to->command(to->ctx, sizeof words / sizeof *words, words);
    }
    const struct slice words[] = {
        SLICE("XSETID"),
        key,
        id_word(&last, s->last),
        SLICE("ENTRIESADDED"),
        number_word(&added, s->added),
        SLICE("MAXDELETEDID"),
        id_word(&deleted, s->max_deleted),
    };
    to->command(to->ctx, sizeof words / sizeof *words, words);
    stream_groups_rebuild(s, key, to);
}

const struct value_type stream_type = {
    .rdb_form = rdb_form,
    .save = save,
    .load = load,
    .rebuild = rebuild,
    .name = "stream",
    .stays_when_empty = true,
    .encoding_name = encoding_name,
    .length = length,
    .free = free_stream,
    .free_effort = free_effort,
    .copy = copy,
    .memory_bytes = memory_bytes,
    .digest = digest,
};
