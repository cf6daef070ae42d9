/* ACL: users and what they may do. */
#include "core/acl.h"

#include <errno.h>

#include "base/log.h"
#include "base/random.h"
#include "commands/tables.h"
#include "core/acl_clients.h"
#include "core/acl_file.h"
#include "core/acl_log.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- asking about users ---- */

static void acl_whoami_run(struct call *call)
{
    reply_bulk(call->client, call->client->user->name);
}

static void acl_users_run(struct call *call)
{
    const struct acl *acl = call->server->acl;
    reply_array(call->client, acl->count);
    for (int i = 0; i < acl->count; i++) reply_bulk(call->client, acl->users[i]->name);
}

static void acl_list_run(struct call *call)
{
    const struct acl *acl = call->server->acl;
    struct buffer line = {0};
    reply_array(call->client, acl->count);
    for (int i = 0; i < acl->count; i++) {
        buffer_clear(&line);
        acl_describe(acl->users[i], &line);
        reply_bulk(call->client, buffer_slice(&line));
    }
    buffer_fini(&line);
}

static void reply_part(struct client *c, const char *title, const struct acl_selector *s,
                       void (*describe)(const struct acl_selector *s, struct buffer *to))
{
    struct buffer text = {0};
    describe(s, &text);
    reply_text(c, title);
    reply_bulk(c, buffer_slice(&text));
    buffer_fini(&text);
}

static void reply_selector(struct client *c, const struct acl_selector *s)
{
    reply_part(c, "commands", s, acl_selector_describe_commands);
    reply_part(c, "keys", s, acl_selector_describe_keys);
    reply_part(c, "channels", s, acl_selector_describe_channels);
}

static void reply_user_flags(struct client *c, const struct acl_user *user)
{
    reply_text(c, "flags");
    reply_set(c, user->needs_no_password ? 3 : 2);
    reply_text(c, user->is_on ? "on" : "off");
    if (user->needs_no_password) reply_text(c, "nopass");
    reply_text(c, user->skips_sanitizing ? "skip-sanitize-payload" : "sanitize-payload");
}

static void acl_getuser_run(struct call *call)
{
    struct client *c = call->client;
    const struct acl_user *user = acl_find(call->server->acl, call->argv[2]);
    if (user == NULL) {
        reply_null(c);
        return;
    }
    reply_map(c, 6);
    reply_user_flags(c, user);
    reply_text(c, "passwords");
    reply_array(c, user->password_count);
    for (int i = 0; i < user->password_count; i++)
        reply_bulk(c, slice_make(user->passwords[i], ACL_HASH_LEN));
    reply_selector(c, user->selectors[0]);
    reply_text(c, "selectors");
    reply_array(c, user->selector_count - 1);
    for (int i = 1; i < user->selector_count; i++) {
        reply_map(c, 3);
        reply_selector(c, user->selectors[i]);
    }
}

/* ---- changing users ---- */

static void acl_setuser_run(struct call *call)
{
    struct client *c = call->client;
    struct buffer error = {0};
    if (!acl_is_valid_name(call->argv[2])) {
        reply_error(c, "ERR Usernames can't contain spaces or null characters");
        return;
    }
    const struct acl_user *user = acl_set(call->server->acl, call->argv[2], call->argc - 3, call->argv + 3,
                                          &error);
    if (user) {
        acl_clients_review(call->server, user);
        reply_ok(c);
    } else {
        reply_errorf(c, "ERR %s", error.data);
    }
    buffer_fini(&error);
}

static bool setuser_is_secret(const struct call *call, int i)
{
    (void)call;
    return i > 1;
}

/* The default user is met before anybody is deleted only if it comes first. */
static void acl_deluser_run(struct call *call)
{
    struct acl *acl = call->server->acl;
    int64_t deleted = 0;
    for (int i = 2; i < call->argc; i++) {
        struct acl_user *user = acl_find(acl, call->argv[i]);
        if (user == acl->standard) {
            reply_error(call->client, "ERR The 'default' user cannot be removed");
            return;
        }
        if (user == NULL) continue;
        acl_clients_close(call->server, user);
        acl_remove(acl, user);
        deleted++;
    }
    reply_int(call->client, deleted);
}

