#include "core/dispatch.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/acl_log.h"
#include "core/blocking.h"
#include "core/latency.h"
#include "core/monitor.h"
#include "core/multi.h"
#include "core/pause.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/slowlog.h"
#include "core/stats.h"
#include "core/tracking.h"
#include "db/evict.h"
#include "db/keyspace.h"

/* A client with none of these, on a server with no checks, runs its command
 * after one test. */
enum { LATENCY_HIGHEST_NS = 1000 * 1000 * 1000 }; /* of the histograms per command */

enum {
    CLIENT_CHECKED = CLIENT_UNAUTHENTICATED | CLIENT_RESTRICTED | CLIENT_MULTI | CLIENT_SUBSCRIBED |
                     CLIENT_MONITOR | CLIENT_MUTED | CLIENT_REPLY_SKIP_NEXT | CLIENT_NO_TOUCH |
                     CLIENT_TRACKING
};

void dispatch_refresh_checks(struct server *server)
{
    server->checks = (server->keyspace->settings.maxmemory_bytes ? CHECK_MEMORY : 0) |
                     (pause_is_on(server->pause, server_now_ms(server)) ? CHECK_PAUSE : 0) |
                     (server->clients->monitors ? CHECK_MONITORS : 0) |
                     (server->loading ? CHECK_LOADING : 0) | (server->write_refusal ? CHECK_WRITES : 0) |
                     (server->busy_error ? CHECK_BUSY : 0);
    const struct core_settings *settings = server->settings;
    int64_t slow_us = settings->slowlog_log_slower_than_us,
            latency_ms = settings->latency_monitor_threshold_ms;
    uint64_t slow_ns = slow_us >= 0 ? (uint64_t)slow_us * 1000 : UINT64_MAX;
    uint64_t latency_ns = latency_ms > 0 ? (uint64_t)latency_ms * 1000000 : UINT64_MAX;
    server->slow_ns = slow_ns < latency_ns ? slow_ns : latency_ns;
}

/* ---- refusals ---- */

static bool is_exec(const struct command *row)
{
    return row->group == GROUP_TRANSACTIONS && strcmp(row->name, "exec") == 0;
}

/* By which a load balancer learns that a server does not do its work. */
static bool is_ping(const struct command *row)
{
    return strcmp(row->name, "ping") == 0;
}

/* An EXEC that is refused ends its transaction, and says why. */
static void refuse(struct client *c, const struct command *row, const char *error)
{
    if (!is_exec(row)) {
        reply_error(c, error);
        return;
    }
    multi_discard(c);
    reply_errorf(c, "EXECABORT Transaction discarded because of: %s",
                 strncmp(error, "ERR ", 4) ? error : error + 4);
}

/* At most max bytes of a word, and none from a NUL on. */
static void append_word(struct buffer *to, struct slice word, size_t max)
{
    buffer_append(to, word.ptr, strnlen(word.ptr, word.len < max ? word.len : max));
}

