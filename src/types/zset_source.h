/* What sorted sets are made from by union, intersection and difference: sorted
 * sets, and sets, whose members all have score 1. */
#ifndef TYPES_ZSET_SOURCE_H
#define TYPES_ZSET_SOURCE_H

#include "types/zset.h"

/* Whether values of a type can be a source. */
bool zset_source_fits(enum type type);

/* As the functions of zset.h; a walk is in no order. */
bool zset_source_score(const struct value *source, struct slice member, double *score);
bool zset_source_walk(const struct value *source, const struct zset_visitor *visitor);

#endif
