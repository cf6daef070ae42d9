/* The seed of a randomised test: from TEST_SEED, else a new one for each run;
 * printed, so that a failure can be repeated. */
#ifndef SEED_H
#define SEED_H

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

static inline void seed_init(struct random *r)
{
    const char *given = getenv("TEST_SEED");
    unsigned long long seed;
    if (given) seed = strtoull(given, NULL, 10);
    else random_bytes(&seed, sizeof seed);
    printf("    TEST_SEED=%llu\n", seed);
    random_seed(r, seed);
}

#endif
