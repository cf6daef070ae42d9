/* Randomness: a small fast generator whose state is the caller's (seeded for
 * a test, from the kernel for a server), and the kernel's own bytes for what
 * an attacker must not guess. Algorithm: xoshiro256** (Blackman, Vigna 2018). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);

/* Uniform in [0, bound), without bias; bound is at least 1. */
uint64_t random_below(struct random *r, uint64_t bound);

/* Fills to with bytes of the kernel's generator. */
void random_bytes(void *to, size_t len);

/* Writes len random hexadecimal digits and a NUL (run ids). */
void random_hex(char *to, size_t len);

#endif
