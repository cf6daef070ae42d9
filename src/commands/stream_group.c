/* Streams: consumer groups, and what is pending in them. */
#include "commands/stream.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- finding ---- */

bool stream_find_group(struct call *call, struct slice key, struct slice name, struct stream **s,
                       struct stream_group **group)
{
    struct value value;
    if (!collection_read(call, key, TYPE_STREAM, &value)) return false;
    *s = stream_get(&value);
    *group = *s ? stream_group_find(*s, name) : NULL;
    return true;
}

bool stream_open_group(struct collection *to, struct call *call, struct slice key, struct slice name,
                       struct stream_group **group)
{
    return stream_open_entry(to, call, key, name, db_lookup_read(call->db, key), group);
}

bool stream_open_entry(struct collection *to, struct call *call, struct slice key, struct slice name,
                       struct entry *entry, struct stream_group **group)
{
    if (!collection_open_entry(to, call, key, TYPE_STREAM, entry)) return false;
    *group = to->entry ? stream_group_find(stream_get(&to->value), name) : NULL;
    return true;
}

struct stream_consumer *stream_consumer_for(struct call *call, struct collection *stream,
                                            struct stream_group *group, struct slice name)
{
    struct stream_consumer *consumer = stream_consumer_find(group, name);
    if (consumer) return consumer;
    consumer = stream_consumer_add(group, name, stream->db->keyspace->now_ms);
    propagate_as(call, SLICE("XGROUP"), SLICE("CREATECONSUMER"), stream->key, stream_group_name(group), name);
    db_signal_modified(stream->db, stream->key, EVENT_XGROUP_CREATECONSUMER);
    return consumer;
}

void stream_propagate_pending(struct call *call, struct slice key, const struct stream_group *group,
                              const struct stream_pending *pending)
{
    struct propagate_number time, deliveries;
    char id[STREAM_ID_TEXT_MAX], last[STREAM_ID_TEXT_MAX];
    propagate_as(call, SLICE("XCLAIM"), key, stream_group_name(group),
                 stream_consumer_name(pending->consumer), SLICE("0"),
                 slice_make(id, stream_id_print(id, pending->id)), SLICE("TIME"),
                 propagate_number(&time, pending->delivered_ms), SLICE("RETRYCOUNT"),
                 propagate_number(&deliveries, (int64_t)pending->deliveries), SLICE("FORCE"), SLICE("JUSTID"),
                 SLICE("LASTID"), slice_make(last, stream_id_print(last, group->last)));
}

void stream_propagate_group(struct call *call, struct slice key, const struct stream_group *group)
{
    struct propagate_number read;
    char last[STREAM_ID_TEXT_MAX];
    propagate_as(call, SLICE("XGROUP"), SLICE("SETID"), key, stream_group_name(group),
                 slice_make(last, stream_id_print(last, group->last)), SLICE("ENTRIESREAD"),
                 propagate_number(&read, group->read));
}

static void refuse_no_group(struct client *c, struct slice key, struct slice group)
{
    reply_errorf(c, "NOGROUP No such key '%.*s' or consumer group '%.*s'", (int)key.len, key.ptr,
                 (int)group.len, group.ptr);
}

/* ---- XGROUP ---- */

/* For a subcommand on a key that must exist; a group that does not is refused,
 * unless group is NULL. */
static bool open_existing(struct call *call, struct collection *stream, struct stream_group **group)
{
    struct client *c = call->client;
    struct slice key = call->argv[2], name = call->argv[3];
    if (!collection_open(stream, call, key, TYPE_STREAM)) return false;
    if (stream->entry == NULL) {
        reply_error(c,
                    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want "
                    "to use the MKSTREAM option to create an empty stream automatically.");
        return false;
    }
    if (group == NULL) return true;
    *group = stream_group_find(stream_get(&stream->value), name);
    if (*group) return true;
    reply_errorf(c, "NOGROUP No such consumer group '%.*s' for key name '%.*s'", (int)name.len, name.ptr,
                 (int)key.len, key.ptr);
    return false;
}