/* ---- the file ---- */

static bool has_file(struct call *call)
{
    if (*call->server->settings->aclfile) return true;
    reply_error(
        call->client,
        "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via "
        "the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration "
        "file set) in order to store users in the Redis configuration.");
    return false;
}

static void acl_load_run(struct call *call)
{
    struct buffer errors = {0};
    if (!has_file(call)) return;
    if (acl_file_load(call->server, &errors)) reply_ok(call->client);
    else reply_errorf(call->client, "ERR %s", errors.data);
    buffer_fini(&errors);
}

static void acl_save_run(struct call *call)
{
    if (!has_file(call)) return;
    if (acl_file_save(call->server)) {
        reply_ok(call->client);
        return;
    }
    log_warning("ACL SAVE: %s: %s", call->server->settings->aclfile, strerror(errno));
    reply_error(call->client,
                "ERR There was an error trying to save the ACLs. Please check the server logs for "
                "more information");
}

/* ---- categories and passwords ---- */

/* Answers how many there are among a command and its subcommands. */
static int64_t list_members(struct client *c, const struct command_state *command, unsigned category)
{
    int64_t count = 0;
    if (command->categories & category) {
        reply_text(c, command->full_name);
        count++;
    }
    for (int i = 0; i < command->subcommand_count; i++)
        count += list_members(c, &command->subcommands[i], category);
    return count;
}

static void list_category(struct call *call, unsigned category)
{
    struct client *c = call->client;
    const struct command_table *commands = call->server->commands;
    struct output_mark mark = reply_open(c);
    int64_t count = 0;
    for (int i = 0; i < command_count(commands); i++)
        count += list_members(c, command_at(commands, i), category);
    reply_close_array(c, mark, count);
}

static void acl_cat_run(struct call *call)
{
    struct client *c = call->client;
    if (call->argc > 3) {
        reply_subcommand_error(call);
    } else if (call->argc == 2) {
        unsigned count = 0;
        while (command_category_name(count)) count++;
        reply_array(c, count);
        for (unsigned i = 0; i < count; i++) reply_text(c, command_category_name(i));
    } else if (command_category_find(call->argv[2])) {
        list_category(call, command_category_find(call->argv[2]));
    } else {
        reply_errorf(c, "ERR Unknown category '%.*s'", (int)call->argv[2].len, call->argv[2].ptr);
    }
}

static void acl_genpass_run(struct call *call)
{
    enum { BITS_MAX = 4096, BITS_A_DIGIT = 4 };
    int64_t bits = 256;
    char password[BITS_MAX / BITS_A_DIGIT + 1];
    if (call->argc > 3) {
        reply_subcommand_error(call);
        return;
    }
    if (call->argc == 3 && !args_int(call->client, call->argv[2], &bits, NULL)) return;
    if (bits <= 0 || bits > BITS_MAX) {
        reply_error(call->client,
                    "ERR ACL GENPASS argument must be the number of bits for the output password, "
                    "a positive number up to 4096");
        return;
    }
    size_t len = (size_t)(bits + BITS_A_DIGIT - 1) / BITS_A_DIGIT;
    random_hex(password, len);
    reply_bulk(call->client, slice_make(password, len));
}

/* ---- what was refused, and what would be ---- */

