/* Users and their rules: what is allowed, how it is described, and that what is
 * described is the same again. */
#include "core/acl.h"

#include "base/mem.h"
#include "commands/tables.h"
#include "core/acl_check.h"
#include "core/acl_file.h"
#include "io/request.h"
#include "test.h"

static struct fixture {
    struct command_table *commands;
    struct core_settings settings;
    struct acl *acl;
    struct buffer error;
} f;

static void begin(void)
{
    f.commands = command_table_new();
    command_table_add(f.commands, string_commands);
    command_table_add(f.commands, config_commands);
    command_table_add(f.commands, pubsub_commands);
    command_table_add(f.commands, connection_commands);
    f.settings = (struct core_settings){0};
    f.acl = acl_new(f.commands, &f.settings);
}

static void end(void)
{
    acl_free(f.acl);
    command_table_free(f.commands);
    buffer_fini(&f.error);
}

/* Applies rules, separated by blanks as a client's arguments are. */
static struct acl_user *set(const char *name, const char *rules)
{
    struct slice words[64];
    char storage[1024];
    buffer_clear(&f.error);
    int count = request_split_words(slice_of(rules), storage, words, 64);
    return acl_set(f.acl, slice_of(name), count, words, &f.error);
}

static const char *described(const struct acl_user *user, struct buffer *text)
{
    buffer_clear(text);
    acl_user_describe(user, text);
    return text->data;
}

/* What is denied of a command to user `u`. */
static enum acl_denied denied(const char *line)
{
    struct slice words[16];
    char storage[256];
    int argument, argc = request_split_words(slice_of(line), storage, words, 16);
    const struct command_state *command = command_find(f.commands, argc, words);
    return acl_check_command(f.acl, acl_find(f.acl, SLICE("u")), command, argc, words, &argument);
}

static void a_new_user_may_do_nothing(void)
{
    begin();
    struct acl_user *user = set("u", "");
    CHECK(user && !acl_user_is_unrestricted(user) && !acl_user_reads_every_key(user));
    CHECK_INT(denied("GET k"), ACL_DENIED_COMMAND);
    CHECK_INT(denied("AUTH x"), ACL_ALLOWED);
    CHECK(acl_user_is_unrestricted(f.acl->standard));
    end();
}

static void commands_are_allowed_and_taken_away(void)
{
    begin();
    set("u", "allkeys +@string -set +config|get +select|1");
    CHECK_INT(denied("GET k"), ACL_ALLOWED);
    CHECK_INT(denied("SET k v"), ACL_DENIED_COMMAND);
    CHECK_INT(denied("CONFIG GET x"), ACL_ALLOWED);
    CHECK_INT(denied("CONFIG SET x y"), ACL_DENIED_COMMAND);
    CHECK_INT(denied("SELECT 1"), ACL_ALLOWED);
    CHECK_INT(denied("SELECT 2"), ACL_DENIED_COMMAND);
    set("u", "-select +config -config|get");
    CHECK_INT(denied("SELECT 1"), ACL_DENIED_COMMAND);
    CHECK_INT(denied("CONFIG SET x y"), ACL_ALLOWED);
    CHECK_INT(denied("CONFIG GET x"), ACL_DENIED_COMMAND);
    end();
}

static void rights_to_keys_are_to_read_and_to_write(void)
{
    begin();
    set("u", "+@all %R~r* %W~w* ~b*");
    CHECK_INT(denied("GET r1"), ACL_ALLOWED);
    CHECK_INT(denied("GET w1"), ACL_DENIED_KEY);
    CHECK_INT(denied("SET w1 v"), ACL_ALLOWED);
    CHECK_INT(denied("SET r1 v"), ACL_DENIED_KEY);
    CHECK_INT(denied("GETSET b1 v"), ACL_ALLOWED);
    CHECK_INT(denied("GETSET r1 v"), ACL_DENIED_KEY);
    CHECK_INT(denied("MGET b1 r1 x"), ACL_DENIED_KEY);
    CHECK_INT(denied("PUBLISH c m"), ACL_DENIED_CHANNEL);
    end();
}

static void the_selector_that_came_furthest_says_what_is_denied(void)
{
    begin();
    set("u", "+get ~a \"(+mget ~a ~b)\" (+publish)");
    CHECK_INT(denied("GET b"), ACL_DENIED_KEY);
    CHECK_INT(denied("MGET a b"), ACL_ALLOWED);
    CHECK_INT(denied("SET a v"), ACL_DENIED_COMMAND);
    CHECK_INT(denied("PUBLISH c m"), ACL_DENIED_CHANNEL);
    struct slice words[] = {SLICE("MGET"), SLICE("a"), SLICE("x"), SLICE("b")};
    int argument;
    acl_check_command(f.acl, acl_find(f.acl, SLICE("u")), command_find(f.commands, 4, words), 4, words,
                      &argument);
    CHECK_INT(argument, 2);
    end();
}

