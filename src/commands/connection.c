/* The connection itself: PING, ECHO, HELLO, AUTH, SELECT, QUIT, RESET. */
#include <ctype.h>

#include "base/number.h"
#include "commands/tables.h"
#include "core/acl_clients.h"
#include "core/args.h"
#include "core/config.h"
#include "core/monitor.h"
#include "core/multi.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/tracking.h"
#include "base/version.h"
#include "db/keyspace.h"
#include "notify/pubsub.h"

static void ping_run(struct call *call)
{
    struct client *c = call->client;
    if (call->argc > 2) {
        reply_error(c, "ERR wrong number of arguments for 'ping' command");
    } else if (c->flags & CLIENT_SUBSCRIBED && c->resp == 2) {
        reply_array(c, 2);
        reply_text(c, "pong");
        reply_bulk(c, call->argc == 2 ? call->argv[1] : SLICE(""));
    } else if (call->argc == 2) {
        reply_bulk(c, call->argv[1]);
    } else {
        reply_encoded(c, SLICE("+PONG\r\n"));
    }
}

static void echo_run(struct call *call)
{
    reply_bulk(call->client, call->argv[1]);
}

static void select_run(struct call *call)
{
    struct db *db;
    if (!args_db(call->client, call->argv[1], &db, NULL)) return;
    call->client->db = db;
    reply_ok(call->client);
}

static void quit_run(struct call *call)
{
    reply_ok(call->client);
    client_close_after_reply(call->client);
}

static void reset_run(struct call *call)
{
    struct client *c = call->client;
    monitor_stop(c);
    tracking_stop(c);
    multi_discard(c);
    pubsub_forget(call->server, c);
    pubsub_set_protocol(c, 2);
    c->db = &call->server->keyspace->dbs[0];
    c->flags &= ~(unsigned)(CLIENT_MUTED | CLIENT_REPLY_SKIP_NEXT | CLIENT_NO_EVICT | CLIENT_NO_TOUCH);
    acl_clients_begin(c);
    client_set_text(&c->name, SLICE(""));
    reply_simple(c, "RESET");
}

/* ---- who is it ---- */

static void auth_run(struct call *call)
{
    struct client *c = call->client;
    if (call->argc > 3) {
        reply_syntax_error(c);
    } else if (call->argc == 2 && call->server->acl->standard->needs_no_password) {
        reply_error(
            c, "ERR AUTH <password> called without any password configured for the default user. Are you "
               "sure your configuration is correct?");
    } else {
        struct slice user = call->argc == 3 ? call->argv[1] : SLICE("default");
        if (acl_clients_authenticate(c, user, call->argv[call->argc - 1], "AUTH")) reply_ok(c);
    }
}

static bool auth_is_secret(const struct call *call, int i)
{
    (void)call;
    return i > 0;
}

/* The two words behind AUTH. */
static bool hello_is_secret(const struct call *call, int i)
{
    for (int k = i - 2; k < i; k++)
        if (k >= 2 && slice_is(call->argv[k], "auth")) return true;
    return false;
}

static void describe_server(struct client *c)
{
    reply_map(c, 7);
    reply_text(c, "server");
    reply_text(c, "redis");
    reply_text(c, "version");
    reply_text(c, VERSION_REDIS);
    reply_text(c, "proto");
    reply_int(c, c->resp);
    reply_text(c, "id");
    reply_int(c, (int64_t)c->id);
    reply_text(c, "mode");
    reply_text(c, "standalone");
    reply_text(c, "role");
    reply_text(c, "master");
    reply_text(c, "modules");
    reply_empty_array(c);
}

/* HELLO's options, from argument 2 on: who, and under what name. */
struct hello {
    const struct slice *user, *password, *name;
};

