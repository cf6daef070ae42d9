/* SUBSCRIBE and its kin, PUBLISH, PUBSUB. */
#include "base/glob.h"
#include "commands/tables.h"
#include "core/reply.h"
#include "core/server.h"
#include "notify/pubsub.h"

/* The words of the confirmations, and of which kinds the count tells: shard
 * subscriptions are counted apart. */
struct words {
    const char *joined, *left;
};
static const struct words words[AUDIENCE_KINDS] = {
    [AUDIENCE_CHANNEL] = {"subscribe", "unsubscribe"},
    [AUDIENCE_PATTERN] = {"psubscribe", "punsubscribe"},
    [AUDIENCE_SHARD] = {"ssubscribe", "sunsubscribe"},
};

static void confirm(struct client *c, const char *word, enum audience_kind kind, const struct slice *name)
{
    unsigned count = pubsub_subscription_count(c, AUDIENCE_SHARD);
    if (kind != AUDIENCE_SHARD)
        count = pubsub_subscription_count(c, AUDIENCE_CHANNEL) +
                pubsub_subscription_count(c, AUDIENCE_PATTERN);
    client_open_push(c);
    reply_push(c, 3);
    reply_text(c, word);
    if (name) reply_bulk(c, *name);
    else reply_null(c);
    reply_int(c, count);
    client_close_push(c);
}

/* A client that may not block (in MULTI, say) gets its messages all the same:
 * what is refused is only waiting for them. */
static void subscribe(struct call *call, enum audience_kind kind)
{
    for (int i = 1; i < call->argc; i++) {
        pubsub_subscribe(call->server->pubsub, call->client, kind, call->argv[i]);
        confirm(call->client, words[kind].joined, kind, &call->argv[i]);
    }
}

static void unsubscribe_all(struct call *call, enum audience_kind kind)
{
    struct client *c = call->client;
    const struct audience *audience = pubsub_any_subscription(c, kind);
    if (audience == NULL) confirm(c, words[kind].left, kind, NULL);
    for (; audience; audience = pubsub_any_subscription(c, kind)) {
        struct buffer name = {0};
        buffer_append_slice(&name, audience_name(audience));
        pubsub_unsubscribe(call->server->pubsub, c, kind, buffer_slice(&name));
        struct slice left = buffer_slice(&name);
        confirm(c, words[kind].left, kind, &left);
        buffer_fini(&name);
    }
}

static void unsubscribe(struct call *call, enum audience_kind kind)
{
    if (call->argc == 1) unsubscribe_all(call, kind);
    for (int i = 1; i < call->argc; i++) {
        pubsub_unsubscribe(call->server->pubsub, call->client, kind, call->argv[i]);
        confirm(call->client, words[kind].left, kind, &call->argv[i]);
    }
}

static void subscribe_run(struct call *call)
{
    subscribe(call, AUDIENCE_CHANNEL);
}

static void psubscribe_run(struct call *call)
{
    subscribe(call, AUDIENCE_PATTERN);
}

static void ssubscribe_run(struct call *call)
{
    subscribe(call, AUDIENCE_SHARD);
}

static void unsubscribe_run(struct call *call)
{
    unsubscribe(call, AUDIENCE_CHANNEL);
}

static void punsubscribe_run(struct call *call)
{
    unsubscribe(call, AUDIENCE_PATTERN);
}

static void sunsubscribe_run(struct call *call)
{
    unsubscribe(call, AUDIENCE_SHARD);
}

static void publish_run(struct call *call)
{
    reply_int(call->client,
              pubsub_publish(call->server->pubsub, AUDIENCE_CHANNEL, call->argv[1], call->argv[2]));
}

static void spublish_run(struct call *call)
{
    reply_int(call->client,
              pubsub_publish(call->server->pubsub, AUDIENCE_SHARD, call->argv[1], call->argv[2]));
}

/* ---- PUBSUB ---- */

struct listing {
    struct client *client;
    const struct slice *pattern; /* NULL: all */
    int64_t count;
};

static void list_channel(void *ctx, struct audience *audience)
{
    struct listing *listing = ctx;
    if (listing->pattern && !glob_match(*listing->pattern, audience_name(audience), false)) return;
    reply_bulk(listing->client, audience_name(audience));
    listing->count++;
}

