/* The child: a fork that writes all data as it was at that moment, while the
 * server goes on. There is one at a time. It tells its progress through a pipe,
 * by whose end its own is seen. */
#ifndef PERSIST_CHILD_H
#define PERSIST_CHILD_H

#include <sys/types.h>

#include "io/loop.h"
#include "persist/persist.h"
#include "persist/rdb_save.h"

enum child_purpose { CHILD_NONE, CHILD_SAVE, CHILD_REWRITE };
enum child_end { CHILD_SUCCEEDED, CHILD_FAILED, CHILD_KILLED };

/* What a child is for: work is done in it (false: failed), done is called in the
 * server when it has ended. */
struct child_job {
    enum child_purpose purpose;
    const char *name; /* in the log: "RDB" */
    bool (*work)(struct persist *p);
    void (*done)(struct persist *p, enum child_end end);
};

/* What it told last. */
struct child_report {
    uint64_t keys;
    uint64_t cow_bytes; /* memory that is no longer shared with the server */
    int64_t at_ms;
};

struct child {
    struct persist *persist;
    const struct child_job *job; /* NULL: there is none */
    pid_t pid;
    pid_t last_pid;  /* of the one before */
    bool was_killed; /* by us */
    struct loop_watch pipe;
    int out;             /* in the child: its end of the pipe */
    int64_t started_ms;  /* wall clock */
    uint64_t keys_total; /* when it was forked */
    struct child_report report;
    uint64_t cow_peak_bytes, cow_sum_bytes, reports;
    uint64_t forks;
    int64_t last_fork_us;
};

struct child *child_new(struct persist *p);

/* A running one is killed. */
void child_free(struct child *c);

static inline enum child_purpose child_purpose(const struct child *c)
{
    return c->job ? c->job->purpose : CHILD_NONE;
}

/* Forks, if there is no child. False, and errno, if that fails. */
bool child_start(struct child *c, const struct child_job *job);

/* Ends a child at once, if there is one. Its done is called. */
void child_kill(struct child *c);

/* In the child: to be told to from time to time. ctx is the struct child. */
void child_progress(void *ctx, uint64_t keys);

#endif
