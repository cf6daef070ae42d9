/* redis://[[user][:password]@]host[:port][/db], percent-decoded; rediss:// is
 * the same in TLS. */
#ifndef APP_BENCHMARK_URI_H
#define APP_BENCHMARK_URI_H

#include "app/benchmark/options.h"

/* Sets what text names in e, which then points into text: that is decoded in
 * place. Exits with a message when it is no such URI. What stands before '@'
 * without a colon is a password. */
void uri_parse(char *text, struct endpoint *e);

#endif
