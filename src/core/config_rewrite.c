/* CONFIG REWRITE: the file is taken as a list of lines; each directive hands
 * in the lines it needs now, which take the places of those it had. */
#include "core/config.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "core/config_registry.h"
#include "io/file.h"
#include "io/request.h"

#define REWRITE_HEADER "# Written by CONFIG REWRITE"

struct file_line {
    struct slice text;                 /* of the old file, */
    struct buffer rewritten;           /* or what takes its place */
    const struct directive *directive; /* that set it; NULL: kept as it is */
    bool replaced;
};

struct file_lines {
    struct file_line *items;
    int count;
};

/* The directive whose line this is; NULL for comments, blank lines and what
 * no row knows (include). */
static const struct directive *line_owner(const struct config *config, struct slice line)
{
    int max = (int)(line.len / 2 + 1);
    struct slice *words = mem_alloc((size_t)max * sizeof *words);
    char *storage = mem_alloc(line.len + 1);
    int count = request_split_words(line, storage, words, max);
    const struct directive *owner = NULL;
    if (count > 0 && words[0].len && words[0].ptr[0] != '#') owner = config_find(config, words[0], NULL);
    mem_free(storage);
    mem_free(words);
    return owner;
}

static void split_lines(const struct config *config, struct slice text, struct file_lines *lines)
{
    int count = 1;
    for (size_t i = 0; i < text.len; i++) count += text.ptr[i] == '\n';
    lines->items = mem_calloc((size_t)count, sizeof *lines->items);
    while (text.len) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        struct slice line = slice_make(text.ptr, newline ? (size_t)(newline - text.ptr) : text.len);
        size_t taken = line.len + (newline != NULL);
        text = slice_make(text.ptr + taken, text.len - taken);
        lines->items[lines->count++] = (struct file_line){.text = line,
                                                          .directive = line_owner(config, line)};
    }
}

static struct file_line *next_line_of(struct file_lines *lines, const struct directive *d)
{
    for (int i = 0; i < lines->count; i++)
        if (lines->items[i].directive == d && !lines->items[i].replaced) return &lines->items[i];
    return NULL;
}

/* Puts the directive's lines where it had some, the rest into added. */
static void place(const struct directive *d, bool force, struct file_lines *lines, struct buffer *added)
{
    struct buffer wanted = {0};
    bool had = next_line_of(lines, d) != NULL;
    if ((had || force || !directive_is_standard(d)) && directive_rewrite(d, &wanted)) {
        struct file_line *line;
        for (char *from = wanted.data, *end; from && *from; from = end + 1) {
            end = strchr(from, '\n');
            line = next_line_of(lines, d);
            if (line) line->replaced = true;
            buffer_append(line ? &line->rewritten : added, from, (size_t)(end - from));
            if (line == NULL) buffer_append_char(added, '\n');
        }
        while ((line = next_line_of(lines, d))) line->replaced = true;
    }
    buffer_fini(&wanted);
}

static void join_lines(const struct file_lines *lines, const struct buffer *added, struct buffer *to)
{
    bool has_header = false, after_blank = true;
    for (int i = 0; i < lines->count; i++) {
        const struct file_line *line = &lines->items[i];
        struct slice text = line->replaced ? buffer_slice(&line->rewritten) : line->text;
        buffer_append_slice(to, text);
        buffer_append_char(to, '\n');
        has_header |= slice_is(text, REWRITE_HEADER);
        after_blank = text.len == 0;
    }
    if (added->len && !has_header)
        buffer_append_text(to, after_blank ? REWRITE_HEADER "\n" : "\n" REWRITE_HEADER "\n");
    buffer_append_slice(to, buffer_slice(added));
}

/* The old text; a file that is gone counts as empty. */
static bool read_old(const char *path, struct buffer *text)
{
    return file_read(path, SIZE_MAX, text) || errno == ENOENT;
}

bool config_rewrite(struct config *config, bool force_all, struct buffer *error)
{
    if (config->path[0] == '\0') return option_refuse(error, "The server is running without a config file");
    struct buffer old = {0}, added = {0}, text = {0};
    struct file_lines lines = {0};
    bool done = read_old(config->path, &old);
    if (done) {
        split_lines(config, buffer_slice(&old), &lines);
        for (int i = 0; i < config->directive_count; i++)
            place(&config->directives[i], force_all, &lines, &added);
        join_lines(&lines, &added, &text);
        done = file_save(config->path, buffer_slice(&text));
    }
    if (!done) option_refuse(error, "Rewriting config file: %s", strerror(errno));
    for (int i = 0; i < lines.count; i++) buffer_fini(&lines.items[i].rewritten);
    mem_free(lines.items);
    buffer_fini(&old);
    buffer_fini(&added);
    buffer_fini(&text);
    return done;
}
