/* Reading the configuration: file, standard input and command line become one
 * text, which is read line by line, included files in their place. */
#include "core/config.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "core/config_registry.h"
#include "io/file.h"
#include "io/request.h"

enum {
    INCLUDE_DEPTH_MAX = 16,
    CONFIG_BYTES_MAX = 64 * 1024 * 1024, /* of one file */
};

/* What goes along while files include files. */
struct reading {
    struct config *config;
    struct buffer *error; /* the text for the standard error */
    int depth;
};

static bool read_text(struct reading *reading, struct slice text);

static struct slice trim(struct slice line)
{
    while (line.len && isspace((unsigned char)line.ptr[0])) line = slice_make(line.ptr + 1, line.len - 1);
    while (line.len && isspace((unsigned char)line.ptr[line.len - 1])) line.len--;
    return line;
}

static bool read_file(const char *path, struct buffer *to, struct buffer *error)
{
    bool read = file_read(path, CONFIG_BYTES_MAX, to);
    if (!read) buffer_printf(error, "Fatal error, can't open config file '%s': %s\n", path, strerror(errno));
    return read;
}

static bool include_file(struct reading *reading, const char *path)
{
    struct buffer text = {0};
    bool read = read_file(path, &text, reading->error) && read_text(reading, buffer_slice(&text));
    buffer_fini(&text);
    return read;
}

/* Without a match, a pattern includes nothing and a plain path is an error.
 * False with a reason: the line is wrong; with an empty one: the error has
 * been written. */
static bool include(struct reading *reading, struct slice pattern, struct buffer *reason)
{
    if (reading->depth == INCLUDE_DEPTH_MAX)
        return option_refuse(reason, "more than %d files include one another", INCLUDE_DEPTH_MAX);
    glob_t found = {0};
    char *path = mem_copy(pattern.ptr, pattern.len);
    int status = glob(path, 0, NULL, &found);
    bool read = true;
    reading->depth++;
    if (status == GLOB_NOMATCH && strpbrk(path, "*?[") == NULL) read = include_file(reading, path);
    else if (status != 0 && status != GLOB_NOMATCH)
        read = option_refuse(reason, "cannot list the files to include");
    for (size_t i = 0; read && i < found.gl_pathc; i++) read = include_file(reading, found.gl_pathv[i]);
    reading->depth--;
    globfree(&found);
    mem_free(path);
    return read;
}

static bool read_words(struct reading *reading, int argc, const struct slice *argv, struct buffer *reason)
{
    if (argc == 0) return true;
    if (slice_is(argv[0], "include") && argc == 2) return include(reading, argv[1], reason);
    struct directive *d = config_find(reading->config, argv[0], NULL);
    if (d == NULL) return option_refuse(reason, "Bad directive or wrong number of arguments");
    return directive_set(d, argc - 1, argv + 1, reason);
}

static bool read_line(struct reading *reading, struct slice line, struct buffer *reason)
{
    line = trim(line);
    if (line.len == 0 || line.ptr[0] == '#') return true;
    /* A word takes at least a byte and a blank. */
    int max = (int)(line.len / 2 + 1);
    struct slice *words = mem_alloc((size_t)max * sizeof *words);
    char *storage = mem_alloc(line.len);
    int argc = request_split_words(line, storage, words, max);
    bool read = argc < 0 ? option_refuse(reason, "Unbalanced quotes in configuration line")
                         : read_words(reading, argc, words, reason);
    mem_free(storage);
    mem_free(words);
    return read;
}

static void explain(struct reading *reading, int number, struct slice line, const struct buffer *reason)
{
    struct buffer *to = reading->error;
    line = trim(line);
    buffer_printf(to, "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\n", VERSION_REDIS);
    buffer_printf(to, "Reading the configuration file, at line %d\n>>> '", number);
    buffer_append_slice(to, line);
    buffer_append_text(to, "'\n");
    buffer_append_slice(to, buffer_slice(reason));
    buffer_append_char(to, '\n');
}

static bool read_text(struct reading *reading, struct slice text)
{
    struct buffer reason = {0};
    bool read = true;
    for (int number = 1; read && text.len; number++) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        struct slice line = slice_make(text.ptr, newline ? (size_t)(newline - text.ptr) : text.len);
        size_t taken = line.len + (newline != NULL);
        text = slice_make(text.ptr + taken, text.len - taken);
        read = read_line(reading, line, &reason);
        if (!read && reason.len) explain(reading, number, line, &reason);
    }
    buffer_fini(&reason);
    return read;
}

/* Does the option that ends the text so far take the next word as a value
 * even when it begins with "--"? It does when it is one word that has no
 * value yet; but `--save --port 1` is an empty save. */
static bool wants_value(struct slice option, int values)
{
    return values == 0 && memchr(option.ptr, ' ', option.len) == NULL && !slice_is(option, "save");
}

/* Appends the options as lines: `--name value value` becomes `name "value" "value"`. */
static void append_options(int argc, char *const *argv, struct buffer *to)
{
    struct slice option = {"", 0};
    int values = 1; /* no option yet: none wants a value */
    for (int i = 0; i < argc; i++) {
        struct slice word = slice_of(argv[i]);
        if (slice_starts_with(word, SLICE("--")) && !wants_value(option, values)) {
            if (slice_is(option, "save") && values == 0) buffer_append_text(to, " \"\"");
            option = slice_make(word.ptr + 2, word.len - 2);
            values = 0;
            buffer_append_char(to, '\n');
            buffer_append_slice(to, option);
        } else {
            buffer_append_char(to, i == 0 ? '\n' : ' ');
            buffer_append_quoted(to, word);
            values++;
        }
    }
    if (slice_is(option, "save") && values == 0) buffer_append_text(to, " \"\"");
    buffer_append_char(to, '\n');
}

/* The path seen from the root, since the directive dir changes the folder. */
static char *absolute(const char *path)
{
    char folder[PATH_MAX];
    if (path[0] == '/' || getcwd(folder, sizeof folder) == NULL) return mem_strdup(path);
    struct buffer full = {0};
    buffer_printf(&full, "%s/%s", folder, path);
    return full.data;
}

static bool gather_text(struct config *config, int argc, char *const *argv, struct buffer *text,
                        struct buffer *error)
{
    if (argc && argv[0][0] != '-' && argv[0][0] != '\0') {
        mem_free(config->path);
        config->path = absolute(argv[0]);
        if (!read_file(config->path, text, error)) return false;
        argc--, argv++;
    }
    bool standard_input = argc && (strcmp(argv[0], "-") == 0 || strcmp(argv[argc - 1], "-") == 0);
    if (standard_input) {
        log_notice("Reading config from stdin");
        if (!file_read_all(STDIN_FILENO, CONFIG_BYTES_MAX, text)) {
            buffer_printf(error, "Fatal error, can't read the configuration from stdin: %s\n",
                          strerror(errno));
            return false;
        }
        if (strcmp(argv[0], "-") == 0) argv++;
        argc--;
    }
    if (argc) append_options(argc, argv, text);
    return true;
}

bool config_load(struct config *config, int argc, char *const *argv, struct buffer *error)
{
    struct buffer text = {0};
    struct reading reading = {config, error, 0};
    bool loaded = gather_text(config, argc, argv, &text, error) && read_text(&reading, buffer_slice(&text));
    buffer_fini(&text);
    return loaded;
}