static void what_is_refused_changes_nothing(void)
{
    struct buffer before = {0}, after = {0};
    begin();
    struct acl_user *user = set("u", "on >pw ~a +get (+set ~b)");
    described(user, &before);
    CHECK(set("u", "off nopass -get clearselectors +nosuch") == NULL);
    CHECK_TEXT(f.error.data,
               "Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL");
    CHECK_TEXT(described(user, &after), before.data);
    CHECK(set("v", "bad") == NULL && acl_find(f.acl, SLICE("v")) == NULL);
    buffer_fini(&before);
    buffer_fini(&after);
    end();
}

static void what_is_described_is_read_again(void)
{
    static const char *const rules[] = {
        "",
        "on nopass +@all",
        "~\"a\\\"b\" &'c (~\\\"x\\\") +get)",
        "(\"~x)\" +get|a) ~z)",
        "%R~a %W~a %R~b +set|A +SET|b -@string +@all -config|get",
    };
    struct buffer text = {0}, again = {0}, quoted = {0};
    begin();
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct acl_user *user = set("u", rules[i]);
        if (user == NULL) continue;
        described(user, &text);
        buffer_clear(&quoted);
        acl_user_quote(buffer_slice(&text), false, &quoted);
        struct acl_user *copy = set("copy", quoted.data);
        CHECK(copy);
        CHECK_TEXT(described(copy, &again), text.data);
        acl_remove(f.acl, copy);
        acl_remove(f.acl, user);
    }
    buffer_fini(&text);
    buffer_fini(&again);
    buffer_fini(&quoted);
    end();
}

static void passwords_are_compared_as_hashes(void)
{
    begin();
    struct acl_user *user = set("u", ">one >two");
    CHECK(acl_authenticate(f.acl, SLICE("u"), SLICE("one")) == NULL); /* it is off */
    user = set("u", "on");
    CHECK(acl_authenticate(f.acl, SLICE("u"), SLICE("one")) == user);
    CHECK(acl_authenticate(f.acl, SLICE("u"), SLICE("two")) == user);
    CHECK(acl_authenticate(f.acl, SLICE("u"), SLICE("")) == NULL);
    CHECK(acl_authenticate(f.acl, SLICE("nobody"), SLICE("one")) == NULL);
    CHECK(!acl_requires_login(f.acl));
    acl_set_password(f.acl, SLICE("secret"));
    CHECK(acl_requires_login(f.acl));
    CHECK(acl_authenticate(f.acl, SLICE("default"), SLICE("secret")) == f.acl->standard);
    acl_set_password(f.acl, SLICE(""));
    CHECK(!acl_requires_login(f.acl));
    end();
}

static void users_are_kept_by_name(void)
{
    char name[16];
    begin();
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "u%d", i * 7919 % 1000);
        CHECK(set(name, "on"));
    }
    CHECK_INT(f.acl->count, 1001);
    for (int i = 1; i < f.acl->count; i++)
        CHECK(slice_compare(f.acl->users[i - 1]->name, f.acl->users[i]->name) < 0);
    for (int i = 0; i < 1000; i += 2) {
        snprintf(name, sizeof name, "u%d", i);
        acl_remove(f.acl, acl_find(f.acl, slice_of(name)));
    }
    CHECK_INT(f.acl->count, 501);
    CHECK(acl_find(f.acl, SLICE("u1")) && acl_find(f.acl, SLICE("u2")) == NULL);
    end();
}

static void a_file_is_read_line_by_line(void)
{
    begin();
    struct acl fresh = {.commands = f.commands, .settings = &f.settings};
    acl_file_parse(&fresh, "x", SLICE("user a on (+get ~x) ~y\r\n\n  user  off\nuser a\nusers b\nuser c (x"),
                   &f.error);
    CHECK_TEXT(f.error.data, "WARNING: Duplicate user 'a' found on line 4. "
                             "x:5 should start with user keyword followed by the username. "
                             "x:6: Unmatched parenthesis in selector definition. ");
    CHECK_INT(fresh.count, 3);
    CHECK(acl_find(&fresh, SLICE("a"))->selector_count == 2 && acl_find(&fresh, SLICE("")));
    while (fresh.count) acl_user_free(fresh.users[--fresh.count]);
    mem_free(fresh.users);
    end();
}

int main(void)
{
    mem_thread_init();
    TEST("a new user may do nothing", a_new_user_may_do_nothing);
    TEST("commands are allowed and taken away", commands_are_allowed_and_taken_away);
    TEST("rights to keys are to read and to write", rights_to_keys_are_to_read_and_to_write);
    TEST("the selector that came furthest says what is denied",
         the_selector_that_came_furthest_says_what_is_denied);
    TEST("what is refused changes nothing", what_is_refused_changes_nothing);
    TEST("what is described is read again", what_is_described_is_read_again);
    TEST("passwords are compared as hashes", passwords_are_compared_as_hashes);
    TEST("users are kept by name", users_are_kept_by_name);
    TEST("a file is read line by line", a_file_is_read_line_by_line);
    return TEST_END();
}
