/* The words of a command: owned copies, as many as come. */
#ifndef APP_CLI_WORDS_H
#define APP_CLI_WORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* All zero is empty. */
struct words {
    struct slice *list;
    int count;
    int capacity;
};

void words_add(struct words *w, struct slice word);  /* copies */
void words_take(struct words *w, struct slice word); /* owns it from now on */
void words_fini(struct words *w);

/* Adds the words of a line with its quotes resolved: false if a quote is not
 * closed or is followed by something else than a blank. */
bool words_split(struct words *w, struct slice line);

#endif
