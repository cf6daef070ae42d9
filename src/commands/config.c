/* CONFIG: the directives as clients see them. */
#include "base/mem.h"
#include "commands/tables.h"
#include "core/client.h"
#include "core/config.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/settings.h"
#include "core/stats.h"
#include "notify/notify.h"

static void config_get(struct call *call)
{
    struct config_match *matches;
    struct buffer value = {0};
    int count = config_match(call->server->config, call->argv + 2, call->argc - 2, &matches);
    reply_map(call->client, count);
    for (int i = 0; i < count; i++) {
        buffer_clear(&value);
        directive_get(matches[i].directive, &value);
        reply_bulk(call->client, matches[i].name);
        reply_bulk(call->client, buffer_slice(&value));
    }
    buffer_fini(&value);
    mem_free(matches);
}

/* Answers OK, or with the error, which it frees. */
static void reply_done(struct client *c, bool done, struct buffer *error)
{
    if (done) reply_ok(c);
    else reply_errorf(c, "ERR %s", error->data);
    buffer_fini(error);
}

static void config_set_pairs(struct call *call)
{
    struct client *c = call->client;
    struct buffer error = {0};
    int protected = call->server->settings->enable_protected_configs;
    bool allowed = protected == ENABLE_YES || (protected == ENABLE_LOCAL && c->flags & CLIENT_LOCAL);
    if (call->argc % 2 != 0) {
        reply_error(c, "ERR wrong number of arguments for 'config|set' command");
        return;
    }
    bool done = config_set(call->server->config, call->argv + 2, call->argc - 2, allowed, &error);
    reply_done(c, done, &error);
}

static bool is_secret_value(const struct call *call, int i)
{
    if (i < 3 || i % 2 == 0) return false;
    const struct directive *directive = config_find(call->server->config, call->argv[i - 1], NULL);
    return directive && directive->row->flags & OPTION_SENSITIVE;
}

static void config_rewrite_file(struct call *call)
{
    struct buffer error = {0};
    bool done = config_rewrite(call->server->config, false, &error);
    reply_done(call->client, done, &error);
}

static void config_resetstat(struct call *call)
{
    stats_reset(call->server);
    pubsub_stats_reset(call->server->pubsub);
    notify_stats_reset(call->server->notify);
    reply_ok(call->client);
}

static void config_help(struct call *call)
{
    static const char *const lines[] = {
        "GET <pattern> [<pattern> ...]",
        "    Show the directives that match a glob-style pattern, with their values.",
        "SET <directive> <value> [<directive> <value> ...]",
        "    Change directives, all of them or none.",
        "RESETSTAT",
        "    Set the counters that INFO shows back to zero.",
        "REWRITE",
        "    Write the directives in effect to the configuration file.",
        NULL,
    };
    reply_help(call, lines);
}

static const char *const get_history[] = {"7.0.0", "Takes several patterns.", NULL};
static const char *const set_history[] = {"7.0.0", "Takes several directives.", NULL};

static const struct command subcommands[] = {
    {.name = "get",
     .group = GROUP_SERVER,
     .since = "2.0.0",
     .arity = -3,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE,
     .summary = "Shows the values of the directives that match.",
     .complexity = "O(N) where N is the number of patterns",
     .syntax = "parameter [parameter ...]",
     .history = get_history,
     .run = config_get},
    {.name = "help",
     .group = GROUP_SERVER,
     .since = "5.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .run = config_help},
    {.name = "resetstat",
     .group = GROUP_SERVER,
     .since = "2.0.0",
     .arity = 2,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE,
     .summary = "Sets the counters of INFO back to zero.",
     .complexity = "O(1)",
     .run = config_resetstat},
    {.name = "rewrite",
     .group = GROUP_SERVER,
     .since = "2.8.0",
     .arity = 2,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE,
     .summary = "Writes the directives in effect to the configuration file.",
     .complexity = "O(1)",
     .run = config_rewrite_file},
    {.name = "set",
     .group = GROUP_SERVER,
     .since = "2.0.0",
     .arity = -4,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE,
     .summary = "Changes directives, all of them or none.",
     .complexity = "O(N) where N is the number of directives",
     .syntax = "parameter value [parameter value ...]",
     .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .history = set_history,
     .run = config_set_pairs,
     .is_secret = is_secret_value},
    {0},
};

const struct command config_commands[] = {
    {.name = "config",
     .group = GROUP_SERVER,
     .since = "2.0.0",
     .arity = -2,
     .summary = "The server's configuration.",
     .complexity = "Depends on the subcommand.",
     .subcommands = subcommands},
    {0},
};
