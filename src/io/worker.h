/* The background thread: frees large values and syncs files, so that commands
 * need not wait. Jobs run one after another in the order they came; a job
 * must not touch what commands work on. */
#ifndef IO_WORKER_H
#define IO_WORKER_H

#include <stddef.h>

struct worker;
typedef void worker_job(void *arg);

struct worker *worker_new(const char *thread_name);

/* Runs what is queued to its end, then stops the thread. */
void worker_free(struct worker *w);

void worker_submit(struct worker *w, worker_job *job, void *arg);

/* Waits until all that was submitted is done. */
void worker_drain(struct worker *w);

#endif
