/* OBJECT: how a value is held and how it was used. */
#include "commands/tables.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/evict.h"
#include "db/keyspace.h"

#define POLICY_NOTE                                                                                          \
    " Please note that when switching between policies at runtime LRU and LFU data will take some "          \
    "time to adjust."

/* The entry asked about, without counting as a use; a missing one is null. */
static struct entry *lookup(struct call *call)
{
    struct entry *e = db_peek(call->db, call->argv[2]);
    if (e == NULL) reply_null(call->client);
    return e;
}

static bool is_lfu(const struct call *call)
{
    return call->db->keyspace->settings.maxmemory_policy & EVICT_LFU;
}

static void encoding_run(struct call *call)
{
    const struct entry *e = lookup(call);
    if (e == NULL) return;
    struct value value = entry_value(e);
    reply_text(call->client, value_type(&value)->encoding_name(&value));
}

static void freq_run(struct call *call)
{
    const struct entry *e = lookup(call);
    if (e == NULL) return;
    if (is_lfu(call)) reply_int(call->client, evict_frequency(call->db->keyspace, e));
    else
        reply_error(call->client,
                    "ERR An LFU maxmemory policy is not selected, access frequency not tracked." POLICY_NOTE);
}

static void idletime_run(struct call *call)
{
    const struct entry *e = lookup(call);
    if (e == NULL) return;
    if (!is_lfu(call)) reply_int(call->client, evict_idle_s(call->db->keyspace, e));
    else
        reply_error(call->client,
                    "ERR An LFU maxmemory policy is selected, idle time not tracked." POLICY_NOTE);
}

/* Values are never shared. */
static void refcount_run(struct call *call)
{
    if (lookup(call)) reply_int(call->client, 1);
}

static void help_run(struct call *call)
{
    static const char *const lines[] = {
        "ENCODING <key>",
        "    The form in which the value is held.",
        "FREQ <key>",
        "    The logarithmic count of uses, kept under an LFU maxmemory-policy.",
        "IDLETIME <key>",
        "    Seconds since the last use, kept under any other maxmemory-policy.",
        "REFCOUNT <key>",
        "    How many keys share the value.",
        NULL,
    };
    reply_help(call, lines);
}

#define OBJECT_ROW                                                                                           \
    .group = GROUP_GENERIC, .arity = 3, .flags = CMD_READONLY, .keys = {{.flags = KEY_RO, .index = 2}},      \
    .complexity = "O(1)", .syntax = "key", .tips = {"nondeterministic_output"}

static const struct command object_subcommands[] = {
    {.name = "encoding",
     .since = "2.2.3",
     OBJECT_ROW,
     .summary = "Tells the form in which a value is held.",
     .run = encoding_run},
    {.name = "freq",
     .since = "4.0.0",
     OBJECT_ROW,
     .summary = "Tells how often a key was used.",
     .run = freq_run},
    {.name = "help",
     .group = GROUP_GENERIC,
     .since = "6.2.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .run = help_run},
    {.name = "idletime",
     .since = "2.2.3",
     OBJECT_ROW,
     .summary = "Tells how long ago a key was used.",
     .run = idletime_run},
    {.name = "refcount",
     .since = "2.2.3",
     OBJECT_ROW,
     .summary = "Tells how many keys share a value.",
     .run = refcount_run},
    {0},
};

const struct command object_commands[] = {
    {.name = "object",
     .group = GROUP_GENERIC,
     .since = "2.2.3",
     .arity = -2,
     .summary = "A container for commands about how values are held.",
     .complexity = "Depends on subcommand.",
     .subcommands = object_subcommands},
    {0},
};
