/* Keys whatever they hold: DEL, EXISTS, TYPE, RENAME, COPY, MOVE and the like. */
#include "commands/tables.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/evict.h"
#include "db/keyspace.h"

/* ---- removing ---- */

static void delete_keys(struct call *call, bool in_background)
{
    int64_t deleted = 0;
    for (int i = 1; i < call->argc; i++) {
        struct slice key = call->argv[i];
        if (!(in_background ? db_unlink(call->db, key) : db_delete(call->db, key))) continue;
        db_signal_modified(call->db, key, EVENT_DEL);
        deleted++;
    }
    reply_int(call->client, deleted);
}

static void del_run(struct call *call)
{
    delete_keys(call, call->db->keyspace->settings.lazyfree_lazy_user_del);
}

static void unlink_run(struct call *call)
{
    delete_keys(call, true);
}

/* ---- asking ---- */

static void exists_run(struct call *call)
{
    int64_t found = 0;
    for (int i = 1; i < call->argc; i++) found += db_lookup_fact(call->db, call->argv[i]) != NULL;
    reply_int(call->client, found);
}

static void touch_run(struct call *call)
{
    int64_t found = 0;
    for (int i = 1; i < call->argc; i++) {
        struct entry *e = db_lookup_fact(call->db, call->argv[i]);
        if (e == NULL) continue;
        evict_touch(call->db->keyspace, e); /* even for a client in NO-TOUCH mode */
        found++;
    }
    reply_int(call->client, found);
}

static void type_run(struct call *call)
{
    const struct entry *e = db_lookup_fact(call->db, call->argv[1]);
    struct value value;
    if (e) value = entry_value(e);
    reply_simple(call->client, e ? value_type(&value)->name : "none");
}

/* ---- moving and copying ---- */

/* A key that got a value from another tells `new` before the command's event,
 * even over an old value; that it was there is told behind it. */
static void signal_overwritten(struct db *db, struct slice key, enum db_change change)
{
    if (change != DB_ADDED) db_signal_change(db, key, change);
}

static void rename_key(struct call *call, bool only_if_free)
{
    struct client *c = call->client;
    struct db *db = call->db;
    struct slice from = call->argv[1], to = call->argv[2];
    enum db_change change;
    if (db_lookup_write(db, from) == NULL) {
        reply_no_key(c);
        return;
    }
    bool same = slice_equal(from, to);
    if (only_if_free && (same || db_lookup_write(db, to))) {
        reply_int(c, 0);
        return;
    }
    if (!same) {
        db_move(db, from, db, to, &change);
        db_signal_event(db, to, EVENT_NEW);
        db_signal_modified(db, from, EVENT_RENAME_FROM);
        db_signal_modified(db, to, EVENT_RENAME_TO);
        signal_overwritten(db, to, change);
    }
    if (only_if_free) reply_int(c, 1);
    else reply_ok(c);
}

static void rename_run(struct call *call)
{
    rename_key(call, false);
}

static void renamenx_run(struct call *call)
{
    rename_key(call, true);
}

static void move_run(struct call *call)
{
    struct client *c = call->client;
    struct slice key = call->argv[1];
    struct db *to;
    enum db_change change;
    if (!args_db(c, call->argv[2], &to, NULL)) return;
    if (to == call->db) {
        reply_error(c, "ERR source and destination objects are the same");
        return;
    }
    if (db_lookup_write(call->db, key) == NULL || db_lookup_write(to, key)) {
        reply_int(c, 0);
        return;
    }
    db_move(call->db, key, to, key, &change);
    db_signal_event(to, key, EVENT_NEW);
    db_signal_modified(call->db, key, EVENT_MOVE_FROM);
    db_signal_modified(to, key, EVENT_MOVE_TO);
    reply_int(c, 1);
}

static bool parse_copy(struct call *call, struct db **to, bool *replace)
{
    for (int i = 3; i < call->argc; i++) {
        if (slice_is(call->argv[i], "replace")) {
            *replace = true;
        } else if (slice_is(call->argv[i], "db") && i + 1 < call->argc) {
            if (!args_db(call->client, call->argv[++i], to, NULL)) return false;
        } else {
            reply_syntax_error(call->client);
            return false;
        }
    }
    return true;
}

static void copy_run(struct call *call)
{
    struct client *c = call->client;
    struct slice from = call->argv[1], name = call->argv[2];
    struct db *to = call->db;
    bool replace = false;
    if (!parse_copy(call, &to, &replace)) return;
    if (to == call->db && slice_equal(from, name)) {
        reply_error(c, "ERR source and destination objects are the same");
        return;
    }
    enum db_change change;
    if (db_lookup_read(call->db, from) == NULL || (db_lookup_write(to, name) && !replace)) {
        reply_int(c, 0);
        return;
    }
    db_copy(call->db, from, to, name, &change);
    db_signal_event(to, name, EVENT_NEW);
    db_signal_modified(to, name, EVENT_COPY_TO);
    signal_overwritten(to, name, change);
    reply_int(c, 1);
}

