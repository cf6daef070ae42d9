#include "app/check/aof.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/check/rdb.h"
#include "base/mem.h"
#include "base/number.h"
#include "io/file.h"
#include "io/request.h"
#include "persist/manifest.h"

/* A file as it lies in memory, piece by piece: only one command is held at a time. */
struct walk {
    const char *name;
    FILE *file;
    uint64_t offset;            /* read so far */
    uint64_t line;              /* begun so far */
    uint64_t whole, whole_line; /* up to here all is whole */
    bool in_multi;
    char why[160];
};

enum step { STEP_COMMAND, STEP_TIME_IS_UP, STEP_END, STEP_DAMAGED };

static enum step damaged(struct walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static enum step damaged(struct walk *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(w->why, sizeof w->why, format, args);
    va_end(args);
    return STEP_DAMAGED;
}

/* A line without its end; false at the end of the file, or if it is too long. */
static bool read_line(struct walk *w, char *line, size_t room)
{
    if (fgets(line, (int)room, w->file) == NULL) return false;
    size_t len = strlen(line);
    w->offset += len;
    w->line++;
    if (len < 2 || line[len - 1] != '\n' || line[len - 2] != '\r') return false;
    line[len - 2] = '\0';
    return true;
}

static bool parse_count(const char *line, char kind, int64_t *count)
{
    return line[0] == kind && number_parse(slice_of(line + 1), count) && *count >= 0;
}

/* The words that make a transaction; others are only passed. */
static bool read_word(struct walk *w, int64_t len, char *word, size_t room)
{
    char end[2];
    for (int64_t i = 0; i < len; i++) {
        int c = getc(w->file);
        if (c == EOF) return false;
        if ((size_t)i + 1 < room) word[i] = (char)c;
        w->offset++;
    }
    word[(size_t)len < room ? (size_t)len : room - 1] = '\0';
    bool ended = fread(end, 1, 2, w->file) == 2 && end[0] == '\r' && end[1] == '\n';
    w->offset += 2;
    w->line++;
    return ended;
}

static enum step note_transaction(struct walk *w, int64_t argc, const char *name)
{
    if (argc == 1 && strcasecmp(name, "multi") == 0) {
        if (w->in_multi) return damaged(w, "Unexpected MULTI");
        w->in_multi = true;
    } else if (argc == 1 && strcasecmp(name, "exec") == 0) {
        if (!w->in_multi) return damaged(w, "Unexpected EXEC");
        w->in_multi = false;
    }
    return STEP_COMMAND;
}

static enum step read_command(struct walk *w, const char *header)
{
    char line[64], name[8] = "", word[8];
    int64_t argc, len;
    if (!parse_count(header, '*', &argc))
        return damaged(w, "Expected prefix '*' and a count, got: '%.40s'", header);
    for (int64_t i = 0; i < argc; i++) {
        if (!read_line(w, line, sizeof line)) return damaged(w, "Unexpected end of a line, or of the file");
        if (!parse_count(line, '$', &len))
            return damaged(w, "Expected prefix '$' and a length, got: '%.40s'", line);
        if (!read_word(w, len, i ? word : name, sizeof name))
            return damaged(w, "Expected \\r\\n behind a word of %" PRId64 " bytes", len);
    }
    return note_transaction(w, argc, name);
}

static enum step read_step(struct walk *w, int64_t until_s)
{
    char line[128];
    int c = getc(w->file);
    int64_t time_s;
    if (c == EOF) return w->in_multi ? damaged(w, "Reached EOF before reading EXEC for MULTI") : STEP_END;
    ungetc(c, w->file);
    if (!read_line(w, line, sizeof line)) return damaged(w, "Unexpected end of a line, or of the file");
    if (line[0] != '#') return read_command(w, line);
    bool is_time = strncmp(line, "#TS:", 4) == 0 && number_parse(slice_of(line + 4), &time_s);
    return is_time && until_s && time_s > until_s ? STEP_TIME_IS_UP : STEP_COMMAND;
}

static enum step walk_all(struct walk *w, int64_t until_s)
{
    for (;;) {
        enum step step = read_step(w, until_s);
        if (step != STEP_COMMAND) return step;
        if (w->in_multi) continue;
        w->whole = w->offset;
        w->whole_line = w->line;
    }
}

/* ---- mending ---- */

static bool cut(const char *path, uint64_t bytes)
{
    if (truncate(path, (off_t)bytes) == 0) return true;
    printf("Failed to truncate AOF %s: %s\n", path, strerror(errno));
    return false;
}

static bool user_agrees(void)
{
    printf("Continue? [y/N]: ");
    fflush(stdout);
    int c = getchar();
    if (c == 'y' || c == 'Y') return true;
    printf("Aborting...\n");
    return false;
}

static bool mend(const char *path, const struct walk *w, uint64_t size)
{
    printf("This will shrink the AOF %s from %" PRIu64 " bytes, with %" PRIu64 " bytes, to %" PRIu64
           " bytes\n",
           w->name, size, size - w->whole, w->whole);
    if (!user_agrees() || !cut(path, w->whole)) return false;
    printf("Successfully truncated AOF %s\n", w->name);
    return true;
}

static bool cut_at_time(const char *path, const struct walk *w, uint64_t size, bool is_last, int64_t until_s)
{
    if (w->whole == size) {
        printf("Truncate nothing in AOF %s to timestamp %" PRId64 "\n", w->name, until_s);
        return true;
    }
    if (!is_last) {
        printf("Failed to truncate AOF %s to timestamp %" PRId64 ": it is not the last file\n", w->name,
               until_s);
        return false;
    }
    if (!cut(path, w->whole)) return false;
    printf("Successfully truncated AOF %s to timestamp %" PRId64 "\n", w->name, until_s);
    return true;
}

/* ---- a file ---- */

static bool begins_with_rdb(FILE *file)
{
    char magic[5];
    bool is_rdb = fread(magic, 1, sizeof magic, file) == sizeof magic &&
                  memcmp(magic, "REDIS", sizeof magic) == 0;
    rewind(file);
    return is_rdb;
}

static bool judge(const char *path, struct walk *w, enum step step, bool is_last,
                  const struct aof_check_options *options)
{
    uint64_t size = (uint64_t)file_size(path);
    if (step == STEP_DAMAGED) printf("0x%16" PRIx64 ": %s\n", w->offset, w->why);
    else if (options->until_s) return cut_at_time(path, w, size, is_last, options->until_s);
    printf("AOF analyzed: filename=%s, size=%" PRIu64 ", ok_up_to=%" PRIu64 ", ok_up_to_line=%" PRIu64
           ", diff=%" PRIu64 "\n",
           w->name, size, w->whole, w->whole_line, size - w->whole);
    if (step == STEP_END) return true;
    if (!is_last) {
        printf("AOF %s is damaged, and not the last file: what is behind it cannot be trusted\n", w->name);
        return false;
    }
    if (options->fix) return mend(path, w, size);
    printf("AOF %s is not valid. Use the --fix option to try fixing it.\n", w->name);
    return false;
}

static bool check_file(const char *path, const char *name, bool is_last,
                       const struct aof_check_options *options)
{
    struct walk w = {.name = name, .line = 1, .whole_line = 1};
    w.file = fopen(path, "re");
    if (w.file == NULL) {
        printf("Cannot open file %s: %s\n", path, strerror(errno));
        return false;
    }
    bool sound = true;
    if (begins_with_rdb(w.file)) {
        sound = rdb_check(path, &w.offset);
        printf(sound ? "RDB preamble is OK, proceeding with AOF tail...\n"
                     : "RDB preamble of AOF file is not sane, aborting.\n");
        w.whole = w.offset;
        sound = sound && fseek(w.file, (long)w.offset, SEEK_SET) == 0;
    }
    if (sound) sound = judge(path, &w, walk_all(&w, options->until_s), is_last, options);
    fclose(w.file);
    return sound;
}

/* ---- a manifest ---- */

static bool check_part(const char *dir, const struct manifest_file *file, bool is_last,
                       const struct aof_check_options *options)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s%s", dir, file->name);
    bool is_base = file->kind == MANIFEST_BASE;
    bool sound = check_file(path.data, file->name, is_last, options);
    if (sound) printf("%s AOF %s is valid\n", is_base ? "BASE" : "INCR", file->name);
    buffer_fini(&path);
    return sound;
}

