/* COMMAND: what the command rows say, for clients. */
#include <stdio.h>

#include "base/assert.h"
#include "base/glob.h"
#include "base/mem.h"
#include "commands/tables.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/syntax.h"

/* A flag and its name on the wire. */
struct flag_name {
    unsigned flag;
    const char *name;
};

static const struct flag_name command_flags[] = {
    {CMD_WRITE, "write"},
    {CMD_READONLY, "readonly"},
    {CMD_DENYOOM, "denyoom"},
    {CMD_ADMIN, "admin"},
    {CMD_PUBSUB, "pubsub"},
    {CMD_NOSCRIPT, "noscript"},
    {CMD_BLOCKING, "blocking"},
    {CMD_LOADING, "loading"},
    {CMD_STALE, "stale"},
    {CMD_SKIP_MONITOR, "skip_monitor"},
    {CMD_SKIP_SLOWLOG, "skip_slowlog"},
    {CMD_ASKING, "asking"},
    {CMD_FAST, "fast"},
    {CMD_NO_AUTH, "no_auth"},
    {CMD_NO_MANDATORY_KEYS, "no_mandatory_keys"},
    {CMD_NO_ASYNC_LOADING, "no_async_loading"},
    {CMD_NO_MULTI, "no_multi"},
    {CMD_MOVABLE_KEYS, "movablekeys"},
    {CMD_ALLOW_BUSY, "allow_busy"},
    {0, NULL},
};

static const struct flag_name key_flags[] = {
    {KEY_RO, "RO"},
    {KEY_RW, "RW"},
    {KEY_OW, "OW"},
    {KEY_RM, "RM"},
    {KEY_ACCESS, "access"},
    {KEY_UPDATE, "update"},
    {KEY_INSERT, "insert"},
    {KEY_DELETE, "delete"},
    {KEY_NOT_KEY, "not_key"},
    {KEY_INCOMPLETE, "incomplete"},
    {KEY_VARIABLE_FLAGS, "variable_flags"},
    {0, NULL},
};

static void reply_flags(struct client *c, const struct flag_name *names, unsigned flags)
{
    struct output_mark mark = reply_open(c);
    int64_t count = 0;
    for (; names->name; names++) {
        if (!(flags & names->flag)) continue;
        reply_simple(c, names->name);
        count++;
    }
    reply_close_set(c, mark, count);
}

static void reply_pair(struct client *c, const char *name, const char *value)
{
    reply_text(c, name);
    reply_text(c, value);
}

static void reply_int_pair(struct client *c, const char *name, int64_t value)
{
    reply_text(c, name);
    reply_int(c, value);
}

/* Calls fn for every command that a client can call; returns their number. */
static int each_command(struct call *call, void (*fn)(struct call *call, const struct command_state *command))
{
    int count = 0;
    for (int i = 0; i < command_count(call->server->commands); i++) {
        const struct command_state *command = command_at(call->server->commands, i);
        if (command->is_removed) continue;
        if (fn) fn(call, command);
        count++;
    }
    return count;
}

/* ---- COMMAND INFO ---- */

static void reply_begin_search(struct client *c, const struct key_spec *spec)
{
    reply_text(c, "begin_search");
    reply_map(c, 2);
    reply_pair(c, "type", spec->unknown ? "unknown" : spec->keyword ? "keyword" : "index");
    reply_text(c, "spec");
    if (spec->unknown) {
        reply_map(c, 0);
    } else if (spec->keyword) {
        reply_map(c, 2);
        reply_pair(c, "keyword", spec->keyword);
        reply_int_pair(c, "startfrom", spec->keyword_from);
    } else {
        reply_map(c, 1);
        reply_int_pair(c, "index", spec->index);
    }
}

static void reply_find_keys(struct client *c, const struct key_spec *spec)
{
    reply_text(c, "find_keys");
    reply_map(c, 2);
    reply_pair(c, "type", spec->unknown ? "unknown" : spec->keynum ? "keynum" : "range");
    reply_text(c, "spec");
    if (spec->unknown) {
        reply_map(c, 0);
        return;
    }
    reply_map(c, 3);
    reply_int_pair(c, spec->keynum ? "keynumidx" : "lastkey", spec->keynum ? 0 : spec->last);
    if (spec->keynum) reply_int_pair(c, "firstkey", spec->keynum);
    reply_int_pair(c, "keystep", spec->step ? spec->step : 1);
    if (!spec->keynum) reply_int_pair(c, "limit", spec->limit);
}

