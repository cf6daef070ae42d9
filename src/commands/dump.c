/* DUMP and RESTORE: a value as a payload of bytes. */
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/rdb.h"
#include "persist/dump.h"
#include "persist/rdb_load.h"

static void dump_run(struct call *call)
{
    struct buffer payload = {0}, why = {0};
    const struct entry *e = db_lookup_read(call->db, call->argv[1]);
    if (e == NULL) {
        reply_null(call->client);
        return;
    }
    struct value value = entry_value(e);
    if (dump_write(call->server->persist, &value, &payload, &why))
        reply_bulk(call->client, buffer_slice(&payload));
    else reply_error(call->client, why.data);
    buffer_fini(&payload);
    buffer_fini(&why);
}

/* ---- RESTORE ---- */

struct restore_options {
    bool replaces, is_absolute;
    int64_t deadline_ms;
    struct rdb_use use;
};

static bool parse_use(struct call *call, int at, struct restore_options *o)
{
    struct client *c = call->client;
    struct slice value = call->argv[at + 1];
    if (slice_is(call->argv[at], "idletime")) {
        if (o->use.frequency >= 0) {
            reply_syntax_error(c);
            return false;
        }
        if (!args_int(c, value, &o->use.idle_s, NULL)) return false;
        if (o->use.idle_s >= 0) return true;
        reply_error(c, "ERR Invalid IDLETIME value, must be >= 0");
        return false;
    }
    if (o->use.idle_s >= 0 || !slice_is(call->argv[at], "freq")) {
        reply_syntax_error(c);
        return false;
    }
    if (!args_int(c, value, &o->use.frequency, NULL)) return false;
    if (o->use.frequency >= 0 && o->use.frequency <= 255) return true;
    reply_error(c, "ERR Invalid FREQ value, must be >= 0 and <= 255");
    return false;
}

static bool parse_options(struct call *call, struct restore_options *o)
{
    *o = (struct restore_options){.deadline_ms = ENTRY_NO_DEADLINE, .use = {-1, -1}};
    for (int i = 4; i < call->argc; i++) {
        if (slice_is(call->argv[i], "replace")) {
            o->replaces = true;
        } else if (slice_is(call->argv[i], "absttl")) {
            o->is_absolute = true;
        } else if (i + 1 < call->argc) {
            if (!parse_use(call, i, o)) return false;
            i++;
        } else {
            reply_syntax_error(call->client);
            return false;
        }
    }
    return true;
}

static bool parse_ttl(struct call *call, struct restore_options *o)
{
    int64_t ttl_ms, now_ms = call->db->keyspace->now_ms;
    if (!args_int(call->client, call->argv[2], &ttl_ms, NULL)) return false;
    if (ttl_ms < 0 || (!o->is_absolute && ttl_ms > INT64_MAX - now_ms)) {
        reply_error(call->client, "ERR Invalid TTL value, must be >= 0");
        return false;
    }
    if (ttl_ms) o->deadline_ms = o->is_absolute ? ttl_ms : now_ms + ttl_ms;
    return true;
}

/* As it was sent, but with the time when the key goes, not how long it stays. */
static void propagate_restore(struct call *call, const struct restore_options *o)
{
    struct propagate_number deadline;
    if (!call->server->propagating || o->deadline_ms < 0 || o->is_absolute) return;
    int argc = call->argc;
    struct slice words[16];
    if (argc + 1 > (int)(sizeof words / sizeof *words)) argc = 4; /* options repeated: once is enough */
    memcpy(words, call->argv, (size_t)argc * sizeof *words);
    words[2] = propagate_number(&deadline, o->deadline_ms);
    if (argc == 4 && o->replaces) words[argc++] = SLICE("REPLACE");
    words[argc++] = SLICE("ABSTTL");
    propagate_words(call, argc, words);
}

