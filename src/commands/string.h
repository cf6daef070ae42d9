/* What handlers of strings share across files. */
#ifndef COMMANDS_STRING_H
#define COMMANDS_STRING_H

#include "commands/tables.h"
#include "db/keyspace.h"
#include "types/string.h"

/* The string entry of a key to be read, NULL if there is none; another type is
 * answered with an error and *wrong_type is set. */
struct entry *string_lookup_read(struct call *call, struct slice key, bool *wrong_type);

#endif