static void reply_key_specs(struct client *c, const struct command *row)
{
    int count = command_key_spec_count(row);
    reply_set(c, count);
    for (int i = 0; i < count; i++) {
        const struct key_spec *spec = &row->keys[i];
        reply_map(c, spec->notes ? 4 : 3);
        if (spec->notes) reply_pair(c, "notes", spec->notes);
        reply_text(c, "flags");
        reply_flags(c, key_flags, spec->flags);
        reply_begin_search(c, spec);
        reply_find_keys(c, spec);
    }
}

static void reply_categories(struct client *c, unsigned categories)
{
    struct output_mark mark = reply_open(c);
    char name[32] = "@";
    int64_t count = 0;
    for (unsigned bit = 0; command_category_name(bit); bit++) {
        if (!(categories >> bit & 1)) continue;
        snprintf(name + 1, sizeof name - 1, "%s", command_category_name(bit));
        reply_simple(c, name);
        count++;
    }
    reply_close_set(c, mark, count);
}

static void reply_tips(struct client *c, const struct command *row)
{
    int count = 0;
    while (count < COMMAND_TIPS_MAX && row->tips[count]) count++;
    reply_set(c, count);
    for (int i = 0; i < count; i++) reply_text(c, row->tips[i]);
}

static void reply_info(struct call *call, const struct command_state *command)
{
    struct client *c = call->client;
    const struct command *row = command->row;
    struct key_range range = command_key_range(row);
    reply_array(c, 10);
    reply_text(c, command->full_name);
    reply_int(c, row->arity);
    reply_flags(c, command_flags, row->flags | (command_keys_move(row) ? CMD_MOVABLE_KEYS : 0));
    reply_int(c, range.first);
    reply_int(c, range.last);
    reply_int(c, range.step);
    reply_categories(c, command->categories);
    reply_tips(c, row);
    reply_key_specs(c, row);
    if (command->subcommand_count) reply_array(c, command->subcommand_count);
    else reply_set(c, 0);
    for (int i = 0; i < command->subcommand_count; i++) reply_info(call, &command->subcommands[i]);
}

static void reply_all_infos(struct call *call)
{
    reply_array(call->client, each_command(call, NULL));
    each_command(call, reply_info);
}

static void command_info_run(struct call *call)
{
    if (call->argc == 2) reply_all_infos(call);
    else reply_array(call->client, call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        const struct command_state *command = command_find_named(call->server->commands, call->argv[i]);
        if (command) reply_info(call, command);
        else reply_null_array(call->client);
    }
}

static void command_count_run(struct call *call)
{
    reply_int(call->client, each_command(call, NULL));
}

/* ---- COMMAND DOCS ---- */

static void reply_arguments(struct client *c, const struct arguments *arguments);

static void reply_argument_flags(struct client *c, const struct argument *argument)
{
    reply_text(c, "flags");
    reply_set(c, argument->optional + argument->multiple + argument->repeats_token);
    if (argument->optional) reply_simple(c, "optional");
    if (argument->multiple) reply_simple(c, "multiple");
    if (argument->repeats_token) reply_simple(c, "multiple_token");
}

static void reply_argument(struct client *c, const struct argument *argument)
{
    bool is_group = argument->type == ARGUMENT_ONEOF || argument->type == ARGUMENT_BLOCK;
    bool has_flags = argument->optional || argument->multiple;
    reply_map(c, 3 + (argument->key_spec >= 0) + (argument->token.ptr != NULL) + has_flags);
    reply_pair(c, "name", argument->name);
    reply_pair(c, "type", syntax_type_name(argument->type));
    if (!is_group) reply_pair(c, "display_text", argument->name);
    if (argument->key_spec >= 0) reply_int_pair(c, "key_spec_index", argument->key_spec);
    if (argument->token.ptr) {
        reply_text(c, "token");
        reply_bulk(c, argument->token);
    }
    if (has_flags) reply_argument_flags(c, argument);
    if (is_group) {
        reply_text(c, "arguments");
        reply_arguments(c, &argument->members);
    }
}

static void reply_arguments(struct client *c, const struct arguments *arguments)
{
    reply_array(c, arguments->count);
    for (int i = 0; i < arguments->count; i++) reply_argument(c, &arguments->at[i]);
}

static void reply_doc_flags(struct client *c, const struct command *row)
{
    bool is_deprecated = row->deprecated_since != NULL, is_system = row->flags & CMD_SYSTEM;
    reply_text(c, "doc_flags");
    reply_set(c, is_deprecated + is_system);
    if (is_deprecated) reply_simple(c, "deprecated");
    if (is_system) reply_simple(c, "syscmd");
}

