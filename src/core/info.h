/* INFO: the sections that modules registered, in the order of registration. */
#ifndef CORE_INFO_H
#define CORE_INFO_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/rows.h"
#include "base/slice.h"

struct info;

struct info *info_new(void);
void info_free(struct info *info);

/* Adds a section; the row is the module's. */
void info_add(struct info *info, const struct info_section *section, void *module);

/* Writes the sections asked for (names, `default`, `all`, `everything`; none
 * is `default`), each once, with a blank line between two. */
void info_write(const struct info *info, int count, const struct slice *names, struct buffer *to);

/* Writing `name:value` lines. */
void info_int(struct buffer *to, const char *name, int64_t value);
void info_text(struct buffer *to, const char *name, const char *value);
void info_bytes(struct buffer *to, const char *name, uint64_t bytes); /* and `name_human` */
void info_ratio(struct buffer *to, const char *name, double value);   /* two digits */

/* All of them 0: counts of what never happens here. names ends with NULL. */
void info_zeros(struct buffer *to, const char *const *names);

#endif
