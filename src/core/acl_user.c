#include "core/acl_user.h"

#include "base/hash.h"
#include "base/mem.h"
#include "io/request.h"

static const char syntax_error[] = "Syntax error";

/* ---- life ---- */

static void add_selector(struct acl_user *user, struct acl_selector *selector)
{
    user->selectors = mem_realloc(user->selectors,
                                  (size_t)(user->selector_count + 1) * sizeof(struct acl_selector *));
    user->selectors[user->selector_count++] = selector;
}

static void drop_selectors(struct acl_user *user, int kept)
{
    while (user->selector_count > kept) acl_selector_free(user->selectors[--user->selector_count]);
}

struct acl_user *acl_user_new(const struct command_table *commands, struct slice name, bool all_channels)
{
    struct acl_user *user = mem_calloc(1, sizeof *user);
    user->commands = commands;
    user->name = slice_make(mem_copy(name.ptr, name.len), name.len);
    add_selector(user, acl_selector_new(commands, all_channels));
    return user;
}

void acl_user_free(struct acl_user *user)
{
    drop_selectors(user, 0);
    mem_free(user->selectors);
    mem_free(user->passwords);
    mem_free((char *)(uintptr_t)user->name.ptr);
    mem_free(user);
}

void acl_user_assign(struct acl_user *user, const struct acl_user *from)
{
    size_t bytes = (size_t)from->password_count * sizeof *from->passwords;
    user->is_on = from->is_on;
    user->needs_no_password = from->needs_no_password;
    user->skips_sanitizing = from->skips_sanitizing;
    user->passwords = mem_realloc(user->passwords, bytes + 1);
    if (bytes) memcpy(user->passwords, from->passwords, bytes);
    user->password_count = from->password_count;
    drop_selectors(user, 0);
    for (int i = 0; i < from->selector_count; i++) add_selector(user, acl_selector_copy(from->selectors[i]));
}

/* ---- passwords ---- */

static void hash_password(struct slice password, char *to)
{
    uint8_t digest[ACL_HASH_LEN / 2];
    hash_sha256(password.ptr, password.len, digest);
    hash_to_hex(digest, sizeof digest, to);
}

/* The time does not tell how much of a hash was right, nor of which one. */
static int find_hash(const struct acl_user *user, const char *hash)
{
    int found = -1;
    for (int i = 0; i < user->password_count; i++) {
        unsigned difference = 0;
        for (int k = 0; k < ACL_HASH_LEN; k++) difference |= (unsigned char)(user->passwords[i][k] ^ hash[k]);
        if (difference == 0) found = i;
    }
    return found;
}

bool acl_user_accepts(const struct acl_user *user, struct slice password)
{
    char hash[ACL_HASH_LEN];
    hash_password(password, hash);
    return find_hash(user, hash) >= 0 || user->needs_no_password;
}

static const char *add_hash(struct acl_user *user, const char *hash)
{
    user->needs_no_password = false;
    if (find_hash(user, hash) >= 0) return NULL;
    user->passwords = mem_realloc(user->passwords,
                                  (size_t)(user->password_count + 1) * sizeof *user->passwords);
    memcpy(user->passwords[user->password_count++], hash, ACL_HASH_LEN);
    return NULL;
}

static const char *remove_hash(struct acl_user *user, const char *hash)
{
    int at = find_hash(user, hash);
    if (at < 0) return "The password you are trying to remove from the user does not exist";
    user->password_count--;
    memmove(user->passwords[at], user->passwords[at + 1],
            (size_t)(user->password_count - at) * sizeof *user->passwords);
    return NULL;
}