static void put_value(struct call *call, const struct restore_options *o, const struct value *value)
{
    struct db *db = call->db;
    struct slice key = call->argv[1];
    enum db_change change = db_set_quietly(db, key, value, o->deadline_ms);
    if (change == DB_ADDED) db_signal_change(db, key, change);
    rdb_load_use(db->keyspace, db_peek(db, key), &o->use);
    propagate_restore(call, o);
    db_signal_modified(db, key, EVENT_RESTORE);
    if (change != DB_ADDED) db_signal_change(db, key, change);
    reply_ok(call->client);
}

/* What has no time left replaces what is there by nothing. */
static void put_nothing(struct call *call)
{
    struct slice key = call->argv[1];
    if (db_delete(call->db, key)) {
        propagate_as(call, SLICE("DEL"), key);
        db_signal_modified(call->db, key, EVENT_DEL);
    }
    reply_ok(call->client);
}

static void free_value(const struct value *value)
{
    if (value->store == STORE_OBJECT) value_type(value)->free(value->object, value->encoding);
}

static void restore_payload(struct call *call, const struct restore_options *o)
{
    struct rdb_reader r;
    struct value value;
    if (!dump_read(call->server->persist, call->argv[3], &r, &value)) {
        reply_error(call->client, "ERR Bad data format");
    } else if (o->deadline_ms >= 0 && o->deadline_ms < call->db->keyspace->now_ms && !call->server->loading) {
        free_value(&value);
        put_nothing(call);
    } else {
        put_value(call, o, &value);
    }
    rdb_reader_fini(&r);
}

static void restore_run(struct call *call)
{
    struct restore_options o;
    int version;
    if (!parse_options(call, &o)) return;
    if (!o.replaces && db_lookup_write(call->db, call->argv[1]))
        reply_error(call->client, "BUSYKEY Target key name already exists.");
    else if (!parse_ttl(call, &o)) return;
    else if (!dump_is_sealed(call->server->persist, call->argv[3], &version))
        reply_error(call->client, "ERR DUMP payload version or checksum are wrong");
    else restore_payload(call, &o);
}

static const char *const restore_history[] = {
    "3.0.0", "Takes `REPLACE`.", "5.0.0", "Takes `ABSTTL`.", "5.0.0", "Takes `IDLETIME` and `FREQ`.", NULL};

#define RESTORE_ROW                                                                                          \
    .arity = -4, .keys = {{KEY_OW | KEY_UPDATE, 1}}, .categories = CATEGORY_DANGEROUS | CATEGORY_KEYSPACE,   \
    .events = {EVENT_NEW, EVENT_RESTORE, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_DEL},                  \
    .complexity = "O(1) for the key, O(N*M) for a value of N parts of M bytes, with log(N) more for a "      \
                  "sorted set",                                                                              \
    .syntax = "key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:integer] [FREQ "        \
              "frequency:integer]",                                                                          \
    .history = restore_history, .run = restore_run

const struct command dump_commands[] = {
    {.name = "dump",
     .group = GROUP_GENERIC,
     .since = "2.6.0",
     .arity = 2,
     .flags = CMD_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .keys = {{KEY_RO | KEY_ACCESS, 1}},
     .events = {EVENT_KEYMISS},
     .summary = "Returns the value of a key as bytes that RESTORE understands.",
     .complexity = "O(1) for the key, O(N*M) for a value of N parts of M bytes",
     .syntax = "key",
     .tips = {"nondeterministic_output"},
     .run = dump_run},
    {.name = "restore",
     .group = GROUP_GENERIC,
     .since = "2.6.0",
     .flags = CMD_WRITE | CMD_DENYOOM,
     .summary = "Makes a key of what DUMP returned.",
     RESTORE_ROW},
    {.name = "restore-asking",
     .group = GROUP_SERVER,
     .since = "3.0.0",
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_ASKING | CMD_SYSTEM,
     .summary = "RESTORE, as servers of a cluster send it when a slot moves.",
     RESTORE_ROW},
    {0},
};
