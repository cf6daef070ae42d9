/* XINFO: streams, their groups and consumers, as they are. */
#include "commands/stream.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- parts ---- */

static void reply_id_field(struct client *c, const char *name, struct stream_id id)
{
    reply_text(c, name);
    stream_reply_id(c, id);
}

static void reply_int_field(struct client *c, const char *name, int64_t value)
{
    reply_text(c, name);
    reply_int(c, value);
}

static void reply_read_and_lag(struct client *c, const struct stream *s, const struct stream_group *group)
{
    uint64_t lag;
    reply_text(c, "entries-read");
    if (group->read == STREAM_READ_UNKNOWN) reply_null(c);
    else reply_int(c, group->read);
    reply_text(c, "lag");
    if (stream_group_lag(s, group, &lag)) reply_int(c, (int64_t)lag);
    else reply_null(c);
}

/* What STREAM begins with, with and without FULL: seven fields. */
static void reply_stream_fields(struct client *c, const struct stream *s)
{
    size_t nodes = stream_node_count(s);
    reply_int_field(c, "length", (int64_t)s->length);
    reply_int_field(c, "radix-tree-keys", (int64_t)nodes);
    reply_int_field(c, "radix-tree-nodes", (int64_t)nodes + 1);
    reply_id_field(c, "last-generated-id", s->last);
    reply_id_field(c, "max-deleted-entry-id", s->max_deleted);
    reply_int_field(c, "entries-added", (int64_t)s->added);
    reply_id_field(c, "recorded-first-entry-id", stream_first_id(s));
}

/* ---- STREAM ---- */

static void reply_end_entry(struct client *c, const struct stream *s, const char *name, bool last)
{
    struct stream_walk walk;
    reply_text(c, name);
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, last);
    if (stream_walk_next(&walk)) stream_reply_entry(c, &walk);
    else reply_null(c);
}

/* Those who wait: of a group with their consumers, of a consumer without. */
static void reply_pending(struct client *c, const struct btree *pendings, bool with_consumer, int64_t limit)
{
    int64_t count = 0;
    struct output_mark mark = reply_open(c);
    struct btree_pos pos = btree_first(pendings);
    for (bool more = btree_valid(pos); more && (limit == 0 || count < limit); more = btree_next(&pos)) {
        const struct stream_pending *pending = btree_element(pos);
        reply_array(c, with_consumer ? 4 : 3);
        stream_reply_id(c, pending->id);
        if (with_consumer) reply_bulk(c, stream_consumer_name(pending->consumer));
        reply_int(c, pending->delivered_ms);
        reply_int(c, (int64_t)pending->deliveries);
        count++;
    }
    reply_close_array(c, mark, count);
}

static void reply_full_consumer(struct client *c, const struct stream_consumer *consumer, int64_t limit)
{
    reply_map(c, 5);
    reply_text(c, "name");
    reply_bulk(c, stream_consumer_name(consumer));
    reply_int_field(c, "seen-time", consumer->seen_ms);
    reply_int_field(c, "active-time", consumer->active_ms);
    reply_int_field(c, "pel-count", (int64_t)btree_count(&consumer->pending));
    reply_text(c, "pending");
    reply_pending(c, &consumer->pending, false, limit);
}

static void reply_full_group(struct client *c, const struct stream *s, const struct stream_group *group,
                             int64_t limit)
{
    reply_map(c, 7);
    reply_text(c, "name");
    reply_bulk(c, stream_group_name(group));
    reply_id_field(c, "last-delivered-id", group->last);
    reply_read_and_lag(c, s, group);
    reply_int_field(c, "pel-count", (int64_t)btree_count(&group->pending));
    reply_text(c, "pending");
    reply_pending(c, &group->pending, true, limit);
    reply_text(c, "consumers");
    reply_array(c, (int64_t)btree_count(&group->consumers));
    struct btree_pos pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        reply_full_consumer(c, btree_element(pos), limit);
}

static void reply_full(struct client *c, const struct stream *s, int64_t limit)
{
    reply_map(c, 9);
    reply_stream_fields(c, s);
    reply_text(c, "entries");
    stream_reply_range(c, s, STREAM_ID_MIN, STREAM_ID_MAX, false, (uint64_t)limit);
    reply_text(c, "groups");
    reply_array(c, (int64_t)btree_count(&s->groups));
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos))
        reply_full_group(c, s, btree_element(pos), limit);
}

/* The stream that argument 2 names; a missing one is an error. */
static const struct stream *look_up(struct call *call)
{
    struct value value;
    if (!collection_read(call, call->argv[2], TYPE_STREAM, &value)) return NULL;
    if (value.object == NULL) reply_no_key(call->client);
    return stream_get(&value);
}

