#include "persist/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "io/file.h"
#include "io/request.h"

enum {
    LINE_MAX_BYTES = 1024, /* with its newline */
    WORDS_MAX = 32,
};

void manifest_fini(struct manifest *m)
{
    for (int i = 0; i < m->count; i++) mem_free(m->files[i].name);
    mem_free(m->files);
    *m = (struct manifest){0};
}

/* Where a file belongs among the others: base, history, increments. */
static int place_of(enum manifest_kind kind)
{
    return kind == MANIFEST_BASE ? 0 : kind == MANIFEST_HISTORY ? 1 : 2;
}

void manifest_add(struct manifest *m, const char *name, int64_t sequence, enum manifest_kind kind)
{
    int at = m->count++;
    m->files = mem_realloc(m->files, (size_t)m->count * sizeof *m->files);
    for (; at > 0 && place_of(m->files[at - 1].kind) > place_of(kind); at--) m->files[at] = m->files[at - 1];
    m->files[at] = (struct manifest_file){mem_strdup(name), sequence, kind};
}

void manifest_copy(const struct manifest *from, struct manifest *to)
{
    *to = (struct manifest){0};
    for (int i = 0; i < from->count; i++)
        manifest_add(to, from->files[i].name, from->files[i].sequence, from->files[i].kind);
}

/* ---- facts ---- */

const struct manifest_file *manifest_base(const struct manifest *m)
{
    return m->count && m->files[0].kind == MANIFEST_BASE ? &m->files[0] : NULL;
}

const struct manifest_file *manifest_last(const struct manifest *m)
{
    const struct manifest_file *last = m->count ? &m->files[m->count - 1] : NULL;
    return last && last->kind == MANIFEST_INCREMENT ? last : NULL;
}

int64_t manifest_sequence(const struct manifest *m, enum manifest_kind kind)
{
    int64_t highest = 0;
    for (int i = 0; i < m->count; i++)
        if (m->files[i].kind == kind && m->files[i].sequence > highest) highest = m->files[i].sequence;
    return highest;
}

int manifest_count(const struct manifest *m, enum manifest_kind kind)
{
    int count = 0;
    for (int i = 0; i < m->count; i++) count += m->files[i].kind == kind;
    return count;
}

/* ---- changing ---- */

void manifest_retire(struct manifest *m, int count)
{
    struct manifest was = *m;
    *m = (struct manifest){0};
    for (int i = 0; i < was.count; i++) {
        const struct manifest_file *f = &was.files[i];
        bool goes = f->kind == MANIFEST_BASE || (f->kind == MANIFEST_INCREMENT && count-- > 0);
        manifest_add(m, f->name, f->sequence, goes ? MANIFEST_HISTORY : f->kind);
    }
    manifest_fini(&was);
}

void manifest_forget_history(struct manifest *m)
{
    int kept = 0;
    for (int i = 0; i < m->count; i++) {
        if (m->files[i].kind == MANIFEST_HISTORY) mem_free(m->files[i].name);
        else m->files[kept++] = m->files[i];
    }
    m->count = kept;
}

/* ---- text ---- */

struct line {
    struct slice name;
    int64_t sequence;
    char kind;
};

/* Pairs of a word and its value, in any order; unknown ones are for newer versions. */
static bool parse_words(int count, const struct slice *words, struct line *line)
{
    *line = (struct line){0};
    if (count < 6 || count % 2) return false;
    for (int i = 0; i < count; i += 2) {
        if (slice_is(words[i], "file")) line->name = words[i + 1];
        else if (slice_is(words[i], "seq") && !number_parse(words[i + 1], &line->sequence)) return false;
        else if (slice_is(words[i], "type")) line->kind = words[i + 1].len ? words[i + 1].ptr[0] : ' ';
    }
    return line->name.len && line->sequence > 0 && line->kind;
}