static void refuse_unknown(struct client *c, int argc, const struct slice *argv)
{
    enum { SHOWN = 128 };
    struct buffer text = {0};
    struct command_state *container = command_find(c->server->commands, 1, argv);
    if (container) {
        buffer_append_text(&text, "ERR unknown subcommand '");
        append_word(&text, argv[1], SHOWN);
        buffer_append_text(&text, "'. Try ");
        for (const char *p = container->row->name; *p; p++)
            buffer_append_char(&text, *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
        buffer_append_text(&text, " HELP.");
    } else {
        buffer_append_text(&text, "ERR unknown command '");
        append_word(&text, argv[0], SHOWN);
        buffer_append_text(&text, "', with args beginning with: ");
        size_t start = text.len;
        for (int i = 1; i < argc && text.len - start < SHOWN; i++) {
            size_t room = SHOWN - (text.len - start);
            buffer_append_char(&text, '\'');
            append_word(&text, argv[i], room);
            buffer_append_text(&text, "' ");
        }
    }
    reply_error(c, text.data);
    buffer_fini(&text);
}

/* What a browser that was lured to this port would send: it is cut off before
 * the body of its request can be taken for commands. */
static bool is_http(struct slice name)
{
    return slice_is(name, "post") || slice_is(name, "host:");
}

static void cut_http(struct client *c)
{
    char peer[SOCKET_ADDRESS_MAX];
    client_peer(c, peer);
    log_warning(
        "Possible SECURITY ATTACK detected: %s sent an HTTP request (POST or Host:), perhaps from a page "
        "in somebody's browser. The connection is closed.",
        peer);
    client_close(c, "an HTTP request");
}

static void refuse_arity(struct client *c, const struct command_state *command)
{
    char error[128];
    snprintf(error, sizeof error, "ERR wrong number of arguments for '%s' command", command->full_name);
    refuse(c, command->row, error);
}

static void refuse_protected(struct client *c, const struct command *row)
{
    bool debug = strcmp(row->name, "debug") == 0;
    reply_errorf(
        c,
        "ERR %s command not allowed. If the %s option is set to \"local\", you can run it from a "
        "local connection, otherwise you need to set this option in the configuration file, and then "
        "restart the server.",
        debug ? "DEBUG" : "MODULE", debug ? "enable-debug-command" : "enable-module-command");
}

static bool protected_allowed(const struct client *c, const struct command *row)
{
    const struct core_settings *settings = c->server->settings;
    int enabled = strcmp(row->name, "debug") == 0 ? settings->enable_debug_command
                                                  : settings->enable_module_command;
    return enabled == ENABLE_YES || (enabled == ENABLE_LOCAL && c->flags & CLIENT_LOCAL);
}

/* A container without a handler of its own, called without a subcommand,
 * lacks an argument. */
static bool arity_fits(const struct command *row, int argc)
{
    return command_arity_fits(row, argc) && (row->run || argc > 1);
}

/* What a subscriber that speaks RESP2 may still do. */
static bool allowed_while_subscribed(const struct command *row)
{
    static const char *const names[] = {"subscribe",    "unsubscribe", "psubscribe",
                                        "punsubscribe", "ssubscribe",  "sunsubscribe",
                                        "ping",         "quit",        "reset"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(row->name, names[i]) == 0) return true;
    return false;
}

/* An EXEC writes if a command in its queue does, and may run while the data is
 * being read only if all of them may. */
static unsigned effective_flags(const struct client *c, const struct command *row)
{
    if (c->multi == NULL || !is_exec(row)) return row->flags;
    return (row->flags | c->multi->flags) & (c->multi->common_flags | ~(unsigned)CMD_LOADING);
}

/* Makes room; false when there is none and the command would need some. */
static bool memory_allows(struct client *c, unsigned flags)
{
    struct server *server = c->server;
    server->is_out_of_memory = evict_run(server->keyspace) == EVICT_FAILED;
    return !server->is_out_of_memory || !(flags & CMD_DENYOOM);
}

enum verdict { RUN, REFUSED, POSTPONED };

/* The ACL's word, for a user that may not do everything. */
static bool permitted(struct client *c, const struct command_state *command, int argc,
                      const struct slice *argv)
{
    struct buffer error = {0};
    bool allowed = dispatch_permits(c, command, argc, argv, &error);
    if (!allowed) refuse(c, command->row, error.data);
    buffer_fini(&error);
    return allowed;
}

bool dispatch_permits(struct client *c, const struct command_state *command, int argc,
                      const struct slice *argv, struct buffer *error)
{
    int argument;
    enum acl_denied denied = acl_check_command(c->server->acl, c->user, command, argc, argv, &argument);
    if (denied == ACL_ALLOWED) return true;
    struct slice object = acl_check_object(denied, command, argv, argument);
    acl_log_add(c, denied, acl_log_context(c), object, NULL);
    buffer_append_text(error, "NOPERM ");
    acl_check_explain(denied, c->user, object, false, error);
    return false;
}

/* The checks that an ordinary client of an ordinary server is spared. */
static enum verdict check_closely(struct client *c, struct command_state *command, int argc,
                                  const struct slice *argv)
{
    struct server *server = c->server;
    const struct command *row = command->row;
    unsigned flags = effective_flags(c, row);
    if (client_is_stranger(c) && !(row->flags & CMD_NO_AUTH)) {
        refuse(c, row, "NOAUTH Authentication required.");
        return REFUSED;
    }
    if (c->flags & CLIENT_MULTI && row->flags & CMD_NO_MULTI) {
        reply_error(c, "ERR Command not allowed inside a transaction");
        return REFUSED;
    }
    if (c->flags & CLIENT_RESTRICTED && !permitted(c, command, argc, argv)) return REFUSED;
    if (server->busy_error) {
        if (row->flags & CMD_ALLOW_BUSY) return RUN;
        refuse(c, row, server->busy_error);
        return REFUSED;
    }
    if (server->checks & CHECK_MEMORY && !memory_allows(c, flags)) {
        refuse(c, row, "OOM command not allowed when used memory > 'maxmemory'.");
        return REFUSED;
    }
    if (server->checks & CHECK_WRITES && (flags & CMD_WRITE || is_ping(row))) {
        refuse(c, row, server->write_refusal);
        return REFUSED;
    }
    if (server->checks & CHECK_LOADING && !(flags & CMD_LOADING)) {
        refuse(c, row, "LOADING Redis is loading the dataset in memory");
        return REFUSED;
    }
    if (c->flags & CLIENT_SUBSCRIBED && c->resp == 2 && !allowed_while_subscribed(row)) {
        reply_errorf(
            c,
            "ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
            "allowed in this context",
            command->full_name);
        return REFUSED;
    }
    if (c->flags & CLIENT_MONITOR && flags & (CMD_READONLY | CMD_WRITE | CMD_MAY_REPLICATE)) {
        reply_error(c, "ERR Replica can't interact with the keyspace");
        return REFUSED;
    }
    if (server->checks & CHECK_PAUSE && pause_concerns(server->pause, server_now_ms(server), flags))
        return POSTPONED;
    return RUN;
}

/* Inside MULTI all is queued but what ends or resets it. */
static bool must_queue(const struct client *c, const struct command *row)
{
    static const char *const immediate[] = {"exec", "discard", "multi", "watch", "quit", "reset"};
    if (!(c->flags & CLIENT_MULTI)) return false;
    for (size_t i = 0; i < sizeof immediate / sizeof *immediate; i++)
        if (strcmp(row->name, immediate[i]) == 0) return false;
    return true;
}

/* ---- execution ---- */

static inline void account(struct client *c, struct command_state *command, uint64_t ns, bool failed)
{
    struct server *server = c->server;
    command->calls++;
    command->total_ns += ns;
    command->failed_calls += failed;
    if (server->settings->latency_tracking) {
        if (command->latency == NULL) command->latency = histogram_new(LATENCY_HIGHEST_NS);
        histogram_record(command->latency, ns);
    }
    server->stats->commands_processed++;
    if (!(c->flags & CLIENT_IN_EXEC)) server->stats->loop_command_ns += ns; /* else EXEC's time has it */
}

/* What is slow enough for the slow log or the latency monitor. */
static void record_slow(const struct call *call, uint64_t ns)
{
    struct server *server = call->server;
    unsigned flags = call->command->flags;
    const struct core_settings *settings = server->settings;
    int64_t slow_us = settings->slowlog_log_slower_than_us;
    if (slow_us >= 0 && ns >= (uint64_t)slow_us * 1000 && !(flags & CMD_SKIP_SLOWLOG))
        slowlog_add(server->slowlog, call, ns / 1000);
    int64_t latency_ms = settings->latency_monitor_threshold_ms;
    if (latency_ms > 0 && ns >= (uint64_t)latency_ms * 1000000)
        latency_add(server->latency, flags & CMD_FAST ? "fast-command" : "command", (int64_t)(ns / 1000000),
                    server_now_ms(server));
}

/* Runs a handler and accounts for it, from start (clock_ticks) on. A part of
 * both paths, the ordinary one and the one that looks closely. */
static inline __attribute__((always_inline)) void run(struct client *c, struct command_state *command,
                                                      int argc, const struct slice *argv, uint64_t start,
                                                      bool monitored)
{
    struct server *server = c->server;
    const struct command *row = command->row;
    struct call call = {server, c, c->db, row, argc, argv};
    uint64_t errors = c->errors;
    bool propagating = server->propagating;
    if (__builtin_expect(propagating, 0)) propagate_begin(server->propagation);
    row->run(&call);
    if (__builtin_expect(propagating, 0)) propagate_end(server->propagation, &call);
    uint64_t ns = clock_ticks_to_ns(clock_ticks() - start);
    if (monitored && !(row->flags & (CMD_SKIP_MONITOR | CMD_ADMIN))) monitor_feed(&call);
    account(c, command, ns, c->errors != errors);
    if (__builtin_expect(ns >= server->slow_ns, 0)) record_slow(&call, ns);
    if (__builtin_expect(row->flags & CMD_ADMIN, 0)) dispatch_refresh_checks(server);
}

void dispatch_run(struct client *c, struct command_state *command, int argc, const struct slice *argv)
{
    run(c, command, argc, argv, clock_ticks(), c->server->checks & CHECK_MONITORS);
    if (c->flags & CLIENT_TRACKING) tracking_remember(c, command, argc, argv);
}

/* A pipeline mostly repeats one command: its name, as this client wrote it
 * last, is compared before any table is asked. */
static inline __attribute__((always_inline)) struct command_state *find_command(struct client *c, int argc,
                                                                                const struct slice *argv)
{
    struct slice name = argv[0];
    if (name.len == c->last_name_len && slice_bytes_equal(name.ptr, c->last_name, name.len))
        return c->last_command;
    struct command_state *command = command_find(c->server->commands, argc, argv);
    c->last_command = command;
    c->last_name_len = UINT8_MAX; /* no name is as long */
    if (command && command->parent == NULL && command->subcommand_count == 0 &&
        name.len <= sizeof c->last_name) {
        memcpy(c->last_name, name.ptr, name.len);
        c->last_name_len = (uint8_t)name.len;
    }
    return command;
}

struct command_state *dispatch_find(struct client *c, int argc, const struct slice *argv)
{
    return find_command(c, argc, argv);
}

static enum verdict check(struct client *c, struct command_state *command, int argc, const struct slice *argv)
{
    if (command == NULL && is_http(argv[0])) cut_http(c);
    else if (command == NULL) refuse_unknown(c, argc, argv);
    else if (!arity_fits(command->row, argc)) refuse_arity(c, command);
    else if (command->row->flags & CMD_PROTECTED && !protected_allowed(c, command->row))
        refuse_protected(c, command->row);
    else return check_closely(c, command, argc, argv);
    return REFUSED;
}

static void run_checked(struct client *c, struct command_state *command, int argc, const struct slice *argv)
{
    struct server *server = c->server;
    server->keyspace->touch = !(c->flags & CLIENT_NO_TOUCH);
    server->clients->current = c;
    dispatch_run(c, command, argc, argv);
    server->clients->current = NULL;
    server->keyspace->touch = true;
}

static bool check_and_run(struct client *c, struct command_state *command, int argc, const struct slice *argv)
{
    enum verdict verdict = check(c, command, argc, argv);
    if (verdict == POSTPONED) return false;
    if (verdict == REFUSED) {
        if (command) command->rejected_calls++;
        multi_fail(c);
    } else if (must_queue(c, command->row)) {
        multi_queue(c, command, argc, argv);
        reply_simple(c, "QUEUED");
    } else {
        run_checked(c, command, argc, argv);
    }
    return true;
}

/* Where anything may have to be looked at. A subscriber's messages that came
 * before its command are handed over before the reply, those that the command
 * itself caused behind it. CLIENT REPLY: what is answered while it is OFF is
 * dropped; SKIP concerns the one command behind it. */
static bool dispatch_checked(struct client *c, struct command_state *command, int argc,
                             const struct slice *argv)
{
    if (c->flags & CLIENT_REPLY_SKIP_NEXT) c->flags ^= CLIENT_REPLY_SKIP_NEXT | CLIENT_REPLY_SKIP;
    bool skipped = c->flags & CLIENT_REPLY_SKIP;
    if (c->flags & CLIENT_SUBSCRIBED) c->server->deliver_messages(c->server);
    if (c->flags & CLIENT_MUTED) client_mute(c);
    bool done = check_and_run(c, command, argc, argv);
    if (c->flags & CLIENT_MUTED) client_unmute(c);
    if (done && c->flags & CLIENT_TRACKING) tracking_after_command(c, command);
    if (c->server->keys_changed) blocking_serve(c->server);
    if (c->flags & CLIENT_SUBSCRIBED) c->server->deliver_messages(c->server);
    if (skipped && !(c->flags & CLIENT_BLOCKED)) c->flags &= ~(unsigned)CLIENT_REPLY_SKIP;
    if (skipped && !done) c->flags |= CLIENT_REPLY_SKIP_NEXT; /* it will be tried again */
    return done;
}

bool dispatch(struct client *c, int argc, const struct slice *argv)
{
    struct server *server = c->server;
    uint64_t start = clock_ticks();
    server_refresh_clock(server, start);
    struct command_state *command = find_command(c, argc, argv);
    bool ordinary = command && !(c->flags & CLIENT_CHECKED) && !server->checks &&
                    arity_fits(command->row, argc) && !(command->row->flags & CMD_PROTECTED);
    if (__builtin_expect(!ordinary, 0)) return dispatch_checked(c, command, argc, argv);
    server->clients->current = c;
    run(c, command, argc, argv, start, false);
    server->clients->current = NULL;
    if (__builtin_expect(server->keys_changed, 0)) blocking_serve(server);
    return true;
}
