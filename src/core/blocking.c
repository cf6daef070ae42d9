#include "core/blocking.h"

#include <limits.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/dispatch.h"
#include "core/network.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "db/keyspace.h"
#include "ds/wheel.h"

/* A key that clients wait for. */
struct awaited {
    struct db *db;
    struct list waiters;    /* struct waiter, through of_key: who waits longest first */
    struct list of_changed; /* blocking->changed; empty while the key has not changed */
    unsigned wakes_without; /* waiters that want to know when the key goes */
    bool is_being_served;   /* must stay, though nobody may be left */
    size_t key_len;
    char key[];
};

/* A client's place in the queue of one key. */
struct waiter {
    struct list of_key;
    struct awaited *awaited;
    struct blocked *blocked;
};

/* What a waiting client waits with: one allocation with its waiters, the copies
 * of its arguments' slices and their bytes. */
struct blocked {
    struct client *client;
    struct db *db;
    const struct command *command;
    struct wheel_node timeout;
    void (*timed_out)(struct client *c);
    enum type type;
    bool wakes_without_key;
    bool still_waits; /* said by the handler that runs again */
    int argc, waiter_count;
    struct slice *argv;
    size_t memory_bytes;
    struct waiter waiters[];
};

struct blocking {
    struct server *server;
    struct hashtable keys; /* struct awaited */
    struct list changed;   /* struct awaited, through of_changed */
    struct wheel timeouts;
    size_t keys_waking_without;
};

/* ---- the keys ---- */

struct awaited_probe {
    const struct db *db;
    struct slice key;
};

