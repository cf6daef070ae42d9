#include "core/acl_file.h"

#include <ctype.h>
#include <errno.h>

#include "base/mem.h"
#include "core/acl_clients.h"
#include "io/file.h"

enum { FILE_BYTES_MAX = 1024 * 1024 * 1024 };

/* ---- lines of the configuration file ---- */

static bool is_declared(const struct acl *acl, struct slice name)
{
    for (int i = 0; i < acl->declared_count; i++)
        if (slice_equal(acl->declared[i].words[0], name)) return true;
    return false;
}

static void keep_line(struct acl *acl, int count, const struct slice *words)
{
    size_t bytes = (size_t)count * sizeof *words;
    for (int i = 0; i < count; i++) bytes += words[i].len;
    struct slice *copy = mem_alloc(bytes);
    char *at = (char *)(copy + count);
    for (int i = 0; i < count; i++) {
        copy[i] = slice_make(at, words[i].len);
        if (words[i].len) memcpy(at, words[i].ptr, words[i].len);
        at += words[i].len;
    }
    acl->declared = mem_realloc(acl->declared, (size_t)(acl->declared_count + 1) * sizeof *acl->declared);
    acl->declared[acl->declared_count++] = (struct acl_declared){count, copy};
}

/* Applies the rules behind a name to a user. False: why, and at which one. */
static bool apply_words(struct acl_user *user, int count, const struct slice *words, bool all_channels,
                        const char **refusal, struct buffer *refused)
{
    int open = 0;
    struct buffer text = {0};
    struct slice *merged = mem_alloc((size_t)count * sizeof *merged);
    int rules = acl_merge(count - 1, words + 1, merged, &text, &open);
    *refusal = rules < 0 ? "Unmatched parenthesis in selector definition." : NULL;
    for (int i = 0; i < rules && *refusal == NULL; i++) {
        *refusal = acl_user_apply(user, merged[i], all_channels);
        if (*refusal) buffer_append_slice(refused, merged[i]);
    }
    mem_free(merged);
    buffer_fini(&text);
    return *refusal == NULL;
}

bool acl_file_declare(struct acl *acl, int count, const struct slice *words, struct buffer *reason)
{
    const char *refusal = NULL;
    struct buffer refused = {0};
    struct acl_user *trial = acl_user_new(acl->commands, words[0], false);
    if (!acl_is_valid_name(words[0])) refusal = "Spaces not allowed in ACL usernames";
    else if (is_declared(acl, words[0]))
        refusal = "Duplicate user found. A user can only be defined once in config files";
    else apply_words(trial, count, words, false, &refusal, &refused);
    if (refusal == NULL) keep_line(acl, count, words);
    acl_user_free(trial);
    buffer_fini(&refused);
    return refusal == NULL || option_refuse(reason, "Error in user declaration '%.*s': %s", (int)words[0].len,
                                            words[0].ptr, refusal);
}

/* What a line can still have wrong is only how it fits acl-pubsub-default. */
static bool make_declared(struct acl *acl, const struct acl_declared *line, struct buffer *error)
{
    struct slice name = line->words[0];
    struct acl_user *user = acl_find(acl, name);
    if (user == NULL) acl_add(acl, user = acl_user_named(acl, name));
    bool all_channels = acl->settings->acl_pubsub_allchannels;
    acl_user_apply(user, SLICE("reset"), all_channels);
    const char *refusal;
    struct buffer rule = {0};
    bool made = apply_words(user, line->count, line->words, all_channels, &refusal, &rule);
    if (!made)
        option_refuse(error, "Error loading ACL rule '%.*s' for the user named '%.*s': %s", (int)rule.len,
                      rule.data ? rule.data : "", (int)name.len, name.ptr, refusal);
    buffer_fini(&rule);
    return made;
}

bool acl_file_open(struct server *server, struct buffer *error)
{
    struct acl *acl = server->acl;
    bool has_file = *server->settings->aclfile, opened = true;
    acl_set_password(acl, buffer_slice(&server->settings->requirepass));
    if (has_file && acl->declared_count)
        return option_refuse(error, "Users are declared in the configuration file, and an aclfile is named "
                                    "too: nobody could tell which of them hold. Keep one of the two.");
    for (int i = 0; i < acl->declared_count && opened; i++)
        opened = make_declared(acl, &acl->declared[i], error);
    if (!has_file) return opened;
    struct buffer errors = {0};
    opened = acl_file_load(server, &errors);
    if (!opened) option_refuse(error, "Aborting Redis startup because of ACL errors: %s", errors.data);
    buffer_fini(&errors);
    return opened;
}

/* ---- reading an aclfile ---- */

/* A file while it is read: its users make up a set of their own. */
struct reading {
    const char *path;
    int line;
    struct acl *fresh;
    struct buffer *errors;
};

/* One blank ends a word, so that a name may be empty. */
static int split_at_blanks(struct slice line, struct slice **words)
{
    int count = 1;
    for (size_t i = 0; i < line.len; i++) count += line.ptr[i] == ' ';
    *words = mem_alloc((size_t)count * sizeof **words);
    for (int i = 0; i < count; i++) {
        const char *blank = memchr(line.ptr, ' ', line.len);
        size_t len = blank ? (size_t)(blank - line.ptr) : line.len;
        (*words)[i] = slice_make(line.ptr, len);
        if (blank) line = slice_make(blank + 1, line.len - len - 1);
    }
    return count;
}

/* All rules are tried, so that each unknown command is told at once; of other
 * mistakes the first. */
