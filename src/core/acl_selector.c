#include "core/acl_selector.h"

#include <ctype.h>

#include "base/glob.h"
#include "base/mem.h"

const char acl_selector_unknown[] = "Unknown command or category name in ACL";

static const char syntax_error[] = "Syntax error";

/* ---- patterns ---- */

static void patterns_clear(struct acl_patterns *patterns)
{
    for (int i = 0; i < patterns->count; i++) mem_free((char *)(uintptr_t)patterns->at[i].text.ptr);
    mem_free(patterns->at);
    *patterns = (struct acl_patterns){0};
}

/* What a pattern was allowed before stays allowed. */
static void patterns_add(struct acl_patterns *patterns, struct slice text, unsigned access)
{
    for (int i = 0; i < patterns->count; i++) {
        if (!slice_equal(patterns->at[i].text, text)) continue;
        patterns->at[i].access |= access;
        return;
    }
    patterns->at = mem_realloc(patterns->at, (size_t)(patterns->count + 1) * sizeof *patterns->at);
    patterns->at[patterns->count++] = (struct acl_pattern){access, {mem_copy(text.ptr, text.len), text.len}};
}

static void patterns_copy(struct acl_patterns *to, const struct acl_patterns *from)
{
    for (int i = 0; i < from->count; i++) patterns_add(to, from->at[i].text, from->at[i].access);
}

/* ---- life ---- */

static size_t bitmap_bytes(const struct acl_selector *s)
{
    return ((size_t)command_id_count(s->commands) + 63) / 64 * sizeof *s->allowed;
}

struct acl_selector *acl_selector_new(const struct command_table *commands, bool all_channels)
{
    struct acl_selector *s = mem_calloc(1, sizeof *s);
    s->commands = commands;
    s->all_channels = all_channels;
    s->allowed = mem_calloc(1, bitmap_bytes(s));
    return s;
}

static void add_first_word(struct acl_selector *s, int id, struct slice word)
{
    for (int i = 0; i < s->first_word_count; i++)
        if (s->first_words[i].id == id && slice_equal_nocase(s->first_words[i].word, word)) return;
    s->first_words = mem_realloc(s->first_words, (size_t)(s->first_word_count + 1) * sizeof *s->first_words);
    s->first_words[s->first_word_count++] = (struct acl_first_word){id,
                                                                    {mem_copy(word.ptr, word.len), word.len}};
}

/* Forgets those of one command; id -1: of all. */
static void drop_first_words(struct acl_selector *s, int id)
{
    int kept = 0;
    for (int i = 0; i < s->first_word_count; i++) {
        struct acl_first_word *word = &s->first_words[i];
        if (id >= 0 && word->id != id) s->first_words[kept++] = *word;
        else mem_free((char *)(uintptr_t)word->word.ptr);
    }
    s->first_word_count = kept;
}

struct acl_selector *acl_selector_copy(const struct acl_selector *s)
{
    struct acl_selector *copy = acl_selector_new(s->commands, s->all_channels);
    memcpy(copy->allowed, s->allowed, bitmap_bytes(s));
    copy->from_all = s->from_all;
    copy->all_keys = s->all_keys;
    buffer_append_slice(&copy->rules, buffer_slice(&s->rules));
    for (int i = 0; i < s->first_word_count; i++)
        add_first_word(copy, s->first_words[i].id, s->first_words[i].word);
    patterns_copy(&copy->keys, &s->keys);
    patterns_copy(&copy->channels, &s->channels);
    return copy;
}

void acl_selector_free(struct acl_selector *s)
{
    drop_first_words(s, -1);
    mem_free(s->first_words);
    patterns_clear(&s->keys);
    patterns_clear(&s->channels);
    buffer_fini(&s->rules);
    mem_free(s->allowed);
    mem_free(s);
}

/* ---- rules for commands ---- */

static bool has_bit(const struct acl_selector *s, int id)
{
    return s->allowed[id / 64] >> (id % 64) & 1;
}

static void set_bit(struct acl_selector *s, int id, bool allow)
{
    uint64_t bit = UINT64_C(1) << (id % 64);
    if (allow) s->allowed[id / 64] |= bit;
    else s->allowed[id / 64] &= ~bit;
}

/* A command with all its subcommands. */
static void set_command(struct acl_selector *s, const struct command_state *command, bool allow)
{
    set_bit(s, command->id, allow);
    drop_first_words(s, command->id);
    for (int i = 0; i < command->subcommand_count; i++) set_command(s, &command->subcommands[i], allow);
}

static void set_category(struct acl_selector *s, unsigned category, bool allow)
{
    for (int i = 0; i < command_count(s->commands); i++) {
        const struct command_state *command = command_at(s->commands, i);
        if (command->categories & category) set_command(s, command, allow);
        for (int k = 0; k < command->subcommand_count; k++)
            if (command->subcommands[k].categories & category)
                set_command(s, &command->subcommands[k], allow);
    }
}

static const char *apply_all(struct acl_selector *s, bool allow)
{
    memset(s->allowed, allow ? 0xff : 0, bitmap_bytes(s));
    drop_first_words(s, -1);
    buffer_clear(&s->rules);
    s->from_all = allow;
    return NULL;
}

