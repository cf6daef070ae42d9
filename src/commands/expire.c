/* Deadlines: the EXPIRE and TTL families, PERSIST. */
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"

enum {
    IF_NONE = 1 << 0,    /* NX */
    IF_SOME = 1 << 1,    /* XX */
    IF_LATER = 1 << 2,   /* GT */
    IF_EARLIER = 1 << 3, /* LT */
};

static bool parse_conditions(struct call *call, unsigned *conditions)
{
    static const char *const words[] = {"nx", "xx", "gt", "lt"};
    *conditions = 0;
    for (int i = 3; i < call->argc; i++) {
        int word = 0;
        while (word < 4 && !slice_is(call->argv[i], words[word])) word++;
        if (word == 4) {
            reply_errorf(call->client, "ERR Unsupported option %.*s", (int)call->argv[i].len,
                         call->argv[i].ptr);
            return false;
        }
        *conditions |= 1u << word;
    }
    if (*conditions & IF_NONE && *conditions & ~(unsigned)IF_NONE) {
        reply_error(call->client, "ERR NX and XX, GT or LT options at the same time are not compatible");
        return false;
    }
    if (*conditions & IF_LATER && *conditions & IF_EARLIER) {
        reply_error(call->client, "ERR GT and LT options at the same time are not compatible");
        return false;
    }
    return true;
}

/* No deadline counts as one infinitely far away. */
static bool conditions_hold(unsigned conditions, int64_t old_ms, int64_t new_ms)
{
    if (conditions & IF_NONE && old_ms >= 0) return false;
    if (conditions & IF_SOME && old_ms < 0) return false;
    if (conditions & IF_LATER && (old_ms < 0 || new_ms <= old_ms)) return false;
    if (conditions & IF_EARLIER && old_ms >= 0 && new_ms >= old_ms) return false;
    return true;
}

/* The moment, not how far it is away. */
static void propagate_deadline(struct call *call, int64_t deadline_ms)
{
    enum { WORDS_MAX = 8 };
    struct propagate_number number;
    if (!call->server->propagating) return;
    struct slice words[WORDS_MAX];
    int argc = call->argc <= WORDS_MAX ? call->argc : 3; /* the conditions hold */
    memcpy(words, call->argv, (size_t)argc * sizeof *words);
    words[0] = SLICE("PEXPIREAT");
    words[2] = propagate_number(&number, deadline_ms);
    propagate_words(call, argc, words);
}

static void expire(struct call *call, bool in_seconds, bool relative)
{
    struct client *c = call->client;
    struct slice key = call->argv[1];
    unsigned conditions;
    int64_t deadline_ms;
    if (!parse_conditions(call, &conditions) ||
        !args_deadline(call, call->argv[2], in_seconds, relative, &deadline_ms))
        return;
    struct entry *e = db_lookup_write(call->db, key);
    if (e == NULL || !conditions_hold(conditions, entry_deadline_ms(e), deadline_ms)) {
        reply_int(c, 0);
        return;
    }
    if (deadline_ms <= call->db->keyspace->now_ms && !call->server->loading) {
        db_delete(call->db, key);
        propagate_as(call, propagate_removal(call->db->keyspace->settings.lazyfree_lazy_expire), key);
        db_signal_modified(call->db, key, EVENT_DEL);
    } else {
        db_set_deadline(call->db, e, deadline_ms);
        propagate_deadline(call, deadline_ms);
        db_signal_modified(call->db, key, EVENT_EXPIRE);
    }
    reply_int(c, 1);
}

static void expire_run(struct call *call)
{
    expire(call, true, true);
}

static void expireat_run(struct call *call)
{
    expire(call, true, false);
}

static void pexpire_run(struct call *call)
{
    expire(call, false, true);
}

static void pexpireat_run(struct call *call)
{
    expire(call, false, false);
}

static void persist_run(struct call *call)
{
    struct entry *e = db_lookup_write(call->db, call->argv[1]);
    bool had_deadline = e && entry_deadline_ms(e) >= 0;
    if (had_deadline) {
        db_set_deadline(call->db, e, ENTRY_NO_DEADLINE);
        db_signal_modified(call->db, call->argv[1], EVENT_PERSIST);
    }
    reply_int(call->client, had_deadline);
}

