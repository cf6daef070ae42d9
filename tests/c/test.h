/* The smallest test harness that reports well: each test is a function, named
 * as a sentence in TEST; CHECK says what was expected, where, and goes on to
 * the next test. One program a module; the last line is `N passed, N failed`. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_state {
    int passed;
    int failed;
    jmp_buf next;
};
static struct test_state test_state;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            printf("    %s:%d: expected %s\n", __FILE__, __LINE__, #condition);                              \
            longjmp(test_state.next, 1);                                                                     \
        }                                                                                                    \
    } while (0)

#define CHECK_INT(actual, expected)                                                                          \
    do {                                                                                                     \
        long long actual_ = (long long)(actual), expected_ = (long long)(expected);                          \
        if (actual_ != expected_) {                                                                          \
            printf("    %s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #actual, actual_,           \
                   expected_);                                                                               \
            longjmp(test_state.next, 1);                                                                     \
        }                                                                                                    \
    } while (0)

#define CHECK_TEXT(actual, expected)                                                                         \
    do {                                                                                                     \
        const char *actual_ = (actual), *expected_ = (expected);                                             \
        if (strcmp(actual_, expected_) != 0) {                                                               \
            printf("    %s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, #actual, actual_,       \
                   expected_);                                                                               \
            longjmp(test_state.next, 1);                                                                     \
        }                                                                                                    \
    } while (0)

#define TEST(sentence, function)                                                                             \
    do {                                                                                                     \
        if (setjmp(test_state.next) == 0) {                                                                  \
            function();                                                                                      \
            test_state.passed++;                                                                             \
            printf("  ok    %s\n", sentence);                                                                \
        } else {                                                                                             \
            test_state.failed++;                                                                             \
            printf("  FAIL  %s\n", sentence);                                                                \
        }                                                                                                    \
    } while (0)

#define TEST_END()                                                                                           \
    (printf("%d passed, %d failed\n", test_state.passed, test_state.failed), test_state.failed ? 1 : 0)

#endif