static void reply_entry(struct client *c, const struct acl_log_entry *entry)
{
    reply_map(c, 10);
    reply_text(c, "count");
    reply_int(c, entry->count);
    reply_text(c, "reason");
    reply_text(c, acl_log_reason(entry->reason));
    reply_text(c, "context");
    reply_text(c, entry->context);
    reply_text(c, "object");
    reply_bulk(c, buffer_slice(&entry->object));
    reply_text(c, "username");
    reply_bulk(c, buffer_slice(&entry->user));
    reply_text(c, "age-seconds");
    reply_double(c, (double)(server_now_ms(c->server) - entry->seen_ms) / 1000);
    reply_text(c, "client-info");
    reply_bulk(c, buffer_slice(&entry->client));
    reply_text(c, "entry-id");
    reply_int(c, (int64_t)entry->id);
    reply_text(c, "timestamp-created");
    reply_int(c, entry->created_ms);
    reply_text(c, "timestamp-last-updated");
    reply_int(c, entry->seen_ms);
}

static void acl_log_run(struct call *call)
{
    struct client *c = call->client;
    struct acl_log *log = call->server->acl->log;
    int64_t count = 10;
    if (call->argc > 3) {
        reply_subcommand_error(call);
        return;
    }
    if (call->argc == 3 && slice_is(call->argv[2], "reset")) {
        acl_log_reset(log);
        reply_ok(c);
        return;
    }
    if (call->argc == 3 && !args_int(c, call->argv[2], &count, NULL)) return;
    if (count < 0) count = 0;
    if (count > log->count) count = log->count;
    reply_array(c, count);
    for (const struct acl_log_entry *entry = log->newest; count > 0; count--, entry = entry->next)
        reply_entry(c, entry);
}

static void acl_dryrun_run(struct call *call)
{
    struct client *c = call->client;
    int argc = call->argc - 3, argument;
    const struct slice *argv = call->argv + 3;
    struct acl *acl = call->server->acl;
    const struct acl_user *user = acl_find(acl, call->argv[2]);
    const struct command_state *command = command_find(call->server->commands, argc, argv);
    if (user == NULL) {
        reply_errorf(c, "ERR User '%.*s' not found", (int)call->argv[2].len, call->argv[2].ptr);
    } else if (command == NULL) {
        reply_errorf(c, "ERR Command '%.*s' not found", (int)argv[0].len, argv[0].ptr);
    } else if (!command_arity_fits(command->row, argc) || (command->row->run == NULL && argc == 1)) {
        reply_errorf(c, "ERR wrong number of arguments for '%s' command", command->full_name);
    } else {
        enum acl_denied denied = acl_check_command(acl, user, command, argc, argv, &argument);
        struct buffer text = {0};
        if (denied == ACL_ALLOWED) reply_ok(c);
        else {
            acl_check_explain(denied, user, acl_check_object(denied, command, argv, argument), true, &text);
            reply_bulk(c, buffer_slice(&text));
        }
        buffer_fini(&text);
    }
}

static bool dryrun_is_secret(const struct call *call, int i)
{
    (void)call;
    return i > 3;
}

static void acl_help_run(struct call *call)
{
    static const char *const lines[] = {
        "CAT [<category>]",
        "    The categories of commands, or the commands of one of them.",
        "DELUSER <username> [<username> ...]",
        "    Delete users, and close their connections.",
        "DRYRUN <username> <command> [<arg> ...]",
        "    Tell whether the user may run the command, without running it.",
        "GENPASS [<bits>]",
        "    A password that nobody can guess, of 256 bits or as many as given.",
        "GETUSER <username>",
        "    What a user may do.",
        "LIST",
        "    All users, as lines of a configuration file.",
        "LOAD",
        "    Read the users from the ACL file again.",
        "LOG [<count> | RESET]",
        "    What was refused to whom, newest first; or forget it.",
        "SAVE",
        "    Write the users to the ACL file.",
        "SETUSER <username> [<rule> ...]",
        "    Change a user, or make a new one.",
        "USERS",
        "    The names of all users.",
        "WHOAMI",
        "    The name of this connection's user.",
        NULL,
    };
    reply_help(call, lines);
}

#define ADMIN   CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_SENTINEL
#define ANYBODY CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_SENTINEL

