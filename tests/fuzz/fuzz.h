/* Fuzzing: the list of targets, and what a target may use.
 *
 * A target is `int fuzz_<name>(const uint8_t *data, size_t size)`: it feeds
 * data to a parser, checks what must hold of the result with FUZZ_CHECK, and
 * returns 0. The first byte behind data cannot be read: a parser that looks
 * there dies. Seeds are the files of tests/fuzz/corpus/<name>/.
 *
 * Two drivers run them. libFuzzer, chosen by FUZZ_LIBFUZZER, runs the target
 * that the environment's FUZZ_TARGET names. The loop runs all of them, or those
 * named as arguments, for some runs each, mutating with a seed that it prints. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One row a target. The canary reads one byte too far, always: the drivers
 * expect it to be caught, or report that they are blind. */
#define FUZZ_TARGETS(TARGET)                                                                                 \
    TARGET(acl_file)                                                                                         \
    TARGET(acl_rules)                                                                                        \
    TARGET(btree)                                                                                            \
    TARGET(canary)                                                                                           \
    TARGET(config)                                                                                           \
    TARGET(glob)                                                                                             \
    TARGET(hyperloglog)                                                                                      \
    TARGET(intset)                                                                                           \
    TARGET(listpack)                                                                                         \
    TARGET(manifest)                                                                                         \
    TARGET(memory)                                                                                           \
    TARGET(number)                                                                                           \
    TARGET(quicklist)                                                                                        \
    TARGET(rdb_value)                                                                                        \
    TARGET(reply)                                                                                            \
    TARGET(request)                                                                                          \
    TARGET(stream)                                                                                           \
    TARGET(words)                                                                                            \
    TARGET(zset)

#define FUZZ_DECLARE(name) int fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))
void fuzz_failed(const char *condition, const char *file, int line);

/* The longest input. */
enum { FUZZ_INPUT_MAX = 1 << 20 };

#endif
