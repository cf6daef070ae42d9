/* INFO: the sections that modules registered, in the order of registration. */
#ifndef CORE_INFO_H
#define CORE_INFO_H

#include "base/rows.h"
#include "base/slice.h"

struct info;

struct info *info_new(void);
void info_free(struct info *info);

/* Adds all rows of a table that ends with a row without a name. */
void info_add(struct info *info, const struct info_section *rows, void *module);

/* Writes the sections asked for (names, `default`, `all`, `everything`; none
 * is `default`), each once, with a blank line between two. */
void info_write(const struct info *info, int count, const struct slice *names, struct buffer *to);

#endif
