/* How often each kind of error (its first word) was answered. */
#ifndef CORE_ERRORSTATS_H
#define CORE_ERRORSTATS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

struct errorstats;

struct errorstats *errorstats_new(void);
void errorstats_free(struct errorstats *e);
void errorstats_count(struct errorstats *e, struct slice error_text);
void errorstats_reset(struct errorstats *e);
uint64_t errorstats_total(const struct errorstats *e);

/* Writes `errorstat_X:count=N` lines, sorted by name. */
void errorstats_write(const struct errorstats *e, struct buffer *to);

#endif
