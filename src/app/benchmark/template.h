/* A request ready to be sent many times: its wire form, with places for
 * numbers that change from one time to the next. All copies have the same
 * length, because a number always takes 12 digits. */
#ifndef APP_BENCHMARK_TEMPLATE_H
#define APP_BENCHMARK_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/slice.h"

enum { TEMPLATE_DIGITS = 12 };

struct template;

/* From the words of a command, which are copied. __rand_int__ in a word becomes
 * a number below keyspace (and stays as it is when keyspace is 0), __rand_<n>__
 * one below n. With sequential, __rand_int__ counts up instead. */
struct template *template_new(const struct slice *words, size_t count, uint64_t keyspace, bool sequential);

/* As it is written: an inline command. */
struct template *template_new_raw(const char *text);
void template_free(struct template *t);

/* The wire form of one copy, valid as long as t. */
struct slice template_bytes(const struct template *t);

/* Puts fresh numbers into copies of the request that stand one after another
 * at to; first is the ordinal of the first one. */
void template_fill(const struct template *t, char *to, size_t copies, uint64_t first, struct random *random);

#endif
