/* Targets of core/: rules of users, and files of users. */
#include "core/acl.h"

#include "base/mem.h"
#include "commands/tables.h"
#include "core/acl_check.h"
#include "core/acl_file.h"
#include "fuzz.h"
#include "io/request.h"

struct fixture {
    struct command_table *commands;
    struct core_settings settings;
    struct acl *acl;
};

static void begin(struct fixture *f)
{
    f->commands = command_table_new();
    command_table_add(f->commands, string_commands);
    command_table_add(f->commands, config_commands);
    command_table_add(f->commands, pubsub_commands);
    f->acl = acl_new(f->commands, &f->settings);
}

static void end(struct fixture *f)
{
    acl_free(f->acl);
    command_table_free(f->commands);
}

/* The next piece of text up to a separator, which is taken off it. */
static struct slice take(struct slice *text, char separator)
{
    const char *at = text->len ? memchr(text->ptr, separator, text->len) : NULL;
    struct slice piece = slice_make(text->ptr, at ? (size_t)(at - text->ptr) : text->len);
    size_t taken = piece.len + (at != NULL);
    *text = slice_make(text->ptr + taken, text->len - taken);
    return piece;
}

/* A user made from words has this description. */
static void check_words(struct fixture *f, const struct slice *words, int count, struct slice description)
{
    struct buffer again = {0}, error = {0};
    struct acl_user *copy = acl_set(f->acl, SLICE("copy"), count, words, &error);
    FUZZ_CHECK(copy != NULL && error.len == 0);
    acl_user_describe(copy, &again);
    FUZZ_CHECK(slice_equal(buffer_slice(&again), description));
    acl_remove(f->acl, copy);
    buffer_fini(&again);
}

/* What describes a user makes it again: in an aclfile, where blanks separate,
 * and in a configuration file, where words are quoted. */
static void check_description(struct fixture *f, const struct acl_user *user)
{
    struct buffer text = {0}, quoted = {0};
    acl_user_describe(user, &text);
    acl_user_quote(buffer_slice(&text), false, &quoted);
    struct slice *words = mem_alloc((quoted.len + 1) * sizeof *words), rest = buffer_slice(&text);
    char *storage = mem_alloc(quoted.len + 1);
    int count = 0;
    while (rest.len) words[count++] = take(&rest, ' ');
    check_words(f, words, count, buffer_slice(&text));
    count = request_split_words(buffer_slice(&quoted), storage, words, (int)quoted.len + 1);
    FUZZ_CHECK(count > 0);
    check_words(f, words, count, buffer_slice(&text));
    mem_free(words);
    mem_free(storage);
    buffer_fini(&text);
    buffer_fini(&quoted);
}

/* A line is a rule; what is asked for are a command and its key. */
int fuzz_acl_rules(const uint8_t *data, size_t size)
{
    struct fixture f = {0};
    begin(&f);
    struct slice text = slice_make((const char *)data, size), argv[] = {SLICE("get"), SLICE("key")};
    const struct command_state *get = command_find(f.commands, 2, argv);
    struct acl_user *user = acl_user_named(f.acl, SLICE("u"));
    while (text.len) {
        struct slice rule = take(&text, '\n');
        int argument;
        acl_user_apply(user, rule, false);
        enum acl_denied denied = acl_check_command(f.acl, user, get, 2, argv, &argument);
        FUZZ_CHECK(denied != ACL_ALLOWED || acl_user_reads(user, argv[1]));
        FUZZ_CHECK(!acl_user_is_unrestricted(user) || acl_user_reads_every_key(user));
    }
    check_description(&f, user);
    acl_user_free(user);
    end(&f);
    return 0;
}

/* What was read without a complaint is written, and read as the same. */
int fuzz_acl_file(const uint8_t *data, size_t size)
{
    struct fixture f = {0};
    begin(&f);
    struct buffer errors = {0};
    struct acl fresh = {.commands = f.commands, .settings = &f.settings};
    acl_file_parse(&fresh, "file", slice_make((const char *)data, size), &errors);
    for (int i = 0; i < fresh.count; i++) {
        FUZZ_CHECK(acl_is_valid_name(fresh.users[i]->name));
        check_description(&f, fresh.users[i]);
    }
    while (fresh.count) acl_user_free(fresh.users[--fresh.count]);
    mem_free(fresh.users);
    buffer_fini(&errors);
    end(&f);
    return 0;
}
