/* CLIENT and MONITOR: the connections, as clients see and steer them. */
#include "commands/client_tracking.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/blocking.h"
#include "core/monitor.h"
#include "core/pause.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- filters: of LIST and KILL ---- */

enum client_type { CLIENT_TYPE_NORMAL, CLIENT_TYPE_MASTER, CLIENT_TYPE_REPLICA, CLIENT_TYPE_PUBSUB };

static bool parse_type(struct client *c, struct slice name, enum client_type *type)
{
    static const struct {
        const char *name;
        enum client_type type;
    } types[] = {{"normal", CLIENT_TYPE_NORMAL},
                 {"master", CLIENT_TYPE_MASTER},
                 {"replica", CLIENT_TYPE_REPLICA},
                 {"slave", CLIENT_TYPE_REPLICA},
                 {"pubsub", CLIENT_TYPE_PUBSUB}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!slice_is(name, types[i].name)) continue;
        *type = types[i].type;
        return true;
    }
    reply_errorf(c, "ERR Unknown client type '%.*s'", (int)name.len, name.ptr);
    return false;
}

static enum client_type type_of(const struct client *c)
{
    switch (client_class(c)) {
    case OUTPUT_PUBSUB: return CLIENT_TYPE_PUBSUB;
    case OUTPUT_REPLICA: return CLIENT_TYPE_REPLICA;
    default: return CLIENT_TYPE_NORMAL;
    }
}

/* ---- about itself ---- */

static void client_id(struct call *call)
{
    reply_int(call->client, (int64_t)call->client->id);
}

static void reply_description(struct client *c, const struct buffer *text)
{
    reply_verbatim(c, buffer_slice(text), "txt");
}

static void describe_line(const struct client *c, struct buffer *to)
{
    client_describe(c, to);
    buffer_append_char(to, '\n');
}

static void client_info(struct call *call)
{
    struct buffer text = {0};
    describe_line(call->client, &text);
    reply_description(call->client, &text);
    buffer_fini(&text);
}

static void client_getname(struct call *call)
{
    struct client *c = call->client;
    if (c->name) reply_text(c, c->name);
    else reply_null(c);
}

/* Sets one of the texts that a client gives of itself; what names it in the
 * error. */
static void set_text(struct call *call, char **field, struct slice text, const char *what)
{
    if (!client_is_valid_name(text)) {
        reply_errorf(call->client, "ERR %s cannot contain spaces, newlines or special characters.", what);
        return;
    }
    client_set_text(field, text);
    reply_ok(call->client);
}

static void client_setname(struct call *call)
{
    set_text(call, &call->client->name, call->argv[2], "Client names");
}

static void client_setinfo(struct call *call)
{
    struct client *c = call->client;
    struct slice field = call->argv[2];
    if (slice_is(field, "lib-name")) set_text(call, &c->lib_name, call->argv[3], "lib-name");
    else if (slice_is(field, "lib-ver")) set_text(call, &c->lib_version, call->argv[3], "lib-ver");
    else reply_errorf(c, "ERR Unrecognized option '%.*s'", (int)field.len, field.ptr);
}

static void client_reply(struct call *call)
{
    struct client *c = call->client;
    struct slice mode = call->argv[2];
    bool muted = c->flags & CLIENT_MUTED;
    if (slice_is(mode, "on")) {
        if (muted) client_unmute(c);
        c->flags &= ~(unsigned)(CLIENT_MUTED | CLIENT_REPLY_SKIP_NEXT);
        reply_ok(c);
    } else if (slice_is(mode, "off")) {
        if (!muted) client_mute(c);
        c->flags |= CLIENT_REPLY_OFF;
    } else if (slice_is(mode, "skip")) {
        if (!(c->flags & CLIENT_REPLY_OFF)) c->flags |= CLIENT_REPLY_SKIP_NEXT;
    } else {
        reply_syntax_error(c);
    }
}

static void set_flag(struct call *call, unsigned flag)
{
    struct client *c = call->client;
    bool on = slice_is(call->argv[2], "on");
    if (!on && !slice_is(call->argv[2], "off")) {
        reply_syntax_error(c);
        return;
    }
    c->flags = on ? c->flags | flag : c->flags & ~flag;
    reply_ok(c);
}

