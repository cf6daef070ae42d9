#include "base/clock.h"

#include <time.h>

#include "seed.h"
#include "test.h"

static void wall_clock(void)
{
    int64_t before_s = time(NULL), now_us = clock_realtime_us(), after_s = time(NULL);
    CHECK(now_us / 1000000 >= before_s - 1 && now_us / 1000000 <= after_s + 1);
}

static void never_backwards(void)
{
    int64_t last_ns = clock_monotonic_ns();
    uint64_t last = clock_ticks();
    for (int i = 0; i < 100000; i++) {
        int64_t now_ns = clock_monotonic_ns();
        uint64_t now = clock_ticks();
        CHECK(now_ns >= last_ns && now >= last);
        last_ns = now_ns;
        last = now;
    }
}

/* The sleep lies within the ticks, and these within the outer readings. */
static void ticks_are_time(void)
{
    int64_t start_ns = clock_monotonic_ns();
    uint64_t start = clock_ticks();
    const struct timespec nap = {.tv_nsec = 20000000};
    nanosleep(&nap, NULL);
    uint64_t passed_ns = clock_ticks_to_ns(clock_ticks() - start);
    uint64_t outer_ns = (uint64_t)(clock_monotonic_ns() - start_ns);
    CHECK(passed_ns >= 19000000);
    CHECK(passed_ns <= outer_ns + outer_ns / 50);
}

static void there_and_back(void)
{
    struct random r;
    seed_init(&r);
    CHECK_INT(clock_ticks_to_ns(0), 0);
    CHECK_INT(clock_ticks_of_ns(0), 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t ns = random_next(&r) >> (4 + random_below(&r, 50));
        uint64_t again = clock_ticks_to_ns(clock_ticks_of_ns(ns)), off = again > ns ? again - ns : ns - again;
        CHECK(off <= 2 + (ns >> 20));
    }
}

int main(void)
{
    clock_ticks_init();
    TEST("the wall clock is the system's", wall_clock);
    TEST("the monotonic clock and the ticks never go backwards", never_backwards);
    TEST("ticks turn into the time that has passed", ticks_are_time);
    TEST("nanoseconds to ticks and back are the same nanoseconds", there_and_back);
    return TEST_END();
}
