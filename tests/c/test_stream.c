#include "types/stream.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"
#include "types/stream_group.h"

/* A stream, and the IDs of its entries in an array; the fields follow from the
 * ID. */
enum { ENTRIES_MAX = 2000 };
struct world {
    struct random random;
    struct types_settings settings;
    struct stream *stream;
    struct stream_id ids[ENTRIES_MAX];
    size_t count;
};

static void world_init(struct world *world)
{
    *world = (struct world){.stream = stream_new()};
    seed_init(&world->random);
    world->settings.stream_node_max_entries = 7;
    world->settings.stream_node_max_bytes = 400;
}

static void world_fini(struct world *world)
{
    stream_type.free(world->stream, 0);
}

static size_t fields_of(struct stream_id id, struct slice fields[6])
{
    size_t count = id.seq % 3 + 1;
    for (size_t i = 0; i < count; i++) {
        fields[2 * i] = id.ms % 5 == 0 ? SLICE("other") : SLICE("field");
        fields[2 * i + 1] = id.ms % 2 ? SLICE("12345") : SLICE("a value");
    }
    return count;
}

static void append(struct world *world)
{
    struct slice fields[6];
    struct stream_id id = world->stream->last;
    if (world->count == ENTRIES_MAX) return;
    if (random_below(&world->random, 2)) stream_id_increment(&id);
    else
        id = (struct stream_id){id.ms + 1 + random_below(&world->random, 3), random_below(&world->random, 3)};
    size_t count = fields_of(id, fields);
    CHECK(stream_append(world->stream, id, fields, count, &world->settings));
    world->ids[world->count++] = id;
}

static bool has_entry(const struct stream *s, struct stream_id id)
{
    struct stream_walk walk;
    stream_walk_init(&walk, s, id, id, false);
    return stream_walk_next(&walk);
}

static void drop(struct world *world, size_t from, size_t count)
{
    world->count -= count;
    memmove(world->ids + from, world->ids + from + count, (world->count - from) * sizeof *world->ids);
}

static void trim(struct world *world)
{
    struct stream_trim trim = {.by = STREAM_TRIM_LENGTH,
                               .max_length = random_below(&world->random, world->count + 2)};
    size_t expected = world->count > trim.max_length ? world->count - trim.max_length : 0;
    if (random_below(&world->random, 2)) {
        size_t at = random_below(&world->random, world->count + 1);
        trim.by = STREAM_TRIM_ID;
        trim.min_id = at < world->count ? world->ids[at] : STREAM_ID_MAX;
        expected = at;
    }
    trim.approximately = random_below(&world->random, 3) == 0;
    trim.limit = trim.approximately ? random_below(&world->random, 20) : 0;
    uint64_t removed = stream_trim(world->stream, &trim);
    if (trim.approximately) CHECK(removed <= expected && (trim.limit == 0 || removed <= trim.limit));
    else CHECK_INT(removed, expected);
    drop(world, 0, removed);
}

static void check_range(struct world *world, bool backwards)
{
    size_t from = random_below(&world->random, world->count + 1),
           to = random_below(&world->random, world->count + 1);
    struct stream_id start = from < world->count ? world->ids[from] : STREAM_ID_MAX;
    struct stream_id end = to < world->count ? world->ids[to] : STREAM_ID_MAX;
    struct stream_walk walk;
    size_t seen = 0;
    stream_walk_init(&walk, world->stream, start, end, backwards);
    while (stream_walk_next(&walk)) {
        size_t behind = to < world->count ? to + 1 : world->count;
        size_t at = backwards ? behind - 1 - seen : from + seen;
        struct slice fields[6];
        CHECK(at < world->count && stream_id_compare(walk.id, world->ids[at]) == 0);
        CHECK_INT(walk.field_count, fields_of(walk.id, fields));
        for (size_t i = 0; walk.field_count; i++) {
            struct stream_field field;
            if (random_below(&world->random, 8) == 0) break; /* not all need be looked at */
            stream_walk_field(&walk, &field);
            CHECK(slice_equal(field.name, fields[2 * i]) && slice_equal(field.value, fields[2 * i + 1]));
        }
        seen++;
    }
    size_t behind = to < world->count ? to + 1 : world->count;
    CHECK_INT(seen, from < behind ? behind - from : 0);
}

