/* Choosing elements at random, without bias, for the types. */
#ifndef TYPES_SAMPLE_H
#define TYPES_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "ds/hashtable.h"

/* Some of many, in one walk: each element that comes by is taken with the
 * probability wanted / left (Knuth, TAOCP 2, 3.4.2, algorithm S). */
struct sample {
    size_t wanted; /* still to be taken; 0: the walk may end */
    size_t left;   /* elements still to come */
    struct random *random;
};

static inline bool sample_takes(struct sample *s)
{
    if (random_below(s->random, s->left--) >= s->wanted) return false;
    s->wanted--;
    return true;
}

/* Few of very many: drawn one by one, and what was drawn before does not count.
 * This remembers what was: false when the element is known already. The
 * caller's hashtable_fini ends it. */
void sample_drawn_init(struct hashtable *drawn);
bool sample_drawn_add(struct hashtable *drawn, void *element);

/* random_next as hashtable_random wants it; ctx is a struct random. */
uint64_t sample_draw(void *random);

#endif
