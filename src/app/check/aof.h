/* Checking append only files. */
#ifndef APP_CHECK_AOF_H
#define APP_CHECK_AOF_H

#include <stdbool.h>
#include <stdint.h>

struct aof_check_options {
    bool fix;        /* cut off what follows the last whole command, if the user agrees */
    int64_t until_s; /* cut off what was written later than this (Unix seconds); 0: nothing */
};

/* Checks a file, or all files that a manifest names. False: something is wrong, and
 * was not mended. */
bool aof_check(const char *path, const struct aof_check_options *options);

#endif