struct group_options {
    bool make_stream;
    int64_t read;
};

static bool parse_group_options(struct call *call, bool may_make, struct group_options *options)
{
    struct client *c = call->client;
    *options = (struct group_options){.read = STREAM_READ_UNKNOWN};
    for (int i = 5; i < call->argc; i++) {
        if (may_make && slice_is(call->argv[i], "mkstream")) {
            options->make_stream = true;
        } else if (i + 1 < call->argc && slice_is(call->argv[i], "entriesread")) {
            if (!args_int(c, call->argv[++i], &options->read, NULL)) return false;
            if (options->read >= STREAM_READ_UNKNOWN) continue;
            reply_error(c, "ERR value for ENTRIESREAD must be positive or -1");
            return false;
        } else {
            reply_subcommand_error(call);
            return false;
        }
    }
    return true;
}

/* "$" is the last ID of the stream, which may not be there yet. */
static bool parse_group_id(struct call *call, const struct stream *s, struct stream_id *id)
{
    if (!slice_equal(call->argv[4], SLICE("$"))) return stream_args_id(call->client, call->argv[4], 0, id);
    *id = s ? s->last : STREAM_ID_MIN;
    return true;
}

static void xgroup_create(struct call *call)
{
    struct client *c = call->client;
    struct group_options options;
    struct collection stream;
    struct stream_id last;
    if (!parse_group_options(call, true, &options)) return;
    if (options.make_stream) {
        if (!collection_open(&stream, call, call->argv[2], TYPE_STREAM)) return;
    } else if (!open_existing(call, &stream, NULL)) {
        return;
    }
    if (!parse_group_id(call, stream_get(&stream.value), &last)) return;
    if (stream.entry == NULL) stream.value = stream_value(stream_new());
    if (stream_group_add(stream_get(&stream.value), call->argv[3], last, options.read) == NULL) {
        reply_error(c, "BUSYGROUP Consumer Group name already exists");
        return;
    }
    collection_close(&stream, EVENT_XGROUP_CREATE, 1);
    reply_ok(c);
}

static void xgroup_setid(struct call *call)
{
    struct group_options options;
    struct collection stream;
    struct stream_group *group;
    struct stream_id last;
    if (!parse_group_options(call, false, &options) || !open_existing(call, &stream, &group)) return;
    if (!parse_group_id(call, stream_get(&stream.value), &last)) return;
    group->last = last;
    group->read = options.read;
    collection_close(&stream, EVENT_XGROUP_SETID, 1);
    reply_ok(call->client);
}

static void xgroup_destroy(struct call *call)
{
    struct collection stream;
    if (!open_existing(call, &stream, NULL)) return;
    struct stream_group *group = stream_group_find(stream_get(&stream.value), call->argv[3]);
    if (group) {
        stream_group_remove(stream_get(&stream.value), group);
        collection_close(&stream, EVENT_XGROUP_DESTROY, 1);
    }
    reply_int(call->client, group != NULL);
}

static void xgroup_createconsumer(struct call *call)
{
    struct collection stream;
    struct stream_group *group;
    if (!open_existing(call, &stream, &group)) return;
    bool is_new = stream_consumer_find(group, call->argv[4]) == NULL;
    stream_consumer_for(call, &stream, group, call->argv[4]);
    reply_int(call->client, is_new);
}

static void xgroup_delconsumer(struct call *call)
{
    struct collection stream;
    struct stream_group *group;
    size_t pending = 0;
    if (!open_existing(call, &stream, &group)) return;
    struct stream_consumer *consumer = stream_consumer_find(group, call->argv[4]);
    if (consumer) {
        pending = stream_consumer_remove(group, consumer);
        collection_close(&stream, EVENT_XGROUP_DELCONSUMER, 1);
    }
    reply_int(call->client, (int64_t)pending);
}

