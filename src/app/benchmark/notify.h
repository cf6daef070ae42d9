/* Benchmarks of keyspace notifications: --notify. */
#ifndef APP_BENCHMARK_NOTIFY_H
#define APP_BENCHMARK_NOTIFY_H

#include "app/benchmark/options.h"

/* Runs the one that o names; exits when there is none of that name. */
void notify_run(const struct options *o);

#endif