static void apply_line(struct reading *r, struct acl_user *user, int count, const struct slice *rules)
{
    bool told = false;
    for (int i = 0; i < count; i++) {
        const char *refusal = acl_user_apply(user, rules[i], r->fresh->settings->acl_pubsub_allchannels);
        if (refusal == NULL) continue;
        if (refusal == acl_selector_unknown)
            buffer_printf(r->errors, "%s:%d: Error in applying operation '%.*s': %s. ", r->path, r->line,
                          (int)rules[i].len, rules[i].ptr, refusal);
        else if (!told) buffer_printf(r->errors, "%s:%d: %s. ", r->path, r->line, refusal);
        told |= refusal != acl_selector_unknown;
    }
}

static void read_user(struct reading *r, int count, const struct slice *words)
{
    struct slice name = words[1];
    if (acl_find(r->fresh, name)) {
        buffer_printf(r->errors, "WARNING: Duplicate user '%.*s' found on line %d. ", (int)name.len, name.ptr,
                      r->line);
        return;
    }
    if (!acl_is_valid_name(name)) {
        buffer_printf(r->errors, "%s:%d: username '%.*s' contains invalid characters. ", r->path, r->line,
                      (int)name.len, name.ptr);
        return;
    }
    int open;
    struct buffer text = {0};
    struct slice *merged = mem_alloc((size_t)count * sizeof *merged);
    int rules = acl_merge(count - 2, words + 2, merged, &text, &open);
    struct acl_user *user = acl_user_named(r->fresh, name);
    acl_add(r->fresh, user);
    if (rules < 0)
        buffer_printf(r->errors, "%s:%d: Unmatched parenthesis in selector definition. ", r->path, r->line);
    else apply_line(r, user, rules, merged);
    mem_free(merged);
    buffer_fini(&text);
}

static void read_line(struct reading *r, struct slice line)
{
    while (line.len && isspace((unsigned char)line.ptr[0])) line = slice_make(line.ptr + 1, line.len - 1);
    while (line.len && isspace((unsigned char)line.ptr[line.len - 1])) line.len--;
    if (line.len == 0) return;
    struct slice *words;
    int count = split_at_blanks(line, &words);
    if (count >= 2 && slice_equal(words[0], SLICE("user"))) read_user(r, count, words);
    else
        buffer_printf(r->errors, "%s:%d should start with user keyword followed by the username. ", r->path,
                      r->line);
    mem_free(words);
}

void acl_file_parse(struct acl *fresh, const char *path, struct slice text, struct buffer *errors)
{
    struct reading r = {path, 0, fresh, errors};
    while (text.len) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        size_t len = newline ? (size_t)(newline - text.ptr) : text.len;
        r.line++;
        read_line(&r, slice_make(text.ptr, len));
        len += newline != NULL;
        text = slice_make(text.ptr + len, text.len - len);
    }
}

/* The users that were read replace those there are, but for the default user,
 * which gets the rights of its like. */
static void take_over(struct server *server, struct acl *fresh)
{
    struct acl *acl = server->acl;
    struct acl_user *standard = acl_find(fresh, acl->standard->name);
    if (standard) acl_user_assign(acl->standard, standard);
    else acl_make_standard(acl->standard);
    acl_clients_close(server, NULL);
    for (int i = acl->count - 1; i >= 0; i--)
        if (acl->users[i] != acl->standard) acl_remove(acl, acl->users[i]);
    for (int i = 0; i < fresh->count; i++) {
        if (fresh->users[i] == standard) acl_user_free(standard);
        else acl_add(acl, fresh->users[i]);
    }
    fresh->count = 0;
    acl_clients_review(server, acl->standard);
}

bool acl_file_load(struct server *server, struct buffer *errors)
{
    const char *path = server->settings->aclfile;
    struct buffer text = {0};
    struct acl fresh = {.commands = server->commands, .settings = server->settings};
    if (!file_read(path, FILE_BYTES_MAX, &text)) {
        option_refuse(errors, "Error loading ACLs, opening file '%s': %s", path, strerror(errno));
    } else {
        acl_file_parse(&fresh, path, buffer_slice(&text), errors);
        if (errors->len)
            buffer_append_text(errors, "WARNING: ACL errors detected, no change to the previously active ACL "
                                       "rules was performed");
        else take_over(server, &fresh);
    }
    for (int i = 0; i < fresh.count; i++) acl_user_free(fresh.users[i]);
    mem_free(fresh.users);
    buffer_fini(&text);
    return errors->len == 0;
}

/* ---- writing ---- */

bool acl_file_save(const struct server *server)
{
    const struct acl *acl = server->acl;
    struct buffer text = {0};
    for (int i = 0; i < acl->count; i++) {
        acl_describe(acl->users[i], &text);
        buffer_append_char(&text, '\n');
    }
    bool saved = file_save(server->settings->aclfile, buffer_slice(&text));
    int error = errno;
    buffer_fini(&text);
    errno = error;
    return saved;
}

void acl_file_print(const struct acl *acl, struct buffer *to)
{
    for (int i = 0; i < acl->count; i++) {
        struct buffer rules = {0};
        acl_user_describe(acl->users[i], &rules);
        buffer_append_text(to, "user ");
        acl_user_quote(acl->users[i]->name, false, to);
        buffer_append_char(to, ' ');
        acl_user_quote(buffer_slice(&rules), false, to);
        buffer_append_char(to, '\n');
        buffer_fini(&rules);
    }
}
