#include "types/stream_group.h"

#include "base/mem.h"
#include "types/rdb_form.h"

/* ---- trees by name and by ID ---- */

/* The first bytes of a name, as a number in the order of the names. */
static uint64_t name_key(struct slice name)
{
    uint64_t key = 0;
    for (size_t i = 0; i < sizeof key; i++) key = key << 8 | (i < name.len ? (unsigned char)name.ptr[i] : 0);
    return key;
}

static int compare_groups(const void *a, const void *b)
{
    return slice_compare(stream_group_name(a), stream_group_name(b));
}

static int compare_group_to_name(const void *group, const void *name)
{
    return slice_compare(stream_group_name(group), *(const struct slice *)name);
}

static int compare_consumers(const void *a, const void *b)
{
    return slice_compare(stream_consumer_name(a), stream_consumer_name(b));
}

static int compare_consumer_to_name(const void *consumer, const void *name)
{
    return slice_compare(stream_consumer_name(consumer), *(const struct slice *)name);
}

static int compare_pendings(const void *a, const void *b)
{
    return stream_id_compare(((const struct stream_pending *)a)->id, ((const struct stream_pending *)b)->id);
}

static int compare_pending_to_id(const void *pending, const void *id)
{
    return stream_id_compare(((const struct stream_pending *)pending)->id, *(const struct stream_id *)id);
}

const struct btree_type stream_group_tree = {compare_groups, compare_group_to_name};
const struct btree_type stream_consumer_tree = {compare_consumers, compare_consumer_to_name};
const struct btree_type stream_pending_tree = {compare_pendings, compare_pending_to_id};

/* ---- groups ---- */

struct stream_group *stream_group_find(const struct stream *s, struct slice name)
{
    return btree_find(&s->groups, name_key(name), &name);
}

struct stream_group *stream_group_add(struct stream *s, struct slice name, struct stream_id last,
                                      int64_t read)
{
    if (stream_group_find(s, name)) return NULL;
    struct stream_group *group = mem_calloc(1, sizeof *group + name.len);
    group->last = last;
    group->read = read;
    group->name_len = name.len;
    if (name.len) memcpy(group->name, name.ptr, name.len);
    btree_init(&group->pending, &stream_pending_tree);
    btree_init(&group->consumers, &stream_consumer_tree);
    btree_insert(&s->groups, name_key(name), group);
    return group;
}

static void drop_pending(void *ctx, void *element)
{
    (void)ctx;
    mem_free(element);
}

/* Its pending entries are the group's to free. */
static void drop_consumer(void *ctx, void *element)
{
    struct stream_consumer *consumer = element;
    (void)ctx;
    btree_fini(&consumer->pending);
    mem_free(consumer);
}

static void drop_group(void *ctx, void *element)
{
    struct stream_group *group = element;
    (void)ctx;
    btree_remove_range(&group->consumers, 0, SIZE_MAX, drop_consumer, NULL);
    btree_remove_range(&group->pending, 0, SIZE_MAX, drop_pending, NULL);
    mem_free(group);
}

void stream_group_remove(struct stream *s, struct stream_group *group)
{
    btree_remove(&s->groups, name_key(stream_group_name(group)), group);
    drop_group(NULL, group);
}

void stream_groups_free(struct stream *s)
{
    btree_remove_range(&s->groups, 0, SIZE_MAX, drop_group, NULL);
}

/* ---- how much a group has read ---- */

static bool is_zero(struct stream_id id)
{
    return id.ms == 0 && id.seq == 0;
}

/* Whether an entry from id on was deleted, from between others: what was cut off
 * in front of the first one leaves no hole. */
static bool has_holes_from(const struct stream *s, struct stream_id id)
{
    return s->length && !is_zero(s->max_deleted) && stream_id_compare(id, s->max_deleted) <= 0 &&
           stream_id_compare(stream_first_id(s), s->max_deleted) <= 0;
}

/* How many entries were ever added up to id; STREAM_READ_UNKNOWN where deleted
 * entries, or the future, hide it. */
static int64_t added_until(const struct stream *s, struct stream_id id)
{
    int to_last = stream_id_compare(id, s->last);
    if (s->added == 0) return 0;
    if (to_last == 0 || (s->length == 0 && to_last < 0)) return (int64_t)s->added;
    if (to_last > 0) return STREAM_READ_UNKNOWN;
    struct stream_id first = stream_first_id(s);
    bool whole = is_zero(s->max_deleted) || stream_id_compare(s->max_deleted, first) < 0;
    int to_first = stream_id_compare(id, first);
    if (!whole || to_first > 0) return STREAM_READ_UNKNOWN;
    return (int64_t)(s->added - s->length) + (to_first == 0);
}

