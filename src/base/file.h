/* Whole files: small ones, that are read and written at once. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/buffer.h"

/* Appends all that can be read, at most max_bytes. False: errno says why. */
bool file_read_all(int fd, size_t max_bytes, struct buffer *to);
bool file_read(const char *path, size_t max_bytes, struct buffer *to);

/* Replaces the file, or makes it, by way of a temporary one beside it: whoever
 * reads it meanwhile, or after a crash, finds the old text or the new one.
 * False: errno says why, and the old file is untouched. */
bool file_replace(const char *path, struct slice text);

#endif