/* Does rule (with its sign) speak of name or of what is below it? */
static bool concerns(struct slice rule, struct slice name)
{
    struct slice named = slice_make(rule.ptr + 1, rule.len - 1);
    if (!slice_starts_with(named, name)) return false;
    return named.len == name.len || named.ptr[name.len] == '|';
}

/* Notes a rule behind the others, which lose what it replaces. */
static void note_rule(struct acl_selector *s, bool allow, struct slice name)
{
    struct buffer kept = {0}, lower = {0};
    for (size_t i = 0; i < name.len; i++)
        buffer_append_char(&lower, (char)tolower((unsigned char)name.ptr[i]));
    struct slice rest = buffer_slice(&s->rules);
    while (rest.len) {
        const char *blank = memchr(rest.ptr, ' ', rest.len);
        struct slice rule = slice_make(rest.ptr, blank ? (size_t)(blank - rest.ptr) : rest.len);
        size_t taken = rule.len + (blank != NULL);
        rest = slice_make(rest.ptr + taken, rest.len - taken);
        if (concerns(rule, buffer_slice(&lower))) continue;
        buffer_append_slice(&kept, rule);
        buffer_append_char(&kept, ' ');
    }
    buffer_append_char(&kept, allow ? '+' : '-');
    buffer_append_slice(&kept, buffer_slice(&lower));
    buffer_fini(&lower);
    buffer_fini(&s->rules);
    s->rules = kept;
}

static const char *apply_category(struct acl_selector *s, bool allow, struct slice name)
{
    struct slice bare = slice_make(name.ptr + 1, name.len - 1);
    if (slice_is(bare, "all")) return apply_all(s, allow);
    unsigned category = command_category_find(bare);
    if (category == 0) return acl_selector_unknown;
    set_category(s, category, allow);
    note_rule(s, allow, name);
    return NULL;
}

/* A subcommand, or a first argument: by what stands in front of the last bar. */
static const char *allow_below(struct acl_selector *s, struct slice name, const char *bar)
{
    struct slice above = slice_make(name.ptr, (size_t)(bar - name.ptr));
    struct slice word = slice_make(bar + 1, name.len - above.len - 1);
    const struct command_state *command = command_find_row(s->commands, above);
    if (command == NULL) return acl_selector_unknown;
    if (command->parent) return "Allowing first-arg of a subcommand is not supported";
    if (word.len == 0) return syntax_error;
    for (size_t i = 0; i < word.len; i++)
        if (isspace((unsigned char)word.ptr[i]) || word.ptr[i] == '\0') return syntax_error;
    if (command->subcommand_count) {
        const struct command_state *subcommand = command_find_row(s->commands, name);
        if (subcommand == NULL) return acl_selector_unknown;
        set_command(s, subcommand, true);
    } else {
        add_first_word(s, command->id, word);
    }
    note_rule(s, true, name);
    return NULL;
}

static const char *apply_command(struct acl_selector *s, bool allow, struct slice name)
{
    const char *bar = allow && name.len ? memrchr(name.ptr, '|', name.len) : NULL;
    if (bar) return allow_below(s, name, bar);
    const struct command_state *command = command_find_row(s->commands, name);
    if (command == NULL) return acl_selector_unknown;
    set_command(s, command, allow);
    note_rule(s, allow, name);
    return NULL;
}

/* ---- rules for keys and channels ---- */

static bool is_valid_pattern(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (isspace((unsigned char)text.ptr[i]) || text.ptr[i] == '\0') return false;
    return true;
}

/* The letters between % and ~, each once; the ~ may be missing. Advances rule
 * to the pattern. */
static bool parse_access(struct slice *rule, unsigned *access)
{
    size_t at = 1;
    *access = 0;
    for (; at < rule->len && rule->ptr[at] != '~'; at++) {
        int letter = toupper((unsigned char)rule->ptr[at]);
        unsigned flag = letter == 'R' ? ACL_READ : letter == 'W' ? ACL_WRITE : 0;
        if (flag == 0 || *access & flag) return false;
        *access |= flag;
    }
    at += at < rule->len;
    *rule = slice_make(rule->ptr + at, rule->len - at);
    return *access != 0;
}

static const char *apply_all_keys(struct acl_selector *s, bool allow)
{
    s->all_keys = allow;
    patterns_clear(&s->keys);
    return NULL;
}

static const char *apply_key(struct acl_selector *s, struct slice rule)
{
    unsigned access = ACL_READ | ACL_WRITE;
    if (s->all_keys)
        return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have "
               "any effect. Try 'resetkeys' to start with an empty list of patterns";
    if (rule.ptr[0] == '~') rule = slice_make(rule.ptr + 1, rule.len - 1);
    else if (!parse_access(&rule, &access)) return syntax_error;
    if (!is_valid_pattern(rule)) return syntax_error;
    patterns_add(&s->keys, rule, access);
    return NULL;
}

static const char *apply_all_channels(struct acl_selector *s, bool allow)
{
    s->all_channels = allow;
    patterns_clear(&s->channels);
    return NULL;
}

