#include "base/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

#include "base/crash.h"
#include "base/log.h"

static void on_alarm(int signum, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    (void)signum, (void)info;
    log_from_handler("--- WATCHDOG TIMER EXPIRED ---");
    crash_write_stack(context);
    log_from_handler("--------");
    errno = saved_errno;
}

void watchdog_start(int64_t period_ms)
{
    struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    struct itimerval once = {.it_value = {.tv_sec = period_ms / 1000, .tv_usec = period_ms % 1000 * 1000}};
    setitimer(ITIMER_REAL, &once, NULL);
}

void watchdog_stop(void)
{
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_IGN);
}