static void reply_history(struct client *c, const struct command *row)
{
    int count = 0;
    while (row->history[count]) count += 2;
    reply_text(c, "history");
    reply_set(c, count / 2);
    for (int i = 0; i < count; i += 2) {
        reply_array(c, 2);
        reply_text(c, row->history[i]);
        reply_text(c, row->history[i + 1]);
    }
}

/* One pair of a map: the command's name, and the map of what is known. */
static void reply_docs(struct call *call, const struct command_state *command)
{
    struct client *c = call->client;
    const struct command *row = command->row;
    bool has_doc_flags = row->deprecated_since || row->flags & CMD_SYSTEM;
    reply_text(c, command->full_name);
    reply_map(c, 3 + (row->complexity != NULL) + has_doc_flags + (row->deprecated_since != NULL) +
                     (row->replaced_by != NULL) + (row->history != NULL) + (row->syntax != NULL) +
                     (command->subcommand_count > 0));
    reply_pair(c, "summary", row->summary);
    reply_pair(c, "since", row->since);
    reply_pair(c, "group", command_group_name(row->group));
    if (row->complexity) reply_pair(c, "complexity", row->complexity);
    if (has_doc_flags) reply_doc_flags(c, row);
    if (row->deprecated_since) reply_pair(c, "deprecated_since", row->deprecated_since);
    if (row->replaced_by) reply_pair(c, "replaced_by", row->replaced_by);
    if (row->history) reply_history(c, row);
    if (row->syntax) {
        struct arguments arguments = {0};
        bool is_well_formed = syntax_parse(row, &arguments);
        ASSERT(is_well_formed);
        reply_text(c, "arguments");
        reply_arguments(c, &arguments);
        syntax_free(&arguments);
    }
    if (command->subcommand_count == 0) return;
    reply_text(c, "subcommands");
    reply_map(c, command->subcommand_count);
    for (int i = 0; i < command->subcommand_count; i++) reply_docs(call, &command->subcommands[i]);
}

static void command_docs_run(struct call *call)
{
    struct client *c = call->client;
    struct output_mark mark = reply_open(c);
    int64_t count = call->argc == 2 ? each_command(call, reply_docs) : 0;
    for (int i = 2; i < call->argc; i++) {
        const struct command_state *command = command_find_named(call->server->commands, call->argv[i]);
        if (command == NULL) continue;
        reply_docs(call, command);
        count++;
    }
    reply_close_map(c, mark, count);
}

/* ---- COMMAND LIST ---- */

struct filter {
    struct slice pattern; /* ptr is NULL: any name */
    unsigned categories;  /* 0: any */
};

static bool passes(const struct filter *filter, const struct command_state *command)
{
    if (filter->categories && !(command->categories & filter->categories)) return false;
    return filter->pattern.ptr == NULL || glob_match(filter->pattern, slice_of(command->full_name), true);
}

static int64_t list_command(struct client *c, const struct filter *filter,
                            const struct command_state *command)
{
    int64_t count = passes(filter, command);
    if (count) reply_text(c, command->full_name);
    for (int i = 0; i < command->subcommand_count; i++)
        count += list_command(c, filter, &command->subcommands[i]);
    return count;
}

static void list_all(struct call *call, const struct filter *filter)
{
    struct client *c = call->client;
    struct output_mark mark = reply_open(c);
    int64_t count = 0;
    for (int i = 0; i < command_count(call->server->commands); i++) {
        const struct command_state *command = command_at(call->server->commands, i);
        if (!command->is_removed) count += list_command(c, filter, command);
    }
    reply_close_array(c, mark, count);
}

static void command_list_run(struct call *call)
{
    struct filter filter = {0};
    const struct slice *argv = call->argv;
    bool has_filter = call->argc == 5 && slice_is(argv[2], "filterby");
    if (has_filter && slice_is(argv[3], "pattern")) {
        filter.pattern = argv[4];
    } else if (has_filter && slice_is(argv[3], "aclcat") && command_category_find(argv[4])) {
        filter.categories = command_category_find(argv[4]);
    } else if (has_filter && (slice_is(argv[3], "aclcat") || slice_is(argv[3], "module"))) {
        reply_empty_array(call->client); /* no such category; no command is a module's */
        return;
    } else if (call->argc != 2) {
        reply_syntax_error(call->client);
        return;
    }
    list_all(call, &filter);
}

/* ---- COMMAND GETKEYS ---- */

/* Answers with an error and false when the words after the subcommand are not
 * a command with keys. */
