/* MULTI, EXEC, DISCARD, WATCH, UNWATCH. */
#include "commands/tables.h"
#include "core/acl_log.h"
#include "core/dispatch.h"
#include "core/multi.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"

static void multi_run(struct call *call)
{
    if (call->client->flags & CLIENT_MULTI) {
        reply_error(call->client, "ERR MULTI calls can not be nested");
        return;
    }
    multi_start(call->client);
    reply_ok(call->client);
}

static void discard_run(struct call *call)
{
    if (!(call->client->flags & CLIENT_MULTI)) {
        reply_error(call->client, "ERR DISCARD without MULTI");
        return;
    }
    multi_discard(call->client);
    reply_ok(call->client);
}

/* A queued command was permitted when it came; rights may have changed since. */
static bool still_permitted(struct client *c, struct queued_command *queued)
{
    static const char *const reasons[ACL_DENIALS] = {
        [ACL_DENIED_COMMAND] = "no permission to execute the command or subcommand",
        [ACL_DENIED_KEY] = "no permission to touch the specified keys",
        [ACL_DENIED_CHANNEL] = "no permission to access one of the channels used as arguments to the command",
    };
    int argument;
    enum acl_denied denied = acl_check_command(c->server->acl, c->user, queued->command, queued->argc,
                                               queued->argv, &argument);
    if (denied == ACL_ALLOWED) return true;
    acl_log_add(c, denied, acl_log_context(c),
                acl_check_object(denied, queued->command, queued->argv, argument), NULL);
    reply_errorf(c,
                 "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC "
                 "call. This command is no longer allowed for the following reason: %s",
                 reasons[denied]);
    return false;
}

enum { OUTPUT_LOOKED_AT_BYTES = 4 * 1024 * 1024 };

/* A transaction runs to its end, but who is over the output limit amid it gets
 * none of what it would still be answered. */
static void bound_output(struct client *c)
{
    if (c->out.sealed_bytes < OUTPUT_LOOKED_AT_BYTES) return;
    client_check_output_limit(c);
    if (c->flags & CLIENT_CLOSING) output_truncate(&c->out, (struct output_mark){0});
}

/* The queue leaves the client before it runs: what a queued command does to
 * the client's transaction state concerns the next one. */
static void run_queue(struct client *c)
{
    struct multi *queue = c->multi;
    watch_clear(&c->watcher);
    c->multi = NULL;
    c->flags = (c->flags & ~(unsigned)CLIENT_MULTI) | CLIENT_IN_EXEC;
    reply_array(c, queue->count);
    for (int i = 0; i < queue->count; i++) {
        struct queued_command *queued = &queue->commands[i];
        if (!(c->flags & CLIENT_RESTRICTED) || still_permitted(c, queued))
            dispatch_run(c, queued->command, queued->argc, queued->argv);
        bound_output(c);
    }
    c->flags &= ~(unsigned)CLIENT_IN_EXEC;
    multi_free(queue);
}

static void exec_run(struct call *call)
{
    struct client *c = call->client;
    if (!(c->flags & CLIENT_MULTI)) {
        reply_error(c, "ERR EXEC without MULTI");
    } else if (c->flags & CLIENT_DIRTY_EXEC) {
        multi_discard(c);
        reply_error(c, "EXECABORT Transaction discarded because of previous errors.");
    } else if (c->watcher.dirty || watch_any_overdue(&c->watcher)) {
        multi_discard(c);
        reply_null_array(c);
    } else {
        run_queue(c);
    }
}

static void watch_run(struct call *call)
{
    struct client *c = call->client;
    if (c->flags & CLIENT_MULTI) {
        reply_error(c, "ERR WATCH inside MULTI is not allowed");
        return;
    }
    if (!c->watcher.dirty) /* else EXEC will fail whatever else is watched */
        for (int i = 1; i < call->argc; i++) watch_add(&c->watcher, call->db, call->argv[i]);
    reply_ok(c);
}

static void unwatch_run(struct call *call)
{
    watch_clear(&call->client->watcher);
    reply_ok(call->client);
}

#define TRANSACTION_FLAGS CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_FAST | CMD_ALLOW_BUSY

const struct command transactions_commands[] = {
    {.name = "discard",
     .group = GROUP_TRANSACTIONS,
     .since = "2.0.0",
     .arity = 1,
     .flags = TRANSACTION_FLAGS,
     .summary = "Drops a transaction that was begun.",
     .complexity = "O(N), N being the number of queued commands",
     .run = discard_run},
    {.name = "exec",
     .group = GROUP_TRANSACTIONS,
     .since = "1.2.0",
     .arity = 1,
     .flags = CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_SKIP_SLOWLOG,
     .summary = "Executes all commands of a transaction.",
     .complexity = "Depends on commands in the transaction",
     .run = exec_run},
    {.name = "multi",
     .group = GROUP_TRANSACTIONS,
     .since = "1.2.0",
     .arity = 1,
     .flags = TRANSACTION_FLAGS,
     .summary = "Begins a transaction.",
     .complexity = "O(1)",
     .run = multi_run},
    {.name = "unwatch",
     .group = GROUP_TRANSACTIONS,
     .since = "2.2.0",
     .arity = 1,
     .flags = TRANSACTION_FLAGS,
     .summary = "Forgets all watched keys.",
     .complexity = "O(1)",
     .run = unwatch_run},
    {.name = "watch",
     .group = GROUP_TRANSACTIONS,
     .since = "2.2.0",
     .arity = -2,
     .flags = TRANSACTION_FLAGS,
     .keys = {{.flags = KEY_RO, .index = 1, .last = -1, .step = 1}},
     .summary = "Makes the next EXEC depend on keys staying as they are.",
     .complexity = "O(1) for every key",
     .syntax = "key [key ...]",
     .run = watch_run},
    {0},
};
