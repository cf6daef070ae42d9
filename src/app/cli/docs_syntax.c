/* The syntax of a command from the description of its arguments, whole or
 * what is left of it after some words. */
#include "app/cli/docs.h"

static bool has_flag(const struct reply *argument, const char *flag)
{
    const struct reply *flags = reply_find(argument, "flags");
    for (size_t i = 0; flags && i < flags->item_count; i++)
        if (reply_is_text(&flags->items[i]) && slice_is(flags->items[i].text, flag)) return true;
    return false;
}

static bool is_type(const struct reply *argument, const char *type)
{
    return slice_is(docs_text(argument, "type"), type);
}

static void append_argument(struct buffer *out, const struct reply *argument);

static void append_separator(struct buffer *out)
{
    if (out->len) buffer_append_char(out, ' ');
}

static void append_children(struct buffer *out, const struct reply *arguments, char separator)
{
    for (size_t i = 0; arguments && i < arguments->item_count; i++) {
        if (i) buffer_append_char(out, separator);
        append_argument(out, &arguments->items[i]);
    }
}

/* What stands for the value, without the token. */
static void append_value(struct buffer *out, const struct reply *argument)
{
    if (is_type(argument, "oneof")) append_children(out, reply_find(argument, "arguments"), '|');
    else if (is_type(argument, "block")) append_children(out, reply_find(argument, "arguments"), ' ');
    else if (!is_type(argument, "pure-token")) {
        struct slice shown = docs_text(argument, "display_text");
        buffer_append_slice(out, shown.len ? shown : docs_text(argument, "name"));
    }
}

static void append_token_and_value(struct buffer *out, const struct reply *argument)
{
    struct slice token = docs_text(argument, "token");
    if (reply_find(argument, "token")) buffer_append_slice(out, token.len ? token : SLICE("\"\""));
    if (token.len && !is_type(argument, "pure-token")) buffer_append_char(out, ' ');
    append_value(out, argument);
}

static void append_repetition(struct buffer *out, const struct reply *argument)
{
    buffer_append_char(out, '[');
    if (has_flag(argument, "multiple_token")) append_token_and_value(out, argument);
    else append_value(out, argument);
    buffer_append_text(out, " ...]");
}

static void append_argument(struct buffer *out, const struct reply *argument)
{
    bool optional = has_flag(argument, "optional");
    if (optional) buffer_append_char(out, '[');
    append_token_and_value(out, argument);
    if (has_flag(argument, "multiple")) {
        buffer_append_char(out, ' ');
        append_repetition(out, argument);
    }
    if (optional) buffer_append_char(out, ']');
}

void docs_append_syntax(struct buffer *out, const struct reply *about)
{
    append_children(out, reply_find(about, "arguments"), ' ');
}

/* Hints: the words are laid against the arguments from left to right, and
 * what no word reached is written out. */

struct matcher {
    const struct slice *words;
    int count;
    int at;
    bool partial; /* the last word may still grow: it is no token yet */
    struct buffer *out;
};

enum match {
    MATCH_NO,
    MATCH_FULL,
    MATCH_OPEN, /* the words ended within the argument; its rest is written */
};

static bool is_at_end(const struct matcher *m)
{
    return m->at == m->count;
}

static bool is_token(const struct matcher *m, const struct reply *argument)
{
    struct slice token = docs_text(argument, "token"), word = m->words[m->at];
    if (m->partial && m->at == m->count - 1) return false;
    return token.len == word.len && strncasecmp(token.ptr, word.ptr, token.len) == 0;
}

/* Whether the next word is a token that the argument can begin with. */
static bool begins_with_token(const struct matcher *m, const struct reply *argument)
{
    if (reply_find(argument, "token")) return is_token(m, argument);
    const struct reply *children = reply_find(argument, "arguments");
    if (is_type(argument, "oneof")) {
        for (size_t i = 0; children && i < children->item_count; i++)
            if (begins_with_token(m, &children->items[i])) return true;
        return false;
    }
    return is_type(argument, "block") && children && children->item_count &&
           begins_with_token(m, &children->items[0]);
}

static enum match match_list(struct matcher *m, const struct reply *arguments);

static enum match match_value(struct matcher *m, const struct reply *argument)
{
    const struct reply *children = reply_find(argument, "arguments");
    if (is_type(argument, "block")) return match_list(m, children);
    if (!is_type(argument, "oneof")) {
        m->at++;
        return MATCH_FULL;
    }
    for (size_t i = 0; children && i < children->item_count; i++) {
        const struct reply *child = &children->items[i];
        int start = m->at;
        if (reply_find(child, "token") && !is_token(m, child)) continue;
        if (reply_find(child, "token")) m->at++;
        if (is_type(child, "pure-token")) return MATCH_FULL;
        if (is_at_end(m)) {
            append_value(m->out, child);
            return MATCH_OPEN;
        }
        enum match result = match_value(m, child);
        if (result != MATCH_NO) return result;
        m->at = start;
    }
    return MATCH_NO;
}

