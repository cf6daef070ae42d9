#include "core/tracking.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/client.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "ds/hashtable.h"
#include "ds/prefix_index.h"

#define CHANNEL "__redis__:invalidate"

struct broadcast;

/* A client as the tables know it. It outlives the client as long as a table
 * names it, so that nobody has to search the tables for a client that goes. */
struct tracker {
    struct client *client; /* NULL: gone */
    uint64_t id;
    size_t refs;
    unsigned flags;           /* TRACKING_x */
    struct tracker *redirect; /* a reference; NULL: none */
    struct broadcast **prefixes;
    size_t prefix_count;
};

/* A key and who has read it, in the order of their ids. */
struct tracked_key {
    struct tracker **readers;
    uint32_t count, capacity;
    size_t len;
    char bytes[];
};

/* A key that changed in this turn, and who changed it first. */
struct changed_key {
    uint64_t writer; /* the client's id; 0: none */
    size_t len;
    char bytes[];
};

/* Those who asked for a prefix, and what they are to be told. */
struct broadcast {
    struct tracker **members;
    size_t count, capacity;
    struct hashtable changed; /* struct changed_key * */
    struct list of_waiting;   /* tracking->waiting, while something has changed */
    size_t len;
    char prefix[];
};

struct tracking {
    struct server *server;
    struct hashtable keys; /* struct tracked_key * */
    size_t items;          /* readers of all keys */
    size_t clients;
    struct prefix_index prefixes; /* struct broadcast * */
    struct list waiting;
    struct buffer own; /* what must wait for the reply of the running command: a struct own each, */
    size_t own_count;  /* and the bytes of its key behind it */
};

struct own {
    struct tracker *tracker; /* a reference */
    bool is_flush;           /* all keys are gone */
    size_t len;
};

/* ---- keys in hash tables ---- */

static uint64_t tracked_hash(const void *element)
{
    const struct tracked_key *key = element;
    return hash_bytes(key->bytes, key->len);
}

static bool tracked_equal(const void *element, const void *key, size_t len)
{
    const struct tracked_key *tracked = element;
    return slice_equal(slice_make(tracked->bytes, tracked->len), slice_make(key, len));
}

static uint64_t changed_hash(const void *element)
{
    const struct changed_key *key = element;
    return hash_bytes(key->bytes, key->len);
}

static bool changed_equal(const void *element, const void *key, size_t len)
{
    const struct changed_key *changed = element;
    return slice_equal(slice_make(changed->bytes, changed->len), slice_make(key, len));
}

static const struct hashtable_type tracked_type = {.hash = tracked_hash, .equal = tracked_equal};
static const struct hashtable_type changed_type = {.hash = changed_hash, .equal = changed_equal};

/* ---- trackers ---- */

static struct tracker *tracker_of(struct client *c)
{
    if (c->tracker == NULL) {
        c->tracker = mem_calloc(1, sizeof *c->tracker);
        *c->tracker = (struct tracker){.client = c, .id = c->id, .refs = 1};
    }
    return c->tracker;
}

static void tracker_drop(struct tracker *tracker)
{
    if (tracker && --tracker->refs == 0) mem_free(tracker);
}

unsigned tracking_flags(const struct client *c)
{
    return c->tracker ? c->tracker->flags : 0;
}

uint64_t tracking_redirect(const struct client *c)
{
    return c->tracker && c->tracker->redirect ? c->tracker->redirect->id : 0;
}

size_t tracking_prefix_count(const struct client *c)
{
    return c->tracker ? c->tracker->prefix_count : 0;
}

struct slice tracking_prefix(const struct client *c, size_t i)
{
    const struct broadcast *broadcast = c->tracker->prefixes[i];
    return slice_make(broadcast->prefix, broadcast->len);
}

void tracking_set_caching(struct client *c)
{
    c->tracker->flags |= TRACKING_CACHING;
}

/* ---- messages ---- */

struct names {
    const struct slice *at;
    size_t count; /* 0: all keys are gone */
};

