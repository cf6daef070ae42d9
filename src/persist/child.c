#include "persist/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "ds/list.h"

enum {
    KEYS_PER_LOOK = 1024, /* between looks at the clock */
    REPORT_INTERVAL_MS = 1000,
    MEGABYTE = 1024 * 1024,
};

struct child *child_new(struct persist *p)
{
    struct child *c = mem_calloc(1, sizeof *c);
    c->persist = p;
    c->pipe.fd = -1;
    c->out = -1;
    return c;
}

void child_free(struct child *c)
{
    child_kill(c);
    mem_free(c);
}

/* ---- in the child ---- */

/* Pages that are no more shared with the server. */
static uint64_t private_dirty_bytes(void)
{
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Dirty: %llu kB", &kilobytes) == 1) break;
    fclose(file);
    return kilobytes * 1024;
}

/* The pipe never blocks: a report that does not fit is none. */
static void report(struct child *c, uint64_t keys)
{
    struct child_report *r = &c->report;
    *r = (struct child_report){keys, private_dirty_bytes(), clock_realtime_us() / 1000};
    if (r->cow_bytes > c->cow_peak_bytes) c->cow_peak_bytes = r->cow_bytes;
    c->cow_sum_bytes += r->cow_bytes;
    c->reports++;
    if (write(c->out, r, sizeof *r) < 0 && errno != EAGAIN)
        log_warning("The child cannot tell its progress: %s", strerror(errno));
}

void child_progress(void *ctx, uint64_t keys)
{
    struct child *c = ctx;
    if (keys % KEYS_PER_LOOK) return;
    if (clock_realtime_us() / 1000 - c->report.at_ms >= REPORT_INTERVAL_MS) report(c, keys);
}

/* Only the pipe and the standard streams are the child's: a connection that the
 * server closes must not stay open here. */
static void leave_parent(struct child *c)
{
    log_enter_child();
    signal(SIGTERM, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    if (c->out > STDERR_FILENO + 1) close_range(STDERR_FILENO + 1, (unsigned)c->out - 1, 0);
    close_range((unsigned)c->out + 1, ~0U, 0);
}

static _Noreturn void run(struct child *c)
{
    leave_parent(c);
    bool worked = c->job->work(c->persist);
    report(c, c->keys_total);
    if (worked)
        log_notice("Fork CoW for %s: current %llu MB, peak %llu MB, average %llu MB", c->job->name,
                   (unsigned long long)c->report.cow_bytes / MEGABYTE,
                   (unsigned long long)c->cow_peak_bytes / MEGABYTE,
                   (unsigned long long)(c->cow_sum_bytes / c->reports) / MEGABYTE);
    _exit(worked ? 0 : 1);
}

/* ---- in the server ---- */

static void end(struct child *c)
{
    const struct child_job *job = c->job;
    int status = 0;
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
    enum child_end how = CHILD_FAILED;
    if (c->was_killed) how = CHILD_KILLED;
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) how = CHILD_SUCCEEDED;
    else if (WIFSIGNALED(status))
        log_warning("The child that writes the %s was ended by signal %d", job->name, WTERMSIG(status));
    c->job = NULL;
    c->last_pid = c->pid;
    c->pid = 0;
    job->done(c->persist, how);
}

static void close_pipe(struct child *c, int fd)
{
    loop_unwatch(c->persist->server->loop, &c->pipe);
    close(fd);
}

static void read_reports(struct loop_watch *watch, unsigned events)
{
    struct child *c = container_of(watch, struct child, pipe);
    struct child_report r;
    int fd = watch->fd;
    ssize_t len;
    (void)events;
    while ((len = read(fd, &r, sizeof r)) == (ssize_t)sizeof r) {
        c->report = r;
        if (r.cow_bytes > c->cow_peak_bytes) c->cow_peak_bytes = r.cow_bytes;
    }
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) return;
    close_pipe(c, fd);
    end(c);
}

static void note_start(struct child *c, const struct child_job *job, pid_t pid, int64_t fork_us)
{
    struct server *server = c->persist->server;
    c->job = job;
    c->pid = pid;
    c->was_killed = false;
    c->started_ms = server_now_ms(server);
    c->keys_total = keyspace_count(c->persist->keyspace);
    c->report = (struct child_report){.at_ms = c->started_ms};
    c->cow_peak_bytes = c->cow_sum_bytes = c->reports = 0;
    c->forks++;
    c->last_fork_us = fork_us;
}

bool child_start(struct child *c, const struct child_job *job)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    int64_t before_ns = clock_monotonic_ns();
    pid_t pid = fork();
    if (pid < 0) {
        int failure = errno;
        close(ends[0]);
        close(ends[1]);
        errno = failure;
        return false;
    }
    note_start(c, job, pid, (clock_monotonic_ns() - before_ns) / 1000);
    if (pid == 0) {
        c->out = ends[1];
        run(c);
    }
    close(ends[1]);
    c->pipe.ready = read_reports;
    loop_watch(c->persist->server->loop, &c->pipe, ends[0], LOOP_READ);
    return true;
}

void child_kill(struct child *c)
{
    if (c->job == NULL) return;
    c->was_killed = true;
    kill(c->pid, SIGUSR1);
    close_pipe(c, c->pipe.fd);
    end(c);
}