static bool parse_hello(struct call *call, struct hello *hello)
{
    for (int i = 2; i < call->argc; i++) {
        int left = call->argc - i - 1;
        if (slice_is(call->argv[i], "auth") && left >= 2) {
            hello->user = &call->argv[++i];
            hello->password = &call->argv[++i];
        } else if (slice_is(call->argv[i], "setname") && left >= 1) {
            hello->name = &call->argv[++i];
            if (client_is_valid_name(*hello->name)) continue;
            reply_error(call->client,
                        "ERR Client names cannot contain spaces, newlines or special characters.");
            return false;
        } else {
            reply_errorf(call->client, "ERR Syntax error in HELLO option '%.*s'", (int)call->argv[i].len,
                         call->argv[i].ptr);
            return false;
        }
    }
    return true;
}

static void hello_run(struct call *call)
{
    struct client *c = call->client;
    struct hello hello = {0};
    int64_t version = c->resp;
    if (call->argc > 1 &&
        !args_int(c, call->argv[1], &version, "ERR Protocol version is not an integer or out of range"))
        return;
    if (version < 2 || version > 3) {
        reply_error(c, "NOPROTO unsupported protocol version");
        return;
    }
    if (!parse_hello(call, &hello)) return;
    if (hello.user && !acl_clients_authenticate(c, *hello.user, *hello.password, "HELLO")) return;
    if (client_is_stranger(c)) {
        reply_error(
            c,
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> "
            "AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol "
            "version at the same time");
        return;
    }
    if (hello.name) client_set_text(&c->name, *hello.name);
    pubsub_set_protocol(c, (int)version);
    describe_server(c);
}

#define EVERYWHERE CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_FAST | CMD_NO_AUTH | CMD_ALLOW_BUSY

static const char *const auth_history[] = {"6.0.0", "Takes a user name, too.", NULL};
static const char *const hello_history[] = {"6.2.0", "The protocol version may be left out.", NULL};

const struct command connection_commands[] = {
    {.name = "auth",
     .group = GROUP_CONNECTION,
     .since = "1.0.0",
     .arity = -2,
     .flags = EVERYWHERE | CMD_SENTINEL,
     .summary = "Tells who the client is.",
     .complexity = "O(N), N being the number of passwords of the user",
     .syntax = "[username] password",
     .history = auth_history,
     .run = auth_run,
     .is_secret = auth_is_secret},
    {.name = "echo",
     .group = GROUP_CONNECTION,
     .since = "1.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE | CMD_FAST,
     .summary = "Returns its argument.",
     .complexity = "O(1)",
     .syntax = "message",
     .run = echo_run},
    {.name = "hello",
     .group = GROUP_CONNECTION,
     .since = "6.0.0",
     .arity = -1,
     .flags = EVERYWHERE | CMD_SENTINEL,
     .summary = "Chooses the protocol version, tells who the client is, and describes the server.",
     .complexity = "O(1)",
     .syntax = "[arguments: protover [AUTH username password] [SETNAME clientname]]",
     .history = hello_history,
     .run = hello_run,
     .is_secret = hello_is_secret},
    {.name = "ping",
     .group = GROUP_CONNECTION,
     .since = "1.0.0",
     .arity = -1,
     .flags = CMD_FAST | CMD_SENTINEL,
     .summary = "Answers PONG, or its argument.",
     .complexity = "O(1)",
     .syntax = "[message]",
     .tips = {"request_policy:all_shards", "response_policy:all_succeeded"},
     .run = ping_run},
    {.name = "quit",
     .group = GROUP_CONNECTION,
     .since = "1.0.0",
     .arity = -1,
     .flags = EVERYWHERE,
     .summary = "Closes the connection.",
     .complexity = "O(1)",
     .replaced_by = "just closing the connection",
     .deprecated_since = "7.2.0",
     .run = quit_run},
    {.name = "reset",
     .group = GROUP_CONNECTION,
     .since = "6.2.0",
     .arity = 1,
     .flags = EVERYWHERE,
     .summary = "Sets everything about the connection back to its beginnings.",
     .complexity = "O(1)",
     .run = reset_run},
    {.name = "select",
     .group = GROUP_CONNECTION,
     .since = "1.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE | CMD_FAST,
     .summary = "Chooses the database.",
     .complexity = "O(1)",
     .syntax = "index",
     .run = select_run},
    {0},
};
