#include "notify/pubsub.h"

#include "base/assert.h"
#include "base/glob.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "core/server.h"

enum { PROTOCOLS = 2, MESSAGE_OVERHEAD = 128 };

/* A client in an audience. */
struct subscription {
    struct audience *audience;
    struct client *client;
    uint32_t index; /* among the audience's members */
};

struct subscriber {
    struct hashtable subscriptions; /* by audience */
    unsigned counts[AUDIENCE_KINDS];
};

/* Patterns with one literal prefix: the value of a prefix index node. */
struct pattern_list {
    uint32_t count, capacity;
    struct audience **patterns;
};

/* Consecutive messages to one audience: [from, to) of the open blocks. */
struct run {
    struct audience *audience; /* NULL: none */
    uint32_t from[PROTOCOLS], to[PROTOCOLS];
    uint32_t messages;
};

struct pubsub {
    struct server *server;
    struct hashtable audiences[AUDIENCE_KINDS];
    struct prefix_index prefixes; /* struct pattern_list */
    struct pubsub_listener listener;
    uint64_t generation;
    size_t readers_of_some;        /* subscriptions of clients that may not read every key */
    struct block *open[PROTOCOLS]; /* messages are encoded here; NULL: none yet */
    uint32_t used[PROTOCOLS];
    struct run run;
    struct subscription **readers; /* room for those who get a message that others may not */
    uint32_t readers_capacity;
    struct client *own_client; /* whose command caused the messages in `own` */
    struct output own;
    struct pubsub_stats stats;
};

/* ---- tables ---- */

static uint64_t audience_hash(const void *element)
{
    const struct audience *audience = element;
    return hash_bytes(audience->name, audience->name_len);
}

static bool audience_equal(const void *element, const void *key, size_t key_len)
{
    return slice_equal(audience_name(element), slice_make(key, key_len));
}

static uint64_t subscription_hash(const void *element)
{
    const struct subscription *subscription = element;
    return hash_bytes(&subscription->audience, sizeof subscription->audience);
}

static bool subscription_equal(const void *element, const void *key, size_t key_len)
{
    const struct subscription *subscription = element;
    return memcmp(&subscription->audience, key, key_len) == 0;
}

static const struct hashtable_type audience_table = {.hash = audience_hash, .equal = audience_equal};
static const struct hashtable_type subscription_table = {.hash = subscription_hash,
                                                         .equal = subscription_equal};

struct pubsub *pubsub_new(struct server *server)
{
    struct pubsub *ps = mem_calloc(1, sizeof *ps);
    ps->server = server;
    ps->generation = 1;
    for (int i = 0; i < AUDIENCE_KINDS; i++) hashtable_init(&ps->audiences[i], &audience_table);
    prefix_index_init(&ps->prefixes);
    output_init(&ps->own, &server->clients->blocks);
    return ps;
}

void pubsub_free(struct pubsub *ps)
{
    /* All clients are gone, and the audiences with them. */
    for (int i = 0; i < AUDIENCE_KINDS; i++) {
        ASSERT(hashtable_count(&ps->audiences[i]) == 0);
        hashtable_fini(&ps->audiences[i]);
    }
    for (int p = 0; p < PROTOCOLS; p++)
        if (ps->open[p]) block_drop(&ps->server->clients->blocks, ps->open[p]);
    prefix_index_fini(&ps->prefixes, NULL, NULL);
    output_fini(&ps->own);
    mem_free(ps->readers);
    mem_free(ps);
}

/* ---- the index of patterns ---- */

static void index_pattern(struct pubsub *ps, struct audience *audience)
{
    struct buffer prefix = {0};
    glob_literal_prefix(audience_name(audience), &prefix);
    void **place = prefix_index_add(&ps->prefixes, buffer_slice(&prefix));
    if (*place == NULL) *place = mem_calloc(1, sizeof(struct pattern_list));
    struct pattern_list *list = *place;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 1;
        list->patterns = mem_realloc(list->patterns, list->capacity * sizeof *list->patterns);
    }
    list->patterns[list->count++] = audience;
    buffer_fini(&prefix);
}

