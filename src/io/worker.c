#include "io/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"

struct job {
    struct job *next;
    worker_job *run;
    void *arg;
};

struct worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something came, ended or shall stop */
    struct job *first, **last;
    bool busy, stopping;
    char name[16];
};

static struct job *next_job(struct worker *w)
{
    while (w->first == NULL && !w->stopping) pthread_cond_wait(&w->changed, &w->lock);
    struct job *job = w->first;
    if (job == NULL) return NULL;
    w->first = job->next;
    if (w->first == NULL) w->last = &w->first;
    w->busy = true;
    return job;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    mem_thread_init();
    pthread_setname_np(pthread_self(), w->name);
    pthread_mutex_lock(&w->lock);
    for (struct job *job; (job = next_job(w)) != NULL;) {
        pthread_mutex_unlock(&w->lock);
        job->run(job->arg);
        mem_free(job);
        pthread_mutex_lock(&w->lock);
        w->busy = false;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct worker *worker_new(const char *thread_name)
{
    struct worker *w = mem_calloc(1, sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    w->last = &w->first;
    strncpy(w->name, thread_name, sizeof w->name - 1);

    /* Signals are the main thread's, but for those that this one causes: a
     * crash shall be reported. */
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t others, old;
    sigfillset(&others);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&others, own[i]);
    pthread_sigmask(SIG_SETMASK, &others, &old);
    int rc = pthread_create(&w->thread, NULL, work, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) panic("cannot create the background thread: error %d", rc);
    return w;
}

void worker_free(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}

void worker_submit(struct worker *w, worker_job *run, void *arg)
{
    struct job *job = mem_alloc(sizeof *job);
    *job = (struct job){NULL, run, arg};
    pthread_mutex_lock(&w->lock);
    *w->last = job;
    w->last = &job->next;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

void worker_drain(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->first || w->busy) pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}
