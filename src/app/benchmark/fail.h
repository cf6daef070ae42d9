/* How the program ends on an error that leaves nothing to measure: one line
 * on stderr, status 1. */
#ifndef APP_BENCHMARK_FAIL_H
#define APP_BENCHMARK_FAIL_H

#include <stdnoreturn.h>

noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