bool stream_group_lag(const struct stream *s, const struct stream_group *group, uint64_t *lag)
{
    int64_t read = group->read;
    *lag = 0;
    if (s->added == 0) return true;
    if (read == STREAM_READ_UNKNOWN || has_holes_from(s, group->last)) read = added_until(s, group->last);
    *lag = s->added - (uint64_t)read;
    return read != STREAM_READ_UNKNOWN;
}

void stream_group_advance(const struct stream *s, struct stream_group *group, struct stream_id id)
{
    if (group->read != STREAM_READ_UNKNOWN && !has_holes_from(s, id)) group->read++;
    else if (s->added) group->read = added_until(s, id);
    group->last = id;
}

/* ---- consumers ---- */

struct stream_consumer *stream_consumer_find(const struct stream_group *group, struct slice name)
{
    return btree_find(&group->consumers, name_key(name), &name);
}

struct stream_consumer *stream_consumer_add(struct stream_group *group, struct slice name, int64_t now_ms)
{
    if (stream_consumer_find(group, name)) return NULL;
    struct stream_consumer *consumer = mem_calloc(1, sizeof *consumer + name.len);
    consumer->seen_ms = now_ms;
    consumer->active_ms = -1;
    consumer->name_len = name.len;
    if (name.len) memcpy(consumer->name, name.ptr, name.len);
    btree_init(&consumer->pending, &stream_pending_tree);
    btree_insert(&group->consumers, name_key(name), consumer);
    return consumer;
}

size_t stream_consumer_remove(struct stream_group *group, struct stream_consumer *consumer)
{
    size_t count = btree_count(&consumer->pending);
    struct btree_pos pos = btree_first(&consumer->pending);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        struct stream_pending *pending = btree_element(pos);
        btree_remove(&group->pending, pending->id.ms, pending);
        mem_free(pending);
    }
    btree_remove(&group->consumers, name_key(stream_consumer_name(consumer)), consumer);
    drop_consumer(NULL, consumer);
    return count;
}

/* ---- pending entries ---- */

struct stream_pending *stream_pending_find(const struct stream_group *group, struct stream_id id)
{
    return btree_find(&group->pending, id.ms, &id);
}

struct stream_pending *stream_pending_give(struct stream_group *group, struct stream_consumer *consumer,
                                           struct stream_id id)
{
    struct stream_pending *pending = stream_pending_find(group, id);
    if (pending == NULL) {
        pending = mem_calloc(1, sizeof *pending);
        pending->id = id;
        btree_insert(&group->pending, id.ms, pending);
    } else if (pending->consumer == consumer) {
        return pending;
    } else {
        btree_remove(&pending->consumer->pending, id.ms, pending);
    }
    pending->consumer = consumer;
    btree_insert(&consumer->pending, id.ms, pending);
    return pending;
}

void stream_pending_remove(struct stream_group *group, struct stream_pending *pending)
{
    btree_remove(&group->pending, pending->id.ms, pending);
    btree_remove(&pending->consumer->pending, pending->id.ms, pending);
    mem_free(pending);
}

struct stream_pending *stream_pending_from(const struct btree *pending, struct stream_id id)
{
    struct btree_pos pos = btree_lower(pending, id.ms, &id);
    return btree_valid(pos) ? btree_element(pos) : NULL;
}

/* ---- all groups of a stream ---- */

static void copy_group(const struct stream_group *from, struct stream_group *to)
{
    struct btree_pos pos = btree_first(&from->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_consumer *consumer = btree_element(pos);
        struct stream_consumer *its = stream_consumer_add(to, stream_consumer_name(consumer),
                                                          consumer->seen_ms);
        its->active_ms = consumer->active_ms;
    }
    pos = btree_first(&from->pending);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_pending *pending = btree_element(pos);
        struct stream_consumer *its = stream_consumer_find(to, stream_consumer_name(pending->consumer));
        struct stream_pending *copy = stream_pending_give(to, its, pending->id);
        copy->delivered_ms = pending->delivered_ms;
        copy->deliveries = pending->deliveries;
    }
}