static bool check_manifest(const char *path, const struct aof_check_options *options)
{
    struct manifest m;
    struct buffer why = {0};
    const char *slash = strrchr(path, '/');
    char *dir = mem_copy(path, slash ? (size_t)(slash - path) + 1 : 0);
    bool sound = manifest_load(&m, path, &why), told = false;
    printf("Start checking Multi Part AOF\n");
    if (!sound) printf("%s\n", why.data);
    for (int i = 0; sound && i < m.count; i++) {
        const struct manifest_file *file = &m.files[i];
        if (file->kind == MANIFEST_HISTORY) continue;
        if (file->kind == MANIFEST_BASE) printf("Start to check BASE AOF.\n");
        else if (!told) printf("Start to check INCR files.\n");
        told = told || file->kind == MANIFEST_INCREMENT;
        sound = check_part(dir, file, i == m.count - 1, options);
    }
    if (sound) printf("All AOF files and manifest are valid\n");
    manifest_fini(&m);
    buffer_fini(&why);
    mem_free(dir);
    return sound;
}

static bool is_manifest(const char *path)
{
    static const char suffix[] = ".manifest";
    size_t len = strlen(path), suffix_len = sizeof suffix - 1;
    return len > suffix_len && strcmp(path + len - suffix_len, suffix) == 0;
}

bool aof_check(const char *path, const struct aof_check_options *options)
{
    if (is_manifest(path)) return check_manifest(path, options);
    if (file_exists(path)) printf("Start checking Old-Style AOF\n");
    bool sound = check_file(path, path, true, options);
    if (sound && !options->until_s) printf("AOF %s is valid\n", path);
    return sound;
}