static const char *const log_history[] = {"7.2.0", "Entries have an id and two timestamps.", NULL};
static const char *const setuser_history[] = {"6.2.0", "Takes patterns of channels.", "7.0.0",
                                              "Takes selectors and separate rights to read and write keys.",
                                              NULL};
static const char *const getuser_history[] = {"6.2.0", "Tells patterns of channels.", "7.0.0",
                                              "Tells selectors, and keys and channels as their rules.", NULL};

static const struct command acl_subcommands[] = {
    {.name = "cat",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = -2,
     .flags = ANYBODY,
     .summary = "Lists the categories of commands, or the commands of one.",
     .complexity = "O(1), the numbers of categories and commands being constant",
     .syntax = "[category]",
     .run = acl_cat_run},
    {.name = "deluser",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = -3,
     .flags = ADMIN,
     .summary = "Deletes users and closes their connections.",
     .complexity = "O(N), N being the number of connections",
     .syntax = "username [username ...]",
     .run = acl_deluser_run},
    {.name = "dryrun",
     .group = GROUP_SERVER,
     .since = "7.0.0",
     .arity = -4,
     .flags = ADMIN,
     .summary = "Tells whether a user may run a command, without running it.",
     .complexity = "O(1)",
     .syntax = "username command [arg [arg ...]]",
     .run = acl_dryrun_run,
     .is_secret = dryrun_is_secret},
    {.name = "genpass",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = -2,
     .flags = ANYBODY,
     .summary = "Makes up a password that cannot be guessed.",
     .complexity = "O(1)",
     .syntax = "[bits]",
     .run = acl_genpass_run},
    {.name = "getuser",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 3,
     .flags = ADMIN,
     .summary = "Returns what a user may do.",
     .complexity = "O(N), N being the number of rules, passwords and patterns of the user",
     .syntax = "username",
     .history = getuser_history,
     .run = acl_getuser_run},
    {.name = "help",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE | CMD_SENTINEL,
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .run = acl_help_run},
    {.name = "list",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 2,
     .flags = ADMIN,
     .summary = "Lists all users as lines of a configuration file.",
     .complexity = "O(N), N being the number of users",
     .run = acl_list_run},
    {.name = "load",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 2,
     .flags = ADMIN,
     .summary = "Reads the users from the ACL file.",
     .complexity = "O(N), N being the number of users",
     .run = acl_load_run},
    {.name = "log",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = -2,
     .flags = ADMIN,
     .summary = "Lists what was refused to whom.",
     .complexity = "O(N), N being the number of entries shown",
     .syntax = "[count | RESET]",
     .history = log_history,
     .run = acl_log_run},
    {.name = "save",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 2,
     .flags = ADMIN,
     .summary = "Writes the users to the ACL file.",
     .complexity = "O(N), N being the number of users",
     .run = acl_save_run},
    {.name = "setuser",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = -3,
     .flags = ADMIN,
     .summary = "Changes a user's rights, or makes a new user.",
     .complexity = "O(N), N being the number of rules given",
     .syntax = "username [rule [rule ...]]",
     .history = setuser_history,
     .run = acl_setuser_run,
     .is_secret = setuser_is_secret},
    {.name = "users",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 2,
     .flags = ADMIN,
     .summary = "Lists the names of all users.",
     .complexity = "O(N), N being the number of users",
     .run = acl_users_run},
    {.name = "whoami",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = 2,
     .flags = ANYBODY,
     .summary = "Returns the name of this connection's user.",
     .complexity = "O(1)",
     .run = acl_whoami_run},
    {0},
};

const struct command acl_commands[] = {
    {.name = "acl",
     .group = GROUP_SERVER,
     .since = "6.0.0",
     .arity = -2,
     .flags = CMD_SENTINEL,
     .summary = "A container for commands about users and what they may do.",
     .complexity = "Depends on subcommand.",
     .subcommands = acl_subcommands},
    {0},
};