static bool find_keys(struct call *call, struct key_positions *keys)
{
    struct client *c = call->client;
    int argc = call->argc - 2;
    const struct command_state *command = command_find(call->server->commands, argc, call->argv + 2);
    if (command == NULL) {
        reply_error(c, "ERR Invalid command specified");
    } else if (!command_has_keys(command->row)) {
        reply_error(c, "ERR The command has no key arguments");
    } else if (!command_arity_fits(command->row, argc)) {
        reply_error(c, "ERR Invalid number of arguments specified for command");
    } else if (!command_keys(command, argc, call->argv + 2, keys) || keys->count == 0) {
        keys->count = 0;
        if (command->row->flags & CMD_NO_MANDATORY_KEYS) return true;
        reply_error(c, "ERR Invalid arguments specified for command");
    } else {
        return true;
    }
    return false;
}

static void reply_keys(struct call *call, bool with_flags)
{
    struct client *c = call->client;
    struct key_positions keys = {0};
    if (find_keys(call, &keys)) {
        reply_array(c, keys.count);
        for (int i = 0; i < keys.count; i++) {
            if (with_flags) reply_array(c, 2);
            reply_bulk(c, call->argv[2 + keys.at[i].index]);
            if (with_flags) reply_flags(c, key_flags, keys.at[i].flags);
        }
    }
    mem_free(keys.at);
}

static void command_getkeys_run(struct call *call)
{
    reply_keys(call, false);
}

static void command_getkeysandflags_run(struct call *call)
{
    reply_keys(call, true);
}

static void command_help_run(struct call *call)
{
    static const char *const lines[] = {
        "(no subcommand)",
        "    All commands, as INFO shows them.",
        "COUNT",
        "    How many commands there are.",
        "DOCS [<command-name> ...]",
        "    The documentation of the commands named, or of all.",
        "GETKEYS <command> [<arg> ...]",
        "    Which of a command's arguments are keys.",
        "GETKEYSANDFLAGS <command> [<arg> ...]",
        "    The same, with what the command does to each key.",
        "INFO [<command-name> ...]",
        "    Arity, flags, key positions and categories of the commands named, or of all.",
        "LIST [FILTERBY (MODULE <module>|ACLCAT <category>|PATTERN <pattern>)]",
        "    The names of all commands, or of those that pass the filter.",
        NULL,
    };
    reply_help(call, lines);
}

static const char *const info_history[] = {"7.0.0", "Describes all commands when none is named.", NULL};

#define COMMAND_FLAGS CMD_LOADING | CMD_STALE | CMD_SENTINEL
#define ORDER_TIP     .tips = {"nondeterministic_output_order"}

static const struct command subcommands[] = {
    {.name = "count",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = 2,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Counts the commands.",
     .complexity = "O(1)",
     .run = command_count_run},
    {.name = "docs",
     .group = GROUP_SERVER,
     .since = "7.0.0",
     .arity = -2,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Documents commands, all when none is named.",
     .complexity = "O(N), N being the number of commands to look up",
     .syntax = "[command-name [command-name ...]]",
     ORDER_TIP,
     .run = command_docs_run},
    {.name = "getkeys",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = -4,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Picks the keys out of a command with its arguments.",
     .complexity = "O(N), N being the number of arguments",
     .syntax = "command [arg [arg ...]]",
     .run = command_getkeys_run},
    {.name = "getkeysandflags",
     .group = GROUP_SERVER,
     .since = "7.0.0",
     .arity = -4,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Picks the keys out of a command with its arguments, and tells how each is used.",
     .complexity = "O(N), N being the number of arguments",
     .syntax = "command [arg [arg ...]]",
     .run = command_getkeysandflags_run},
    {.name = "help",
     .group = GROUP_SERVER,
     .since = "5.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .categories = CATEGORY_CONNECTION,
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .run = command_help_run},
    {.name = "info",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = -2,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Describes commands, all when none is named.",
     .complexity = "O(N), N being the number of commands to look up",
     .syntax = "[command-name [command-name ...]]",
     .history = info_history,
     ORDER_TIP,
     .run = command_info_run},
    {.name = "list",
     .group = GROUP_SERVER,
     .since = "7.0.0",
     .arity = -2,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Lists the names of the commands.",
     .complexity = "O(N), N being the number of commands",
     .syntax = "[FILTERBY <filterby: MODULE module-name | ACLCAT category | PATTERN pattern>]",
     ORDER_TIP,
     .run = command_list_run},
    {0},
};

const struct command command_commands[] = {
    {.name = "command",
     .group = GROUP_SERVER,
     .since = "2.8.13",
     .arity = -1,
     .flags = COMMAND_FLAGS,
     .categories = CATEGORY_CONNECTION,
     .summary = "Describes all commands.",
     .complexity = "O(N), N being the number of commands",
     ORDER_TIP,
     .subcommands = subcommands,
     .run = reply_all_infos},
    {0},
};
