/* Bugs. ASSERT is kept in release builds: a broken invariant ends the
 * process with a report rather than going on with wrong data. Operating
 * errors (a full disk, a bad request) are never asserted; they return. */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#include <stdnoreturn.h>

#define ASSERT(condition)                                                                                    \
    (__builtin_expect(!!(condition), 1) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))

/* What to call before the process dies: writes the crash report. The kind is
 * the headline ("ASSERTION FAILED", "Guru Meditation"), detail one line. */
typedef void assert_hook(const char *kind, const char *detail, const char *file, int line);
void assert_set_hook(assert_hook *hook);

noreturn void assert_failed(const char *condition, const char *file, int line);
noreturn void assert_panic(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define panic(...) assert_panic(__FILE__, __LINE__, __VA_ARGS__)

#endif