static uint64_t probe_hash(const struct db *db, struct slice key)
{
    return db_hash(key) + (uint64_t)db->id * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t awaited_hash(const void *element)
{
    const struct awaited *a = element;
    return probe_hash(a->db, slice_make(a->key, a->key_len));
}

static bool awaited_equal(const void *element, const void *probe, size_t len)
{
    const struct awaited *a = element;
    const struct awaited_probe *p = probe;
    (void)len;
    return a->db == p->db && slice_equal(slice_make(a->key, a->key_len), p->key);
}

static const struct hashtable_type awaited_table = {.hash = awaited_hash, .equal = awaited_equal};

static struct awaited *find(const struct blocking *b, const struct db *db, struct slice key)
{
    struct awaited_probe probe = {db, key};
    void **slot = hashtable_find(&b->keys, probe_hash(db, key), &probe, sizeof probe);
    return slot ? *slot : NULL;
}

static struct awaited *find_or_add(struct blocking *b, struct db *db, struct slice key)
{
    struct awaited *a = find(b, db, key);
    if (a) return a;
    a = mem_calloc(1, sizeof *a + key.len);
    a->db = db;
    a->key_len = key.len;
    if (key.len) memcpy(a->key, key.ptr, key.len);
    list_init(&a->waiters);
    list_init(&a->of_changed);
    hashtable_insert(&b->keys, awaited_hash(a), a);
    return a;
}

static void drop_if_unused(struct blocking *b, struct awaited *a)
{
    if (a->is_being_served || !list_empty(&a->waiters)) return;
    struct awaited_probe probe = {a->db, slice_make(a->key, a->key_len)};
    uint64_t hash = awaited_hash(a);
    hashtable_remove(&b->keys, hash, hashtable_find(&b->keys, hash, &probe, sizeof probe));
    list_remove(&a->of_changed);
    mem_free(a);
}

/* ---- life ---- */

struct blocking *blocking_new(struct server *server)
{
    struct blocking *b = mem_calloc(1, sizeof *b);
    b->server = server;
    hashtable_init(&b->keys, &awaited_table);
    list_init(&b->changed);
    wheel_init(&b->timeouts, server_now_ms(server));
    return b;
}

void blocking_free(struct blocking *b)
{
    ASSERT(hashtable_count(&b->keys) == 0);
    mem_free(b);
}

/* ---- waiting ---- */

static struct blocked *blocked_new(struct call *call, const struct blocking_wish *wish)
{
    size_t waiters_bytes = (size_t)wish->key_count * sizeof(struct waiter);
    size_t bytes = sizeof(struct blocked) + waiters_bytes + (size_t)call->argc * sizeof(struct slice);
    size_t slices_end = bytes;
    for (int i = 0; i < call->argc; i++) bytes += call->argv[i].len;
    struct blocked *blocked = mem_alloc(bytes);
    *blocked = (struct blocked){
        .client = call->client,
        .db = call->db,
        .command = call->command,
        .timed_out = wish->timed_out,
        .type = wish->type,
        .wakes_without_key = wish->wakes_without_key,
        .argc = call->argc,
        .argv = (struct slice *)(void *)((char *)blocked->waiters + waiters_bytes),
        .memory_bytes = bytes,
    };
    char *at = (char *)blocked + slices_end;
    for (int i = 0; i < call->argc; i++) {
        memcpy(at, call->argv[i].ptr, call->argv[i].len);
        blocked->argv[i] = slice_make(at, call->argv[i].len);
        at += call->argv[i].len;
    }
    return blocked;
}

/* A key that is named twice is waited for once: this client's place would be
 * the last one then. */
static void join(struct blocking *b, struct blocked *blocked, struct slice key)
{
    struct awaited *a = find_or_add(b, blocked->db, key);
    const struct list *last = list_tail(&a->waiters);
    if (last && container_of(last, struct waiter, of_key)->blocked == blocked) return;
    struct waiter *waiter = &blocked->waiters[blocked->waiter_count++];
    waiter->awaited = a;
    waiter->blocked = blocked;
    list_push_tail(&a->waiters, &waiter->of_key);
    if (blocked->wakes_without_key && a->wakes_without++ == 0) b->keys_waking_without++;
}

void blocking_wait(struct call *call, const struct blocking_wish *wish)
{
    struct client *c = call->client;
    struct blocking *b = call->server->blocking;
    if (c->blocked) {
        c->blocked->still_waits = true;
        return;
    }
    if (c->flags & CLIENT_IN_EXEC) {
        wish->timed_out(c);
        return;
    }
    struct blocked *blocked = blocked_new(call, wish);
    for (int i = 0; i < wish->key_count; i++) join(b, blocked, wish->keys[i]);
    if (wish->timeout_ms)
        wheel_add(&b->timeouts, &blocked->timeout, server_now_ms(call->server) + wish->timeout_ms);
    c->blocked = blocked;
    c->flags |= CLIENT_BLOCKED;
    call->server->keyspace->waiting++;
    call->server->keyspace->observers++;
}

static void leave(struct blocking *b, struct waiter *waiter)
{
    struct awaited *a = waiter->awaited;
    list_remove(&waiter->of_key);
    if (waiter->blocked->wakes_without_key && --a->wakes_without == 0) b->keys_waking_without--;
    drop_if_unused(b, a);
}

void blocking_forget(struct client *c)
{
    struct blocked *blocked = c->blocked;
    if (blocked == NULL) return;
    struct blocking *b = c->server->blocking;
    for (int i = 0; i < blocked->waiter_count; i++) leave(b, &blocked->waiters[i]);
    if (wheel_has(&blocked->timeout)) wheel_remove(&b->timeouts, &blocked->timeout);
    mem_free(blocked);
    c->blocked = NULL;
    c->flags &= ~(unsigned)CLIENT_BLOCKED;
    c->server->keyspace->waiting--;
    c->server->keyspace->observers--;
}

/* An answer goes behind the messages that came before it, and to nobody who
 * wants none (CLIENT REPLY). */
static void begin_answer(struct client *c)
{
    if (c->flags & CLIENT_SUBSCRIBED) c->server->deliver_messages(c->server);
    if (c->flags & CLIENT_MUTED) client_mute(c);
}

static void end_answer(struct client *c)
{
    if (c->flags & CLIENT_MUTED) client_unmute(c);
}

/* The command is over. What the client sent meanwhile is looked at before the
 * loop sleeps. */
static void release(struct client *c)
{
    blocking_forget(c);
    c->flags &= ~(unsigned)CLIENT_REPLY_SKIP;
    network_resume_later(c);
}

void blocking_unblock(struct client *c, bool with_error)
{
    begin_answer(c);
    if (with_error) reply_error(c, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    else c->blocked->timed_out(c);
    end_answer(c);
    release(c);
}

/* ---- what changed ---- */

static void mark_changed(struct blocking *b, struct awaited *a)
{
    if (!list_empty(&a->of_changed)) return;
    list_push_tail(&b->changed, &a->of_changed);
    b->server->keys_changed = true;
}

void blocking_key_changed(void *ctx, struct db *db, struct slice key)
{
    struct blocking *b = ctx;
    struct awaited *a = find(b, db, key);
    if (a) mark_changed(b, a);
}

void blocking_db_replaced(void *ctx, struct db *db)
{
    struct blocking *b = ctx;
    struct hashtable_iter it;
    hashtable_iter_init(&it, &b->keys);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;)
        if (((struct awaited *)*slot)->db == db) mark_changed(b, *slot);
}

/* ---- serving ---- */

/* Its rights may be others than when it began to wait. */
static bool is_permitted(struct client *c, const struct blocked *blocked)
{
    struct buffer error = {0};
    bool permitted = !(c->flags & CLIENT_RESTRICTED) ||
                     dispatch_permits(c, c->last_command, blocked->argc, blocked->argv, &error);
    if (!permitted) {
        begin_answer(c);
        reply_error(c, error.data);
        end_answer(c);
        c->last_command->rejected_calls++;
        release(c);
    }
    buffer_fini(&error);
    return permitted;
}

/* Lets the handler try again: the client is served, or waits on. */
static void try_again(struct blocked *blocked)
{
    struct client *c = blocked->client;
    struct server *server = c->server;
    struct call call = {server, c, blocked->db, blocked->command, blocked->argc, blocked->argv};
    uint64_t errors = c->errors;
    if (!is_permitted(c, blocked)) return;
    blocked->still_waits = false;
    server->keyspace->touch = !(c->flags & CLIENT_NO_TOUCH);
    begin_answer(c);
    server->clients->current = c;
    if (server->propagating) propagate_begin(server->propagation);
    blocked->command->run(&call);
    if (server->propagating) propagate_end(server->propagation, &call);
    server->clients->current = NULL;
    end_answer(c);
    if (c->flags & CLIENT_SUBSCRIBED) server->deliver_messages(server); /* that it caused itself */
    server->keyspace->touch = true;
    c->last_command->failed_calls += c->errors != errors;
    if (!blocked->still_waits) release(c);
}

static bool can_serve(const struct blocked *blocked, const struct entry *e)
{
    return blocked->wakes_without_key || (e && e->type == blocked->type);
}

/* Tries those who wait for a key, each once. They stand aside while others are
 * tried, since any of them may leave the queue meanwhile. */
static void serve_key(struct blocking *b, struct awaited *a)
{
    struct slice key = slice_make(a->key, a->key_len);
    const struct entry *e = db_peek(a->db, key);
    struct list tried, *node;
    list_init(&tried);
    a->is_being_served = true;
    while ((e || a->wakes_without) && (node = list_pop_head(&a->waiters)) != NULL) {
        struct blocked *blocked = container_of(node, struct waiter, of_key)->blocked;
        list_push_tail(&tried, node);
        if (!can_serve(blocked, e)) continue;
        try_again(blocked);
        e = db_peek(a->db, key);
    }
    list_splice_tail(&tried, &a->waiters);
    list_splice_tail(&a->waiters, &tried);
    a->is_being_served = false;
    drop_if_unused(b, a);
}

void blocking_serve(struct server *server)
{
    struct blocking *b = server->blocking;
    for (struct list *node; (node = list_pop_head(&b->changed)) != NULL;)
        serve_key(b, container_of(node, struct awaited, of_changed));
    server->keys_changed = false;
}

/* ---- timeouts ---- */

void blocking_check_timeouts(struct server *server)
{
    struct blocking *b = server->blocking;
    unsigned steps = UINT_MAX;
    for (struct wheel_node *node; (node = wheel_pop(&b->timeouts, server_now_ms(server), &steps)) != NULL;) {
        blocking_unblock(container_of(node, struct blocked, timeout)->client, false);
    }
}

int64_t blocking_next_ms(const struct server *server)
{
    const struct wheel *timeouts = &server->blocking->timeouts;
    return wheel_count(timeouts) ? wheel_next(timeouts) : INT64_MAX;
}

/* ---- facts ---- */

struct blocking_counts blocking_counts(const struct server *server)
{
    const struct blocking *b = server->blocking;
    return (struct blocking_counts){hashtable_count(&b->keys), b->keys_waking_without,
                                    wheel_count(&b->timeouts)};
}

size_t blocking_memory_bytes(const struct client *c)
{
    return c->blocked ? c->blocked->memory_bytes : 0;
}
