#include "io/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "test.h"

/* ---- a loop, and pipes that count who calls ---- */

static struct fixture {
    struct loop *loop;
    int64_t sleep_ns; /* what before_sleep answers */
    int before, after, calls;
} f;

static int64_t before_sleep(void *ctx)
{
    struct fixture *fixture = ctx;
    fixture->before++;
    return fixture->sleep_ns;
}

static void after_sleep(void *ctx)
{
    ((struct fixture *)ctx)->after++;
}

static void setup(void)
{
    f = (struct fixture){.sleep_ns = 0};
    f.loop = loop_new((struct loop_hooks){&f, before_sleep, after_sleep});
}

struct end {
    struct loop_watch watch;
    int from, to; /* of a pipe; the watch is of `from` */
    int called;
    unsigned events;
    struct end *other; /* what a callback does something to */
};

static void count_call(struct loop_watch *watch, unsigned events)
{
    struct end *end = (struct end *)(void *)watch;
    end->called++;
    end->events = events;
    f.calls++;
}

static void open_end(struct end *end, void (*ready)(struct loop_watch *watch, unsigned events))
{
    int fds[2];
    CHECK(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
    *end = (struct end){.watch = {.fd = -1, .ready = ready}, .from = fds[0], .to = fds[1]};
    CHECK(loop_watch(f.loop, &end->watch, end->from, LOOP_READ));
}

static void feed(const struct end *end)
{
    CHECK(write(end->to, "x", 1) == 1);
}

static void close_end(struct end *end)
{
    loop_unwatch(f.loop, &end->watch);
    close(end->from);
    close(end->to);
}

/* ---- sleeping ---- */

static void sleeping_until_the_deadline(void)
{
    setup();
    for (int64_t wanted_ns = 0; wanted_ns < 30000000; wanted_ns = wanted_ns * 3 + 100000) {
        f.sleep_ns = wanted_ns;
        int64_t start_ns = clock_monotonic_ns();
        CHECK_INT(loop_turn(f.loop), 0);
        CHECK(clock_monotonic_ns() - start_ns >= wanted_ns);
    }
    CHECK(f.before > 5 && f.before == f.after);
    loop_free(f.loop);
}

static void *wake_later(void *loop)
{
    const struct timespec nap = {.tv_nsec = 20000000};
    nanosleep(&nap, NULL);
    loop_wake(loop);
    return NULL;
}

static void waking_a_sleeper(void)
{
    pthread_t thread;
    setup();
    f.sleep_ns = -1; /* for ever */
    CHECK(pthread_create(&thread, NULL, wake_later, f.loop) == 0);
    loop_turn(f.loop);
    pthread_join(thread, NULL);
    for (int i = 0; i < 100; i++) loop_wake(f.loop); /* before the sleep: it ends at once */
    loop_turn(f.loop);
    CHECK_INT(f.after, 2);
    f.sleep_ns = 0;
    CHECK_INT(loop_turn(f.loop), 0); /* and is asleep again */
    loop_free(f.loop);
}

/* ---- what is called ---- */

static void reading_and_writing(void)
{
    struct end end;
    setup();
    open_end(&end, count_call);
    CHECK_INT(loop_turn(f.loop), 0);
    feed(&end);
    CHECK_INT(loop_turn(f.loop), 1);
    CHECK_INT(end.events, LOOP_READ);
    CHECK_INT(loop_turn(f.loop), 1); /* until it is read */
    CHECK(loop_watch(f.loop, &end.watch, end.from, 0));
    CHECK_INT(loop_turn(f.loop), 0);
    CHECK(loop_watch(f.loop, &end.watch, end.from, LOOP_READ));
    CHECK_INT(loop_turn(f.loop), 1);
    loop_unwatch(f.loop, &end.watch);
    CHECK_INT(end.watch.fd, -1);
    loop_unwatch(f.loop, &end.watch);
    CHECK_INT(loop_turn(f.loop), 0);
    CHECK(loop_watch(f.loop, &end.watch, end.to, LOOP_WRITE));
    CHECK_INT(loop_turn(f.loop), 1);
    CHECK_INT(end.events, LOOP_WRITE);
    CHECK_INT(end.called, 4);
    close_end(&end);
    loop_free(f.loop);
}

static void a_peer_that_goes(void)
{
    struct end end;
    setup();
    open_end(&end, count_call);
    close(end.to);
    CHECK_INT(loop_turn(f.loop), 1);
    CHECK(end.events & LOOP_READ);
    loop_unwatch(f.loop, &end.watch);
    close(end.from);
    loop_free(f.loop);
}

static void what_cannot_be_watched(void)
{
    setup();
    struct loop_watch watch = {.fd = -1, .ready = count_call};
    CHECK(!loop_watch(f.loop, &watch, 987654, LOOP_READ));
    CHECK_INT(errno, EBADF);
    CHECK_INT(watch.fd, -1);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    CHECK(file >= 0 && !loop_watch(f.loop, &watch, file, LOOP_READ));
    CHECK_INT(errno, EPERM);
    close(file);
    loop_free(f.loop);
}

/* ---- callbacks that change what is watched ---- */

static void unwatch_other(struct loop_watch *watch, unsigned events)
{
    struct end *end = (struct end *)(void *)watch;
    count_call(watch, events);
    loop_unwatch(f.loop, &end->other->watch);
}

static void removing_another(void)
{
    struct end a, b;
    setup();
    open_end(&a, unwatch_other);
    open_end(&b, unwatch_other);
    a.other = &b;
    b.other = &a;
    feed(&a);
    feed(&b);
    CHECK_INT(loop_turn(f.loop), 2);   /* both were ready, */
    CHECK_INT(a.called + b.called, 1); /* one was called and silenced the other */
    CHECK_INT(loop_turn(f.loop), 1);
    CHECK_INT(a.called + b.called, 2);
    close_end(&a);
    close_end(&b);
    loop_free(f.loop);
}

static void unwatch_itself(struct loop_watch *watch, unsigned events)
{
    count_call(watch, events);
    loop_unwatch(f.loop, watch);
}

static void removing_itself(void)
{
    struct end end;
    setup();
    open_end(&end, unwatch_itself);
    feed(&end);
    CHECK_INT(loop_turn(f.loop), 1);
    CHECK_INT(loop_turn(f.loop), 0);
    CHECK_INT(end.called, 1);
    CHECK(loop_watch(f.loop, &end.watch, end.from, LOOP_READ));
    CHECK_INT(loop_turn(f.loop), 1);
    CHECK_INT(end.called, 2);
    close_end(&end);
    loop_free(f.loop);
}

/* Removes the other, frees it, and watches another pipe, which gets the same
 * descriptor, in its place. */
static struct end *successor;
static void replace_other(struct loop_watch *watch, unsigned events)
{
    struct end *end = (struct end *)(void *)watch;
    count_call(watch, events);
    if (end->other == NULL) return;
    close_end(end->other);
    memset(end->other, 0xdb, sizeof *end->other);
    mem_free(end->other);
    successor = mem_alloc(sizeof *successor);
    open_end(successor, count_call);
    end->other = NULL;
    loop_unwatch(f.loop, &end->watch);
}

static void replacing_another(void)
{
    for (int order = 0; order < 2; order++) {
        setup();
        struct end a, *b = mem_alloc(sizeof *b);
        if (order) open_end(&a, replace_other);
        open_end(b, count_call);
        if (!order) open_end(&a, replace_other);
        a.other = b;
        feed(&a);
        feed(b);
        CHECK_INT(loop_turn(f.loop), 2);
        CHECK_INT(a.called, 1);
        CHECK_INT(successor->called, 0);
        feed(successor);
        CHECK_INT(loop_turn(f.loop), 1);
        CHECK_INT(successor->called, 1);
        close_end(successor);
        mem_free(successor);
        close_end(&a);
        loop_free(f.loop);
    }
}

static void stop_loop(struct loop_watch *watch, unsigned events)
{
    count_call(watch, events);
    loop_stop(f.loop);
}

static void stopping(void)
{
    struct end ends[3];
    setup();
    f.sleep_ns = -1;
    for (int i = 0; i < 3; i++) {
        open_end(&ends[i], stop_loop);
        feed(&ends[i]);
    }
    loop_run(f.loop);
    CHECK_INT(f.calls, 1);
    CHECK_INT(f.before, 1);
    loop_run(f.loop); /* may be run again */
    CHECK_INT(f.calls, 2);
    for (int i = 0; i < 3; i++) close_end(&ends[i]);
    loop_free(f.loop);
}

/* More than one batch of the kernel's. */
static void many(void)
{
    enum { MANY = 700 };
    static struct end ends[MANY];
    struct end source;
    setup();
    open_end(&source, count_call);
    for (int i = 0; i < MANY; i++) {
        ends[i] = (struct end){.watch = {.fd = -1, .ready = count_call}, .from = dup(source.from)};
        CHECK(ends[i].from >= 0 && loop_watch(f.loop, &ends[i].watch, ends[i].from, LOOP_READ));
    }
    feed(&source);
    for (int turns = 0; turns < 4; turns++) loop_turn(f.loop);
    for (int i = 0; i < MANY; i++) {
        CHECK(ends[i].called > 0);
        loop_unwatch(f.loop, &ends[i].watch);
        close(ends[i].from);
    }
    close_end(&source);
    CHECK_INT(loop_turn(f.loop), 0);
    loop_free(f.loop);
}

int main(void)
{
    TEST("a turn sleeps until the moment that is asked for, never shorter", sleeping_until_the_deadline);
    TEST("whoever sleeps for ever is woken by another thread, even before", waking_a_sleeper);
    TEST("a watch is called for what it waits for, as long as it is so", reading_and_writing);
    TEST("a peer that goes away is told as readable", a_peer_that_goes);
    TEST("what cannot be watched is refused", what_cannot_be_watched);
    TEST("a watch removed by another's callback is not called", removing_another);
    TEST("a watch may remove itself, and come back", removing_itself);
    TEST("a watch freed and replaced on the same descriptor is not called for its predecessor",
         replacing_another);
    TEST("stopping calls nothing more, and the loop may run again", stopping);
    TEST("all of many that are ready are called", many);
    return TEST_END();
}