static void xinfo_stream(struct call *call)
{
    enum { FULL_ENTRIES = 10 };
    struct client *c = call->client;
    int64_t limit = FULL_ENTRIES;
    bool full = call->argc > 3, fits = call->argc == 3 || call->argc == 4 || call->argc == 6;
    const struct stream *s = look_up(call);
    if (s == NULL) return;
    fits = fits && (!full || slice_is(call->argv[3], "full"));
    fits = fits && (call->argc < 6 || slice_is(call->argv[4], "count"));
    if (!fits) {
        reply_subcommand_error(call);
        return;
    }
    if (call->argc == 6 && !args_int(c, call->argv[5], &limit, NULL)) return;
    if (full) {
        reply_full(c, s, limit < 0 ? FULL_ENTRIES : limit);
        return;
    }
    reply_map(c, 10);
    reply_stream_fields(c, s);
    reply_int_field(c, "groups", (int64_t)btree_count(&s->groups));
    reply_end_entry(c, s, "first-entry", false);
    reply_end_entry(c, s, "last-entry", true);
}

/* ---- GROUPS, CONSUMERS ---- */

static void xinfo_groups(struct call *call)
{
    struct client *c = call->client;
    const struct stream *s = look_up(call);
    if (s == NULL) return;
    reply_array(c, (int64_t)btree_count(&s->groups));
    struct btree_pos pos = btree_first(&s->groups);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_group *group = btree_element(pos);
        reply_map(c, 6);
        reply_text(c, "name");
        reply_bulk(c, stream_group_name(group));
        reply_int_field(c, "consumers", (int64_t)btree_count(&group->consumers));
        reply_int_field(c, "pending", (int64_t)btree_count(&group->pending));
        reply_id_field(c, "last-delivered-id", group->last);
        reply_read_and_lag(c, s, group);
    }
}

static void xinfo_consumers(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[2], name = call->argv[3];
    int64_t now_ms = call->db->keyspace->now_ms;
    const struct stream *s = look_up(call);
    if (s == NULL) return;
    const struct stream_group *group = stream_group_find(s, name);
    if (group == NULL) {
        reply_errorf(c, "NOGROUP No such consumer group '%.*s' for key name '%.*s'", (int)name.len, name.ptr,
                     (int)key.len, key.ptr);
        return;
    }
    reply_array(c, (int64_t)btree_count(&group->consumers));
    struct btree_pos pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_consumer *consumer = btree_element(pos);
        int64_t idle_ms = now_ms - consumer->seen_ms, inactive_ms = now_ms - consumer->active_ms;
        reply_map(c, 4);
        reply_text(c, "name");
        reply_bulk(c, stream_consumer_name(consumer));
        reply_int_field(c, "pending", (int64_t)btree_count(&consumer->pending));
        reply_int_field(c, "idle", idle_ms > 0 ? idle_ms : 0);
        reply_int_field(c, "inactive", consumer->active_ms < 0 ? -1 : inactive_ms > 0 ? inactive_ms : 0);
    }
}

static void xinfo_help(struct call *call)
{
    static const char *const lines[] = {
        "CONSUMERS <key> <group>",
        "    The consumers of a group, and how long ago they were seen and active.",
        "GROUPS <key>",
        "    The consumer groups of a stream.",
        "STREAM <key> [FULL [COUNT <count>]]",
        "    The stream; FULL shows its groups, consumers and up to <count> (10) entries of each.",
        NULL,
    };
    reply_help(call, lines);
}

/* ---- the rows ---- */

#define INFO_ROW                                                                                             \
    .group = GROUP_STREAM, .since = "5.0.0", .flags = CMD_READONLY,                                          \
    .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 2}}, .events = {EVENT_KEYMISS}

static const char *const consumers_history[] = {"7.2.0", "Tells `inactive`.", NULL};
static const char *const groups_history[] = {"7.0.0", "Tells `entries-read` and `lag`.", NULL};
static const char *const stream_history[] = {
    "6.0.0", "Takes `FULL`.",
    "7.0.0", "Tells of deleted entries, entries added and read, and the lag.",
    "7.2.0", "Tells `active-time`.",
    NULL};

static const struct command xinfo_subcommands[] = {
    {.name = "consumers",
     INFO_ROW,
     .arity = 4,
     .summary = "Lists the consumers of a group.",
     .complexity = "O(N), N being the number of consumers",
     .syntax = "key group",
     .tips = {"nondeterministic_output"},
     .history = consumers_history,
     .run = xinfo_consumers},
    {.name = "groups",
     INFO_ROW,
     .arity = 3,
     .summary = "Lists the consumer groups of a stream.",
     .complexity = "O(N), N being the number of groups",
     .syntax = "key",
     .history = groups_history,
     .run = xinfo_groups},
    {.name = "help",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .run = xinfo_help},
    {.name = "stream",
     INFO_ROW,
     .arity = -3,
     .summary = "Describes a stream.",
     .complexity = "O(1), with FULL O(N), N being what is shown",
     .syntax = "key [FULL [COUNT count]]",
     .history = stream_history,
     .run = xinfo_stream},
    {0},
};

const struct command stream_info_commands[] = {
    {.name = "xinfo",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -2,
     .summary = "A container for commands about streams.",
     .complexity = "Depends on subcommand.",
     .subcommands = xinfo_subcommands},
    {0},
};