static void xgroup_help(struct call *call)
{
    static const char *const lines[] = {
        "CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <count>]",
        "    Make a group that is given what comes behind an ID. MKSTREAM makes the",
        "    stream, too; ENTRIESREAD tells how many entries were read before.",
        "CREATECONSUMER <key> <group> <consumer>",
        "    Make a consumer of a group.",
        "DELCONSUMER <key> <group> <consumer>",
        "    Remove a consumer and what is pending for it.",
        "DESTROY <key> <group>",
        "    Remove a group.",
        "SETID <key> <group> <id|$> [ENTRIESREAD <count>]",
        "    Set the ID behind which a group is given entries.",
        NULL,
    };
    reply_help(call, lines);
}

/* ---- XACK ---- */

static void xack_run(struct call *call)
{
    struct client *c = call->client;
    struct collection stream;
    struct stream_group *group;
    struct stream_id id;
    int64_t acknowledged = 0;
    if (!stream_open_group(&stream, call, call->argv[1], call->argv[2], &group)) return;
    for (int i = 3; group && i < call->argc; i++)
        if (!stream_args_id(c, call->argv[i], 0, &id)) return;
    for (int i = 3; group && i < call->argc; i++) {
        stream_args_id(c, call->argv[i], 0, &id);
        struct stream_pending *pending = stream_pending_find(group, id);
        if (pending == NULL) continue;
        stream_pending_remove(group, pending);
        acknowledged++;
    }
    call->db->keyspace->dirty += (uint64_t)acknowledged;
    reply_int(c, acknowledged);
}

/* ---- XPENDING ---- */

struct pending_query {
    int64_t min_idle_ms, count;
    struct stream_id start, end;
    const struct slice *consumer; /* NULL: all */
};

static bool parse_pending_query(struct call *call, struct pending_query *query)
{
    struct client *c = call->client;
    int at = 3;
    *query = (struct pending_query){0};
    if (call->argc < 6 || call->argc > 9) {
        reply_syntax_error(c);
        return false;
    }
    if (slice_is(call->argv[at], "idle")) {
        if (call->argc < 8) {
            reply_syntax_error(c);
            return false;
        }
        if (!args_int(c, call->argv[at + 1], &query->min_idle_ms, NULL)) return false;
        at += 2;
    }
    if (!args_int(c, call->argv[at + 2], &query->count, NULL)) return false;
    if (query->count < 0) query->count = 0;
    if (call->argc > at + 3) query->consumer = &call->argv[at + 3];
    return stream_args_range(c, call->argv[at], call->argv[at + 1], &query->start, &query->end);
}

static void reply_pending_summary(struct client *c, const struct stream_group *group)
{
    struct btree_pos pos = btree_first(&group->pending);
    int64_t consumers = 0;
    reply_array(c, 4);
    reply_int(c, (int64_t)btree_count(&group->pending));
    if (!btree_valid(pos)) {
        reply_null(c);
        reply_null(c);
        reply_null_array(c);
        return;
    }
    stream_reply_id(c, ((const struct stream_pending *)btree_element(pos))->id);
    stream_reply_id(c, ((const struct stream_pending *)btree_element(btree_last(&group->pending)))->id);
    struct output_mark mark = reply_open(c);
    pos = btree_first(&group->consumers);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct stream_consumer *consumer = btree_element(pos);
        if (btree_count(&consumer->pending) == 0) continue;
        reply_array(c, 2);
        reply_bulk(c, stream_consumer_name(consumer));
        reply_bulk_int(c, (int64_t)btree_count(&consumer->pending));
        consumers++;
    }
    reply_close_array(c, mark, consumers);
}

