#include "base/clock.h"

#include <stdbool.h>
#include <time.h>

int64_t clock_realtime_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_monotonic_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <x86intrin.h>

/* ns per tick as a 32.32 fixed-point number; 0 where the counter's rate may
 * change and the monotonic clock serves instead. */
static uint64_t ns_per_tick;

static bool counter_is_constant(void)
{
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) && (edx & (1 << 8));
}

void clock_ticks_init(void)
{
    if (!counter_is_constant()) return;
    int64_t start_ns = clock_monotonic_ns(), now_ns;
    uint64_t start = __rdtsc(), ticks;
    do {
        now_ns = clock_monotonic_ns();
        ticks = __rdtsc() - start;
    } while (now_ns - start_ns < 2000000);
    ns_per_tick = ((uint64_t)(now_ns - start_ns) << 32) / ticks;
}

uint64_t clock_ticks(void)
{
    return ns_per_tick ? __rdtsc() : (uint64_t)clock_monotonic_ns();
}

uint64_t clock_ticks_to_ns(uint64_t ticks)
{
    return ns_per_tick ? (uint64_t)((unsigned __int128)ticks * ns_per_tick >> 32) : ticks;
}

uint64_t clock_ticks_of_ns(uint64_t ns)
{
    return ns_per_tick ? (uint64_t)(((unsigned __int128)ns << 32) / ns_per_tick) : ns;
}

#else

void clock_ticks_init(void)
{
}

uint64_t clock_ticks(void)
{
    return (uint64_t)clock_monotonic_ns();
}

uint64_t clock_ticks_to_ns(uint64_t ticks)
{
    return ticks;
}

uint64_t clock_ticks_of_ns(uint64_t ns)
{
    return ns;
}

#endif
