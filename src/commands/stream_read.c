/* Streams: XREAD and XREADGROUP, which may wait. */
#include "base/mem.h"
#include "commands/stream.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/blocking.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"

struct reading {
    bool for_group;
    struct slice group, consumer;
    bool has_group, no_ack, blocks;
    int64_t count;      /* 0: no limit */
    int64_t timeout_ms; /* 0: none */
    int first_key, streams;
};

/* ---- arguments ---- */

static bool parse_block(struct call *call, struct slice arg, struct reading *reading)
{
    struct client *c = call->client;
    int64_t deadline_ms;
    reading->blocks = true;
    if (!args_int(c, arg, &reading->timeout_ms, "ERR timeout is not an integer or out of range"))
        return false;
    if (reading->timeout_ms < 0) {
        reply_error(c, "ERR timeout is negative");
        return false;
    }
    if (!__builtin_add_overflow(server_now_ms(call->server), reading->timeout_ms, &deadline_ms)) return true;
    reply_error(c, "ERR timeout is out of range");
    return false;
}

static bool parse_streams(struct call *call, int at, struct reading *reading)
{
    int left = call->argc - at;
    reading->first_key = at;
    reading->streams = left / 2;
    if (left % 2 == 0) return true;
    reply_error(call->client,
                "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.");
    return false;
}

