/* For tests of db/: a keyspace whose clock the test sets (ks->now_ms), and
 * which writes down what its listener is told. */
#ifndef KEYSPACE_TEST_H
#define KEYSPACE_TEST_H

#include "base/buffer.h"
#include "db/keyspace.h"
#include "test.h"
#include "types/string.h"

enum { WORLD_DBS = 2, WORLD_START_MS = 1000000000 };

struct world {
    struct keyspace *ks;
    struct db *db;        /* the first */
    struct buffer events; /* "set(key) del(key@1)": the database where it is not the first */
};

static void world_note(void *ctx, int db, struct slice key, enum event event)
{
    struct world *world = ctx;
    if (world->events.len) buffer_append_char(&world->events, ' ');
    buffer_printf(&world->events, "%s(", event_rows[event].name);
    buffer_append_slice(&world->events, key);
    if (db) buffer_printf(&world->events, "@%d", db);
    buffer_append_char(&world->events, ')');
}

static void world_init(struct world *world)
{
    *world = (struct world){.ks = keyspace_new(1)};
    world->ks->now_ms = WORLD_START_MS;
    world->ks->access_clock = 77;
    world->ks->settings.maxmemory_samples = 5;
    world->ks->settings.lfu_log_factor = 10;
    world->ks->settings.lfu_decay_time_minutes = 1;
    world->ks->listener = (struct keyspace_listener){world, world_note};
    world->ks->events_enabled = world->ks->events_interested = (1u << EVENT_CLASS_COUNT) - 1;
    keyspace_open(world->ks, WORLD_DBS);
    world->db = world->ks->dbs;
}

static void world_fini(struct world *world)
{
    keyspace_free(world->ks);
    buffer_fini(&world->events);
}

/* What was told since it was last asked for. */
#define CHECK_EVENTS(world, expected)                                                                        \
    do {                                                                                                     \
        CHECK_TEXT(buffer_slice(&(world)->events).ptr, expected);                                            \
        buffer_clear(&(world)->events);                                                                      \
    } while (0)

/* SET key text, with an absolute deadline or ENTRY_NO_DEADLINE. */
static inline void world_set(struct db *db, const char *key, const char *text, int64_t deadline_ms)
{
    struct value value = string_value(slice_of(text));
    db_set(db, slice_of(key), &value, deadline_ms);
}

#endif
