#include "core/acl_check.h"

static unsigned access_of(unsigned key_flags)
{
    unsigned access = key_flags & KEY_ACCESS ? ACL_READ : 0;
    return access | (key_flags & (KEY_INSERT | KEY_DELETE | KEY_UPDATE) ? ACL_WRITE : 0);
}

static enum acl_denied check_keys(const struct acl_selector *s, const struct key_positions *keys,
                                  const struct slice *argv, int *argument)
{
    if (s->all_keys) return ACL_ALLOWED;
    for (int i = 0; i < keys->count; i++) {
        const struct key_position *key = &keys->at[i];
        if (key->flags & KEY_NOT_KEY) continue;
        *argument = key->index;
        if (!acl_selector_allows_key(s, argv[key->index], access_of(key->flags))) return ACL_DENIED_KEY;
    }
    return ACL_ALLOWED;
}

static enum acl_denied check_channels(const struct acl_selector *s, const struct command *row, int argc,
                                      const struct slice *argv, int *argument)
{
    if (row->channels == CHANNELS_NONE || s->all_channels) return ACL_ALLOWED;
    int last = row->channels == CHANNELS_FIRST ? 1 : argc - 1;
    for (*argument = 1; *argument <= last; ++*argument)
        if (!acl_selector_allows_channel(s, argv[*argument], row->channels == CHANNELS_PATTERNS))
            return ACL_DENIED_CHANNEL;
    return ACL_ALLOWED;
}

/* The keys' positions, found out once; without any when the arguments are wrong:
 * the handler says so. */
static const struct key_positions *find_keys(struct acl *acl, const struct command_state *command, int argc,
                                             const struct slice *argv)
{
    if (!command_keys(command, argc, argv, &acl->keys)) acl->keys.count = 0;
    return &acl->keys;
}

static enum acl_denied check_selector(const struct acl_selector *s, const struct command_state *command,
                                      const struct key_positions *keys, int argc, const struct slice *argv,
                                      int *argument)
{
    *argument = command->parent ? 1 : 0;
    if (!acl_selector_allows_command(s, command, argc, argv)) return ACL_DENIED_COMMAND;
    enum acl_denied denied = check_keys(s, keys, argv, argument);
    return denied ? denied : check_channels(s, command->row, argc, argv, argument);
}

enum acl_denied acl_check_command(struct acl *acl, const struct acl_user *user,
                                  const struct command_state *command, int argc, const struct slice *argv,
                                  int *argument)
{
    enum acl_denied worst = ACL_DENIED_COMMAND;
    *argument = command->parent ? 1 : 0;
    if (acl_user_is_unrestricted(user)) return ACL_ALLOWED;
    const struct key_positions *keys = find_keys(acl, command, argc, argv);
    for (int i = 0; i < user->selector_count; i++) {
        int at;
        enum acl_denied denied = check_selector(user->selectors[i], command, keys, argc, argv, &at);
        if (denied == ACL_ALLOWED) return ACL_ALLOWED;
        if (denied > worst || (denied == worst && at > *argument)) {
            worst = denied;
            *argument = at;
        }
    }
    return worst;
}

bool acl_check_reads_all(struct acl *acl, const struct acl_user *user, const struct command_state *command,
                         int argc, const struct slice *argv)
{
    const struct key_positions *keys = find_keys(acl, command, argc, argv);
    for (int i = 0; i < user->selector_count; i++) {
        int argument;
        if (acl_selector_allows_every_key(user->selectors[i], ACL_READ) &&
            check_selector(user->selectors[i], command, keys, argc, argv, &argument) == ACL_ALLOWED)
            return true;
    }
    return false;
}

struct slice acl_check_object(enum acl_denied denied, const struct command_state *command,
                              const struct slice *argv, int argument)
{
    return denied == ACL_DENIED_COMMAND ? slice_of(command->full_name) : argv[argument];
}

static void explain_what(const char *what, const struct acl_user *user, struct slice object, bool named,
                         struct buffer *to)
{
    if (!named) {
        buffer_printf(to, "No permissions to access a %s", what);
        return;
    }
    buffer_printf(to, "User %s has no permissions to access the '", user->name.ptr);
    buffer_append_slice(to, object);
    buffer_printf(to, "' %s", what);
}

void acl_check_explain(enum acl_denied denied, const struct acl_user *user, struct slice object, bool named,
                       struct buffer *to)
{
    if (denied == ACL_DENIED_KEY) {
        explain_what("key", user, object, named, to);
    } else if (denied == ACL_DENIED_CHANNEL) {
        explain_what("channel", user, object, named, to);
    } else {
        buffer_printf(to, "User %s has no permissions to run the '", user->name.ptr);
        buffer_append_slice(to, object);
        buffer_append_text(to, "' command");
    }
}
