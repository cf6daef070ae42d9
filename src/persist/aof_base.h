/* The base of an append only file: all data, in the RDB format, or
 * (aof-use-rdb-preamble no) as commands. */
#ifndef PERSIST_AOF_BASE_H
#define PERSIST_AOF_BASE_H

#include "persist/persist.h"

/* Writes the file, synced. False, and errno. */
bool aof_base_write(struct persist *p, const char *path);

#endif