static void reply_pending(struct client *c, const struct btree *from, const struct pending_query *query)
{
    int64_t now_ms = c->server->keyspace->now_ms, count = 0;
    struct output_mark mark = reply_open(c);
    struct btree_pos pos = btree_lower(from, query->start.ms, &query->start);
    for (bool more = btree_valid(pos); more && count < query->count; more = btree_next(&pos)) {
        const struct stream_pending *pending = btree_element(pos);
        int64_t idle_ms = now_ms - pending->delivered_ms;
        if (stream_id_compare(pending->id, query->end) > 0) break;
        if (idle_ms < query->min_idle_ms) continue;
        reply_array(c, 4);
        stream_reply_id(c, pending->id);
        reply_bulk(c, stream_consumer_name(pending->consumer));
        reply_int(c, idle_ms > 0 ? idle_ms : 0);
        reply_int(c, (int64_t)pending->deliveries);
        count++;
    }
    reply_close_array(c, mark, count);
}

static void xpending_run(struct call *call)
{
    struct client *c = call->client;
    struct pending_query query;
    struct stream *s;
    struct stream_group *group;
    bool summary = call->argc == 3;
    if (!summary && !parse_pending_query(call, &query)) return;
    if (!stream_find_group(call, call->argv[1], call->argv[2], &s, &group)) return;
    if (group == NULL) {
        refuse_no_group(c, call->argv[1], call->argv[2]);
    } else if (summary) {
        reply_pending_summary(c, group);
    } else if (query.consumer) {
        const struct stream_consumer *consumer = stream_consumer_find(group, *query.consumer);
        if (consumer) reply_pending(c, &consumer->pending, &query);
        else reply_empty_array(c);
    } else {
        reply_pending(c, &group->pending, &query);
    }
}

/* ---- XCLAIM, XAUTOCLAIM ---- */

struct claim {
    int64_t min_idle_ms;
    int64_t delivered_ms;
    int64_t deliveries; /* -1: one more than before */
    bool force, just_id, has_last_id;
    struct stream_id last_id;
};

static bool parse_min_idle(struct call *call, const char *error, int64_t *min_idle_ms)
{
    if (!args_int(call->client, call->argv[4], min_idle_ms, error)) return false;
    if (*min_idle_ms < 0) *min_idle_ms = 0;
    return true;
}

/* The options of XCLAIM, behind its IDs. */
static bool parse_claim(struct call *call, int at, struct claim *claim)
{
    struct client *c = call->client;
    int64_t now_ms = call->db->keyspace->now_ms, number;
    claim->delivered_ms = now_ms;
    claim->deliveries = -1;
    for (; at < call->argc; at++) {
        struct slice word = call->argv[at];
        bool has_value = at + 1 < call->argc;
        if (slice_is(word, "force")) {
            claim->force = true;
        } else if (slice_is(word, "justid")) {
            claim->just_id = true;
        } else if (has_value && slice_is(word, "idle")) {
            if (!args_int(c, call->argv[++at], &number, "ERR Invalid IDLE option argument for XCLAIM"))
                return false;
            if (__builtin_sub_overflow(now_ms, number, &claim->delivered_ms)) claim->delivered_ms = now_ms;
        } else if (has_value && slice_is(word, "time")) {
            if (!args_int(c, call->argv[++at], &claim->delivered_ms,
                          "ERR Invalid TIME option argument for XCLAIM"))
                return false;
        } else if (has_value && slice_is(word, "retrycount")) {
            if (!args_int(c, call->argv[++at], &claim->deliveries,
                          "ERR Invalid RETRYCOUNT option argument for XCLAIM"))
                return false;
        } else if (has_value && slice_is(word, "lastid")) {
            if (!stream_args_id(c, call->argv[++at], 0, &claim->last_id)) return false;
            claim->has_last_id = true;
        } else {
            reply_errorf(c, "ERR Unrecognized XCLAIM option '%.*s'", (int)word.len, word.ptr);
            return false;
        }
    }
    /* A time in the future would make the entry look fresh for ever. */
    if (claim->delivered_ms < 0 || claim->delivered_ms > now_ms) claim->delivered_ms = now_ms;
    return true;
}