/* The options up to STREAMS, and how many streams follow it. */
static bool parse_reading(struct call *call, bool for_group, struct reading *reading)
{
    struct client *c = call->client;
    *reading = (struct reading){.for_group = for_group};
    for (int i = 1; i < call->argc; i++) {
        struct slice word = call->argv[i];
        int more = call->argc - i - 1;
        if (more && slice_is(word, "block")) {
            if (!parse_block(call, call->argv[++i], reading)) return false;
        } else if (more && slice_is(word, "count")) {
            if (!args_int(c, call->argv[++i], &reading->count, NULL)) return false;
            if (reading->count < 0) reading->count = 0;
        } else if (more && slice_is(word, "streams")) {
            return parse_streams(call, i + 1, reading);
        } else if (more >= 2 && slice_is(word, "group")) {
            if (!for_group) {
                reply_error(
                    c, "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
                return false;
            }
            reading->has_group = true;
            reading->group = call->argv[++i];
            reading->consumer = call->argv[++i];
        } else if (slice_is(word, "noack")) {
            if (!for_group) {
                reply_error(
                    c, "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
                return false;
            }
            reading->no_ack = true;
        } else {
            break;
        }
    }
    reply_syntax_error(c);
    return false;
}

/* One stream that is read from. */
struct source {
    struct collection stream;
    struct stream_group *group;
    struct stream_id after; /* entries beyond this one, or */
    bool fresh;             /* those that the group has not been given: ">" */
};

static struct stream_id read_after(const struct source *source)
{
    return source->fresh ? source->group->last : source->after;
}

static bool parse_after(struct client *c, const struct reading *reading, struct slice arg,
                        struct source *source)
{
    const struct stream *s = stream_get(&source->stream.value);
    if (slice_equal(arg, SLICE("$"))) {
        if (reading->for_group) {
            reply_error(c, "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the "
                           "history of this consumer by specifying a proper ID, or use the > ID to get new "
                           "messages. The $ ID would just return an empty result set.");
            return false;
        }
        source->after = s ? s->last : STREAM_ID_MIN;
        return true;
    }
    source->fresh = slice_equal(arg, SLICE(">"));
    if (!source->fresh) {
        if (!stream_args_id(c, arg, 0, &source->after)) return false;
        /* The highest ID there can be says ">" to a group, too. */
        source->fresh = reading->for_group && stream_id_compare(source->after, STREAM_ID_MAX) == 0;
        return true;
    }
    if (reading->for_group) return true;
    reply_error(c, "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
                   "<consumer> option.");
    return false;
}

/* Looks up stream i and reads its ID; answers and returns false when something
 * is wrong with either. */
static bool open_source(struct call *call, const struct reading *reading, int i, struct source *source)
{
    struct slice key = call->argv[reading->first_key + i];
    *source = (struct source){0};
    if (reading->for_group) {
        if (!stream_open_group(&source->stream, call, key, reading->group, &source->group)) return false;
        if (source->group == NULL) {
            reply_errorf(
                call->client,
                "NOGROUP No such key '%.*s' or consumer group '%.*s' in XREADGROUP with GROUP option",
                (int)key.len, key.ptr, (int)reading->group.len, reading->group.ptr);
            return false;
        }
    } else if (!collection_read(call, key, TYPE_STREAM, &source->stream.value)) {
        return false;
    }
    return parse_after(call->client, reading, call->argv[reading->first_key + reading->streams + i], source);
}

/* Whether a source has anything to tell: a history always does. */
static bool has_news(const struct reading *reading, const struct source *source)
{
    const struct stream *s = stream_get(&source->stream.value);
    struct stream_id from = read_after(source);
    struct stream_walk walk;
    if (reading->for_group && !source->fresh) return true;
    if (s == NULL || !stream_id_increment(&from)) return false;
    stream_walk_init(&walk, s, from, STREAM_ID_MAX, false);
    return stream_walk_next(&walk);
}

/* ---- replies ---- */

/* What the consumer was given before and has not acknowledged: an entry that was
 * deleted since is a null. Telling it again is a delivery, too. */
static void reply_history(struct client *c, const struct stream *s, struct stream_consumer *consumer,
                          struct stream_id after, int64_t limit)
{
    int64_t count = 0, now_ms = c->server->keyspace->now_ms;
    struct output_mark mark = reply_open(c);
    struct btree_pos pos = {0};
    bool more = stream_id_increment(&after);
    if (more) pos = btree_lower(&consumer->pending, after.ms, &after);
    for (more = more && btree_valid(pos); more && (limit == 0 || count < limit); more = btree_next(&pos)) {
        struct stream_pending *pending = btree_element(pos);
        struct stream_walk walk;
        stream_walk_init(&walk, s, pending->id, pending->id, false);
        if (stream_walk_next(&walk)) {
            stream_reply_entry(c, &walk);
            pending->delivered_ms = now_ms;
            pending->deliveries++;
        } else {
            reply_array(c, 2);
            stream_reply_id(c, pending->id);
            reply_null_array(c);
        }
        count++;
    }
    reply_close_array(c, mark, count);
}

/* Entries that nobody of the group was given yet; they become this consumer's. */
static void reply_fresh(struct call *call, const struct stream *s, struct source *source,
                        struct stream_consumer *consumer, const struct reading *reading)
{
    struct client *c = call->client;
    int64_t count = 0, now_ms = c->server->keyspace->now_ms;
    struct output_mark mark = reply_open(c);
    struct stream_id from = read_after(source);
    struct stream_walk walk;
    stream_id_increment(&from);
    stream_walk_init(&walk, s, from, STREAM_ID_MAX, false);
    while ((reading->count == 0 || count < reading->count) && stream_walk_next(&walk)) {
        stream_group_advance(s, source->group, walk.id);
        if (!reading->no_ack) {
            struct stream_pending *pending = stream_pending_give(source->group, consumer, walk.id);
            pending->delivered_ms = now_ms;
            pending->deliveries = 1;
            stream_propagate_pending(call, source->stream.key, source->group, pending);
        }
        stream_reply_entry(c, &walk);
        count++;
    }
    consumer->active_ms = now_ms;
    if (reading->no_ack) stream_propagate_group(call, source->stream.key, source->group);
    source->stream.db->keyspace->dirty++;
    reply_close_array(c, mark, count);
}

static void reply_source(struct call *call, const struct reading *reading, struct source *source,
                         struct stream_consumer *consumer, int i)
{
    struct client *c = call->client;
    const struct stream *s = stream_get(&source->stream.value);
    struct stream_id from = source->after;
    if (c->resp == 2) reply_array(c, 2);
    reply_bulk(c, call->argv[reading->first_key + i]);
    if (consumer && source->fresh) {
        reply_fresh(call, s, source, consumer, reading);
    } else if (consumer) {
        reply_history(c, s, consumer, source->after, reading->count);
    } else {
        stream_id_increment(&from);
        stream_reply_range(c, s, from, STREAM_ID_MAX, false, (uint64_t)reading->count);
    }
}

/* The consumer is made, and seen, even where there is nothing for it. */
static struct stream_consumer *see_consumer(struct call *call, struct source *source,
                                            const struct reading *reading)
{
    if (!reading->for_group) return NULL;
    struct stream_consumer *consumer = stream_consumer_for(call, &source->stream, source->group,
                                                           reading->consumer);
    consumer->seen_ms = source->stream.db->keyspace->now_ms;
    return consumer;
}

/* Replies from all sources that have something; false when none has. */
static bool reply_sources(struct call *call, const struct reading *reading, struct source *sources)
{
    struct client *c = call->client;
    int64_t count = 0;
    struct output_mark mark = reply_open(c);
    for (int i = 0; i < reading->streams; i++) {
        struct stream_consumer *consumer = see_consumer(call, &sources[i], reading);
        /* A missing stream is looked up when it is read, too: a second miss. */
        if (sources[i].stream.value.object == NULL)
            db_lookup_read(call->db, call->argv[reading->first_key + i]);
        if (!has_news(reading, &sources[i])) continue;
        reply_source(call, reading, &sources[i], consumer, i);
        count++;
    }
    if (count && c->resp == 2) reply_close_array(c, mark, count);
    else if (count) reply_close_map(c, mark, count);
    return count > 0;
}

/* Waits with "$" replaced by what it stands for now: the handler that runs
 * again must not take the news for old. */
static void wait_for_news(struct call *call, const struct reading *reading, const struct source *sources)
{
    struct call waiting = *call;
    struct slice *argv = mem_alloc((size_t)call->argc * sizeof *argv);
    char *text = mem_alloc((size_t)reading->streams * STREAM_ID_TEXT_MAX), *texts = text;
    memcpy(argv, call->argv, (size_t)call->argc * sizeof *argv);
    for (int i = 0; i < reading->streams; i++, text += STREAM_ID_TEXT_MAX) {
        struct slice *id = &argv[reading->first_key + reading->streams + i];
        if (slice_equal(*id, SLICE("$"))) *id = slice_make(text, stream_id_print(text, sources[i].after));
    }
    waiting.argv = argv;
    const struct blocking_wish wish = {
        .keys = &argv[reading->first_key],
        .key_count = reading->streams,
        .type = TYPE_STREAM,
        .wakes_without_key = reading->for_group,
        .timeout_ms = reading->timeout_ms,
        .timed_out = reply_null_array,
    };
    blocking_wait(&waiting, &wish);
    mem_free(texts);
    mem_free(argv);
}

static void read_or_wait(struct call *call, const struct reading *reading, struct source *sources)
{
    for (int i = 0; i < reading->streams; i++)
        if (!open_source(call, reading, i, &sources[i])) return;
    if (reply_sources(call, reading, sources)) return;
    if (reading->blocks) wait_for_news(call, reading, sources);
    else reply_null_array(call->client);
}

static void read_streams(struct call *call, bool for_group)
{
    struct reading reading;
    if (!parse_reading(call, for_group, &reading)) return;
    if (for_group && !reading.has_group) {
        reply_error(call->client, "ERR Missing GROUP option for XREADGROUP");
        return;
    }
    struct source *sources = mem_alloc((size_t)reading.streams * sizeof *sources);
    read_or_wait(call, &reading, sources);
    mem_free(sources);
}

static void xread_run(struct call *call)
{
    read_streams(call, false);
}

static void xreadgroup_run(struct call *call)
{
    read_streams(call, true);
}

/* ---- the rows ---- */

#define READ_KEYS(from)                                                                                      \
    {                                                                                                        \
        {                                                                                                    \
            .flags = KEY_RO | KEY_ACCESS, .keyword = "STREAMS", .keyword_from = (from), .last = -1,          \
            .limit = 2                                                                                       \
        }                                                                                                    \
    }

const struct command stream_read_commands[] = {
    {.name = "xread",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -4,
     .flags = CMD_READONLY | CMD_BLOCKING,
     .keys = READ_KEYS(1),
     .events = {EVENT_KEYMISS},
     .summary = "Reads what was added to streams behind the given IDs, or waits for it.",
     .complexity = "O(M), M being the number of entries returned, plus O(log N) for each stream",
     .syntax = "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
     .run = xread_run},
    {.name = "xreadgroup",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -7,
     .flags = CMD_WRITE | CMD_BLOCKING,
     .keys = READ_KEYS(4),
     .events = {EVENT_XGROUP_CREATECONSUMER},
     .summary =
         "Hands entries of streams to a consumer of a group, new ones or those it has not acknowledged.",
     .complexity = "O(M), M being the number of entries returned, plus O(log N) for each stream",
     .syntax =
         "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]",
     .run = xreadgroup_run},
    {0},
};