/* Why a line does not fit behind those before it; NULL: it does. */
static const char *refusal(const struct manifest *m, const struct line *line)
{
    if (memchr(line->name.ptr, 0, line->name.len)) return "A file's name has no zero byte";
    if (memchr(line->name.ptr, '/', line->name.len)) return "File can't be a path, just a filename";
    switch (line->kind) {
    case MANIFEST_BASE: return manifest_base(m) ? "Found duplicate base file information" : NULL;
    case MANIFEST_HISTORY: return NULL;
    case MANIFEST_INCREMENT:
        return line->sequence > manifest_sequence(m, MANIFEST_INCREMENT)
                   ? NULL
                   : "Found a non-monotonic sequence number";
    default: return "Unknown AOF file type";
    }
}

static bool add_line(struct manifest *m, struct slice text, int number, struct buffer *why)
{
    char storage[LINE_MAX_BYTES];
    struct slice words[WORDS_MAX];
    struct line line;
    int count = request_split_words(text, storage, words, WORDS_MAX);
    const char *refused = count > 0 && parse_words(count, words, &line) ? refusal(m, &line)
                                                                        : "Invalid AOF manifest file format";
    if (refused) {
        buffer_printf(why, "Reading the manifest file, at line %d\n>>> '%.*s'\n%s", number, (int)text.len,
                      text.ptr, refused);
        return false;
    }
    char *name = mem_copy(line.name.ptr, line.name.len);
    manifest_add(m, name, line.sequence, (enum manifest_kind)line.kind);
    mem_free(name);
    return true;
}

static bool refuse(struct buffer *why, const char *text)
{
    buffer_append_text(why, text);
    return false;
}

bool manifest_parse(struct manifest *m, struct slice text, struct buffer *why)
{
    bool valid = true;
    *m = (struct manifest){0};
    if (text.len == 0) valid = refuse(why, "Found an empty AOF manifest");
    for (int number = 1; valid && text.len; number++) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        if (end == NULL || len >= LINE_MAX_BYTES)
            valid = refuse(why, "The AOF manifest file contains too long line");
        else if (text.ptr[0] != '#') valid = add_line(m, slice_make(text.ptr, len), number, why);
        if (valid) text = slice_make(text.ptr + len + 1, text.len - len - 1);
    }
    if (!valid) manifest_fini(m);
    return valid;
}

static bool needs_quotes(const char *name)
{
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p > '~' || *p == '"' || *p == '\'' || *p == '\\')
            return true;
    return *name == '\0';
}

void manifest_print(const struct manifest *m, struct buffer *to)
{
    for (int i = 0; i < m->count; i++) {
        const struct manifest_file *f = &m->files[i];
        buffer_append_text(to, "file ");
        if (needs_quotes(f->name)) buffer_append_quoted(to, slice_of(f->name));
        else buffer_append_text(to, f->name);
        buffer_printf(to, " seq %lld type %c\n", (long long)f->sequence, f->kind);
    }
}

/* ---- files ---- */

enum { MANIFEST_MAX_BYTES = 16 * 1024 * 1024 };

bool manifest_load(struct manifest *m, const char *path, struct buffer *why)
{
    struct buffer text = {0};
    *m = (struct manifest){0};
    bool valid = file_read(path, MANIFEST_MAX_BYTES, &text);
    if (!valid)
        buffer_printf(why, "Fatal error: can't open the AOF manifest file %s: %s", path, strerror(errno));
    else valid = manifest_parse(m, buffer_slice(&text), why);
    buffer_fini(&text);
    return valid;
}

bool manifest_save(const struct manifest *m, const char *path)
{
    struct buffer text = {0}, temporary = {0};
    struct file_writer file;
    const char *slash = strrchr(path, '/');
    int dir_len = slash ? (int)(slash - path) + 1 : 0;
    buffer_printf(&temporary, "%.*stemp-%s", dir_len, path, path + dir_len);
    manifest_print(m, &text);
    bool saved = file_writer_open(&file, temporary.data, 0);
    if (saved) {
        bool written = file_writer_flush(&file, text.data, text.len);
        int failure = errno;
        saved = file_writer_close(&file) && written && rename(temporary.data, path) == 0;
        if (!written) errno = failure;
        if (saved && !file_sync_dir(path))
            log_warning("Can't sync the directory of the AOF manifest %s: %s", path, strerror(errno));
        if (!saved) {
            failure = errno;
            unlink(temporary.data);
            errno = failure;
        }
    }
    buffer_fini(&text);
    buffer_fini(&temporary);
    return saved;
}