static void reply_names(struct client *c, const struct names *names)
{
    if (names->count == 0) {
        reply_null(c);
        return;
    }
    reply_array(c, (int64_t)names->count);
    for (size_t i = 0; i < names->count; i++) reply_bulk(c, names->at[i]);
}

static void tell_broken(struct tracker *tracker)
{
    struct client *c = tracker->client;
    tracker->flags |= TRACKING_BROKEN;
    if (c->resp < 3) return;
    reply_push(c, 2);
    reply_text(c, "tracking-redir-broken");
    reply_int(c, (int64_t)tracker->redirect->id);
}

/* To whom it concerns, or to the client it redirects to. What speaks RESP2 and
 * is not subscribed would take a message for a reply: it gets none. */
static void send_names(struct tracker *tracker, const struct names *names)
{
    struct client *to = tracker->redirect ? tracker->redirect->client : tracker->client;
    if (to == NULL) {
        tell_broken(tracker);
    } else if (to->resp >= 3) {
        reply_push(to, 2);
        reply_text(to, "invalidate");
        reply_names(to, names);
    } else if (tracker->redirect && to->flags & CLIENT_SUBSCRIBED) {
        reply_array(to, 3);
        reply_text(to, "message");
        reply_text(to, CHANNEL);
        reply_names(to, names);
    }
}

/* Whether the message would end up amid the reply of the command that runs. */
static bool must_wait(const struct tracking *t, const struct tracker *tracker)
{
    const struct client *current = t->server->clients->current;
    return current && current == (tracker->redirect ? tracker->redirect->client : tracker->client);
}

/* Sends now, or once the reply of the running command is complete. */
static void tell(struct tracking *t, struct tracker *tracker, const struct names *names)
{
    if (!must_wait(t, tracker)) {
        send_names(tracker, names);
        return;
    }
    struct own own = {.tracker = tracker, .is_flush = names->count == 0};
    if (names->count) own.len = names->at[0].len;
    tracker->refs++;
    t->own_count++;
    buffer_append(&t->own, &own, sizeof own);
    if (names->count) buffer_append_slice(&t->own, names->at[0]);
}

static void send_own(struct tracking *t)
{
    const char *at = t->own.data;
    for (; t->own_count; t->own_count--) {
        struct own own;
        memcpy(&own, at, sizeof own);
        struct slice key = slice_make(at + sizeof own, own.len);
        at += sizeof own + own.len;
        if (own.tracker->client) send_names(own.tracker, &(struct names){&key, !own.is_flush});
        tracker_drop(own.tracker);
    }
    buffer_fini(&t->own);
}

void tracking_after_command(struct client *c, const struct command_state *command)
{
    struct tracking *t = c->server->tracking;
    if (t->own_count) send_own(t);
    /* CLIENT CACHING is for the next command, or for the whole of a transaction. */
    bool is_client = command && command->parent && strcmp(command->parent->row->name, "client") == 0;
    if (c->tracker && !(c->flags & CLIENT_MULTI) && !is_client)
        c->tracker->flags &= ~(unsigned)TRACKING_CACHING;
}

/* ---- the default mode ---- */

static struct tracked_key *tracked_add(struct tracking *t, struct slice key)
{
    uint64_t hash = hash_bytes(key.ptr, key.len);
    void **slot = hashtable_find(&t->keys, hash, key.ptr, key.len);
    if (slot) return *slot;
    struct tracked_key *tracked = mem_calloc(1, sizeof *tracked + key.len);
    tracked->len = key.len;
    memcpy(tracked->bytes, key.ptr, key.len);
    hashtable_insert(&t->keys, hash, tracked);
    return tracked;
}

