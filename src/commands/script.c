/* EVAL, EVALSHA, EVAL_RO, EVALSHA_RO, SCRIPT. */
#include "commands/tables.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "script/eval.h"
#include "script/host.h"
#include "script/run.h"

static void eval_command(struct call *call)
{
    eval_run(call, false, false);
}

static void eval_ro_command(struct call *call)
{
    eval_run(call, false, true);
}

static void evalsha_command(struct call *call)
{
    eval_run(call, true, false);
}

static void evalsha_ro_command(struct call *call)
{
    eval_run(call, true, true);
}

/* ---- SCRIPT ---- */

static void script_load(struct call *call)
{
    char sha[EVAL_SHA_DIGITS + 1];
    if (eval_load(call, call->argv[2], sha)) reply_text(call->client, sha);
}

static void script_exists(struct call *call)
{
    reply_array(call->client, call->argc - 2);
    for (int i = 2; i < call->argc; i++)
        reply_int(call->client, eval_exists(call->server->script, call->argv[i]));
}

static void script_flush(struct call *call)
{
    bool in_background = call->server->keyspace->settings.lazyfree_lazy_user_flush;
    bool is_right = call->argc == 2;
    if (call->argc == 3) {
        in_background = slice_is(call->argv[2], "async");
        is_right = in_background || slice_is(call->argv[2], "sync");
    }
    if (!is_right) {
        reply_error(call->client, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
        return;
    }
    eval_flush(call->server->script, in_background);
    reply_ok(call->client);
}

static void script_kill(struct call *call)
{
    run_kill(call, VM_EVAL);
}

/* There is no debugger: scripts run as ever. */
static void script_debug(struct call *call)
{
    struct slice mode = call->argv[2];
    if (slice_is(mode, "no")) reply_ok(call->client);
    else if (slice_is(mode, "yes") || slice_is(mode, "sync"))
        reply_error(call->client, "ERR the debugger of scripts is not offered");
    else reply_error(call->client, "ERR Use SCRIPT DEBUG YES/SYNC/NO");
}

static void script_help(struct call *call)
{
    static const char *const lines[] = {
        "DEBUG (YES|SYNC|NO)",
        "    The mode in which scripts are debugged; here NO alone.",
        "EXISTS <sha1> [<sha1> ...]",
        "    Tell which scripts are in the cache.",
        "FLUSH [ASYNC|SYNC]",
        "    Empty the cache, in the background or at once; lazyfree-lazy-user-flush",
        "    decides where nothing is said.",
        "KILL",
        "    End the script that is running, if it has not written yet.",
        "LOAD <script>",
        "    Put a script into the cache without running it.",
        NULL,
    };
    reply_help(call, lines);
}

/* ---- the rows ---- */

#define SCRIPT_ROW .group = GROUP_SCRIPTING
static const struct command script_subcommands[] = {
    {SCRIPT_ROW, .name = "debug", .since = "3.2.0", .arity = 3, .flags = CMD_NOSCRIPT,
     .summary = "Chooses how scripts are debugged.", .complexity = "O(1)",
     .syntax = "<mode: YES | SYNC | NO>", .run = script_debug},
    {SCRIPT_ROW, .name = "exists", .since = "2.6.0", .arity = -3, .flags = CMD_NOSCRIPT,
     .summary = "Tells which scripts are in the cache.", .complexity = "O(N), N being the number of scripts",
     .syntax = "sha1 [sha1 ...]", .tips = {"request_policy:all_shards", "response_policy:agg_logical_and"},
     .run = script_exists},
    {SCRIPT_ROW, .name = "flush", .since = "2.6.0", .arity = -2, .flags = CMD_NOSCRIPT,
     .summary = "Empties the cache of scripts.", .complexity = "O(N), N being the number of scripts",
     .syntax = "[ASYNC | SYNC]", .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .run = script_flush},
    {SCRIPT_ROW, .name = "help", .since = "5.0.0", .arity = 2, .flags = CMD_LOADING | CMD_STALE,
     .summary = "Describes the subcommands.", .complexity = "O(1)", .run = script_help},
    {SCRIPT_ROW, .name = "kill", .since = "2.6.0", .arity = 2, .flags = CMD_NOSCRIPT | CMD_ALLOW_BUSY,
     .summary = "Ends the script that is running.", .complexity = "O(1)",
     .tips = {"request_policy:all_shards", "response_policy:one_succeeded"}, .run = script_kill},
    {SCRIPT_ROW, .name = "load", .since = "2.6.0", .arity = 3, .flags = CMD_NOSCRIPT | CMD_STALE,
     .summary = "Puts a script into the cache.", .complexity = "O(N), N being the length of the script",
     .syntax = "script", .tips = {"request_policy:all_nodes", "response_policy:all_succeeded"},
     .run = script_load},
    {0},
};

#define EVAL_ROW                                                                                             \
    .group = GROUP_SCRIPTING, .arity = -3, .complexity = "That of what the script does",                     \
    .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE,                                                     \
              .index = 2,                                                                                    \
              .keynum = 1,                                                                                   \
              .notes = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"}}
#define EVAL_RO_ROW                                                                                          \
    .group = GROUP_SCRIPTING, .arity = -3, .complexity = "That of what the script does",                     \
    .keys = {{.flags = KEY_RO | KEY_ACCESS,                                                                  \
              .index = 2,                                                                                    \
              .keynum = 1,                                                                                   \
              .notes = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"}}
enum {
    EVAL_FLAGS = CMD_NOSCRIPT | CMD_SKIP_MONITOR | CMD_MAY_REPLICATE | CMD_NO_MANDATORY_KEYS | CMD_STALE |
                 CMD_MOVABLE_KEYS,
    EVAL_RO_FLAGS = CMD_NOSCRIPT | CMD_SKIP_MONITOR | CMD_NO_MANDATORY_KEYS | CMD_STALE | CMD_READONLY |
                    CMD_MOVABLE_KEYS,
};

const struct command script_commands[] = {
    {EVAL_ROW, .name = "eval", .since = "2.6.0", .flags = EVAL_FLAGS, .summary = "Runs a script in Lua.",
     .syntax = "script numkeys [key [key ...]] [arg [arg ...]]", .run = eval_command},
    {EVAL_RO_ROW, .name = "eval_ro", .since = "7.0.0", .flags = EVAL_RO_FLAGS,
     .summary = "Runs a script in Lua that may not write.",
     .syntax = "script numkeys [key [key ...]] [arg [arg ...]]", .run = eval_ro_command},
    {EVAL_ROW, .name = "evalsha", .since = "2.6.0", .flags = EVAL_FLAGS,
     .summary = "Runs a script of the cache.", .syntax = "sha1 numkeys [key [key ...]] [arg [arg ...]]",
     .run = evalsha_command},
    {EVAL_RO_ROW, .name = "evalsha_ro", .since = "7.0.0", .flags = EVAL_RO_FLAGS,
     .summary = "Runs a script of the cache that may not write.",
     .syntax = "sha1 numkeys [key [key ...]] [arg [arg ...]]", .run = evalsha_ro_command},
    {.name = "script",
     .group = GROUP_SCRIPTING,
     .since = "2.6.0",
     .arity = -2,
     .summary = "Commands about the cache of scripts.",
     .complexity = "Depends on the subcommand",
     .subcommands = script_subcommands},
    {0},
};