/* ---- the rows ---- */

#define FROM_KEY(key_flags)                                                                                  \
    {                                                                                                        \
        .flags = (key_flags), .index = 1                                                                     \
    }
#define TO_KEY(key_flags)                                                                                    \
    {                                                                                                        \
        .flags = (key_flags), .index = 2                                                                     \
    }
#define ALL_KEYS(key_flags)                                                                                  \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1, .last = -1                                                     \
        }                                                                                                    \
    }

static const char *const renamenx_history[] = {"3.2.0", "Accepts the same name twice.", NULL};
static const char *const exists_history[] = {"3.0.3", "Takes several keys.", NULL};

const struct command keys_commands[] = {
    {.name = "copy",
     .group = GROUP_GENERIC,
     .since = "6.2.0",
     .arity = -3,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {FROM_KEY(KEY_RO | KEY_ACCESS), TO_KEY(KEY_OW | KEY_UPDATE)},
     .events = {EVENT_COPY_TO, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_KEYMISS},
     .summary = "Copies the value of a key, with its expiry, to another key.",
     .complexity = "O(N) for a collection of N elements, O(1) for a string",
     .syntax = "source destination [DB destination-db] [REPLACE]",
     .run = copy_run},
    {.name = "del",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = -2,
     .flags = CMD_WRITE,
     .keys = ALL_KEYS(KEY_RM | KEY_DELETE),
     .events = {EVENT_DEL},
     .summary = "Deletes keys.",
     .complexity = "O(N), N being the number of keys, and O(M) for each that holds M elements",
     .syntax = "key [key ...]",
     .tips = {"request_policy:multi_shard", "response_policy:agg_sum"},
     .run = del_run},
    {.name = "exists",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = -2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ALL_KEYS(KEY_RO),
     .events = {EVENT_KEYMISS},
     .summary = "Counts which of the keys exist.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "key [key ...]",
     .tips = {"request_policy:multi_shard", "response_policy:agg_sum"},
     .history = exists_history,
     .run = exists_run},
    {.name = "move",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = 3,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = {FROM_KEY(KEY_RW | KEY_ACCESS | KEY_UPDATE)},
     .events = {EVENT_MOVE_FROM, EVENT_MOVE_TO, EVENT_NEW},
     .summary = "Moves a key to another database.",
     .complexity = "O(1)",
     .syntax = "key db",
     .run = move_run},
    {.name = "rename",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = 3,
     .flags = CMD_WRITE,
     .keys = {FROM_KEY(KEY_RW | KEY_ACCESS | KEY_DELETE), TO_KEY(KEY_OW | KEY_UPDATE)},
     .events = {EVENT_RENAME_FROM, EVENT_RENAME_TO, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED},
     .summary = "Gives a key another name, which it takes from a key that has it.",
     .complexity = "O(1)",
     .syntax = "key newkey",
     .run = rename_run},
    {.name = "renamenx",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = 3,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = {FROM_KEY(KEY_RW | KEY_ACCESS | KEY_DELETE), TO_KEY(KEY_OW | KEY_INSERT)},
     .events = {EVENT_RENAME_FROM, EVENT_RENAME_TO, EVENT_NEW},
     .summary = "Gives a key another name if no key has it.",
     .complexity = "O(1)",
     .syntax = "key newkey",
     .history = renamenx_history,
     .run = renamenx_run},
    {.name = "touch",
     .group = GROUP_GENERIC,
     .since = "3.2.1",
     .arity = -2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ALL_KEYS(KEY_RO),
     .events = {EVENT_KEYMISS},
     .summary = "Counts which of the keys exist, and marks them as used just now.",
     .complexity = "O(N), N being the number of keys",
     .syntax = "key [key ...]",
     .tips = {"request_policy:multi_shard", "response_policy:agg_sum"},
     .run = touch_run},
    {.name = "type",
     .group = GROUP_GENERIC,
     .since = "1.0.0",
     .arity = 2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = {FROM_KEY(KEY_RO)},
     .events = {EVENT_KEYMISS},
     .summary = "Tells the type of what a key holds.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = type_run},
    {.name = "unlink",
     .group = GROUP_GENERIC,
     .since = "4.0.0",
     .arity = -2,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ALL_KEYS(KEY_RM | KEY_DELETE),
     .events = {EVENT_DEL},
     .summary = "Deletes keys, and frees what they held in the background.",
     .complexity = "O(N), N being the number of keys; freeing is done elsewhere",
     .syntax = "key [key ...]",
     .tips = {"request_policy:multi_shard", "response_policy:agg_sum"},
     .run = unlink_run},
    {0},
};