/* Gives a pending entry to the consumer and replies with it. */
static void claim_entry(struct call *call, struct stream_group *group, struct stream_consumer *consumer,
                        const struct claim *claim, struct stream_walk *walk)
{
    struct client *c = call->client;
    struct stream_pending *pending = stream_pending_give(group, consumer, walk->id);
    pending->delivered_ms = claim->delivered_ms;
    if (claim->deliveries >= 0) pending->deliveries = (uint64_t)claim->deliveries;
    else if (!claim->just_id) pending->deliveries++;
    if (claim->just_id) stream_reply_id(c, walk->id);
    else stream_reply_entry(c, walk);
    consumer->active_ms = c->server->keyspace->now_ms;
    stream_propagate_pending(call, call->argv[1], group, pending);
    c->server->keyspace->dirty++;
}

/* An entry that is no more is not pending either from now on. */
static void forget_deleted(struct call *call, struct stream_group *group, struct stream_pending *pending)
{
    stream_propagate_pending(call, call->argv[1], group, pending);
    stream_pending_remove(group, pending);
    call->db->keyspace->dirty++;
}

static bool find_entry(const struct stream *s, struct stream_id id, struct stream_walk *walk)
{
    stream_walk_init(walk, s, id, id, false);
    return stream_walk_next(walk);
}

static bool is_idle(const struct stream_pending *pending, const struct claim *claim, int64_t now_ms)
{
    return claim->min_idle_ms == 0 || now_ms - pending->delivered_ms >= claim->min_idle_ms;
}

/* One ID of an XCLAIM: true if it was claimed. */
static bool claim_id(struct call *call, struct collection *stream, struct stream_group *group,
                     struct stream_consumer *consumer, const struct claim *claim, struct stream_id id)
{
    struct stream_pending *pending = stream_pending_find(group, id);
    struct stream_walk walk;
    bool exists = find_entry(stream_get(&stream->value), id, &walk);
    if (pending && !exists) {
        forget_deleted(call, group, pending);
        return false;
    }
    if (!exists || (pending == NULL && !claim->force)) return false;
    if (pending && !is_idle(pending, claim, call->db->keyspace->now_ms)) return false;
    claim_entry(call, group, consumer, claim, &walk);
    return true;
}

static void xclaim_run(struct call *call)
{
    struct client *c = call->client;
    struct collection stream;
    struct stream_group *group;
    struct claim claim = {0};
    struct stream_id id;
    int ids_end = 5;
    int64_t count = 0;
    if (!stream_open_group(&stream, call, call->argv[1], call->argv[2], &group)) return;
    if (group == NULL) {
        refuse_no_group(c, call->argv[1], call->argv[2]);
        return;
    }
    if (!parse_min_idle(call, "ERR Invalid min-idle-time argument for XCLAIM", &claim.min_idle_ms)) return;
    while (ids_end < call->argc && stream_is_id(call->argv[ids_end], &id)) ids_end++;
    if (!parse_claim(call, ids_end, &claim)) return;
    if (claim.has_last_id && stream_id_compare(claim.last_id, group->last) > 0) {
        group->last = claim.last_id;
        call->db->keyspace->dirty++;
        stream_propagate_group(call, call->argv[1], group);
    }
    struct stream_consumer *consumer = stream_consumer_for(call, &stream, group, call->argv[3]);
    consumer->seen_ms = call->db->keyspace->now_ms;
    struct output_mark mark = reply_open(c);
    for (int i = 5; i < ids_end; i++) {
        stream_is_id(call->argv[i], &id);
        count += claim_id(call, &stream, group, consumer, &claim, id);
    }
    reply_close_array(c, mark, count);
}

struct auto_claim {
    struct claim claim;
    struct stream_id start;
    int64_t count;
};

