/* What the editor shows and inserts by itself: hints behind the cursor and
 * completions of command names. */
#include "app/cli/editor_hints.h"

#include <ctype.h>
#include <stdio.h>

#include "app/cli/words.h"
#include "base/number.h"

static bool ends_with_blank(struct slice line)
{
    return line.len && isspace((unsigned char)line.ptr[line.len - 1]);
}

void editor_hints_append(struct buffer *out, const struct docs *docs, struct slice line)
{
    struct words words = {0};
    if (words_split(&words, line) && words.count) {
        int64_t repeat;
        int used, first = words.count > 1 && number_parse(words.list[0], &repeat);
        const struct reply *about = docs_find(docs, words.count - first, words.list + first, &used);
        used += first;
        bool partial = !ends_with_blank(line);
        size_t start = out->len;
        if (partial) buffer_append_char(out, ' ');
        if (about) docs_append_hint(out, about, words.count - used, words.list + used, partial);
        if (out->len == start + 1 && partial) out->data[--out->len] = '\0';
    }
    words_fini(&words);
}

/* The part of the line that names the command, after `help `, and whether it
 * may be a group. */
static struct slice completable(struct slice line, bool *is_help)
{
    *is_help = line.len >= 5 && strncasecmp(line.ptr, "help ", 5) == 0;
    return *is_help ? slice_make(line.ptr + 5, line.len - 5) : line;
}

static bool begins_with(const struct buffer *name, struct slice prefix)
{
    return name->len >= prefix.len && strncasecmp(name->data, prefix.ptr, prefix.len) == 0;
}

static void add_groups(const struct docs *docs, struct slice prefix, struct words *found)
{
    struct docs_position at = {0};
    struct docs_entry entry = {0};
    struct buffer name = {0};
    while (docs_next(docs, &at, &entry)) {
        buffer_clear(&name);
        buffer_printf(&name, "@%s", docs_text(entry.about, "group").ptr);
        bool known = !begins_with(&name, prefix);
        for (int i = 0; i < found->count && !known; i++)
            known = slice_equal(found->list[i], buffer_slice(&name));
        if (!known) words_add(found, buffer_slice(&name));
    }
    buffer_fini(&name);
    buffer_fini(&entry.name);
}

void editor_hints_complete(struct words *found, const struct docs *docs, struct slice line, size_t *typed)
{
    bool is_help;
    struct slice prefix = completable(line, &is_help);
    struct docs_position at = {0};
    struct docs_entry entry = {0};
    bool upper = prefix.len && isupper((unsigned char)prefix.ptr[0]);
    *typed = prefix.len;
    if (is_help && prefix.len && prefix.ptr[0] == '@') {
        add_groups(docs, prefix, found);
        return;
    }
    while (docs_next(docs, &at, &entry)) {
        bool subcommand = memchr(entry.name.data, ' ', entry.name.len) != NULL;
        bool wants_subcommand = memchr(prefix.ptr, ' ', prefix.len) != NULL;
        if (subcommand != wants_subcommand || !begins_with(&entry.name, prefix)) continue;
        for (size_t i = 0; upper && i < entry.name.len; i++)
            entry.name.data[i] = (char)toupper((unsigned char)entry.name.data[i]);
        words_add(found, buffer_slice(&entry.name));
    }
    buffer_fini(&entry.name);
}
