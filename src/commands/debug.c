/* DEBUG: for tests and for those who look for a bug. */
#include "commands/debug.h"

#include "commands/tables.h"
#include "core/reply.h"

enum { HELP_LINES = 5 };

struct debug_row {
    const char *name;
    int min_argc, max_argc; /* words, DEBUG and the name included; max 0: any */
    void (*run)(struct call *call);
    const char *help[HELP_LINES + 1]; /* the call, then what it does, in indented lines */
};

static const struct debug_row rows[] = {
    {"assert", 2, 2, debug_assert, {"ASSERT", "    Die of a failed assertion."}},
    {"config-rewrite-force-all",
     2,
     2,
     debug_config_rewrite_force_all,
     {"CONFIG-REWRITE-FORCE-ALL",
      "    As CONFIG REWRITE, with the directives that have their default, too."}},
    {"digest", 2, 2, debug_digest, {"DIGEST", "    A digest of all data, equal for equal data."}},
    {"digest-value",
     2,
     0,
     debug_digest_value,
     {"DIGEST-VALUE [<key> ...]", "    The digests of the values of keys, zeros where there is none."}},
    {"error", 3, 3, debug_error, {"ERROR <string>", "    Answer with an error of this text."}},
    {"htstats", 3, 3, debug_htstats, {"HTSTATS <dbid>", "    How the hash table of a database is filled."}},
    {"htstats-key",
     3,
     3,
     debug_htstats_key,
     {"HTSTATS-KEY <key>", "    The same of the hash table that is a key's value."}},
    {"loadaof",
     2,
     2,
     debug_loadaof,
     {"LOADAOF", "    Write the append only file, and read all data from it anew."}},
    {"log", 3, 3, debug_log, {"LOG <message>", "    Write a line to the log."}},
    {"mallctl",
     3,
     4,
     debug_mallctl,
     {"MALLCTL <name> [<value>]", "    Read, or set, a control of the allocator that is a number."}},
    {"mallctl-str",
     3,
     4,
     debug_mallctl_str,
     {"MALLCTL-STR <name> [<value>]", "    The same of a control that is a text."}},
    {"object", 3, 3, debug_object, {"OBJECT <key>", "    How a key and its value are held."}},
    {"panic", 2, 2, debug_panic, {"PANIC", "    Die of a panic."}},
    {"pause-cron",
     3,
     3,
     debug_pause_cron,
     {"PAUSE-CRON <0|1>", "    Let periodic work rest (1), or go on (0)."}},
    {"populate",
     3,
     5,
     debug_populate,
     {"POPULATE <count> [<prefix>] [<size>]",
      "    Make the keys <prefix>:0, <prefix>:1... as far as they do not exist, with",
      "    values value:0, value:1..., cut or filled with zeros to <size> bytes.",
      "    The default of <prefix> is key."}},
    {"protocol",
     3,
     3,
     debug_protocol,
     {"PROTOCOL <type>", "    Answer with an example of the type: string, integer, double, bignum, null,",
      "    array, set, map, attrib, push, verbatim, true, false."}},
    {"quicklist-packed-threshold",
     3,
     3,
     debug_quicklist_packed_threshold,
     {"QUICKLIST-PACKED-THRESHOLD <size>",
      "    The size from which an element of a list has a node of its own."}},
    {"reload",
     2,
     0,
     debug_reload,
     {"RELOAD [NOSAVE] [NOFLUSH] [MERGE]",
      "    Save the RDB file and read it. NOSAVE reads what is there, NOFLUSH keeps the",
      "    data in memory, MERGE lets what is read replace keys of it."}},
    {"replybuffer",
     4,
     4,
     debug_replybuffer,
     {"REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|milliseconds>", "REPLYBUFFER RESIZING <0|1>",
      "    Without effect: an idle client has no reply buffer that could be resized."}},
    {"segfault", 2, 2, debug_segfault, {"SEGFAULT", "    Die of a write to a page that cannot be written."}},
    {"set-active-expire",
     3,
     3,
     debug_set_active_expire,
     {"SET-ACTIVE-EXPIRE <0|1>",
      "    Whether keys go when they are due (1), or when they are next looked at (0)."}},
    {"set-skip-checksum-validation",
     3,
     3,
     debug_set_skip_checksum,
     {"SET-SKIP-CHECKSUM-VALIDATION <0|1>",
      "    Whether RDB files and payloads are read whatever their checksum is (1)."}},
    {"sleep", 3, 3, debug_sleep, {"SLEEP <seconds>", "    Do nothing, for anybody, for so long."}},
    {"stringmatch-len",
     4,
     4,
     debug_stringmatch_len,
     {"STRINGMATCH-LEN <length> <pattern>", "    Whether a pattern matches so many letters a: 1 or 0."}},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void help(struct call *call)
{
    const char *lines[ROWS * HELP_LINES + 1];
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; rows[i].help[k]; k++) lines[count++] = rows[i].help[k];
    lines[count] = NULL;
    reply_help(call, lines);
}

static void debug_run(struct call *call)
{
    if (slice_is(call->argv[1], "help") && call->argc == 2) {
        help(call);
        return;
    }
    for (int i = 0; i < ROWS; i++) {
        const struct debug_row *row = &rows[i];
        if (!slice_is(call->argv[1], row->name)) continue;
        if (call->argc < row->min_argc || (row->max_argc && call->argc > row->max_argc)) break;
        row->run(call);
        return;
    }
    reply_subcommand_error(call);
}

const struct command debug_commands[] = {
    {.name = "debug",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = -2,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_PROTECTED | CMD_SYSTEM,
     .summary = "A container for commands that help to find bugs.",
     .complexity = "Depends on subcommand.",
     .syntax = "subcommand [arg [arg ...]]",
     .run = debug_run},
    {0},
};
