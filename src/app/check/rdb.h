/* Checking RDB files. */
#ifndef APP_CHECK_RDB_H
#define APP_CHECK_RDB_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the file and tells what it finds on the standard output. *end is where the
 * RDB data end: commands may follow. False: it is damaged, or cannot be read. */
bool rdb_check(const char *path, uint64_t *end);

#endif