static bool parse_auto_claim(struct call *call, struct auto_claim *what)
{
    struct client *c = call->client;
    struct stream_id unused;
    *what = (struct auto_claim){.count = 100, .claim = {.deliveries = -1}};
    what->claim.delivered_ms = call->db->keyspace->now_ms;
    if (!parse_min_idle(call, "ERR Invalid min-idle-time argument for XAUTOCLAIM", &what->claim.min_idle_ms))
        return false;
    if (!stream_args_range(c, call->argv[5], SLICE("+"), &what->start, &unused)) return false;
    for (int i = 6; i < call->argc; i++) {
        if (i + 1 < call->argc && slice_is(call->argv[i], "count")) {
            const int64_t most = INT64_MAX / 32;
            if (!args_int_between(c, call->argv[++i], 1, most, &what->count, "ERR COUNT must be > 0"))
                return false;
        } else if (slice_is(call->argv[i], "justid")) {
            what->claim.just_id = true;
        } else {
            reply_syntax_error(c);
            return false;
        }
    }
    return true;
}

enum { AUTO_CLAIM_LOOKS = 10 }; /* at how many pending entries for each that is asked for */

/* Replies with the next ID to begin from, the entries claimed, and the IDs of
 * those that are no more. */
static void claim_idle(struct call *call, const struct stream *s, struct stream_group *group,
                       struct stream_consumer *consumer, const struct auto_claim *what)
{
    struct client *c = call->client;
    struct buffer deleted = {0};
    int64_t looks = what->count * AUTO_CLAIM_LOOKS, claimed = 0;
    struct stream_id id = what->start;
    struct stream_pending *pending;
    reply_array(c, 3);
    struct output_mark mark = reply_open(c);
    while ((pending = stream_pending_from(&group->pending, id)) != NULL && looks-- > 0 &&
           claimed < what->count) {
        struct stream_walk walk;
        id = pending->id;
        if (!find_entry(s, id, &walk)) {
            buffer_append(&deleted, &id, sizeof id);
            forget_deleted(call, group, pending);
        } else if (is_idle(pending, &what->claim, call->db->keyspace->now_ms)) {
            claim_entry(call, group, consumer, &what->claim, &walk);
            claimed++;
        }
        if (stream_id_increment(&id)) continue;
        pending = NULL; /* there is no ID beyond that one */
        break;
    }
    reply_close_array(c, mark, claimed);
    stream_insert_id(c, mark, pending ? pending->id : STREAM_ID_MIN);
    size_t count = deleted.len / sizeof id;
    reply_array(c, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        memcpy(&id, deleted.data + i * sizeof id, sizeof id);
        stream_reply_id(c, id);
    }
    buffer_fini(&deleted);
}

static void xautoclaim_run(struct call *call)
{
    struct collection stream;
    struct stream_group *group;
    struct auto_claim what;
    struct entry *entry = db_lookup_read(call->db, call->argv[1]); /* a miss is one whatever else is wrong */
    if (!parse_auto_claim(call, &what)) return;
    if (!stream_open_entry(&stream, call, call->argv[1], call->argv[2], entry, &group)) return;
    if (group == NULL) {
        refuse_no_group(call->client, call->argv[1], call->argv[2]);
        return;
    }
    struct stream_consumer *consumer = stream_consumer_for(call, &stream, group, call->argv[3]);
    consumer->seen_ms = call->db->keyspace->now_ms;
    claim_idle(call, stream_get(&stream.value), group, consumer, &what);
}

/* ---- the rows ---- */

#define KEY_AT(at, key_flags)                                                                                \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = (at)                                                              \
        }                                                                                                    \
    }

static const char *const entries_read_history[] = {"7.0.0", "Takes `ENTRIESREAD`.", NULL};
static const char *const xpending_history[] = {"6.2.0", "Takes `IDLE` and bounds that are excluded.", NULL};
static const char *const xautoclaim_history[] = {
    "7.0.0", "Entries that were deleted are no longer pending, and are listed in a third reply.", NULL};

