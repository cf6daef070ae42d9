/* redis://[[user][:password]@]host[:port][/db], percent-decoded. */
#ifndef APP_BENCHMARK_URI_H
#define APP_BENCHMARK_URI_H

#include "app/benchmark/options.h"

/* Sets what text names in e; exits with a message when it is no such URI. What
 * stands before '@' without a colon is a password. The texts live as long as
 * the program. */
void uri_parse(const char *text, struct endpoint *e);

#endif