static void add_reader(struct tracking *t, struct tracked_key *tracked, struct tracker *tracker)
{
    uint32_t low = 0, high = tracked->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tracked->readers[middle]->id < tracker->id) low = middle + 1;
        else high = middle;
    }
    if (low < tracked->count && tracked->readers[low] == tracker) return;
    if (tracked->count == tracked->capacity) {
        tracked->capacity = tracked->capacity ? 2 * tracked->capacity : 1;
        tracked->readers = mem_realloc(tracked->readers, tracked->capacity * sizeof *tracked->readers);
    }
    memmove(tracked->readers + low + 1, tracked->readers + low,
            (tracked->count - low) * sizeof *tracked->readers);
    tracked->readers[low] = tracker;
    tracked->count++;
    tracker->refs++;
    t->items++;
}

/* Forgets a key that is out of the table; tells its readers if asked to. */
static void tracked_drop(struct tracking *t, struct tracked_key *tracked, bool telling)
{
    struct slice key = slice_make(tracked->bytes, tracked->len);
    const struct client *current = t->server->clients->current;
    for (uint32_t i = 0; i < tracked->count; i++) {
        struct tracker *reader = tracked->readers[i];
        bool concerned = telling && reader->client &&
                         (reader->flags & (TRACKING_ON | TRACKING_BROADCAST)) == TRACKING_ON &&
                         !(reader->flags & TRACKING_NO_LOOP && reader->client == current);
        if (concerned) tell(t, reader, &(struct names){&key, 1});
        tracker_drop(reader);
    }
    t->items -= tracked->count;
    mem_free(tracked->readers);
    mem_free(tracked);
}

static uint64_t next_random(void *random)
{
    return random_next(random);
}

static void limit_keys(struct tracking *t)
{
    uint64_t limit = (uint64_t)t->server->settings->tracking_table_max_keys;
    while (limit && hashtable_count(&t->keys) > limit) {
        void **slot = hashtable_random(&t->keys, next_random, &t->server->random);
        struct tracked_key *tracked = *slot;
        hashtable_remove(&t->keys, tracked_hash(tracked), slot);
        tracked_drop(t, tracked, true);
    }
}

void tracking_remember(struct client *c, const struct command_state *command, int argc,
                       const struct slice *argv)
{
    unsigned flags = c->tracker->flags, wanted = flags & TRACKING_OPT_IN ? TRACKING_CACHING : 0;
    if (!(command->row->flags & CMD_READONLY) || flags & TRACKING_BROADCAST) return;
    if (flags & (TRACKING_OPT_IN | TRACKING_OPT_OUT) && (flags & TRACKING_CACHING) != wanted) return;
    struct tracking *t = c->server->tracking;
    struct key_positions keys = {0};
    if (command_keys(command, argc, argv, &keys))
        for (int i = 0; i < keys.count; i++)
            if (!(keys.at[i].flags & KEY_NOT_KEY))
                add_reader(t, tracked_add(t, argv[keys.at[i].index]), c->tracker);
    mem_free(keys.at);
    limit_keys(t);
}

/* ---- broadcasting ---- */

struct change {
    struct tracking *tracking;
    struct slice key;
};

static void note_changed(void *ctx, void *value)
{
    const struct change *change = ctx;
    struct tracking *t = change->tracking;
    struct slice key = change->key;
    struct broadcast *broadcast = value;
    uint64_t hash = hash_bytes(key.ptr, key.len);
    if (hashtable_find(&broadcast->changed, hash, key.ptr, key.len)) return;
    struct changed_key *changed = mem_alloc(sizeof *changed + key.len);
    changed->writer = t->server->clients->current ? t->server->clients->current->id : 0;
    changed->len = key.len;
    memcpy(changed->bytes, key.ptr, key.len);
    hashtable_insert(&broadcast->changed, hash, changed);
    if (list_empty(&broadcast->of_waiting)) list_push_tail(&t->waiting, &broadcast->of_waiting);
}

void tracking_key_changed(void *tracking, struct slice key)
{
    struct tracking *t = tracking;
    if (prefix_index_count(&t->prefixes))
        prefix_index_visit(&t->prefixes, key, note_changed, &(struct change){t, key});
    void **slot = hashtable_find(&t->keys, hash_bytes(key.ptr, key.len), key.ptr, key.len);
    if (slot == NULL) return;
    struct tracked_key *tracked = *slot;
    hashtable_remove(&t->keys, tracked_hash(tracked), slot);
    tracked_drop(t, tracked, true);
}