static const char *apply_channel(struct acl_selector *s, struct slice pattern)
{
    if (s->all_channels)
        return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not "
               "have any effect. Try 'resetchannels' to start with an empty list of channels";
    if (!is_valid_pattern(pattern)) return syntax_error;
    patterns_add(&s->channels, pattern, 0);
    return NULL;
}

const char *acl_selector_apply(struct acl_selector *s, struct slice rule)
{
    if (rule.len == 0) return NULL;
    struct slice rest = slice_make(rule.ptr + 1, rule.len - 1);
    char sign = rule.ptr[0];
    bool allow = sign == '+', is_category = rest.len && rest.ptr[0] == '@';
    if (slice_is(rule, "allcommands")) return apply_all(s, true);
    if (slice_is(rule, "nocommands")) return apply_all(s, false);
    if (slice_is(rule, "allkeys") || slice_is(rule, "~*")) return apply_all_keys(s, true);
    if (slice_is(rule, "resetkeys")) return apply_all_keys(s, false);
    if (slice_is(rule, "allchannels") || slice_is(rule, "&*")) return apply_all_channels(s, true);
    if (slice_is(rule, "resetchannels")) return apply_all_channels(s, false);
    if (sign == '~' || sign == '%') return apply_key(s, rule);
    if (sign == '&') return apply_channel(s, rest);
    if (sign != '+' && sign != '-') return syntax_error;
    return is_category ? apply_category(s, allow, rest) : apply_command(s, allow, rest);
}

/* ---- description ---- */

void acl_selector_describe_commands(const struct acl_selector *s, struct buffer *to)
{
    buffer_append_text(to, s->from_all ? "+@all" : "-@all");
    if (s->rules.len) buffer_append_char(to, ' ');
    buffer_append_slice(to, buffer_slice(&s->rules));
}

/* `~*` would be read as allkeys, beside which there are no patterns. */
static const char *sign_of(const struct acl_selector *s, const struct acl_pattern *pattern)
{
    if (pattern->access == ACL_READ) return "%R~";
    if (pattern->access == ACL_WRITE) return "%W~";
    return s->keys.count > 1 && slice_equal(pattern->text, SLICE("*")) ? "%RW~" : "~";
}

void acl_selector_describe_keys(const struct acl_selector *s, struct buffer *to)
{
    if (s->all_keys) buffer_append_text(to, "~*");
    for (int i = 0; i < s->keys.count; i++) {
        buffer_append_text(to, i ? " " : "");
        buffer_append_text(to, sign_of(s, &s->keys.at[i]));
        buffer_append_slice(to, s->keys.at[i].text);
    }
}

void acl_selector_describe_channels(const struct acl_selector *s, struct buffer *to)
{
    if (s->all_channels) buffer_append_text(to, "&*");
    for (int i = 0; i < s->channels.count; i++) {
        buffer_append_text(to, i ? " &" : "&");
        buffer_append_slice(to, s->channels.at[i].text);
    }
}

void acl_selector_describe(const struct acl_selector *s, struct buffer *to)
{
    acl_selector_describe_keys(s, to);
    if (s->all_keys || s->keys.count) buffer_append_char(to, ' ');
    if (!s->all_channels) buffer_append_text(to, "resetchannels ");
    acl_selector_describe_channels(s, to);
    if (s->all_channels || s->channels.count) buffer_append_char(to, ' ');
    acl_selector_describe_commands(s, to);
}

/* ---- what it allows ---- */

bool acl_selector_allows_all(const struct acl_selector *s)
{
    return s->from_all && s->rules.len == 0 && s->all_keys && s->all_channels;
}

bool acl_selector_allows_command(const struct acl_selector *s, const struct command_state *command, int argc,
                                 const struct slice *argv)
{
    if (command->row->flags & CMD_NO_AUTH || has_bit(s, command->id)) return true;
    for (int i = 0; i < s->first_word_count && argc > 1; i++)
        if (s->first_words[i].id == command->id && slice_equal_nocase(s->first_words[i].word, argv[1]))
            return true;
    return false;
}

bool acl_selector_allows_key(const struct acl_selector *s, struct slice key, unsigned access)
{
    if (s->all_keys) return true;
    for (int i = 0; i < s->keys.count; i++) {
        const struct acl_pattern *pattern = &s->keys.at[i];
        if ((pattern->access & access) == access && glob_match(pattern->text, key, false)) return true;
    }
    return false;
}

bool acl_selector_allows_every_key(const struct acl_selector *s, unsigned access)
{
    if (s->all_keys) return true;
    for (int i = 0; i < s->keys.count; i++) {
        const struct acl_pattern *pattern = &s->keys.at[i];
        if ((pattern->access & access) == access && slice_equal(pattern->text, SLICE("*"))) return true;
    }
    return false;
}

bool acl_selector_allows_channel(const struct acl_selector *s, struct slice channel, bool is_pattern)
{
    if (s->all_channels) return true;
    for (int i = 0; i < s->channels.count; i++) {
        struct slice pattern = s->channels.at[i].text;
        if (is_pattern ? slice_equal(pattern, channel) : glob_match(pattern, channel, false)) return true;
    }
    return false;
}
