/* What the editor shows and inserts by itself, from the server's COMMAND
 * DOCS: hints behind the cursor and completions of command names. */
#ifndef APP_CLI_EDITOR_HINTS_H
#define APP_CLI_EDITOR_HINTS_H

#include "app/cli/docs.h"
#include "app/cli/words.h"

/* Appends the arguments that the line still lacks, behind the blank that the
 * line itself may lack; nothing if its command is unknown or complete. */
void editor_hints_append(struct buffer *out, const struct docs *docs, struct slice line);

/* Adds the names that the line's command, or what follows `help`, may become,
 * in the case in which the user types. *typed is how many of the line's last
 * bytes they replace. */
void editor_hints_complete(struct words *found, const struct docs *docs, struct slice line, size_t *typed);

#endif