static bool is_hash(struct slice text)
{
    if (text.len != ACL_HASH_LEN) return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

/* >password, <password, #hash, !hash */
static const char *apply_password(struct acl_user *user, struct slice rule)
{
    struct slice text = slice_make(rule.ptr + 1, rule.len - 1);
    char hash[ACL_HASH_LEN], sign = rule.ptr[0];
    if (sign == '>' || sign == '<') hash_password(text, hash);
    else if (is_hash(text)) memcpy(hash, text.ptr, ACL_HASH_LEN);
    else
        return "The password hash must be exactly 64 characters and contain only lowercase hexadecimal "
               "characters";
    return sign == '>' || sign == '#' ? add_hash(user, hash) : remove_hash(user, hash);
}

static void drop_passwords(struct acl_user *user, bool needs_none)
{
    user->password_count = 0;
    user->needs_no_password = needs_none;
}

/* ---- rules ---- */

/* (rules of a selector): what is between the parentheses is split as a command
 * line is. */
static const char *apply_selector(struct acl_user *user, struct slice rule, bool all_channels)
{
    if (rule.len < 2 || rule.ptr[rule.len - 1] != ')') return syntax_error;
    struct slice inside = slice_make(rule.ptr + 1, rule.len - 2);
    int max = (int)(inside.len / 2 + 1);
    struct slice *words = mem_alloc((size_t)max * sizeof *words);
    char *storage = mem_alloc(inside.len + 1);
    int count = request_split_words(inside, storage, words, max);
    const char *refusal = count < 0 ? syntax_error : NULL;
    struct acl_selector *selector = acl_selector_new(user->commands, all_channels);
    for (int i = 0; i < count && !refusal; i++) refusal = acl_selector_apply(selector, words[i]);
    if (refusal) acl_selector_free(selector);
    else add_selector(user, selector);
    mem_free(storage);
    mem_free(words);
    return refusal;
}

static void reset(struct acl_user *user, bool all_channels)
{
    drop_passwords(user, false);
    drop_selectors(user, 0);
    add_selector(user, acl_selector_new(user->commands, all_channels));
    user->is_on = user->skips_sanitizing = false;
}

const char *acl_user_apply(struct acl_user *user, struct slice rule, bool all_channels)
{
    char sign = rule.len ? rule.ptr[0] : '\0';
    if (sign == '(') return apply_selector(user, rule, all_channels);
    if (sign == '>' || sign == '<' || sign == '#' || sign == '!') return apply_password(user, rule);
    if (slice_is(rule, "on")) user->is_on = true;
    else if (slice_is(rule, "off")) user->is_on = false;
    else if (slice_is(rule, "nopass")) drop_passwords(user, true);
    else if (slice_is(rule, "resetpass")) drop_passwords(user, false);
    else if (slice_is(rule, "sanitize-payload")) user->skips_sanitizing = false;
    else if (slice_is(rule, "skip-sanitize-payload")) user->skips_sanitizing = true;
    else if (slice_is(rule, "clearselectors")) drop_selectors(user, 1);
    else if (slice_is(rule, "reset")) reset(user, all_channels);
    else return acl_selector_apply(user->selectors[0], rule);
    return NULL;
}

static bool needs_quotes(struct slice word, bool in_parentheses)
{
    if (word.len == 0 || (in_parentheses && word.ptr[word.len - 1] == ')')) return true;
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.ptr[i];
        if (c == '"' || c == '\'' || c < ' ') return true;
    }
    return false;
}

void acl_user_quote(struct slice words, bool in_parentheses, struct buffer *to)
{
    for (;;) {
        const char *blank = words.len ? memchr(words.ptr, ' ', words.len) : NULL;
        struct slice word = slice_make(words.ptr, blank ? (size_t)(blank - words.ptr) : words.len);
        if (needs_quotes(word, in_parentheses)) buffer_append_quoted(to, word);
        else buffer_append_slice(to, word);
        if (blank == NULL) return;
        buffer_append_char(to, ' ');
        words = slice_make(blank + 1, words.len - word.len - 1);
    }
}

static void describe_in_parentheses(const struct acl_selector *s, struct buffer *to)
{
    struct buffer rules = {0};
    acl_selector_describe(s, &rules);
    buffer_append_text(to, " (");
    acl_user_quote(buffer_slice(&rules), true, to);
    buffer_append_char(to, ')');
    buffer_fini(&rules);
}

void acl_user_describe(const struct acl_user *user, struct buffer *to)
{
    buffer_append_text(to, user->is_on ? "on" : "off");
    if (user->needs_no_password) buffer_append_text(to, " nopass");
    buffer_append_text(to, user->skips_sanitizing ? " skip-sanitize-payload" : " sanitize-payload");
    for (int i = 0; i < user->password_count; i++) {
        buffer_append_text(to, " #");
        buffer_append(to, user->passwords[i], ACL_HASH_LEN);
    }
    buffer_append_char(to, ' ');
    acl_selector_describe(user->selectors[0], to);
    for (int i = 1; i < user->selector_count; i++) describe_in_parentheses(user->selectors[i], to);
}

/* ---- what it may do ---- */

bool acl_user_is_unrestricted(const struct acl_user *user)
{
    return acl_selector_allows_all(user->selectors[0]);
}

bool acl_user_reads(const struct acl_user *user, struct slice key)
{
    for (int i = 0; i < user->selector_count; i++)
        if (acl_selector_allows_key(user->selectors[i], key, ACL_READ)) return true;
    return false;
}

bool acl_user_reads_every_key(const struct acl_user *user)
{
    for (int i = 0; i < user->selector_count; i++)
        if (user->selectors[i]->all_keys) return true;
    return false;
}

bool acl_user_may_use_channel(const struct acl_user *user, struct slice channel, bool is_pattern)
{
    for (int i = 0; i < user->selector_count; i++)
        if (acl_selector_allows_channel(user->selectors[i], channel, is_pattern)) return true;
    return false;
}
