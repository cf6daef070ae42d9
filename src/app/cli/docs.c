#include "app/cli/docs.h"

#include <ctype.h>
#include <stdlib.h>

static bool same_word(struct slice a, struct slice b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* Pairs of name and description, as qsort moves them. */
struct pair {
    struct reply name, about;
};

static int compare_pairs(const void *a, const void *b)
{
    return slice_compare(((const struct pair *)a)->name.text, ((const struct pair *)b)->name.text);
}

static void sort_by_name(struct reply *commands)
{
    qsort(commands->items, commands->item_count / 2, sizeof(struct pair), compare_pairs);
    for (size_t i = 0; i + 1 < commands->item_count; i += 2) {
        struct reply *subcommands = (struct reply *)reply_find(&commands->items[i + 1], "subcommands");
        if (subcommands && reply_is_aggregate(subcommands)) sort_by_name(subcommands);
    }
}

bool docs_load(struct docs *docs, struct connection *connection)
{
    docs_fini(docs);
    if (!connection_ask(connection, &docs->reply, "COMMAND", "DOCS", NULL)) return false;
    if (reply_is_aggregate(&docs->reply)) sort_by_name(&docs->reply);
    else docs_fini(docs);
    return true;
}

void docs_fini(struct docs *docs)
{
    reply_fini(&docs->reply);
    docs->reply.kind = REPLY_ARRAY;
}

struct slice docs_text(const struct reply *about, const char *field)
{
    const struct reply *value = reply_find(about, field);
    return value && reply_is_text(value) ? value->text : SLICE("");
}

static void set_name(struct docs_entry *entry, struct slice name)
{
    buffer_clear(&entry->name);
    buffer_append_slice(&entry->name, SLICE("")); /* never NULL, not even for an empty name */
    for (size_t i = 0; i < name.len; i++)
        buffer_append_char(&entry->name,
                           name.ptr[i] == '|' ? ' ' : (char)tolower((unsigned char)name.ptr[i]));
}

bool docs_next(const struct docs *docs, struct docs_position *at, struct docs_entry *entry)
{
    while (at->command + 1 < docs->reply.item_count) {
        const struct reply *pair = &docs->reply.items[at->command];
        if (at->subcommand == 0) {
            at->subcommand = 1;
            set_name(entry, pair[0].text);
            entry->about = &pair[1];
            return true;
        }
        const struct reply *subcommands = reply_find(&pair[1], "subcommands");
        size_t i = at->subcommand - 1;
        if (subcommands && i + 1 < subcommands->item_count) {
            at->subcommand += 2;
            set_name(entry, subcommands->items[i].text);
            entry->about = &subcommands->items[i + 1];
            return true;
        }
        at->command += 2;
        at->subcommand = 0;
    }
    return false;
}

const struct reply *docs_find(const struct docs *docs, int argc, const struct slice *argv, int *used)
{
    *used = 0;
    if (argc == 0) return NULL;
    const struct reply *about = NULL;
    for (size_t i = 0; i + 1 < docs->reply.item_count && !about; i += 2)
        if (same_word(docs->reply.items[i].text, argv[0])) about = &docs->reply.items[i + 1];
    if (about == NULL) return NULL;
    *used = 1;
    const struct reply *subcommands = argc > 1 ? reply_find(about, "subcommands") : NULL;
    for (size_t i = 0; subcommands && i + 1 < subcommands->item_count; i += 2) {
        struct slice name = subcommands->items[i].text;
        const char *bar = memchr(name.ptr, '|', name.len);
        if (bar) name = slice_make(bar + 1, name.len - (size_t)(bar - name.ptr) - 1);
        if (!same_word(name, argv[1])) continue;
        *used = 2;
        return &subcommands->items[i + 1];
    }
    return about;
}