static void client_no_evict(struct call *call)
{
    set_flag(call, CLIENT_NO_EVICT);
}

static void client_no_touch(struct call *call)
{
    set_flag(call, CLIENT_NO_TOUCH);
}

/* ---- LIST ---- */

static void list_all(struct call *call, const enum client_type *type)
{
    struct buffer text = {0};
    list_each (node, &call->server->clients->all) {
        const struct client *c = container_of(node, struct client, of_all);
        if (!(c->flags & CLIENT_CLOSING) && (type == NULL || type_of(c) == *type)) describe_line(c, &text);
    }
    reply_description(call->client, &text);
    buffer_fini(&text);
}

static void list_ids(struct call *call, int from)
{
    struct buffer text = {0};
    bool valid = true;
    for (int i = from; valid && i < call->argc; i++) {
        int64_t id;
        valid = args_int(call->client, call->argv[i], &id, "ERR Invalid client ID");
        const struct client *c = valid && id > 0 ? client_find(call->server->clients, (uint64_t)id) : NULL;
        if (c) describe_line(c, &text);
    }
    if (valid) reply_description(call->client, &text);
    buffer_fini(&text);
}

static void client_list(struct call *call)
{
    enum client_type type;
    if (call->argc == 2) list_all(call, NULL);
    else if (call->argc > 3 && slice_is(call->argv[2], "id")) list_ids(call, 3);
    else if (call->argc != 4 || !slice_is(call->argv[2], "type")) reply_syntax_error(call->client);
    else if (parse_type(call->client, call->argv[3], &type)) list_all(call, &type);
}

/* ---- KILL ---- */

/* What a client must be to be killed; NULL or 0: anything. */
struct kill_filter {
    const struct slice *address, *local, *user;
    uint64_t id;
    enum client_type type;
    bool has_type, skip_me;
};

static bool address_is(void (*address_of)(const struct client *c, char *to), const struct client *c,
                       struct slice address)
{
    char text[SOCKET_ADDRESS_MAX];
    address_of(c, text);
    return slice_equal(slice_of(text), address);
}

static bool filter_fits(const struct kill_filter *filter, const struct client *c)
{
    return (filter->id == 0 || c->id == filter->id) && (!filter->has_type || type_of(c) == filter->type) &&
           (filter->user == NULL || slice_equal(c->user->name, *filter->user)) &&
           (filter->address == NULL || address_is(client_peer, c, *filter->address)) &&
           (filter->local == NULL || address_is(client_local, c, *filter->local));
}

static bool parse_kill_id(struct client *c, struct slice text, uint64_t *id)
{
    int64_t number;
    if (!args_int_between(c, text, 1, INT64_MAX, &number, "ERR client-id should be greater than 0"))
        return false;
    *id = (uint64_t)number;
    return true;
}

static bool parse_kill_user(struct client *c, const struct slice *name, struct kill_filter *filter)
{
    filter->user = name;
    if (acl_find(c->server->acl, *name)) return true;
    reply_errorf(c, "ERR No such user '%.*s'", (int)name->len, name->ptr);
    return false;
}

static bool parse_kill_option(struct call *call, const struct slice *option, struct kill_filter *filter)
{
    struct client *c = call->client;
    const struct slice *value = option + 1;
    if (slice_is(*option, "id")) return parse_kill_id(c, *value, &filter->id);
    if (slice_is(*option, "user")) return parse_kill_user(c, value, filter);
    if (slice_is(*option, "type")) return filter->has_type = parse_type(c, *value, &filter->type);
    if (slice_is(*option, "addr")) filter->address = value;
    else if (slice_is(*option, "laddr")) filter->local = value;
    else if (slice_is(*option, "skipme") && slice_is(*value, "yes")) filter->skip_me = true;
    else if (slice_is(*option, "skipme") && slice_is(*value, "no")) filter->skip_me = false;
    else {
        reply_syntax_error(c);
        return false;
    }
    return true;
}

