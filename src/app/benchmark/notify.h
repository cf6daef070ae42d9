/* Benchmarks of keyspace notifications: --notify. */
#ifndef APP_BENCHMARK_NOTIFY_H
#define APP_BENCHMARK_NOTIFY_H

#include "app/benchmark/options.h"

void notify_run(const struct options *o);

#endif