/* One occurrence of the argument. */
static enum match match_once(struct matcher *m, const struct reply *argument, bool with_token)
{
    if (with_token && reply_find(argument, "token")) {
        if (!is_token(m, argument)) return MATCH_NO;
        m->at++;
        if (is_type(argument, "pure-token")) return MATCH_FULL;
        if (is_at_end(m)) {
            append_value(m->out, argument);
            return MATCH_OPEN;
        }
    }
    return match_value(m, argument);
}

/* The argument and its repetitions, as long as no word is the token of one of
 * those that follow. */
static enum match match_argument(struct matcher *m, const struct reply *arguments, size_t index)
{
    const struct reply *argument = &arguments->items[index];
    bool multiple = has_flag(argument, "multiple");
    bool with_token = has_flag(argument, "multiple_token");
    enum match result = match_once(m, argument, true);
    while (multiple && result == MATCH_FULL && !is_at_end(m)) {
        int start = m->at;
        for (size_t i = index + 1; i < arguments->item_count; i++)
            if (begins_with_token(m, &arguments->items[i])) return MATCH_FULL;
        result = match_once(m, argument, with_token);
        if (result == MATCH_NO || m->at == start) {
            m->at = start;
            return MATCH_FULL;
        }
    }
    if (multiple && result != MATCH_NO && is_at_end(m)) {
        append_separator(m->out);
        append_repetition(m->out, argument);
    }
    return result;
}

enum { GROUP_MAX = 64 };

/* Optional arguments beside each other come in any order. Returns the index
 * behind them; *open tells that the words ended within one. */
static size_t match_optional_group(struct matcher *m, const struct reply *arguments, size_t first, bool *open)
{
    bool used[GROUP_MAX] = {false};
    size_t end = first;
    while (end < arguments->item_count && end - first < GROUP_MAX &&
           has_flag(&arguments->items[end], "optional"))
        end++;
    for (bool progress = true; progress && !is_at_end(m);) {
        progress = false;
        for (size_t i = first; i < end && !progress && !is_at_end(m); i++) {
            int start = m->at;
            enum match result = used[i - first] ? MATCH_NO : match_argument(m, arguments, i);
            if (result == MATCH_NO) m->at = start;
            *open = result == MATCH_OPEN;
            if (*open) return end;
            used[i - first] |= progress = result == MATCH_FULL;
        }
    }
    for (size_t i = first; i < end && is_at_end(m); i++) {
        if (used[i - first]) continue;
        append_separator(m->out);
        append_argument(m->out, &arguments->items[i]);
    }
    return end;
}

static enum match match_list(struct matcher *m, const struct reply *arguments)
{
    bool wrote_rest = false;
    for (size_t i = 0; arguments && i < arguments->item_count;) {
        const struct reply *argument = &arguments->items[i];
        if (has_flag(argument, "optional")) {
            bool open = false;
            i = match_optional_group(m, arguments, i, &open);
            if (open) return MATCH_OPEN;
            continue;
        }
        if (is_at_end(m)) {
            append_separator(m->out);
            append_argument(m->out, argument);
            wrote_rest = true;
        } else {
            enum match result = match_argument(m, arguments, i);
            if (result == MATCH_NO) return MATCH_NO;
            wrote_rest |= result == MATCH_OPEN;
        }
        i++;
    }
    return wrote_rest ? MATCH_OPEN : MATCH_FULL;
}

static bool hint_for(struct buffer *hint, const struct reply *about, int argc, const struct slice *argv,
                     bool partial)
{
    struct matcher m = {.words = argv, .count = argc, .partial = partial, .out = hint};
    return match_list(&m, reply_find(about, "arguments")) != MATCH_NO && is_at_end(&m);
}

void docs_append_hint(struct buffer *out, const struct reply *about, int argc, const struct slice *argv,
                      bool partial)
{
    struct buffer hint = {0};
    bool fits = hint_for(&hint, about, argc, argv, partial);
    if (!fits && partial && argc) { /* the start of a token: what could stand here */
        buffer_clear(&hint);
        fits = hint_for(&hint, about, argc - 1, argv, false);
    }
    if (fits) buffer_append_slice(out, buffer_slice(&hint));
    buffer_fini(&hint);
}
