#include "app/benchmark/notify_session.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app/benchmark/fail.h"
#include "base/mem.h"
#include "base/number.h"

#define SETTING "notify-keyspace-events"

static void restore(struct notify_session *s)
{
    link_try(s->restoring, "CONFIG SET %s %s", SETTING, s->before);
    mem_free(s->before);
    s->before = NULL;
}

static void restore_at_exit(int status, void *session)
{
    struct notify_session *s = session;
    (void)status;
    if (s->before) restore(s); /* interrupted: others may still use it */
    else mem_free(s);
}

static void *wait_for_signal(void *signals)
{
    int signal;
    sigwait(signals, &signal);
    exit(128 + signal);
}

/* A signal becomes an exit, taken by a thread of its own, so that what has to
 * be restored may use the network. */
static void exit_on_signals(void)
{
    pthread_t thread;
    sigset_t *signals = mem_alloc(sizeof *signals); /* the thread's, as long as it lives */
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, signals, NULL) || pthread_create(&thread, NULL, wait_for_signal, signals))
        fail("Cannot start a thread");
    pthread_detach(thread);
}

/* The server's process, when its address is this machine's. */
static pid_t find_pid(struct notify_session *s)
{
    const struct options *o = s->options;
    if (o->pid) return (pid_t)o->pid;
    const char *host = o->server.host;
    bool local = o->server.socket || strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
                 strcmp(host, "::1") == 0;
    redisReply *info = local ? link_command(s->link, "INFO server") : NULL;
    if (!info) return 0;
    const char *name = "process_id:", *at = info->str ? strstr(info->str, name) : NULL;
    int64_t pid = 0;
    if (at) {
        at += strlen(name);
        if (!number_parse(slice_make(at, strcspn(at, "\r\n")), &pid) || pid < 1 || pid > INT32_MAX) pid = 0;
    }
    freeReplyObject(info);
    return (pid_t)pid;
}

struct notify_session *notify_session_begin(const struct options *o)
{
    struct notify_session *s = mem_calloc(1, sizeof *s);
    s->options = o;
    s->link = link_open(&o->server);
    s->restoring = link_open(&o->server);
    s->pid = find_pid(s);
    s->before = link_config_get(s->link, SETTING);
    if (!s->before) fail("The server does not tell its setting " SETTING);
    exit_on_signals();
    if (on_exit(restore_at_exit, s)) fail("Out of memory");
    return s;
}

void notify_session_set(struct notify_session *s, const char *letters)
{
    link_config_set(s->link, SETTING, letters);
}

void notify_session_end(struct notify_session *s)
{
    restore(s);
    link_close(s->link);
    link_close(s->restoring);
}