static void list_channels(struct call *call, enum audience_kind kind)
{
    struct client *c = call->client;
    struct listing listing = {c, call->argc > 2 ? &call->argv[2] : NULL, 0};
    if (call->argc > 3) {
        reply_errorf(c, "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try PUBSUB HELP.",
                     (int)call->argv[1].len, call->argv[1].ptr);
        return;
    }
    struct output_mark mark = reply_open(c);
    pubsub_each(call->server->pubsub, kind, list_channel, &listing);
    reply_close_array(c, mark, listing.count);
}

static void count_subscribers(struct call *call, enum audience_kind kind)
{
    reply_array(call->client, (call->argc - 2) * 2);
    for (int i = 2; i < call->argc; i++) {
        const struct audience *audience = pubsub_find(call->server->pubsub, kind, call->argv[i]);
        reply_bulk(call->client, call->argv[i]);
        reply_int(call->client, audience ? audience->count : 0);
    }
}

static void pubsub_channels_run(struct call *call)
{
    list_channels(call, AUDIENCE_CHANNEL);
}

static void pubsub_shardchannels_run(struct call *call)
{
    list_channels(call, AUDIENCE_SHARD);
}

static void pubsub_numsub_run(struct call *call)
{
    count_subscribers(call, AUDIENCE_CHANNEL);
}

static void pubsub_shardnumsub_run(struct call *call)
{
    count_subscribers(call, AUDIENCE_SHARD);
}

static void pubsub_numpat_run(struct call *call)
{
    reply_int(call->client, (int64_t)pubsub_count(call->server->pubsub, AUDIENCE_PATTERN));
}

static void pubsub_help_run(struct call *call)
{
    static const char *const lines[] = {
        "CHANNELS [<pattern>]",
        "    Channels with at least one subscriber (patterns aside), all or those that match.",
        "NUMPAT",
        "    How many different patterns are subscribed to.",
        "NUMSUB [<channel> ...]",
        "    Each channel with the number of its subscribers, patterns aside.",
        "SHARDCHANNELS [<pattern>]",
        "    As CHANNELS, for shard channels.",
        "SHARDNUMSUB [<shardchannel> ...]",
        "    As NUMSUB, for shard channels.",
        NULL,
    };
    reply_help(call, lines);
}

#define SUBCOMMAND_FLAGS CMD_PUBSUB | CMD_LOADING | CMD_STALE

