#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/log.h"

static volatile sig_atomic_t noted;
static void (*volatile wake_sleeper)(void *ctx);
static void *volatile wake_ctx;

static void on_request(int signum)
{
    int saved_errno = errno;
    if (noted && signum == SIGINT) {
        log_from_handler("SIGINT again: exiting now, whatever is unfinished.");
        _exit(1);
    }
    log_from_handler(signum == SIGINT ? "Received SIGINT scheduling shutdown..."
                                      : "Received SIGTERM scheduling shutdown...");
    noted = signum;
    if (wake_sleeper) wake_sleeper(wake_ctx);
    errno = saved_errno;
}

void signals_catch(void (*wake)(void *ctx), void *ctx)
{
    wake_sleeper = NULL;
    wake_ctx = ctx;
    wake_sleeper = wake;
    struct sigaction action = {.sa_handler = on_request, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
}

int signals_noted(void)
{
    return noted;
}

void signals_forget(void)
{
    noted = 0;
}
