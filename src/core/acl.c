#include "core/acl.h"

#include <ctype.h>

#include "base/assert.h"
#include "base/mem.h"
#include "core/acl_log.h"

/* ---- the set of users ---- */

/* Where the user of this name is, or would be. */
static int place_of(const struct acl *acl, struct slice name)
{
    int low = 0, high = acl->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (slice_compare(acl->users[middle]->name, name) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

struct acl_user *acl_find(const struct acl *acl, struct slice name)
{
    int at = place_of(acl, name);
    return at < acl->count && slice_equal(acl->users[at]->name, name) ? acl->users[at] : NULL;
}

void acl_add(struct acl *acl, struct acl_user *user)
{
    int at = place_of(acl, user->name);
    if (acl->count == acl->capacity) {
        acl->capacity = acl->capacity ? acl->capacity * 2 : 4;
        acl->users = mem_realloc(acl->users, (size_t)acl->capacity * sizeof(struct acl_user *));
    }
    memmove(&acl->users[at + 1], &acl->users[at], (size_t)(acl->count - at) * sizeof(struct acl_user *));
    acl->users[at] = user;
    acl->count++;
}

void acl_remove(struct acl *acl, struct acl_user *user)
{
    int at = place_of(acl, user->name);
    ASSERT(user != acl->standard && acl->users[at] == user);
    acl->count--;
    memmove(&acl->users[at], &acl->users[at + 1], (size_t)(acl->count - at) * sizeof(struct acl_user *));
    acl_user_free(user);
}

struct acl_user *acl_user_named(const struct acl *acl, struct slice name)
{
    return acl_user_new(acl->commands, name, acl->settings->acl_pubsub_allchannels);
}

void acl_make_standard(struct acl_user *user)
{
    static const struct slice rules[] = {SLICE("reset"), SLICE("+@all"), SLICE("~*"),
                                         SLICE("&*"),    SLICE("on"),    SLICE("nopass")};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) acl_user_apply(user, rules[i], false);
}

struct acl *acl_new(const struct command_table *commands, const struct core_settings *settings)
{
    struct acl *acl = mem_calloc(1, sizeof *acl);
    acl->commands = commands;
    acl->settings = settings;
    acl->log = acl_log_new();
    acl->standard = acl_user_named(acl, SLICE("default"));
    acl_make_standard(acl->standard);
    acl_add(acl, acl->standard);
    return acl;
}

void acl_free(struct acl *acl)
{
    for (int i = 0; i < acl->count; i++) acl_user_free(acl->users[i]);
    for (int i = 0; i < acl->declared_count; i++) mem_free(acl->declared[i].words);
    mem_free(acl->declared);
    mem_free(acl->users);
    mem_free(acl->keys.at);
    acl_log_free(acl->log);
    mem_free(acl);
}

bool acl_is_valid_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (isspace((unsigned char)name.ptr[i]) || name.ptr[i] == '\0') return false;
    return true;
}

/* ---- rules ---- */

static bool begins_selector(struct slice word)
{
    return word.len && word.ptr[0] == '(' && word.ptr[word.len - 1] != ')';
}

int acl_merge(int count, const struct slice *words, struct slice *merged, struct buffer *text, int *open)
{
    size_t room = 1;
    for (int i = 0; i < count; i++) room += words[i].len + 1;
    buffer_reserve(text, room); /* so that nothing moves any more */
    int rules = 0;
    for (int i = 0; i < count; i++) {
        merged[rules] = words[i];
        if (begins_selector(words[i])) {
            size_t from = text->len;
            *open = i;
            buffer_append_slice(text, words[i]);
            do {
                if (++i == count) return -1;
                if (begins_selector(words[i])) { /* the one before it is forgotten */
                    from = text->len;
                    *open = i;
                } else {
                    buffer_append_char(text, ' ');
                }
                buffer_append_slice(text, words[i]);
            } while (words[i].len == 0 || words[i].ptr[words[i].len - 1] != ')');
            merged[rules] = slice_make(text->data + from, text->len - from);
        }
        rules++;
    }
    return rules;
}

static bool apply_merged(struct acl_user *user, int count, const struct slice *rules, bool all_channels,
                         struct buffer *error)
{
    for (int i = 0; i < count; i++) {
        const char *refusal = acl_user_apply(user, rules[i], all_channels);
        if (refusal == NULL) continue;
        buffer_append_text(error, "Error in ACL SETUSER modifier '");
        buffer_append(error, rules[i].ptr, strnlen(rules[i].ptr, rules[i].len));
        buffer_printf(error, "': %s", refusal);
        return false;
    }
    return true;
}

static bool apply_rules(const struct acl *acl, struct acl_user *user, int count, const struct slice *rules,
                        struct buffer *error)
{
    int open = 0;
    struct buffer text = {0};
    struct slice *merged = mem_alloc((size_t)(count + 1) * sizeof *merged);
    int merged_count = acl_merge(count, rules, merged, &text, &open);
    bool applied = merged_count >= 0 &&
                   apply_merged(user, merged_count, merged, acl->settings->acl_pubsub_allchannels, error);
    if (merged_count < 0) {
        buffer_append_text(error, "Unmatched parenthesis in acl selector starting at '");
        buffer_append(error, rules[open].ptr, strnlen(rules[open].ptr, rules[open].len));
        buffer_append_text(error, "'.");
    }
    mem_free(merged);
    buffer_fini(&text);
    return applied;
}

struct acl_user *acl_set(struct acl *acl, struct slice name, int count, const struct slice *rules,
                         struct buffer *error)
{
    struct acl_user *user = acl_find(acl, name), *trial = acl_user_named(acl, name);
    if (user) acl_user_assign(trial, user);
    if (!apply_rules(acl, trial, count, rules, error)) {
        acl_user_free(trial);
        return NULL;
    }
    if (user == NULL) {
        acl_add(acl, trial);
        return trial;
    }
    acl_user_assign(user, trial);
    acl_user_free(trial);
    return user;
}

void acl_describe(const struct acl_user *user, struct buffer *to)
{
    buffer_append_text(to, "user ");
    buffer_append_slice(to, user->name);
    buffer_append_char(to, ' ');
    acl_user_describe(user, to);
}

/* ---- who is it ---- */

void acl_set_password(struct acl *acl, struct slice password)
{
    struct buffer rule = {0};
    buffer_append_char(&rule, '>');
    buffer_append_slice(&rule, password);
    acl_user_apply(acl->standard, SLICE("resetpass"), false);
    acl_user_apply(acl->standard, password.len ? buffer_slice(&rule) : SLICE("nopass"), false);
    buffer_fini(&rule);
}

bool acl_requires_login(const struct acl *acl)
{
    return !acl->standard->is_on || !acl->standard->needs_no_password;
}

struct acl_user *acl_authenticate(const struct acl *acl, struct slice name, struct slice password)
{
    struct acl_user *user = acl_find(acl, name);
    /* Who is unknown takes as long as who is not. */
    bool accepted = acl_user_accepts(user ? user : acl->standard, password);
    return user && user->is_on && accepted ? user : NULL;
}