static void unindex_pattern(struct pubsub *ps, struct audience *audience)
{
    struct buffer prefix = {0};
    glob_literal_prefix(audience_name(audience), &prefix);
    struct pattern_list *list = *prefix_index_find(&ps->prefixes, buffer_slice(&prefix));
    uint32_t at = 0;
    while (list->patterns[at] != audience) at++;
    list->patterns[at] = list->patterns[--list->count];
    if (list->count == 0) {
        mem_free(list->patterns);
        mem_free(list);
        prefix_index_remove(&ps->prefixes, buffer_slice(&prefix));
    }
    buffer_fini(&prefix);
}

/* ---- audiences ---- */

struct audience *pubsub_find(const struct pubsub *ps, enum audience_kind kind, struct slice name)
{
    const struct hashtable *table = &ps->audiences[kind];
    if (hashtable_count(table) == 0) return NULL;
    void **slot = hashtable_find_as(table, &audience_table, hash_bytes(name.ptr, name.len), name.ptr,
                                    name.len);
    return slot ? *slot : NULL;
}

void pubsub_listen(struct pubsub *ps, struct pubsub_listener listener)
{
    ps->listener = listener;
}

static void tell(struct pubsub *ps, const struct audience *audience, bool exists)
{
    ps->generation++;
    if (ps->listener.changed) ps->listener.changed(ps->listener.ctx, audience, exists);
}

static struct audience *audience_new(struct pubsub *ps, enum audience_kind kind, struct slice name)
{
    struct audience *audience = mem_calloc(1, sizeof *audience + name.len);
    audience->kind = kind;
    audience->name_len = name.len;
    memcpy(audience->name, name.ptr, name.len);
    hashtable_insert(&ps->audiences[kind], audience_hash(audience), audience);
    if (kind == AUDIENCE_PATTERN) index_pattern(ps, audience);
    tell(ps, audience, true);
    return audience;
}

static void audience_free(struct pubsub *ps, struct audience *audience)
{
    struct hashtable *table = &ps->audiences[audience->kind];
    uint64_t hash = audience_hash(audience);
    if (audience->kind == AUDIENCE_PATTERN) unindex_pattern(ps, audience);
    hashtable_remove(table, hash, hashtable_find(table, hash, audience->name, audience->name_len));
    tell(ps, audience, false);
    mem_free(audience->members);
    mem_free(audience);
}

static void count_reader_of_some(struct pubsub *ps, struct audience *audience, bool more)
{
    bool had = ps->readers_of_some > 0;
    audience->readers_of_some += more ? 1u : -1u;
    ps->readers_of_some += more ? 1u : (size_t)-1;
    if (had != (ps->readers_of_some > 0) && ps->listener.readers_changed)
        ps->listener.readers_changed(ps->listener.ctx);
}

static void join(struct audience *audience, struct subscription *subscription)
{
    if (audience->count == audience->capacity) {
        audience->capacity = audience->capacity ? audience->capacity * 2 : 1;
        audience->members = mem_realloc(audience->members, audience->capacity * sizeof *audience->members);
    }
    subscription->index = audience->count;
    audience->members[audience->count++] = subscription;
    audience->by_protocol[subscription->client->resp - 2]++;
    if (subscription->client->flags & CLIENT_READS_SOME)
        count_reader_of_some(subscription->client->server->pubsub, audience, true);
}

static void leave(struct audience *audience, struct subscription *subscription)
{
    struct subscription *last = audience->members[--audience->count];
    audience->members[subscription->index] = last;
    last->index = subscription->index;
    audience->by_protocol[subscription->client->resp - 2]--;
    if (subscription->client->flags & CLIENT_READS_SOME)
        count_reader_of_some(subscription->client->server->pubsub, audience, false);
}

/* ---- subscribing ---- */

static struct subscriber *subscriber_of(struct client *c)
{
    if (c->subscriber == NULL) {
        c->subscriber = mem_calloc(1, sizeof *c->subscriber);
        hashtable_init(&c->subscriber->subscriptions, &subscription_table);
        c->flags |= CLIENT_SUBSCRIBED;
        c->server->clients->subscribed++;
    }
    return c->subscriber;
}

static uint64_t pointer_hash(struct audience *audience)
{
    return hash_bytes(&audience, sizeof audience);
}

static void **find_subscription(const struct client *c, struct audience *audience)
{
    if (c->subscriber == NULL || audience == NULL) return NULL;
    return hashtable_find(&c->subscriber->subscriptions, pointer_hash(audience), &audience, sizeof audience);
}

