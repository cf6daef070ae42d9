/* The crash report: what the process tells of itself when it dies of a bug
 * (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, a failed assertion). It goes to
 * the log, between a line with REDIS BUG REPORT START and one with its END;
 * then the signal takes its default course, so that the exit status and the
 * core are those of the crash.
 *
 * The frame, the stack and the registers use async-signal-safe calls only.
 * What the program adds need not: should it crash in turn, or not come to an
 * end within some seconds, the report ends there. Handlers belong to the
 * process, and so does this state. */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

#include <stdbool.h>

struct crash_subject {
    void *ctx;
    void (*describe)(void *ctx);       /* writes with log_raw what the program was doing */
    bool (*exits_on_panic)(void *ctx); /* a failed assertion ends in exit(1) instead of SIGABRT */
};

/* Whom the report is about; borrowed until the next call. NULL: nobody. */
void crash_set_subject(const struct crash_subject *subject);

/* Installs the signal handlers or takes them away. Failed assertions are
 * always told, with the report only when this is on. */
void crash_enable(bool on);

/* Writes the stack of the calling thread; context is the third argument of a
 * signal handler, which knows where the signal struck, or NULL. */
void crash_write_stack(const void *context);

#endif
