#include "app/cli/help.h"

#include <ctype.h>
#include <stdio.h>

#include "app/cli/usage.h"

struct colours {
    const char *name, *syntax, *label, *off;
};

static void print_field(const char *label, struct slice value, const struct colours *c)
{
    if (value.len) printf("  %s%s:%s %.*s\n", c->label, label, c->off, (int)value.len, value.ptr);
}

static void print_entry(const struct docs_entry *entry, bool with_group, const struct colours *c)
{
    struct buffer syntax = {0}, name = {0};
    docs_append_syntax(&syntax, entry->about);
    for (size_t i = 0; i < entry->name.len; i++)
        buffer_append_char(&name, (char)toupper((unsigned char)entry->name.data[i]));
    printf("\n  %s%s%s", c->name, name.data, c->off);
    if (syntax.len) printf(" %s%s%s", c->syntax, syntax.data, c->off);
    putchar('\n');
    print_field("summary", docs_text(entry->about, "summary"), c);
    print_field("since", docs_text(entry->about, "since"), c);
    if (with_group) print_field("group", docs_text(entry->about, "group"), c);
    buffer_fini(&syntax);
    buffer_fini(&name);
}

/* Groups are written with a hyphen or an underscore. */
static bool same_group(struct slice a, struct slice b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        char x = a.ptr[i] == '_' ? '-' : (char)tolower((unsigned char)a.ptr[i]);
        char y = b.ptr[i] == '_' ? '-' : (char)tolower((unsigned char)b.ptr[i]);
        if (x != y) return false;
    }
    return true;
}

/* Whether the words begin the entry's name: "config" names CONFIG and all its
 * subcommands. */
static bool begins_name(const struct buffer *name, int argc, const struct slice *argv)
{
    size_t at = 0;
    for (int i = 0; i < argc; i++) {
        if (i && (at == name->len || name->data[at++] != ' ')) return false;
        if (name->len - at < argv[i].len || strncasecmp(name->data + at, argv[i].ptr, argv[i].len) != 0)
            return false;
        at += argv[i].len;
    }
    return at == name->len || name->data[at] == ' ';
}

static void print_introduction(const struct docs *docs)
{
    printf("redis-cli " USAGE_VERSION " (Tocsin)\n"
           "  help <command>       what a command does and takes; <tab> completes its name\n"
           "  help @<group>        the commands of a group: string, hash, pubsub, server, ...\n"
           "  <times> <command>    run a command so often\n"
           "  connect <host> <port>\n"
           "  clear                clear the screen\n"
           "  quit, exit           leave; so do Ctrl-C and Ctrl-D\n"
           "  :set hints           show the arguments still to be typed; `:set nohints` does not.\n"
           "                       Such lines may also stand in ~/.redisclirc\n");
    if (docs->reply.item_count == 0) printf("This server does not describe its commands (COMMAND DOCS).\n");
}

void help_print(const struct docs *docs, int argc, const struct slice *argv, bool colours)
{
    static const struct colours on = {"\033[1m", "\033[90m", "\033[33m", "\033[0m"}, off = {"", "", "", ""};
    if (argc == 0) {
        print_introduction(docs);
        return;
    }
    bool is_group = argv[0].len > 1 && argv[0].ptr[0] == '@';
    struct slice group = is_group ? slice_make(argv[0].ptr + 1, argv[0].len - 1) : SLICE("");
    struct docs_position at = {0};
    struct docs_entry entry = {0};
    while (docs_next(docs, &at, &entry)) {
        bool fits = is_group ? same_group(docs_text(entry.about, "group"), group)
                             : begins_name(&entry.name, argc, argv);
        if (fits) print_entry(&entry, !is_group, colours ? &on : &off);
    }
    putchar('\n');
    buffer_fini(&entry.name);
}