bool pubsub_subscribe(struct pubsub *ps, struct client *c, enum audience_kind kind, struct slice name)
{
    struct audience *audience = pubsub_find(ps, kind, name);
    if (find_subscription(c, audience)) return false;
    pubsub_deliver(ps->server);
    if (audience == NULL) audience = audience_new(ps, kind, name);
    struct subscriber *subscriber = subscriber_of(c);
    struct subscription *subscription = mem_alloc(sizeof *subscription);
    *subscription = (struct subscription){audience, c, 0};
    join(audience, subscription);
    hashtable_insert(&subscriber->subscriptions, pointer_hash(audience), subscription);
    subscriber->counts[kind]++;
    return true;
}

/* Ends one subscription; the table of the subscriber is its caller's. */
static void end_subscription(struct pubsub *ps, struct subscription *subscription)
{
    struct audience *audience = subscription->audience;
    leave(audience, subscription);
    if (audience->count == 0) audience_free(ps, audience);
    mem_free(subscription);
}

static void subscriber_free(struct client *c)
{
    hashtable_fini(&c->subscriber->subscriptions);
    mem_free(c->subscriber);
    c->subscriber = NULL;
    c->flags &= ~(unsigned)CLIENT_SUBSCRIBED;
    c->server->clients->subscribed--;
}

bool pubsub_unsubscribe(struct pubsub *ps, struct client *c, enum audience_kind kind, struct slice name)
{
    struct audience *audience = pubsub_find(ps, kind, name);
    void **slot = find_subscription(c, audience);
    if (slot == NULL) return false;
    pubsub_deliver(ps->server);
    struct subscription *subscription = *slot;
    hashtable_remove(&c->subscriber->subscriptions, pointer_hash(audience), slot);
    c->subscriber->counts[kind]--;
    end_subscription(ps, subscription);
    if (hashtable_count(&c->subscriber->subscriptions) == 0) subscriber_free(c);
    return true;
}

unsigned pubsub_subscription_count(const struct client *c, enum audience_kind kind)
{
    return c->subscriber ? c->subscriber->counts[kind] : 0;
}

const struct audience *pubsub_any_subscription(const struct client *c, enum audience_kind kind)
{
    if (pubsub_subscription_count(c, kind) == 0) return NULL;
    struct hashtable_iter it;
    hashtable_iter_init(&it, &c->subscriber->subscriptions);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        const struct subscription *subscription = *slot;
        if (subscription->audience->kind == kind) return subscription->audience;
    }
    return NULL;
}

void pubsub_forget(struct server *server, struct client *c)
{
    struct pubsub *ps = server->pubsub;
    if (c->subscriber == NULL) return;
    pubsub_deliver(server);
    if (ps->own_client == c) {
        output_fini(&ps->own);
        ps->own_client = NULL;
    }
    struct hashtable_iter it;
    hashtable_iter_init(&it, &c->subscriber->subscriptions);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) end_subscription(ps, *slot);
    subscriber_free(c);
}

void pubsub_set_protocol(struct client *c, int resp)
{
    if (c->resp == resp) return;
    if (c->subscriber) {
        pubsub_deliver(c->server);
        struct hashtable_iter it;
        hashtable_iter_init(&it, &c->subscriber->subscriptions);
        for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
            struct audience *audience = ((struct subscription *)*slot)->audience;
            audience->by_protocol[c->resp - 2]--;
            audience->by_protocol[resp - 2]++;
        }
    }
    c->resp = resp;
}

bool pubsub_review(struct client *c, bool reads_some)
{
    bool changed = reads_some != !!(c->flags & CLIENT_READS_SOME), permitted = true;
    pubsub_deliver(c->server);
    struct hashtable_iter it;
    hashtable_iter_init(&it, &c->subscriber->subscriptions);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        struct audience *audience = ((struct subscription *)*slot)->audience;
        if (changed) count_reader_of_some(c->server->pubsub, audience, reads_some);
        permitted &= acl_user_may_use_channel(c->user, audience_name(audience),
                                              audience->kind == AUDIENCE_PATTERN);
    }
    if (changed) c->flags ^= CLIENT_READS_SOME;
    return permitted;
}

/* ---- delivering ---- */