static void random_entries(void)
{
    static struct world world;
    world_init(&world);
    for (int i = 0; i < 20000; i++) {
        unsigned action = (unsigned)random_below(&world.random, 100);
        if (action < 55) {
            append(&world);
        } else if (action < 90 && world.count) {
            size_t at = random_below(&world.random, world.count);
            struct stream_id id = world.ids[at];
            CHECK(has_entry(world.stream, id));
            CHECK(stream_delete(world.stream, id));
            CHECK(!has_entry(world.stream, id) && !stream_delete(world.stream, id));
            drop(&world, at, 1);
        } else if (action == 99) {
            trim(&world);
        }
        CHECK_INT(world.stream->length, world.count);
        if (i % 10 == 0) check_range(&world, i % 20);
    }
    struct value value = stream_value(world.stream);
    struct value copy = stream_value(stream_type.copy(&value));
    struct digest a = {0}, b = {0};
    stream_type.digest(&value, &a);
    stream_type.digest(&copy, &b);
    CHECK(memcmp(&a, &b, sizeof a) == 0);
    CHECK(stream_type.memory_bytes(&value, 0) > world.count);
    stream_type.free(copy.object, 0);
    world_fini(&world);
}

/* What a group has given to whom agrees with an array; both trees hold it. */
static void random_pending(void)
{
    enum { IDS = 200, CONSUMERS = 3 };
    static const struct slice names[CONSUMERS] = {SLICE("alice"), SLICE("bob"), SLICE("")};
    struct random random;
    struct stream *s = stream_new();
    int owner[IDS];
    seed_init(&random);
    struct stream_group *group = stream_group_add(s, SLICE("g"), STREAM_ID_MIN, 0);
    CHECK(group && stream_group_add(s, SLICE("g"), STREAM_ID_MIN, 0) == NULL);
    for (int i = 0; i < IDS; i++) owner[i] = -1;
    for (int i = 0; i < 20000; i++) {
        int at = (int)random_below(&random, IDS), who = (int)random_below(&random, CONSUMERS);
        struct stream_id id = {(uint64_t)at / 3, (uint64_t)at % 3};
        struct stream_pending *pending = stream_pending_find(group, id);
        CHECK_INT(pending != NULL, owner[at] >= 0);
        if (pending) CHECK(slice_equal(stream_consumer_name(pending->consumer), names[owner[at]]));
        if (random_below(&random, 300) == 0) {
            struct stream_consumer *consumer = stream_consumer_find(group, names[who]);
            size_t expected = 0, removed = consumer ? stream_consumer_remove(group, consumer) : 0;
            for (int j = 0; j < IDS; j++) expected += owner[j] == who;
            for (int j = 0; j < IDS; j++) owner[j] = owner[j] == who ? -1 : owner[j];
            CHECK_INT(removed, expected);
        } else if (pending && random_below(&random, 2)) {
            stream_pending_remove(group, pending);
            owner[at] = -1;
        } else {
            struct stream_consumer *consumer = stream_consumer_find(group, names[who]);
            if (consumer == NULL) consumer = stream_consumer_add(group, names[who], 5);
            CHECK(stream_pending_give(group, consumer, id)->consumer == consumer);
            owner[at] = who;
        }
    }
    struct stream *copy = stream_type.copy(&(struct value){.object = s});
    struct stream_group *its = stream_group_find(copy, SLICE("g"));
    CHECK(its && btree_count(&its->pending) == btree_count(&group->pending));
    stream_type.free(copy, 0);
    stream_type.free(s, 0);
}

static void ids(void)
{
    struct stream_id id = {5, UINT64_MAX}, last = STREAM_ID_MAX, zero = STREAM_ID_MIN;
    char text[STREAM_ID_TEXT_MAX];
    CHECK(stream_id_increment(&id) && id.ms == 6 && id.seq == 0);
    CHECK(stream_id_decrement(&id) && id.ms == 5 && id.seq == UINT64_MAX);
    CHECK(!stream_id_increment(&last) && !stream_id_decrement(&zero));
    CHECK_INT(stream_id_print(text, last), 41);
    CHECK(memcmp(text, "18446744073709551615-18446744073709551615", 41) == 0);
}

int main(void)
{
    TEST("random appends, deletions, trims and ranges agree with an array", random_entries);
    TEST("pending entries change hands and go with their consumer", random_pending);
    TEST("IDs count up and down to their ends", ids);
    return TEST_END();
}
