/* Time. Nothing else in the server asks the kernel: modules receive a time
 * as a parameter, or a struct clock that a test may replace. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Microseconds since the epoch; may jump when an administrator sets it. */
int64_t clock_realtime_us(void);

/* Nanoseconds since some start; never goes backwards. */
int64_t clock_monotonic_ns(void);

/* A counter cheap enough to read twice per command: the processor's
 * time-stamp counter where it is constant, else the monotonic clock. */
uint64_t clock_ticks(void);

/* Nanoseconds that a difference of clock_ticks stands for. The first call
 * of clock_ticks_init measures the rate (some ms); call it at start. */
void clock_ticks_init(void);
uint64_t clock_ticks_to_ns(uint64_t ticks);
uint64_t clock_ticks_of_ns(uint64_t ns);

#endif
