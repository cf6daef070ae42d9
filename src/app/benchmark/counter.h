/* User-space instructions of another process, all its threads, as the
 * processor counts them (perf_event_open), where the kernel offers that. */
#ifndef APP_BENCHMARK_COUNTER_H
#define APP_BENCHMARK_COUNTER_H

#include <stdint.h>
#include <sys/types.h>

struct counter;

/* Starts counting; NULL when pid is 0 or the kernel does not let us. */
struct counter *counter_open(pid_t pid);

/* What was counted; 0 for NULL. */
uint64_t counter_close(struct counter *c);

#endif
