#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static assert_hook *report;

void assert_set_hook(assert_hook *hook)
{
    report = hook;
}

static noreturn void die(const char *kind, const char *detail, const char *file, int line)
{
    assert_hook *hook = report;
    report = NULL; /* an assertion that fails while reporting must not recurse */
    if (hook) hook(kind, detail, file, line);
    else fprintf(stderr, "%s: %s at %s:%d\n", kind, detail, file, line);
    abort();
}

void assert_failed(const char *condition, const char *file, int line)
{
    die("ASSERTION FAILED", condition, file, line);
}

void assert_panic(const char *file, int line, const char *format, ...)
{
    char detail[512];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    die("Guru Meditation", detail, file, line);
}