static bool parse_kill(struct call *call, struct kill_filter *filter)
{
    for (int i = 2; i < call->argc; i += 2) {
        if (i + 1 == call->argc) {
            reply_syntax_error(call->client);
            return false;
        }
        if (!parse_kill_option(call, &call->argv[i], filter)) return false;
    }
    return true;
}

/* Closes all that fit, the caller itself only once it has its answer. */
static int64_t kill_clients(struct call *call, const struct kill_filter *filter)
{
    int64_t count = 0;
    list_each (node, &call->server->clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        bool me = c == call->client;
        if (c->flags & CLIENT_CLOSING || (me && filter->skip_me) || !filter_fits(filter, c)) continue;
        if (me) client_close_after_reply(c);
        else client_close(c, "CLIENT KILL");
        count++;
    }
    return count;
}

static void client_kill(struct call *call)
{
    struct kill_filter filter = {.skip_me = true};
    if (call->argc == 3) {
        filter = (struct kill_filter){.address = &call->argv[2]};
        if (kill_clients(call, &filter)) reply_ok(call->client);
        else reply_error(call->client, "ERR No such client");
    } else if (parse_kill(call, &filter)) {
        reply_int(call->client, kill_clients(call, &filter));
    }
}

/* ---- PAUSE, UNBLOCK ---- */

static void client_pause(struct call *call)
{
    struct client *c = call->client;
    int64_t timeout_ms, until_ms;
    bool all = call->argc == 3 || slice_is(call->argv[3], "all");
    if (call->argc > 4) {
        reply_subcommand_error(call);
    } else if (!all && !slice_is(call->argv[3], "write")) {
        reply_error(c, "ERR CLIENT PAUSE mode must be WRITE or ALL");
    } else if (!args_int(c, call->argv[2], &timeout_ms, "ERR timeout is not an integer or out of range")) {
        return;
    } else if (timeout_ms < 0) {
        reply_error(c, "ERR timeout is negative");
    } else if (__builtin_add_overflow(server_now_ms(call->server), timeout_ms, &until_ms)) {
        reply_error(c, "ERR timeout is out of range");
    } else {
        pause_start(call->server, until_ms, all);
        reply_ok(c);
    }
}

static void client_unpause(struct call *call)
{
    pause_end(call->server);
    reply_ok(call->client);
}

