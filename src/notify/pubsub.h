/* Publish and subscribe: channels, patterns and shard channels, each with its
 * audience, the list of those who receive what is published to it.
 *
 * A message is encoded once per protocol version into a shared block, and
 * consecutive messages to one audience form a run: only when the run ends
 * (another audience, a full block, the end of the loop turn, or a subscriber
 * that is about to be answered) is each member handed one reference to it. So
 * delivering costs little per message and member, and nothing is copied.
 *
 * Patterns are found through an index of their literal prefixes. One thread. */
#ifndef NOTIFY_PUBSUB_H
#define NOTIFY_PUBSUB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/client.h"
#include "ds/hashtable.h"
#include "ds/prefix_index.h"

enum audience_kind { AUDIENCE_CHANNEL, AUDIENCE_PATTERN, AUDIENCE_SHARD, AUDIENCE_KINDS };

/* Who listens to one channel or pattern. Freed when the last one leaves. */
struct audience {
    enum audience_kind kind;
    struct subscription **members;
    uint32_t count, capacity;
    uint32_t by_protocol[2];  /* how many of them speak RESP2, RESP3 */
    uint32_t readers_of_some; /* how many may not read every key */
    size_t name_len;
    char name[];
};

static inline struct slice audience_name(const struct audience *audience)
{
    return slice_make(audience->name, audience->name_len);
}

struct pubsub_stats {
    uint64_t messages;      /* published to at least one audience */
    uint64_t deliveries;    /* messages times receivers */
    uint64_t bytes;         /* handed to subscribers */
    uint64_t nodes_visited; /* of the pattern index */
};

/* Told when a channel or pattern gets its first subscriber (exists), and when
 * the last one has left; and when there is, or is no more, a subscriber who may
 * not read every key. */
struct pubsub_listener {
    void *ctx;
    void (*changed)(void *ctx, const struct audience *audience, bool exists);
    void (*readers_changed)(void *ctx);
};

struct pubsub;

void pubsub_listen(struct pubsub *ps, struct pubsub_listener listener);

struct pubsub *pubsub_new(struct server *server);
void pubsub_free(struct pubsub *ps);

/* Both tell whether something changed. */
bool pubsub_subscribe(struct pubsub *ps, struct client *c, enum audience_kind kind, struct slice name);
bool pubsub_unsubscribe(struct pubsub *ps, struct client *c, enum audience_kind kind, struct slice name);

/* Subscriptions of a client, of one kind. */
unsigned pubsub_subscription_count(const struct client *c, enum audience_kind kind);

/* Some subscription of that kind, NULL when there is none: for leaving all. */
const struct audience *pubsub_any_subscription(const struct client *c, enum audience_kind kind);

/* Publishes to a channel and the patterns that match it, or to a shard
 * channel. Returns the number of receivers. */
int64_t pubsub_publish(struct pubsub *ps, enum audience_kind kind, struct slice channel,
                       struct slice payload);

/* Ends the run under way and hands every member its messages; those of the
 * client whose command is running wait for its reply. */
void pubsub_deliver(struct server *server);

/* Leaves everything: a client goes away or resets. */
void pubsub_forget(struct server *server, struct client *c);

/* Whether the client's user permits all its subscriptions; notes besides
 * whether there are keys that it may not read. */
bool pubsub_review(struct client *c, bool reads_some);

/* Changes the client's protocol version; what was published before is still
 * delivered in the old one. */
void pubsub_set_protocol(struct client *c, int resp);

/* ---- for those who publish often to the same names ---- */

/* Counts changes of what exists: what was looked up before is stale. */
uint64_t pubsub_generation(const struct pubsub *ps);

/* The audience of a channel, NULL when nobody listens. */
struct audience *pubsub_find(const struct pubsub *ps, enum audience_kind kind, struct slice name);

/* Calls fn for each pattern audience that matches the channel. */
void pubsub_match(struct pubsub *ps, struct slice channel, void (*fn)(void *ctx, struct audience *audience),
                  void *ctx);

/* Appends one message for an audience to the run. */
void pubsub_send(struct pubsub *ps, struct audience *audience, struct slice channel, struct slice payload);

/* The same of a message that names a key: who may not read it (core/acl.h) does
 * not get it. Such a message is a run of its own. */
void pubsub_send_guarded(struct pubsub *ps, struct audience *audience, struct slice channel,
                         struct slice payload, struct slice key);

/* Is there a subscriber who may not read every key? */
bool pubsub_has_readers_of_some(const struct pubsub *ps);

/* Could a pattern match a channel that begins with prefix? */
bool pubsub_patterns_overlap(const struct pubsub *ps, struct slice prefix);

/* ---- introspection ---- */

size_t pubsub_count(const struct pubsub *ps, enum audience_kind kind);
void pubsub_each(const struct pubsub *ps, enum audience_kind kind,
                 void (*fn)(void *ctx, struct audience *audience), void *ctx);
const struct pubsub_stats *pubsub_stats(const struct pubsub *ps);
void pubsub_stats_reset(struct pubsub *ps);
void pubsub_count_subscriptions(const struct client *c, struct client_subscriptions *counts);

#endif
