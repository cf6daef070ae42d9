#include "base/slice.h"

#include <ctype.h>
#include <sys/mman.h>
#include <unistd.h>

#include "seed.h"
#include "test.h"

enum { LEN_MAX = 80 };

/* The end of a page behind which nothing may be read. */
static char *guarded(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED && mprotect(map + page, page, PROT_NONE) == 0);
    return map + page;
}

static void release(char *end)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(end - page, 2 * page);
}

static int sign(int order)
{
    return order < 0 ? -1 : order > 0;
}

static void check_pair(struct slice a, struct slice b)
{
    bool equal = a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
    CHECK_INT(slice_equal(a, b), equal);
    size_t common = a.len < b.len ? a.len : b.len;
    int order = sign(common ? memcmp(a.ptr, b.ptr, common) : 0);
    if (order == 0) order = a.len < b.len ? -1 : a.len > b.len;
    CHECK_INT(sign(slice_compare(a, b)), order);
    CHECK_INT(slice_starts_with(a, b), a.len >= b.len && (b.len == 0 || memcmp(a.ptr, b.ptr, b.len) == 0));
}

/* Each length, equal and with a difference in each place, both slices against
 * the end of readable memory. */
static void every_length(void)
{
    struct random r;
    char *end_a = guarded(), *end_b = guarded();
    seed_init(&r);
    for (size_t len = 0; len <= LEN_MAX; len++) {
        char *a = end_a - len, *b = end_b - len;
        for (size_t i = 0; i < len; i++) a[i] = b[i] = (char)random_next(&r);
        struct slice x = slice_make(a, len), y = slice_make(b, len);
        CHECK(slice_equal(x, y));
        check_pair(x, y);
        for (size_t i = 0; i < len; i++) {
            b[i] = (char)(b[i] ^ 1 << random_below(&r, 8));
            CHECK(!slice_equal(x, y) && !slice_bytes_equal(a, b, len));
            check_pair(x, y);
            b[i] = a[i];
        }
        for (size_t shorter = 0; shorter < len; shorter++) {
            check_pair(x, slice_make(b, shorter));
            check_pair(slice_make(a, shorter), y);
        }
    }
    release(end_a);
    release(end_b);
}

static void any_case(void)
{
    struct random r;
    seed_init(&r);
    for (int i = 0; i < 200000; i++) {
        char a[8], b[8];
        size_t len = random_below(&r, 6), other_len = random_below(&r, 8) ? len : random_below(&r, 6);
        for (size_t at = 0; at < sizeof a; at++) {
            a[at] = (char)(1 + random_below(&r, 127));
            b[at] = random_below(&r, 8) ? a[at] : (char)(a[at] ^ 0x20);
            if (b[at] == '\0') b[at] = a[at];
        }
        b[other_len] = '\0';
        bool equal = len == other_len;
        for (size_t at = 0; equal && at < len; at++)
            equal = tolower((unsigned char)a[at]) == tolower((unsigned char)b[at]);
        CHECK_INT(slice_equal_nocase(slice_make(a, len), slice_make(b, other_len)), equal);
        CHECK_INT(slice_is(slice_make(a, len), b), equal);
    }
}

static void making(void)
{
    CHECK_INT(SLICE("a\0b").len, 3);
    CHECK_INT(slice_of("abc").len, 3);
    CHECK(slice_equal(SLICE(""), slice_make(NULL, 0)));
    CHECK(slice_equal_nocase(SLICE(""), slice_make(NULL, 0)));
    CHECK(slice_is(slice_make(NULL, 0), "") && !slice_is(SLICE("GE"), "get") &&
          slice_is(SLICE("GeT"), "get"));
    CHECK(slice_starts_with(SLICE("abc"), slice_make(NULL, 0)));
    CHECK_INT(slice_compare(slice_make(NULL, 0), SLICE("")), 0);
    CHECK(slice_compare(SLICE("\xff"), SLICE("a")) > 0);
    CHECK(slice_compare(SLICE("ab"), SLICE("abc")) < 0);
}

int main(void)
{
    TEST("slices are made of literals and texts, and may be empty", making);
    TEST("comparing agrees with memcmp at every length and never reads beyond the end", every_length);
    TEST("comparing regardless of case agrees with doing it letter by letter", any_case);
    return TEST_END();
}
