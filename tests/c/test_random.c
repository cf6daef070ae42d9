#include "base/random.h"

#include <ctype.h>

#include "seed.h"
#include "test.h"

/* As the authors' program prints for this state. */
static void vectors(void)
{
    struct random r = {{1, 2, 3, 4}};
    CHECK(random_next(&r) == 11520);
    CHECK(random_next(&r) == 0);
    CHECK(random_next(&r) == 1509978240);
    CHECK(random_next(&r) == 1215971899390074240);
}

static void seeds(void)
{
    struct random a, b, c;
    random_seed(&a, 42);
    random_seed(&b, 42);
    random_seed(&c, 43);
    int equal = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t next = random_next(&a);
        CHECK(random_next(&b) == next);
        equal += random_next(&c) == next;
    }
    CHECK(equal < 2);
    random_seed(&a, 0); /* a state of zeros would stay so */
    CHECK(random_next(&a) | random_next(&a) | random_next(&a));
}

/* Chi squared: the mean is bound - 1, its variance twice that; more than eight
 * standard deviations off does not happen. */
static void uniform(struct random *r, uint64_t bound)
{
    enum { DRAWS = 200000, MOST = 1000 };
    static unsigned seen[MOST];
    double expected = (double)DRAWS / (double)bound, sum = 0, off;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t drawn = random_below(r, bound);
        CHECK(drawn < bound);
        seen[drawn]++;
    }
    for (uint64_t i = 0; i < bound; i++) sum += (seen[i] - expected) * (seen[i] - expected) / expected;
    off = sum - (double)(bound - 1);
    CHECK(off * off < 64 * 2 * (double)bound);
}

static void numbers_below_a_bound(void)
{
    static const uint64_t bounds[] = {2, 3, 7, 10, 64, 1000};
    struct random r;
    seed_init(&r);
    for (int i = 0; i < 1000; i++) CHECK_INT(random_below(&r, 1), 0);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) uniform(&r, bounds[i]);
}

/* Three quarters of 2^64 is a bound at which a remainder would favour the lower
 * third, and a product every third number. */
static void no_bias(void)
{
    enum { DRAWS = 90000 };
    struct random r;
    uint64_t bound = (uint64_t)3 << 62;
    int thirds[3] = {0}, each_third[3] = {0};
    seed_init(&r);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t drawn = random_below(&r, bound);
        thirds[drawn / (bound / 3 + 1)]++;
        each_third[drawn % 3]++;
    }
    for (int i = 0; i < 3; i++) {
        CHECK(thirds[i] > DRAWS / 3 - 1500 && thirds[i] < DRAWS / 3 + 1500);
        CHECK(each_third[i] > DRAWS / 3 - 1500 && each_third[i] < DRAWS / 3 + 1500);
    }
    for (int i = 0; i < 1000; i++) CHECK(random_below(&r, UINT64_MAX) < UINT64_MAX);
}

static void from_the_kernel(void)
{
    unsigned char bytes[4000], seen[256] = {0};
    int values = 0;
    memset(bytes, 0, sizeof bytes);
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) values += !seen[bytes[i]]++;
    CHECK(values > 240);
    random_bytes(bytes, 0);
    char text[42] = "", other[42];
    memset(text, '!', 41);
    random_hex(text, 40);
    random_hex(other, 40);
    CHECK_INT(strlen(text), 40);
    for (int i = 0; i < 40; i++) CHECK(isxdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]));
    CHECK(strcmp(text, other) != 0);
}

int main(void)
{
    TEST("xoshiro256** agrees with its vectors", vectors);
    TEST("a seed gives one sequence, another gives another", seeds);
    TEST("numbers below a bound are all alike", numbers_below_a_bound);
    TEST("a large bound brings no bias", no_bias);
    TEST("the kernel's bytes and digits vary", from_the_kernel);
    return TEST_END();
}
