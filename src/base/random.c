#include "base/random.h"

#include <sys/random.h>

#include "base/assert.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

void random_seed(struct random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) r->state[i] = splitmix(&seed);
}

static uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

uint64_t random_next(struct random *r)
{
    uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random *r, uint64_t bound)
{
    /* Lemire 2019: multiply, reject the few values that would bias. */
    unsigned __int128 product = (unsigned __int128)random_next(r) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold) product = (unsigned __int128)random_next(r) * bound;
    }
    return (uint64_t)(product >> 64);
}

void random_bytes(void *to, size_t len)
{
    unsigned char *at = to;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0) continue; /* interrupted by a signal */
        at += got;
        len -= (size_t)got;
    }
}

void random_hex(char *to, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte;
        random_bytes(&byte, 1);
        to[i] = "0123456789abcdef"[byte & 15];
    }
    to[len] = '\0';
}
