/* What handlers of strings share across files. */
#ifndef COMMANDS_STRING_H
#define COMMANDS_STRING_H

#include "commands/tables.h"
#include "db/keyspace.h"
#include "types/string.h"

/* The string entry of a key to be read, NULL if there is none; another type is
 * answered with an error and *wrong_type is set. */
struct entry *string_lookup_read(struct call *call, struct slice key, bool *wrong_type);

/* The same for a write. */
struct entry *string_lookup_write(struct call *call, struct slice key, bool *wrong_type);

/* What is answered where there is no memory for as many bytes as were asked for. */
void string_refuse_memory(struct client *c);

/* The bytes, len of them, of a string that a lookup for a write has just found,
 * or (NULL) not: then it is added, with `new`. To be written to; zeros behind
 * what was there. Without memory the client is told, NULL is returned and
 * nothing has changed. */
char *string_edit(struct call *call, struct slice key, struct entry *e, size_t len);

#endif