/* Answers -2 without the key, -1 without a deadline. */
static void tell_deadline(struct call *call, bool in_seconds, bool relative)
{
    const struct entry *e = db_lookup_fact(call->db, call->argv[1]);
    int64_t answer = e ? entry_deadline_ms(e) : -2;
    if (answer >= 0) {
        if (relative) answer -= call->db->keyspace->now_ms;
        if (answer < 0) answer = 0;
        if (in_seconds) answer = answer / 1000 + (answer % 1000 >= 500);
    }
    reply_int(call->client, answer);
}

static void ttl_run(struct call *call)
{
    tell_deadline(call, true, true);
}

static void pttl_run(struct call *call)
{
    tell_deadline(call, false, true);
}

static void expiretime_run(struct call *call)
{
    tell_deadline(call, true, false);
}

static void pexpiretime_run(struct call *call)
{
    tell_deadline(call, false, false);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define CONDITIONS " [NX | XX | GT | LT]"

static const char *const expire_history[] = {"7.0.0", "Takes the conditions NX, XX, GT and LT.", NULL};
static const char *const ttl_history[] = {"2.8.0", "Answers -2 where there is no key.", NULL};

#define EXPIRE_ROW                                                                                           \
    .group = GROUP_GENERIC, .arity = -3, .flags = CMD_WRITE | CMD_FAST,                                      \
    .keys = ONE_KEY(KEY_RW | KEY_UPDATE), .events = {EVENT_EXPIRE, EVENT_DEL}, .complexity = "O(1)",         \
    .history = expire_history
#define TTL_ROW                                                                                              \
    .group = GROUP_GENERIC, .arity = 2, .flags = CMD_READONLY | CMD_FAST,                                    \
    .keys = ONE_KEY(KEY_RO | KEY_ACCESS), .events = {EVENT_KEYMISS}, .complexity = "O(1)", .syntax = "key"

const struct command expire_commands[] = {
    {.name = "expire",
     .since = "1.0.0",
     EXPIRE_ROW,
     .summary = "Lets a key expire after so many seconds.",
     .syntax = "key seconds" CONDITIONS,
     .run = expire_run},
    {.name = "expireat",
     .since = "1.2.0",
     EXPIRE_ROW,
     .summary = "Lets a key expire at a moment, in Unix seconds.",
     .syntax = "key unix-time-seconds" CONDITIONS,
     .run = expireat_run},
    {.name = "expiretime",
     .since = "7.0.0",
     TTL_ROW,
     .summary = "Tells when a key expires, in Unix seconds.",
     .run = expiretime_run},
    {.name = "persist",
     .group = GROUP_GENERIC,
     .since = "2.2.0",
     .arity = 2,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_PERSIST},
     .summary = "Takes a key's expiry away.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = persist_run},
    {.name = "pexpire",
     .since = "2.6.0",
     EXPIRE_ROW,
     .summary = "Lets a key expire after so many milliseconds.",
     .syntax = "key milliseconds" CONDITIONS,
     .run = pexpire_run},
    {.name = "pexpireat",
     .since = "2.6.0",
     EXPIRE_ROW,
     .summary = "Lets a key expire at a moment, in Unix milliseconds.",
     .syntax = "key unix-time-milliseconds" CONDITIONS,
     .run = pexpireat_run},
    {.name = "pexpiretime",
     .since = "7.0.0",
     TTL_ROW,
     .summary = "Tells when a key expires, in Unix milliseconds.",
     .run = pexpiretime_run},
    {.name = "pttl",
     .since = "2.6.0",
     TTL_ROW,
     .summary = "Tells how long a key still lives, in milliseconds.",
     .tips = {"nondeterministic_output"},
     .history = ttl_history,
     .run = pttl_run},
    {.name = "ttl",
     .since = "1.0.0",
     TTL_ROW,
     .summary = "Tells how long a key still lives, in seconds.",
     .tips = {"nondeterministic_output"},
     .history = ttl_history,
     .run = ttl_run},
    {0},
};