static const struct command xgroup_subcommands[] = {
    {.name = "create",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = KEY_AT(2, KEY_RW | KEY_INSERT),
     .events = {EVENT_XGROUP_CREATE, EVENT_NEW},
     .summary = "Makes a consumer group.",
     .complexity = "O(1)",
     .syntax = "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]",
     .history = entries_read_history,
     .run = xgroup_create},
    {.name = "createconsumer",
     .group = GROUP_STREAM,
     .since = "6.2.0",
     .arity = 5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = KEY_AT(2, KEY_RW | KEY_INSERT),
     .events = {EVENT_XGROUP_CREATECONSUMER},
     .summary = "Makes a consumer of a group.",
     .complexity = "O(log N), N being the number of consumers",
     .syntax = "key group consumer",
     .run = xgroup_createconsumer},
    {.name = "delconsumer",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = 5,
     .flags = CMD_WRITE,
     .keys = KEY_AT(2, KEY_RW | KEY_DELETE),
     .events = {EVENT_XGROUP_DELCONSUMER},
     .summary = "Removes a consumer of a group, with what is pending for it.",
     .complexity = "O(M log N), M being the entries pending for the consumer and N those for the group",
     .syntax = "key group consumer",
     .run = xgroup_delconsumer},
    {.name = "destroy",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = 4,
     .flags = CMD_WRITE,
     .keys = KEY_AT(2, KEY_RW | KEY_DELETE),
     .events = {EVENT_XGROUP_DESTROY},
     .summary = "Removes a consumer group.",
     .complexity = "O(N), N being the number of pending entries",
     .syntax = "key group",
     .run = xgroup_destroy},
    {.name = "help",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .run = xgroup_help},
    {.name = "setid",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -5,
     .flags = CMD_WRITE,
     .keys = KEY_AT(2, KEY_RW | KEY_UPDATE),
     .events = {EVENT_XGROUP_SETID},
     .summary = "Sets the ID behind which a group is given entries.",
     .complexity = "O(1)",
     .syntax = "key group <id | $> [ENTRIESREAD entries-read]",
     .history = entries_read_history,
     .run = xgroup_setid},
    {0},
};

const struct command stream_group_commands[] = {
    {.name = "xack",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -4,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = KEY_AT(1, KEY_RW | KEY_UPDATE),
     .summary = "Acknowledges entries: they are no longer pending.",
     .complexity = "O(log N) for each ID, N being the number of pending entries",
     .syntax = "key group id [id ...]",
     .run = xack_run},
    {.name = "xautoclaim",
     .group = GROUP_STREAM,
     .since = "6.2.0",
     .arity = -6,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = KEY_AT(1, KEY_RW | KEY_DELETE),
     .events = {EVENT_XGROUP_CREATECONSUMER},
     .summary = "Gives a consumer the entries that have been pending for too long, whoever has them.",
     .complexity = "O(1) if COUNT is small",
     .syntax = "key group consumer min-idle-time start [COUNT count] [JUSTID]",
     .tips = {"nondeterministic_output"},
     .history = xautoclaim_history,
     .run = xautoclaim_run},
    {.name = "xclaim",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -6,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = KEY_AT(1, KEY_RW | KEY_UPDATE),
     .events = {EVENT_XGROUP_CREATECONSUMER},
     .summary = "Gives a consumer entries that are pending, whoever has them.",
     .complexity = "O(log N) for each ID, N being the number of pending entries",
     .syntax = "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] "
               "[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID last-id]",
     .tips = {"nondeterministic_output"},
     .run = xclaim_run},
    {.name = "xgroup",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -2,
     .summary = "A container for commands about consumer groups.",
     .complexity = "Depends on subcommand.",
     .subcommands = xgroup_subcommands},
    {.name = "xpending",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = KEY_AT(1, KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Tells what was given to the consumers of a group and is not acknowledged.",
     .complexity = "O(log N + M), N being the number of pending entries and M that of those returned",
     .syntax = "key group [[IDLE min-idle-time] start end count [consumer]]",
     .tips = {"nondeterministic_output"},
     .history = xpending_history,
     .run = xpending_run},
    {0},
};
