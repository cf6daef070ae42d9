#include "io/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/mem.h"

enum { BATCH = 512, POLL_BATCH = 32 };

/* What is ready, and the part of it still to be called. Batches nest: a callback
 * may poll. */
struct batch {
    struct batch *outer;
    struct epoll_event *ready;
    int at, count;
};

struct loop {
    struct loop_hooks hooks;
    int epoll_fd;
    bool stopping;
    bool has_pwait2;
    struct batch *batch; /* the innermost */
    struct loop_watch wake;
    struct epoll_event ready[BATCH];
};

static void drain_wake(struct loop_watch *watch, unsigned events)
{
    uint64_t count;
    (void)events;
    if (read(watch->fd, &count, sizeof count) < 0) return; /* already drained */
}

struct loop *loop_new(struct loop_hooks hooks)
{
    struct loop *loop = mem_calloc(1, sizeof *loop);
    loop->hooks = hooks;
    loop->has_pwait2 = true;
    prctl(PR_SET_TIMERSLACK, 1UL); /* the kernel's 50 us would be most of an expiry's lag */
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->epoll_fd < 0 || wake_fd < 0) panic("cannot create the event loop: errno %d", errno);
    loop->wake = (struct loop_watch){.fd = -1, .ready = drain_wake};
    bool ok = loop_watch(loop, &loop->wake, wake_fd, LOOP_READ);
    ASSERT(ok);
    return loop;
}

void loop_free(struct loop *loop)
{
    close(loop->wake.fd);
    close(loop->epoll_fd);
    mem_free(loop);
}

bool loop_watch(struct loop *loop, struct loop_watch *watch, int fd, unsigned events)
{
    struct epoll_event event = {.data.ptr = watch};
    if (events & LOOP_READ) event.events |= EPOLLIN | EPOLLRDHUP;
    if (events & LOOP_WRITE) event.events |= EPOLLOUT;
    bool added = watch->fd == fd;
    if (added && watch->events == events) return true;
    if (epoll_ctl(loop->epoll_fd, added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) return false;
    watch->fd = fd;
    watch->events = events;
    return true;
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (watch->fd < 0) return;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
    watch->events = 0;
    for (struct batch *batch = loop->batch; batch; batch = batch->outer)
        for (int i = batch->at; i < batch->count; i++)
            if (batch->ready[i].data.ptr == watch) batch->ready[i].data.ptr = NULL;
}

static int wait_ready(struct loop *loop, int64_t timeout_ns)
{
    if (loop->has_pwait2) {
        struct timespec ts = {timeout_ns / 1000000000, timeout_ns % 1000000000};
        int count = epoll_pwait2(loop->epoll_fd, loop->ready, BATCH, timeout_ns < 0 ? NULL : &ts, NULL);
        if (count >= 0 || errno != ENOSYS) return count;
        loop->has_pwait2 = false;
    }
    int64_t timeout_ms = timeout_ns < 0 ? -1 : (timeout_ns + 999999) / 1000000;
    return epoll_wait(loop->epoll_fd, loop->ready, BATCH,
                      timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms);
}

static int dispatch(struct loop *loop, struct epoll_event *ready, int count)
{
    if (count < 0) {
        if (errno != EINTR) panic("epoll_wait failed: errno %d", errno);
        count = 0;
    }
    struct batch batch = {loop->batch, ready, 0, count};
    loop->batch = &batch;
    while (batch.at < batch.count && !loop->stopping) {
        struct epoll_event *event = &batch.ready[batch.at++];
        struct loop_watch *watch = event->data.ptr;
        if (watch == NULL) continue;
        unsigned events = 0;
        if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) events |= LOOP_READ;
        if (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) events |= LOOP_WRITE;
        watch->ready(watch, events);
    }
    loop->batch = batch.outer;
    return count;
}

int loop_turn(struct loop *loop)
{
    int64_t timeout_ns = loop->hooks.before_sleep ? loop->hooks.before_sleep(loop->hooks.ctx) : -1;
    if (loop->stopping) return 0;
    int count = wait_ready(loop, timeout_ns);
    int saved_errno = errno;
    if (loop->hooks.after_sleep) loop->hooks.after_sleep(loop->hooks.ctx);
    errno = saved_errno;
    return dispatch(loop, loop->ready, count);
}

void loop_poll(struct loop *loop)
{
    struct epoll_event ready[POLL_BATCH];
    dispatch(loop, ready, epoll_wait(loop->epoll_fd, ready, POLL_BATCH, 0));
}

void loop_run(struct loop *loop)
{
    while (!loop->stopping) loop_turn(loop);
    loop->stopping = false;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
    loop_wake(loop);
}

bool loop_is_stopping(const struct loop *loop)
{
    return loop->stopping;
}

void loop_wake(struct loop *loop)
{
    uint64_t one = 1;
    if (write(loop->wake.fd, &one, sizeof one) < 0) return; /* already awake: the counter is full */
}
