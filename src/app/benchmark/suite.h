/* The tests that run when no command is given, and the user's own command. */
#ifndef APP_BENCHMARK_SUITE_H
#define APP_BENCHMARK_SUITE_H

#include "app/benchmark/options.h"

/* Runs what o asks for once, or for ever with -l. */
void suite_run(const struct options *o);

/* Opens o's connections and keeps them until the program is interrupted. */
void suite_idle(const struct options *o);

/* The payload of a value: len printable bytes and a NUL, always the same ones;
 * freed with mem_free. */
char *suite_payload(size_t len);

#endif