static void client_unblock(struct call *call)
{
    struct client *c = call->client;
    int64_t id;
    bool with_error = call->argc == 4 && slice_is(call->argv[3], "error");
    bool known = call->argc == 3 || with_error || slice_is(call->argv[3], "timeout");
    if (call->argc > 4) {
        reply_subcommand_error(call);
    } else if (!known) {
        reply_error(c, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    } else if (args_int(c, call->argv[2], &id, NULL)) {
        struct client *waiting = client_find(call->server->clients, (uint64_t)id);
        bool waits = waiting && waiting->flags & CLIENT_BLOCKED;
        if (waits) blocking_unblock(waiting, with_error);
        reply_int(c, waits);
    }
}

/* ---- MONITOR ---- */

static void monitor_run(struct call *call)
{
    struct client *c = call->client;
    if (c->flags & CLIENT_IN_EXEC) {
        reply_error(c, "ERR MONITOR isn't allowed for DENY BLOCKING client");
        return;
    }
    monitor_start(c);
    reply_ok(c);
}

/* ---- the rows ---- */

static void client_help(struct call *call)
{
    static const char *const lines[] = {
        "CACHING (YES|NO)",
        "    Track what the next command reads, or do not (in OPTIN and OPTOUT mode).",
        "GETNAME",
        "    Show the name of this connection.",
        "GETREDIR",
        "    Show the ID of the connection that is told instead of this one; 0: none, -1: no tracking.",
        "ID",
        "    Show the ID of this connection.",
        "INFO",
        "    Describe this connection, as LIST does.",
        "KILL <ip:port>",
        "    Close the connection from this address.",
        "KILL <option> <value> [<option> <value> [...]]",
        "    Close the connections that fit all options:",
        "    * ID <client-id>",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "    * ADDR (<ip:port>|<unixsocket>:0), the address it comes from",
        "    * LADDR (<ip:port>|<unixsocket>:0), the address it was made to",
        "    * USER <username>",
        "    * SKIPME (YES|NO), whether this connection is spared (default: yes)",
        "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] | [ID <client-id> [<client-id> ...]]",
        "    Describe connections, one on a line.",
        "NO-EVICT (ON|OFF)",
        "    Spare this connection when clients are closed for want of memory, or not.",
        "NO-TOUCH (ON|OFF)",
        "    Let the commands of this connection leave no trace in LRU and LFU, or not.",
        "PAUSE <timeout> [WRITE|ALL]",
        "    Let commands wait for <timeout> milliseconds: all, or those that write.",
        "REPLY (ON|OFF|SKIP)",
        "    Answer commands, answer none, or do not answer the next one.",
        "SETINFO (LIB-NAME|LIB-VER) <text>",
        "    Tell which library this connection uses.",
        "SETNAME <name>",
        "    Give this connection a name.",
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
        "         [OPTIN] [OPTOUT] [NOLOOP]",
        "    Tell this connection when keys change that it keeps copies of, or stop that.",
        "TRACKINGINFO",
        "    Show how this connection is told.",
        "UNBLOCK <client-id> [TIMEOUT|ERROR]",
        "    End the wait of a client in a blocking command.",
        "UNPAUSE",
        "    End CLIENT PAUSE at once.",
        NULL,
    };
    reply_help(call, lines);
}

#define CLIENT_ROW_FLAGS CMD_NOSCRIPT | CMD_LOADING | CMD_STALE
#define CLIENT_ADMIN     CLIENT_ROW_FLAGS | CMD_ADMIN

static const char *const kill_history[] = {
    "2.8.12", "Has options instead of an address.",
    "2.8.12", "Has the option TYPE.",
    "3.2.0",  "Knows the type master.",
    "5.0.0",  "The type replica is another name of slave.",
    "6.2.0",  "Has the option LADDR.",
    NULL,
};
static const char *const list_history[] = {
    "2.8.12", "Shows the ID of each client.",
    "5.0.0",  "Has the option TYPE.",
    "6.0.0",  "Shows user.",
    "6.2.0",  "Has the option ID, shows argv-mem, tot-mem, laddr and redir.",
    "7.0.0",  "Shows resp, multi-mem, rbs and rbp.",
    "7.0.3",  "Shows ssub.",
    NULL,
};
static const char *const pause_history[] = {"6.2.0", "May pause only what writes.", NULL};

static const struct command client_subcommands[] = {
    {.name = "caching",
     .group = GROUP_CONNECTION,
     .since = "6.0.0",
     .arity = 3,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Decides whether what the next command reads is tracked.",
     .complexity = "O(1)",
     .syntax = "<mode: YES | NO>",
     .run = client_tracking_caching},
    {.name = "getname",
     .group = GROUP_CONNECTION,
     .since = "2.6.9",
     .arity = 2,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Returns the name of the connection.",
     .complexity = "O(1)",
     .run = client_getname},
    {.name = "getredir",
     .group = GROUP_CONNECTION,
     .since = "6.0.0",
     .arity = 2,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Returns the ID of the connection that is told of changed keys instead.",
     .complexity = "O(1)",
     .run = client_tracking_getredir},
    {.name = "help",
     .group = GROUP_CONNECTION,
     .since = "5.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Describes the subcommands.",
     .complexity = "O(1)",
     .run = client_help},
    {.name = "id",
     .group = GROUP_CONNECTION,
     .since = "5.0.0",
     .arity = 2,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Returns the ID of the connection.",
     .complexity = "O(1)",
     .run = client_id},
    {.name = "info",
     .group = GROUP_CONNECTION,
     .since = "6.2.0",
     .arity = 2,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Describes the connection.",
     .complexity = "O(1)",
     .tips = {"nondeterministic_output"},
     .run = client_info},
    {.name = "kill",
     .group = GROUP_CONNECTION,
     .since = "2.4.0",
     .arity = -3,
     .flags = CLIENT_ADMIN,
     .summary = "Closes connections.",
     .complexity = "O(N), N being the number of connections",
     .syntax = "<filter: ip:port | <new-format: [ID client-id] | "
               "[TYPE <normal_master_slave_pubsub: NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] | "
               "[USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>]> ...>",
     .history = kill_history,
     .run = client_kill},
    {.name = "list",
     .group = GROUP_CONNECTION,
     .since = "2.4.0",
     .arity = -2,
     .flags = CLIENT_ADMIN,
     .summary = "Describes all connections.",
     .complexity = "O(N), N being the number of connections",
     .syntax = "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID <id: client-id [client-id ...]>]",
     .tips = {"nondeterministic_output"},
     .history = list_history,
     .run = client_list},
    {.name = "no-evict",
     .group = GROUP_CONNECTION,
     .since = "7.0.0",
     .arity = 3,
     .flags = CLIENT_ADMIN,
     .summary = "Spares the connection when clients are closed for want of memory.",
     .complexity = "O(1)",
     .syntax = "<enabled: ON | OFF>",
     .run = client_no_evict},
    {.name = "no-touch",
     .group = GROUP_CONNECTION,
     .since = "7.2.0",
     .arity = 3,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Lets the commands of the connection leave no trace in LRU and LFU.",
     .complexity = "O(1)",
     .syntax = "<enabled: ON | OFF>",
     .run = client_no_touch},
    {.name = "pause",
     .group = GROUP_CONNECTION,
     .since = "3.0.0",
     .arity = -3,
     .flags = CLIENT_ADMIN,
     .summary = "Lets commands wait.",
     .complexity = "O(1)",
     .syntax = "timeout [mode: WRITE | ALL]",
     .history = pause_history,
     .run = client_pause},
    {.name = "reply",
     .group = GROUP_CONNECTION,
     .since = "3.2.0",
     .arity = 3,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Tells the server whether to answer.",
     .complexity = "O(1)",
     .syntax = "<ON | OFF | SKIP>",
     .run = client_reply},
    {.name = "setinfo",
     .group = GROUP_CONNECTION,
     .since = "7.2.0",
     .arity = 4,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Tells which library the connection uses.",
     .complexity = "O(1)",
     .syntax = "<LIB-NAME libname | LIB-VER libver>",
     .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .run = client_setinfo},
    {.name = "setname",
     .group = GROUP_CONNECTION,
     .since = "2.6.9",
     .arity = 3,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Gives the connection a name.",
     .complexity = "O(1)",
     .syntax = "connection-name",
     .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .run = client_setname},
    {.name = "tracking",
     .group = GROUP_CONNECTION,
     .since = "6.0.0",
     .arity = -3,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Decides whether the connection is told when keys change that it has read.",
     .complexity = "O(1), some options O(N), N being the number of prefixes",
     .syntax = "<status: ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] "
               "[OPTIN] [OPTOUT] [NOLOOP]",
     .run = client_tracking},
    {.name = "trackinginfo",
     .group = GROUP_CONNECTION,
     .since = "6.2.0",
     .arity = 2,
     .flags = CLIENT_ROW_FLAGS,
     .summary = "Tells how the connection is told of changed keys.",
     .complexity = "O(1)",
     .run = client_tracking_info},
    {.name = "unblock",
     .group = GROUP_CONNECTION,
     .since = "5.0.0",
     .arity = -3,
     .flags = CLIENT_ADMIN,
     .summary = "Ends the wait of a client in a blocking command.",
     .complexity = "O(log N), N being the number of connections",
     .syntax = "client-id [TIMEOUT | ERROR]",
     .run = client_unblock},
    {.name = "unpause",
     .group = GROUP_CONNECTION,
     .since = "6.2.0",
     .arity = 2,
     .flags = CLIENT_ADMIN,
     .summary = "Ends CLIENT PAUSE.",
     .complexity = "O(N), N being the number of paused clients",
     .run = client_unpause},
    {0},
};

const struct command client_commands[] = {
    {.name = "client",
     .group = GROUP_CONNECTION,
     .since = "2.4.0",
     .arity = -2,
     .summary = "A container for commands about connections.",
     .complexity = "Depends on subcommand.",
     .subcommands = client_subcommands},
    {.name = "monitor",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = 1,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE,
     .summary = "Shows every command that the server executes, as it does.",
     .complexity = "O(1)",
     .run = monitor_run},
    {0},
};