void stream_groups_copy(const struct stream *from, struct stream *to)
{
    struct btree_pos pos = btree_first(&from->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_group *group = btree_element(pos);
        copy_group(group, stream_group_add(to, stream_group_name(group), group->last, group->read));
    }
}

static size_t consumers_memory_bytes(const struct stream_group *group)
{
    size_t bytes = btree_memory_bytes(&group->consumers);
    struct btree_pos pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_consumer *consumer = btree_element(pos);
        bytes += mem_usable(consumer) + btree_memory_bytes(&consumer->pending);
    }
    return bytes;
}

size_t stream_groups_memory_bytes(const struct stream *s)
{
    size_t bytes = btree_memory_bytes(&s->groups);
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_group *group = btree_element(pos);
        bytes += mem_usable(group) + btree_memory_bytes(&group->pending) + consumers_memory_bytes(group);
        bytes += btree_count(&group->pending) * mem_good_size(sizeof(struct stream_pending));
    }
    return bytes;
}

static void digest_group(const struct stream_group *group, struct digest *to)
{
    char text[STREAM_ID_TEXT_MAX];
    digest_mix(to, group->name, group->name_len);
    digest_mix(to, text, stream_id_print(text, group->last));
    struct btree_pos pos = btree_first(&group->pending);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_pending *pending = btree_element(pos);
        digest_mix(to, text, stream_id_print(text, pending->id));
        digest_mix(to, pending->consumer->name, pending->consumer->name_len);
    }
    pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_consumer *consumer = btree_element(pos);
        digest_mix(to, consumer->name, consumer->name_len);
    }
}

void stream_groups_digest(const struct stream *s, struct digest *to)
{
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) digest_group(btree_element(pos), to);
}

/* ---- RDB ---- */

static void save_pending_id(struct stream_id id, struct rdb_writer *w)
{
    unsigned char bytes[STREAM_ID_BYTES];
    stream_id_to_bytes(id, bytes);
    rdb_put_bytes(w, bytes, sizeof bytes);
}

static void save_consumer(const struct stream_consumer *consumer, uint8_t form, struct rdb_writer *w)
{
    rdb_put_string(w, stream_consumer_name(consumer));
    rdb_put_u64(w, (uint64_t)consumer->seen_ms);
    if (form >= RDB_STREAM_3) rdb_put_u64(w, (uint64_t)consumer->active_ms);
    rdb_put_length(w, btree_count(&consumer->pending));
    struct btree_pos pos = btree_first(&consumer->pending);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        save_pending_id(((const struct stream_pending *)btree_element(pos))->id, w);
}

static void save_group(const struct stream_group *group, uint8_t form, struct rdb_writer *w)
{
    rdb_put_string(w, stream_group_name(group));
    stream_id_save(group->last, w);
    rdb_put_length(w, (uint64_t)group->read);
    rdb_put_length(w, btree_count(&group->pending));
    struct btree_pos pos = btree_first(&group->pending);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_pending *pending = btree_element(pos);
        save_pending_id(pending->id, w);
        rdb_put_u64(w, (uint64_t)pending->delivered_ms);
        rdb_put_length(w, pending->deliveries);
    }
    rdb_put_length(w, btree_count(&group->consumers));
    pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        save_consumer(btree_element(pos), form, w);
}

void stream_groups_save(const struct stream *s, uint8_t form, struct rdb_writer *w)
{
    rdb_put_length(w, btree_count(&s->groups));
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) save_group(btree_element(pos), form, w);
}

static struct stream_id load_pending_id(struct rdb_reader *r)
{
    unsigned char bytes[STREAM_ID_BYTES] = {0};
    rdb_get_bytes(r, bytes, sizeof bytes);
    return stream_id_of_bytes(bytes);
}

/* Entries that are pending come first, whose they are behind. Returns how many. */
static uint64_t load_pendings(struct stream_group *group, struct rdb_reader *r)
{
    uint64_t count = rdb_get_length(r);
    for (uint64_t left = count; left && !r->failed; left--) {
        struct stream_id id = load_pending_id(r);
        int64_t delivered_ms = (int64_t)rdb_get_u64(r);
        uint64_t deliveries = rdb_get_length(r);
        if (!r->failed && stream_pending_find(group, id))
            rdb_fail(r, "an entry of a stream is pending twice");
        if (r->failed) break;
        struct stream_pending *pending = mem_alloc(sizeof *pending);
        *pending = (struct stream_pending){id, NULL, delivered_ms, deliveries};
        btree_insert(&group->pending, id.ms, pending);
    }
    return count;
}

