/* The configuration: the rows of all modules in one registry, filled from
 * the file and the command line (config_file.c), asked and changed by CONFIG
 * GET and SET (config.c), written back by CONFIG REWRITE (config_rewrite.c).
 *
 * A module reads its own settings struct; nobody asks the registry for a
 * value by name but the commands. One thread. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>

#include "base/option.h"
#include "core/directive.h"

struct config *config_new(void);

/* Also releases what the settings own. */
void config_free(struct config *config);

/* Adds a module's rows and gives its settings, all zero before, the defaults.
 * settings and module are borrowed until config_free. */
void config_add(struct config *config, const struct option *rows, void *settings, void *module);

/* The directive of that name or alias, any case; NULL: unknown. matched, where
 * not NULL, is which of the two it was, as the row spells it. */
struct directive *config_find(const struct config *config, struct slice name, const char **matched);

/* Reads what the arguments behind the program's name ask for:
 *     [file] [--directive value ...] [-]
 * A first argument that does not begin with '-' is the file's name, a last "-"
 * the standard input, read after it; the options come last. Each directive
 * sets its field, nothing is applied. False: error is the text for the
 * standard error, and the program should exit with status 1. */
bool config_load(struct config *config, int argc, char *const *argv, struct buffer *error);

/* The absolute path of the file that was read; empty: none. */
const char *config_path(const struct config *config);

/* What CONFIG GET answers: directives that any of the patterns match, each
 * name once. A pattern without glob characters finds hidden directives too
 * and is answered as it was spelt. *matches is the caller's to free; names
 * borrow from the patterns. */
struct config_match {
    struct slice name;
    const struct directive *directive;
};
int config_match(const struct config *config, const struct slice *patterns, int count,
                 struct config_match **matches);

/* CONFIG SET of pairs name, value (count counts both): all or nothing. Then
 * each changed module is told. allow_protected: this client may change
 * protected directives. False: error is the reply's text, without "ERR ". */
bool config_set(struct config *config, const struct slice *pairs, int count, bool allow_protected,
                struct buffer *error);

/* Writes the settings to the file: keeps comments, order, and lines that set
 * nothing; a directive's lines are rewritten in place, those it needs no more
 * become empty, and what differs from the default and had no line is added at
 * the end. force_all adds the defaults too. The file is replaced at once or
 * not at all. False: error is the reply's text, without "ERR ". */
bool config_rewrite(struct config *config, bool force_all, struct buffer *error);

#endif
