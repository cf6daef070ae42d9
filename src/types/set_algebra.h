/* Intersection, union and difference of sets, passed to a visitor member by
 * member, each once; nothing is built but where that is less work. Sets that are
 * equal objects may come several times; the array is brought into the order that
 * is best to work in. The visitor must not change the sets. */
#ifndef TYPES_SET_ALGEBRA_H
#define TYPES_SET_ALGEBRA_H

#include "types/set.h"

/* What is in all of them. */
void set_intersect(struct value *sets, size_t count, const struct set_visitor *visitor);

/* What is in one at least. */
void set_unite(struct value *sets, size_t count, const struct types_settings *settings,
               const struct set_visitor *visitor);

/* What is in the first alone. */
void set_subtract(struct value *sets, size_t count, const struct types_settings *settings,
                  const struct set_visitor *visitor);

#endif