/* Returns how many of the pending entries are its own. */
static uint64_t load_consumer(struct stream_group *group, uint8_t form, struct rdb_reader *r)
{
    if (!rdb_get_string(r, &r->text)) return 0;
    struct stream_consumer *consumer = stream_consumer_add(group, buffer_slice(&r->text), 0);
    if (consumer == NULL) {
        rdb_fail(r, "Duplicate stream consumer detected");
        return 0;
    }
    consumer->seen_ms = (int64_t)rdb_get_u64(r);
    consumer->active_ms = form >= RDB_STREAM_3 ? (int64_t)rdb_get_u64(r) : consumer->seen_ms;
    uint64_t count = rdb_get_length(r);
    for (uint64_t left = count; left && !r->failed; left--) {
        struct stream_pending *pending = stream_pending_find(group, load_pending_id(r));
        if (pending == NULL || pending->consumer) {
            rdb_fail(r, "a consumer's pending entry is not its group's, or another's, too");
            break;
        }
        pending->consumer = consumer;
        btree_insert(&consumer->pending, pending->id.ms, pending);
    }
    return count;
}

static void load_group(struct stream *s, uint8_t form, struct rdb_reader *r)
{
    if (!rdb_get_string(r, &r->text)) return;
    struct stream_group *group = stream_group_add(s, buffer_slice(&r->text), STREAM_ID_MIN, 0);
    if (group == NULL) {
        rdb_fail(r, "Duplicated consumer group name found while loading a stream");
        return;
    }
    group->last = stream_id_load(r);
    group->read = form >= RDB_STREAM_2 ? (int64_t)rdb_get_length(r) : added_until(s, group->last);
    if (group->read < STREAM_READ_UNKNOWN)
        rdb_fail(r, "a consumer group has read a negative number of entries");
    uint64_t pending = load_pendings(group, r);
    for (uint64_t left = rdb_get_length(r); left && !r->failed; left--)
        pending -= load_consumer(group, form, r);
    if (!r->failed && pending) rdb_fail(r, "a pending entry of a stream is no consumer's");
}

void stream_groups_load(struct stream *s, uint8_t form, struct rdb_reader *r)
{
    for (uint64_t groups = rdb_get_length(r); groups && !r->failed; groups--) load_group(s, form, r);
}

/* ---- as commands ---- */

static void rebuild_pending(const struct stream_pending *pending, struct slice key,
                            const struct stream_group *group, const struct value_rebuilder *to)
{
    char id[STREAM_ID_TEXT_MAX], time[NUMBER_TEXT_MAX], deliveries[NUMBER_TEXT_MAX];
    const struct slice words[] = {
        SLICE("XCLAIM"),
        key,
        stream_group_name(group),
        stream_consumer_name(pending->consumer),
        SLICE("0"),
        slice_make(id, stream_id_print(id, pending->id)),
        SLICE("TIME"),
        slice_make(time, number_print(time, pending->delivered_ms)),
        SLICE("RETRYCOUNT"),
        slice_make(deliveries, number_print_unsigned(deliveries, pending->deliveries)),
        SLICE("JUSTID"),
        SLICE("FORCE"),
    };
    to->command(to->ctx, sizeof words / sizeof *words, words);
}

static void rebuild_group(const struct stream_group *group, struct slice key,
                          const struct value_rebuilder *to)
{
    char id[STREAM_ID_TEXT_MAX], read[NUMBER_TEXT_MAX];
    const struct slice words[] = {
        SLICE("XGROUP"),
        SLICE("CREATE"),
        key,
        stream_group_name(group),
        slice_make(id, stream_id_print(id, group->last)),
        SLICE("ENTRIESREAD"),
        slice_make(read, number_print(read, group->read)),
    };
    to->command(to->ctx, sizeof words / sizeof *words, words);
    struct btree_pos pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct slice name = stream_consumer_name(btree_element(pos));
        const struct slice consumer[] = {SLICE("XGROUP"), SLICE("CREATECONSUMER"), key,
                                         stream_group_name(group), name};
        to->command(to->ctx, sizeof consumer / sizeof *consumer, consumer);
    }
    pos = btree_first(&group->pending);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        rebuild_pending(btree_element(pos), key, group, to);
}

void stream_groups_rebuild(const struct stream *s, struct slice key, const struct value_rebuilder *to)
{
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        rebuild_group(btree_element(pos), key, to);
}
