/* SAVE, BGSAVE, LASTSAVE, BGREWRITEAOF, WAITAOF. */
#include "commands/tables.h"
#include "core/args.h"
#include "core/blocking.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "persist/aof.h"
#include "persist/child.h"
#include "persist/snapshot.h"

static void save_run(struct call *call)
{
    const struct persist *p = call->server->persist;
    if (child_purpose(p->child) == CHILD_SAVE)
        reply_error(call->client, "ERR Background save already in progress");
    else if (snapshot_save(p->snapshot)) reply_ok(call->client);
    else reply_error(call->client, "ERR the data could not be saved: the reason is in the log");
}

static void bgsave_run(struct call *call)
{
    struct client *c = call->client;
    const struct persist *p = call->server->persist;
    bool may_wait = call->argc == 2 && slice_is(call->argv[1], "schedule");
    if (call->argc > 2 || (call->argc == 2 && !may_wait)) {
        reply_syntax_error(c);
    } else if (child_purpose(p->child) == CHILD_SAVE) {
        reply_error(c, "ERR Background save already in progress");
    } else if (child_purpose(p->child) == CHILD_NONE && !(c->flags & CLIENT_IN_EXEC)) {
        if (snapshot_start(p->snapshot)) reply_simple(c, "Background saving started");
        else reply_error(c, "ERR the server could not fork: the reason is in the log");
    } else if (may_wait || c->flags & CLIENT_IN_EXEC) {
        p->snapshot->is_scheduled = true;
        reply_simple(c, "Background saving scheduled");
    } else {
        reply_error(
            c, "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in "
               "order to schedule a BGSAVE whenever possible.");
    }
}

static void lastsave_run(struct call *call)
{
    reply_int(call->client, call->server->persist->snapshot->last_save_s);
}

/* In a transaction a fork has to wait for its end. */
static void bgrewriteaof_run(struct call *call)
{
    struct client *c = call->client;
    const struct persist *p = call->server->persist;
    if (child_purpose(p->child) == CHILD_REWRITE) {
        reply_error(c, "ERR Background append only file rewriting already in progress");
    } else if (child_purpose(p->child) == CHILD_SAVE || c->flags & CLIENT_IN_EXEC) {
        p->aof->is_scheduled = true;
        reply_simple(c, "Background append only file rewriting scheduled");
    } else if (aof_rewrite_start(p->aof)) {
        reply_simple(c, "Background append only file rewriting started");
    } else {
        reply_error(c, "ERR Can't execute an AOF background rewriting. Please check the server logs for more "
                       "information.");
    }
}

/* ---- WAITAOF ---- */

/* Whether all that was propagated is on this server's disk. */
static bool is_synced(const struct server *server)
{
    struct aof *a = server->persist->aof;
    return a->state != AOF_OFF && aof_write_now(a) && aof_sync_now(a);
}

static void reply_synced(struct client *c)
{
    reply_array(c, 2);
    reply_int(c, is_synced(c->server));
    reply_int(c, 0); /* replicas: there is none */
}

/* Syncs on the spot; for replicas, of which there is none, waits its time. */
static void waitaof_run(struct call *call)
{
    struct client *c = call->client;
    int64_t local, replicas, timeout_ms;
    if (!args_int_between(c, call->argv[1], 0, 1, &local, NULL)) return;
    if (!args_int_between(c, call->argv[2], 0, INT64_MAX, &replicas, NULL)) return;
    if (!args_int(c, call->argv[3], &timeout_ms, "ERR timeout is not an integer or out of range")) return;
    if (timeout_ms < 0) {
        reply_error(c, "ERR timeout is negative");
    } else if (local && !call->server->persist->settings->appendonly) {
        reply_error(c, "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
    } else if (replicas == 0) {
        reply_synced(c);
    } else {
        const struct blocking_wish wish = {.timeout_ms = timeout_ms, .timed_out = reply_synced};
        blocking_wait(call, &wish);
    }
}

#define SAVING_FLAGS CMD_ADMIN | CMD_NOSCRIPT | CMD_NO_ASYNC_LOADING

static const char *const bgsave_history[] = {"3.2.2", "Takes `SCHEDULE`.", NULL};

const struct command persistence_commands[] = {
    {.name = "bgrewriteaof",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = 1,
     .flags = SAVING_FLAGS,
     .summary = "Makes the append only file as short as it can be, in the background.",
     .complexity = "O(1)",
     .run = bgrewriteaof_run},
    {.name = "bgsave",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = -1,
     .flags = SAVING_FLAGS,
     .summary = "Saves the data to the RDB file in the background.",
     .complexity = "O(1)",
     .syntax = "[SCHEDULE]",
     .history = bgsave_history,
     .run = bgsave_run},
    {.name = "lastsave",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = 1,
     .flags = CMD_LOADING | CMD_STALE | CMD_FAST,
     .categories = CATEGORY_ADMIN | CATEGORY_DANGEROUS,
     .summary = "Tells when the data was last saved, in seconds since 1970.",
     .complexity = "O(1)",
     .tips = {"nondeterministic_output"},
     .run = lastsave_run},
    {.name = "save",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = 1,
     .flags = SAVING_FLAGS | CMD_NO_MULTI,
     .summary = "Saves the data to the RDB file while everybody waits.",
     .complexity = "O(N), N being the number of keys in all databases",
     .run = save_run},
    {.name = "waitaof",
     .group = GROUP_GENERIC,
     .since = "7.2.0",
     .arity = 4,
     .flags = CMD_NOSCRIPT | CMD_BLOCKING,
     .categories = CATEGORY_CONNECTION,
     .summary = "Waits until what the client wrote is on the disk, here and on replicas.",
     .complexity = "O(1)",
     .syntax = "numlocal:integer numreplicas:integer timeout:integer",
     .run = waitaof_run},
    {0},
};