static const struct command pubsub_subcommands[] = {
    {.name = "channels",
     .group = GROUP_PUBSUB,
     .since = "2.8.0",
     .arity = -2,
     .flags = SUBCOMMAND_FLAGS,
     .summary = "Lists the channels that have subscribers.",
     .complexity = "O(N), N being the number of channels with subscribers",
     .syntax = "[pattern]",
     .run = pubsub_channels_run},
    {.name = "help",
     .group = GROUP_PUBSUB,
     .since = "6.2.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .run = pubsub_help_run},
    {.name = "numpat",
     .group = GROUP_PUBSUB,
     .since = "2.8.0",
     .arity = 2,
     .flags = SUBCOMMAND_FLAGS,
     .summary = "Counts the different patterns that are subscribed to.",
     .complexity = "O(1)",
     .run = pubsub_numpat_run},
    {.name = "numsub",
     .group = GROUP_PUBSUB,
     .since = "2.8.0",
     .arity = -2,
     .flags = SUBCOMMAND_FLAGS,
     .summary = "Counts the subscribers of each of the channels given.",
     .complexity = "O(N), N being the number of channels given",
     .syntax = "[channel [channel ...]]",
     .run = pubsub_numsub_run},
    {.name = "shardchannels",
     .group = GROUP_PUBSUB,
     .since = "7.0.0",
     .arity = -2,
     .flags = SUBCOMMAND_FLAGS,
     .summary = "Lists the shard channels that have subscribers.",
     .complexity = "O(N), N being the number of shard channels with subscribers",
     .syntax = "[pattern]",
     .run = pubsub_shardchannels_run},
    {.name = "shardnumsub",
     .group = GROUP_PUBSUB,
     .since = "7.0.0",
     .arity = -2,
     .flags = SUBCOMMAND_FLAGS,
     .summary = "Counts the subscribers of each of the shard channels given.",
     .complexity = "O(N), N being the number of shard channels given",
     .syntax = "[shardchannel [shardchannel ...]]",
     .run = pubsub_shardnumsub_run},
    {0},
};

#define SUBSCRIBE_FLAGS CMD_PUBSUB | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE
#define SHARD_KEYS(last_key)                                                                                 \
    {                                                                                                        \
        {                                                                                                    \
            .flags = KEY_NOT_KEY, .index = 1, .last = last_key, .step = 1                                    \
        }                                                                                                    \
    }

const struct command pubsub_commands[] = {
    {.name = "psubscribe",
     .group = GROUP_PUBSUB,
     .since = "2.0.0",
     .arity = -2,
     .flags = SUBSCRIBE_FLAGS,
     .channels = CHANNELS_PATTERNS,
     .summary = "Listens to all channels that match one of the patterns.",
     .complexity = "O(N), N being the number of patterns given",
     .syntax = "pattern [pattern ...]",
     .run = psubscribe_run},
    {.name = "publish",
     .group = GROUP_PUBSUB,
     .since = "2.0.0",
     .arity = 3,
     .flags = CMD_PUBSUB | CMD_LOADING | CMD_STALE | CMD_FAST | CMD_MAY_REPLICATE,
     .channels = CHANNELS_FIRST,
     .summary = "Posts a message to a channel.",
     .complexity = "O(N+M), N being the receivers and M the matching patterns",
     .syntax = "channel message",
     .run = publish_run},
    {.name = "pubsub",
     .group = GROUP_PUBSUB,
     .since = "2.8.0",
     .arity = -2,
     .summary = "A container for commands about channels and subscribers.",
     .complexity = "Depends on subcommand.",
     .subcommands = pubsub_subcommands},
    {.name = "punsubscribe",
     .group = GROUP_PUBSUB,
     .since = "2.0.0",
     .arity = -1,
     .flags = SUBSCRIBE_FLAGS,
     .summary = "Stops listening to patterns, to all when none is given.",
     .complexity = "O(N), N being the number of patterns given",
     .syntax = "[pattern [pattern ...]]",
     .run = punsubscribe_run},
    {.name = "spublish",
     .group = GROUP_PUBSUB,
     .since = "7.0.0",
     .arity = 3,
     .flags = CMD_PUBSUB | CMD_LOADING | CMD_STALE | CMD_FAST | CMD_MAY_REPLICATE,
     .channels = CHANNELS_FIRST,
     .keys = SHARD_KEYS(0),
     .summary = "Posts a message to a shard channel.",
     .complexity = "O(N), N being the number of receivers",
     .syntax = "shardchannel message",
     .run = spublish_run},
    {.name = "ssubscribe",
     .group = GROUP_PUBSUB,
     .since = "7.0.0",
     .arity = -2,
     .flags = SUBSCRIBE_FLAGS,
     .channels = CHANNELS_ALL,
     .keys = SHARD_KEYS(-1),
     .summary = "Listens to shard channels.",
     .complexity = "O(N), N being the number of shard channels given",
     .syntax = "shardchannel [shardchannel ...]",
     .run = ssubscribe_run},
    {.name = "subscribe",
     .group = GROUP_PUBSUB,
     .since = "2.0.0",
     .arity = -2,
     .flags = SUBSCRIBE_FLAGS,
     .channels = CHANNELS_ALL,
     .summary = "Listens to channels.",
     .complexity = "O(N), N being the number of channels given",
     .syntax = "channel [channel ...]",
     .run = subscribe_run},
    {.name = "sunsubscribe",
     .group = GROUP_PUBSUB,
     .since = "7.0.0",
     .arity = -1,
     .flags = SUBSCRIBE_FLAGS,
     .keys = SHARD_KEYS(-1),
     .summary = "Stops listening to shard channels, to all when none is given.",
     .complexity = "O(N), N being the number of shard channels given",
     .syntax = "[shardchannel [shardchannel ...]]",
     .run = sunsubscribe_run},
    {.name = "unsubscribe",
     .group = GROUP_PUBSUB,
     .since = "2.0.0",
     .arity = -1,
     .flags = SUBSCRIBE_FLAGS,
     .summary = "Stops listening to channels, to all when none is given.",
     .complexity = "O(N), N being the number of channels given",
     .syntax = "[channel [channel ...]]",
     .run = unsubscribe_run},
    {0},
};