static void hand_over(struct pubsub *ps, struct client *c)
{
    const struct run *run = &ps->run;
    int p = c->resp - 2;
    if (c->flags & (CLIENT_CLOSING | CLIENT_CLOSE_AFTER_REPLY)) return;
    /* Its reply comes first, and then all that it caused, in order. */
    if (c == ps->server->clients->current || c == ps->own_client) {
        ps->own_client = c;
        output_append_shared(&ps->own, ps->open[p], run->from[p], run->to[p]);
        return;
    }
    output_append_shared(&c->out, ps->open[p], run->from[p], run->to[p]);
    client_write_later(c);
    const struct output_limit *limit = &ps->server->settings->output_limits[OUTPUT_PUBSUB];
    if (c->out.sealed_bytes >= limit->soft_bytes || c->out.sealed_bytes >= limit->hard_bytes)
        client_check_output_limit(c);
}

static void end_run(struct pubsub *ps)
{
    struct run *run = &ps->run;
    struct audience *audience = run->audience;
    if (audience == NULL) return;
    for (uint32_t i = 0; i < audience->count; i++) hand_over(ps, audience->members[i]->client);
    ps->stats.deliveries += (uint64_t)run->messages * audience->count;
    for (int p = 0; p < PROTOCOLS; p++)
        ps->stats.bytes += (uint64_t)(run->to[p] - run->from[p]) * audience->by_protocol[p];
    run->audience = NULL;
}

void pubsub_deliver(struct server *server)
{
    struct pubsub *ps = server->pubsub;
    end_run(ps);
    if (ps->own_client == NULL || ps->own_client == server->clients->current) return;
    output_splice(&ps->own_client->out, &ps->own);
    client_write_later(ps->own_client);
    client_check_output_limit(ps->own_client);
    ps->own_client = NULL;
}

/* ---- encoding ---- */

static char *put_bulk(char *to, struct slice text)
{
    *to++ = '$';
    to += number_print_unsigned(to, text.len);
    memcpy(to, "\r\n", 2);
    memcpy(to + 2, text.ptr, text.len);
    to += 2 + text.len;
    memcpy(to, "\r\n", 2);
    return to + 2;
}

static char *encode(char *to, int protocol, const struct audience *audience, struct slice channel,
                    struct slice payload)
{
    static const struct slice heads[AUDIENCE_KINDS] = {
        [AUDIENCE_CHANNEL] = SLICE("*3\r\n$7\r\nmessage\r\n"),
        [AUDIENCE_PATTERN] = SLICE("*4\r\n$8\r\npmessage\r\n"),
        [AUDIENCE_SHARD] = SLICE("*3\r\n$8\r\nsmessage\r\n"),
    };
    struct slice head = heads[audience->kind];
    memcpy(to, head.ptr, head.len);
    if (protocol == 1) *to = '>';
    to += head.len;
    if (audience->kind == AUDIENCE_PATTERN) to = put_bulk(to, audience_name(audience));
    return put_bulk(put_bulk(to, channel), payload);
}

/* Makes room for a message of len bytes in the open block of a protocol; a
 * full block is closed, and the run with it. */
static void make_room(struct pubsub *ps, int protocol, size_t len)
{
    struct block_pool *pool = &ps->server->clients->blocks;
    struct block *block = ps->open[protocol];
    if (block && block->capacity - ps->used[protocol] >= len) return;
    end_run(ps);
    if (block) block_drop(pool, block);
    ps->open[protocol] = block_new(pool, len);
    ps->used[protocol] = 0;
}

static void begin_run(struct pubsub *ps, struct audience *audience)
{
    end_run(ps);
    ps->run = (struct run){.audience = audience};
    for (int p = 0; p < PROTOCOLS; p++) ps->run.from[p] = ps->run.to[p] = ps->used[p];
}

void pubsub_send(struct pubsub *ps, struct audience *audience, struct slice channel, struct slice payload)
{
    size_t len = MESSAGE_OVERHEAD + audience->name_len + channel.len + payload.len;
    /* All blocks first: to open one ends the run. */
    for (int p = 0; p < PROTOCOLS; p++)
        if (audience->by_protocol[p]) make_room(ps, p, len);
    if (ps->run.audience != audience) begin_run(ps, audience);
    for (int p = 0; p < PROTOCOLS; p++) {
        if (audience->by_protocol[p] == 0) continue;
        char *start = ps->open[p]->data + ps->used[p];
        ps->used[p] += (uint32_t)(encode(start, p, audience, channel, payload) - start);
        ps->run.to[p] = ps->used[p];
    }
    ps->run.messages++;
}

/* Ends the run for those of its audience who may read the key: they make up an
 * audience for this once. */
