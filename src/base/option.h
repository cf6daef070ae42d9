/* A configuration directive is one row. A module owns a settings struct and a
 * table of rows with offsets into it; core/config.c reads the file and the
 * command line, answers CONFIG GET and performs CONFIG SET and REWRITE from
 * the rows alone.
 *
 * A module's `check` may refuse a value and must not act; its `apply` acts on
 * the new settings and must not fail except for what only the attempt can
 * show (a port that is taken): then all is rolled back. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

enum option_kind {
    OPTION_BOOL,     /* bool: yes, no */
    OPTION_INT,      /* int64_t between min and max */
    OPTION_OCTAL,    /* int64_t, written in octal */
    OPTION_MEMORY,   /* int64_t bytes between min and max, units allowed */
    OPTION_PERCENT,  /* int64_t: bytes, or when negative minus a percentage: "20%" */
    OPTION_ENUM,     /* int: one word of a table */
    OPTION_BITS,     /* int: any of a table's words, or'ed */
    OPTION_DOUBLE,   /* double between min and max (whole bounds) */
    OPTION_TEXT,     /* char *: owned, never NULL */
    OPTION_SPECIAL,  /* the module parses and prints it: set and get below */
};

enum {
    OPTION_IMMUTABLE = 1 << 0, /* only in the file or on the command line */
    OPTION_PROTECTED = 1 << 1, /* CONFIG SET only with enable-protected-configs */
    OPTION_HIDDEN = 1 << 2,    /* not listed by a pattern, only by its name */
    OPTION_MANY = 1 << 3,      /* takes several words; given again, it adds (SPECIAL only) */
    OPTION_INERT = 1 << 4,     /* accepted, has no effect here */
    OPTION_SENSITIVE = 1 << 5, /* never shown in logs */
    OPTION_FILE_ONLY = 1 << 6, /* not in CONFIG GET at all (include, rename-command, user) */
};

struct option_word {
    const char *word;
    int value;
};

/* What a module's functions get: its settings, and itself. */
struct option_context {
    void *settings;
    void *module;
};

struct option {
    const char *name;
    const char *alias; /* an older name that is still accepted, or NULL */
    enum option_kind kind;
    unsigned flags;
    size_t offset;        /* of the field in the settings struct */
    const char *standard; /* the default, as it would stand in the file */
    int64_t min, max;     /* both 0: no bounds but the field's own */
    const struct option_word *words; /* ENUM and BITS: ends with a NULL word */

    /* Refuses a value of a text or number row that parsed: false and a reason. */
    bool (*check)(const struct option_context *ctx, struct slice value, const char **reason);

    /* Called after the field changed (and once for each group of rows that
     * share it, however many of them changed). */
    bool (*apply)(const struct option_context *ctx, const char **reason);

    /* SPECIAL rows: argv are the words after the name. */
    bool (*set)(const struct option_context *ctx, int argc, const struct slice *argv, const char **reason);
    void (*get)(const struct option_context *ctx, struct buffer *to);

    /* SPECIAL rows that take several lines in the file: writes each line
     * (`name words...\n`); NULL writes one line from get. */
    void (*rewrite)(const struct option_context *ctx, struct buffer *to);
};

#endif