static int compare_keys(const void *a, const void *b)
{
    const struct changed_key *x = *(struct changed_key *const *)a, *y = *(struct changed_key *const *)b;
    return slice_compare(slice_make(x->bytes, x->len), slice_make(y->bytes, y->len));
}

/* Takes what has changed out of the table, in order. */
static struct changed_key **take_changed(struct broadcast *broadcast, size_t *count)
{
    struct hashtable_iter it;
    struct changed_key **keys = mem_alloc(hashtable_count(&broadcast->changed) * sizeof *keys);
    *count = 0;
    hashtable_iter_init(&it, &broadcast->changed);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) keys[(*count)++] = *slot;
    hashtable_iter_fini(&it);
    hashtable_fini(&broadcast->changed);
    hashtable_init(&broadcast->changed, &changed_type);
    qsort(keys, *count, sizeof *keys, compare_keys);
    return keys;
}

static void broadcast_send(struct broadcast *broadcast)
{
    size_t count;
    struct changed_key **keys = take_changed(broadcast, &count);
    struct slice *names = mem_alloc(count * sizeof *names);
    for (size_t i = 0; i < broadcast->count; i++) {
        struct tracker *member = broadcast->members[i];
        size_t told = 0;
        for (size_t k = 0; k < count; k++)
            if (!(member->flags & TRACKING_NO_LOOP && keys[k]->writer == member->id))
                names[told++] = slice_make(keys[k]->bytes, keys[k]->len);
        if (told) send_names(member, &(struct names){names, told});
    }
    for (size_t k = 0; k < count; k++) mem_free(keys[k]);
    mem_free(names);
    mem_free(keys);
}

void tracking_broadcast(struct server *server)
{
    struct tracking *t = server->tracking;
    if (t->own_count) send_own(t); /* of a client that does not track: it is redirected to */
    for (struct list *node; (node = list_pop_head(&t->waiting)) != NULL;)
        broadcast_send(container_of(node, struct broadcast, of_waiting));
}

static void join(struct tracking *t, struct tracker *tracker, struct slice prefix)
{
    for (size_t i = 0; i < tracker->prefix_count; i++)
        if (slice_equal(slice_make(tracker->prefixes[i]->prefix, tracker->prefixes[i]->len), prefix)) return;
    void **place = prefix_index_add(&t->prefixes, prefix);
    struct broadcast *broadcast = *place;
    if (broadcast == NULL) {
        *place = broadcast = mem_calloc(1, sizeof *broadcast + prefix.len);
        hashtable_init(&broadcast->changed, &changed_type);
        list_init(&broadcast->of_waiting);
        broadcast->len = prefix.len;
        memcpy(broadcast->prefix, prefix.ptr, prefix.len);
    }
    if (broadcast->count == broadcast->capacity) {
        broadcast->capacity = broadcast->capacity ? 2 * broadcast->capacity : 1;
        broadcast->members = mem_realloc(broadcast->members,
                                         broadcast->capacity * sizeof *broadcast->members);
    }
    broadcast->members[broadcast->count++] = tracker;
    size_t count = ++tracker->prefix_count, at = count - 1;
    tracker->prefixes = mem_realloc(tracker->prefixes, count * sizeof *tracker->prefixes);
    for (; at > 0; at--) { /* in order, for TRACKINGINFO */
        struct broadcast *before = tracker->prefixes[at - 1];
        if (slice_compare(slice_make(before->prefix, before->len), prefix) < 0) break;
        tracker->prefixes[at] = before;
    }
    tracker->prefixes[at] = broadcast;
}

