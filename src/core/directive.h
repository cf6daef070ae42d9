/* A directive: a row with the settings it fills. Parsing, printing and
 * comparing values by kind; the only file that knows the kinds. */
#ifndef CORE_DIRECTIVE_H
#define CORE_DIRECTIVE_H

#include <stdbool.h>

#include "base/option.h"

struct directive {
    const struct option *row;
    struct option_context ctx;
    bool given; /* a line has set it: further lines of an OPTION_ADDS row add to it */
};

/* Gives a fresh field (all zero) its default. */
void directive_init(const struct directive *d);
void directive_fini(const struct directive *d);

/* Sets the field from the words of a line; where a row takes several, a single
 * one is split at each blank. A refusal leaves a reason, and the field as it
 * was, but an OPTION_ADDS row may be left empty. */
bool directive_set(struct directive *d, int argc, const struct slice *argv, struct buffer *reason);

/* The same from one text, as CONFIG SET has it, which replaces what earlier
 * lines have set. */
bool directive_assign(struct directive *d, struct slice text, struct buffer *reason);

/* Appends the value as CONFIG GET shows it; directive_assign reads it back. */
void directive_get(const struct directive *d, struct buffer *to);

/* Appends the value's line or lines as the file has them, `name words...\n`.
 * False: there is nothing to write, the file's lines are to be kept. */
bool directive_rewrite(const struct directive *d, struct buffer *to);

/* Appends bytes as the file has them, in the largest unit that is exact: 3gb. */
void directive_print_memory(uint64_t bytes, struct buffer *to);

/* Has the field the value that directive_init gave it? */
bool directive_is_standard(const struct directive *d);

#endif