static __attribute__((noinline)) void end_run_for_readers(struct pubsub *ps, struct slice key)
{
    const struct audience *all = ps->run.audience;
    struct audience readers = {.kind = all->kind, .members = ps->readers};
    if (ps->readers_capacity < all->count) {
        ps->readers_capacity = all->capacity;
        ps->readers = readers.members = mem_realloc(ps->readers, all->capacity * sizeof *ps->readers);
    }
    for (uint32_t i = 0; i < all->count; i++) {
        const struct client *c = all->members[i]->client;
        if (c->flags & CLIENT_READS_SOME && !acl_user_reads(c->user, key)) continue;
        readers.members[readers.count++] = all->members[i];
        readers.by_protocol[c->resp - 2]++;
    }
    ps->run.audience = &readers;
    end_run(ps);
}

void pubsub_send_guarded(struct pubsub *ps, struct audience *audience, struct slice channel,
                         struct slice payload, struct slice key)
{
    if (audience->readers_of_some) end_run(ps);
    pubsub_send(ps, audience, channel, payload);
    if (audience->readers_of_some) end_run_for_readers(ps, key);
}

/* ---- publishing ---- */

struct match {
    struct pubsub *ps;
    struct slice channel;
    void (*fn)(void *ctx, struct audience *audience);
    void *ctx;
};

static void match_list(void *arg, void *value)
{
    struct match *match = arg;
    struct pattern_list *list = value;
    for (uint32_t i = 0; i < list->count; i++)
        if (glob_match(audience_name(list->patterns[i]), match->channel, false))
            match->fn(match->ctx, list->patterns[i]);
}

void pubsub_match(struct pubsub *ps, struct slice channel, void (*fn)(void *ctx, struct audience *audience),
                  void *ctx)
{
    struct match match = {ps, channel, fn, ctx};
    if (prefix_index_count(&ps->prefixes) == 0) return;
    ps->stats.nodes_visited += prefix_index_visit(&ps->prefixes, channel, match_list, &match);
}

struct publication {
    struct pubsub *ps;
    struct slice channel, payload;
    int64_t receivers;
};

static void publish_to(void *arg, struct audience *audience)
{
    struct publication *publication = arg;
    pubsub_send(publication->ps, audience, publication->channel, publication->payload);
    publication->receivers += audience->count;
}

int64_t pubsub_publish(struct pubsub *ps, enum audience_kind kind, struct slice channel, struct slice payload)
{
    struct publication publication = {ps, channel, payload, 0};
    struct audience *audience = pubsub_find(ps, kind, channel);
    if (audience) publish_to(&publication, audience);
    if (kind == AUDIENCE_CHANNEL) pubsub_match(ps, channel, publish_to, &publication);
    ps->stats.messages += publication.receivers > 0;
    return publication.receivers;
}

/* ---- facts ---- */

uint64_t pubsub_generation(const struct pubsub *ps)
{
    return ps->generation;
}

bool pubsub_patterns_overlap(const struct pubsub *ps, struct slice prefix)
{
    return prefix_index_overlaps(&ps->prefixes, prefix);
}

bool pubsub_has_readers_of_some(const struct pubsub *ps)
{
    return ps->readers_of_some > 0;
}

size_t pubsub_count(const struct pubsub *ps, enum audience_kind kind)
{
    return hashtable_count(&ps->audiences[kind]);
}

void pubsub_each(const struct pubsub *ps, enum audience_kind kind,
                 void (*fn)(void *ctx, struct audience *audience), void *ctx)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, (struct hashtable *)(uintptr_t)&ps->audiences[kind]);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) fn(ctx, *slot);
}

const struct pubsub_stats *pubsub_stats(const struct pubsub *ps)
{
    return &ps->stats;
}

void pubsub_stats_reset(struct pubsub *ps)
{
    ps->stats = (struct pubsub_stats){0};
}

void pubsub_count_subscriptions(const struct client *c, struct client_subscriptions *counts)
{
    if (c->subscriber == NULL) return;
    const struct hashtable *table = &c->subscriber->subscriptions;
    *counts = (struct client_subscriptions){
        .channels = c->subscriber->counts[AUDIENCE_CHANNEL],
        .patterns = c->subscriber->counts[AUDIENCE_PATTERN],
        .shard_channels = c->subscriber->counts[AUDIENCE_SHARD],
        .memory_bytes = sizeof *c->subscriber + hashtable_memory_bytes(table) +
                        hashtable_count(table) * sizeof(struct subscription),
    };
}
