/* A configuration directive is one row. A module owns a settings struct and a
 * table of rows with offsets into it, ended by a row without a name;
 * core/config.c reads the file and the command line, answers CONFIG GET and
 * performs CONFIG SET and REWRITE from the rows alone.
 *
 * A row's `check` may refuse a value and must not act; its `apply` acts on
 * the new settings and must not fail except for what only the attempt can
 * show (a port that is taken): then everything is rolled back. While the file
 * and the command line are read nothing is applied: modules are made from the
 * settings afterwards. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

enum option_kind {
    OPTION_BOOL,    /* bool: yes, no */
    OPTION_INT,     /* int64_t between min and max */
    OPTION_OCTAL,   /* int64_t between min and max, written in octal */
    OPTION_MEMORY,  /* uint64_t bytes between min and max, units allowed */
    OPTION_PERCENT, /* int64_t: bytes, or when negative minus a percentage: "20%" is -20 */
    OPTION_ENUM,    /* int: one word of a table */
    OPTION_BITS,    /* int: any of a table's words, or'ed; its first word is the empty set */
    OPTION_TEXT,    /* char *: owned by the settings, never NULL */
    OPTION_BYTES,   /* struct buffer: a text that may hold any byte */
    OPTION_SPECIAL, /* the module parses and prints it: set and get below */
};

enum {
    OPTION_IMMUTABLE = 1 << 0, /* only in the file or on the command line */
    OPTION_PROTECTED = 1 << 1, /* CONFIG SET only with enable-protected-configs */
    OPTION_HIDDEN = 1 << 2,    /* not listed by a pattern, only by its name */
    OPTION_WORDS = 1 << 3,     /* takes several words; a single one is split at each blank */
    OPTION_ADDS = 1 << 4,      /* lines of the file add up; the first replaces the default (SPECIAL only) */
    OPTION_INERT = 1 << 5,     /* accepted, has no effect here */
    OPTION_SENSITIVE = 1 << 6, /* never shown in logs */
    OPTION_FILE_ONLY = 1 << 7, /* unknown to CONFIG GET and SET (rename-command, user) */
    OPTION_REFERENCE = 1 << 8, /* names a file whose content counts: the same name is applied, too */
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
    size_t offset;        /* of the field in the settings struct */
    const char *standard; /* the default, as CONFIG SET takes it; NULL: the field's zero */
    int64_t min, max;     /* INT, OCTAL, MEMORY; both 0: no bounds but the field's own */
    unsigned flags;
    const struct option_word *words; /* ENUM and BITS: ends with a NULL word */

    /* Refuses the words of a value before it is stored: false and a reason. */
    bool (*check)(const struct option_context *ctx, int argc, const struct slice *argv,
                  struct buffer *reason);

    /* Moves a new value into the range that acts, wherever it came from. */
    void (*adjust)(void *settings);

    /* Called after CONFIG SET changed the field, once for all changed rows of
     * a module that share it. On false a reason; it is called again once the
     * fields have their previous values. */
    bool (*apply)(const struct option_context *ctx, struct buffer *reason);

    /* SPECIAL rows: argv are the words after the name. A refusal changes
     * nothing. With OPTION_ADDS, no words at all empty the value. `get` prints
     * what `set` reads, and an empty value as nothing. `fini` releases what
     * the field owns. */
    bool (*set)(const struct option_context *ctx, int argc, const struct slice *argv, struct buffer *reason);
    void (*get)(const struct option_context *ctx, struct buffer *to);
    void (*fini)(void *settings);

    /* Rows that take several lines in the file, or none: writes `name words...\n`
     * for each; false: the file's lines stay as they are. NULL writes one line
     * from get (and keeps the lines of rows that have no get). */
    bool (*rewrite)(const struct option_context *ctx, struct buffer *to);
};

/* Writes the reason and returns false: `return option_refuse(reason, ...)`. */
bool option_refuse(struct buffer *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Row shorthands: the field's kind and offset in one word, with a check by
 * the compiler that the field has the type of the kind. A file of rows defines
 * OPTION_SETTINGS as its settings struct before it uses them. */
#define OPTION_FIELD(type, field)                                                                            \
    offsetof(OPTION_SETTINGS, field) + 0 * sizeof(1 ? &((OPTION_SETTINGS *)0)->field : (type *)0)
#define BOOL_AT(field)    OPTION_BOOL, OPTION_FIELD(bool, field)
#define INT_AT(field)     OPTION_INT, OPTION_FIELD(int64_t, field)
#define OCTAL_AT(field)   OPTION_OCTAL, OPTION_FIELD(int64_t, field)
#define MEMORY_AT(field)  OPTION_MEMORY, OPTION_FIELD(uint64_t, field)
#define PERCENT_AT(field) OPTION_PERCENT, OPTION_FIELD(int64_t, field)
#define ENUM_AT(field)    OPTION_ENUM, OPTION_FIELD(int, field)
#define BITS_AT(field)    OPTION_BITS, OPTION_FIELD(int, field)
#define TEXT_AT(field)    OPTION_TEXT, OPTION_FIELD(char *, field)
#define BYTES_AT(field)   OPTION_BYTES, OPTION_FIELD(struct buffer, field)
#define SPECIAL           OPTION_SPECIAL, 0

#endif