/* With its last member a prefix goes, and what it had to tell. */
static void leave(struct tracking *t, struct tracker *tracker, struct broadcast *broadcast)
{
    size_t i = 0, dropped;
    while (broadcast->members[i] != tracker) i++;
    broadcast->members[i] = broadcast->members[--broadcast->count];
    if (broadcast->count) return;
    prefix_index_remove(&t->prefixes, slice_make(broadcast->prefix, broadcast->len));
    struct changed_key **keys = take_changed(broadcast, &dropped);
    for (size_t k = 0; k < dropped; k++) mem_free(keys[k]);
    mem_free(keys);
    list_remove(&broadcast->of_waiting);
    mem_free(broadcast->members);
    mem_free(broadcast);
}

/* ---- on and off ---- */

void tracking_start(struct client *c, const struct tracking_request *request)
{
    struct tracking *t = c->server->tracking;
    struct tracker *tracker = tracker_of(c), *before = tracker->redirect;
    if (!(tracker->flags & TRACKING_ON)) {
        t->clients++;
        t->server->keyspace->trackers++;
        t->server->keyspace->observers++;
    }
    tracker->flags = TRACKING_ON | request->flags;
    tracker->redirect = request->redirect ? tracker_of(request->redirect) : NULL;
    if (tracker->redirect) tracker->redirect->refs++;
    tracker_drop(before);
    c->flags |= CLIENT_TRACKING;
    if (!(request->flags & TRACKING_BROADCAST)) return;
    if (request->prefix_count == 0) join(t, tracker, slice_make("", 0));
    for (size_t i = 0; i < request->prefix_count; i++) join(t, tracker, request->prefixes[i]);
}

static void forget_keys(struct tracking *t)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, &t->keys);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) tracked_drop(t, *slot, false);
    hashtable_iter_fini(&it);
    hashtable_fini(&t->keys);
    hashtable_init(&t->keys, &tracked_type);
}

void tracking_stop(struct client *c)
{
    struct tracking *t = c->server->tracking;
    struct tracker *tracker = c->tracker;
    if (tracker == NULL || !(tracker->flags & TRACKING_ON)) return;
    for (size_t i = 0; i < tracker->prefix_count; i++) leave(t, tracker, tracker->prefixes[i]);
    mem_free(tracker->prefixes);
    tracker->prefixes = NULL;
    tracker->prefix_count = 0;
    tracker_drop(tracker->redirect);
    tracker->redirect = NULL;
    tracker->flags = 0;
    c->flags &= ~(unsigned)CLIENT_TRACKING;
    t->server->keyspace->trackers--;
    t->server->keyspace->observers--;
    if (--t->clients == 0) forget_keys(t); /* nobody is left to be told */
}

void tracking_forget(struct client *c)
{
    if (c->tracker == NULL) return;
    tracking_stop(c);
    c->tracker->client = NULL;
    tracker_drop(c->tracker);
    c->tracker = NULL;
}

void tracking_flushed(struct server *server)
{
    struct tracking *t = server->tracking;
    if (t->clients == 0) return;
    forget_keys(t);
    list_each (node, &server->clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (!(c->flags & CLIENT_TRACKING) || c->flags & CLIENT_CLOSING) continue;
        tell(t, c->tracker, &(struct names){NULL, 0});
    }
}

/* ---- life and facts ---- */

struct tracking *tracking_new(struct server *server)
{
    struct tracking *t = mem_calloc(1, sizeof *t);
    t->server = server;
    hashtable_init(&t->keys, &tracked_type);
    prefix_index_init(&t->prefixes);
    list_init(&t->waiting);
    return t;
}

void tracking_free(struct tracking *t)
{
    ASSERT(t->clients == 0);
    send_own(t);
    forget_keys(t);
    prefix_index_fini(&t->prefixes, NULL, NULL);
    mem_free(t);
}

void tracking_count(const struct server *server, struct tracking_counts *counts)
{
    const struct tracking *t = server->tracking;
    *counts = (struct tracking_counts){t->clients, hashtable_count(&t->keys), t->items,
                                       prefix_index_count(&t->prefixes)};
}

size_t tracking_memory_bytes(const struct client *c)
{
    return c->tracker ? sizeof *c->tracker + c->tracker->prefix_count * sizeof *c->tracker->prefixes : 0;
}
