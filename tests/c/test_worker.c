#include "io/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "base/mem.h"
#include "test.h"

enum { JOBS = 10000 };
static struct world {
    int order[JOBS];
    atomic_int done;
    pthread_t thread;
    char thread_name[16];
    sigset_t blocked;
} world;
static int numbers[JOBS];

static void note(void *arg)
{
    int at = atomic_load(&world.done);
    world.order[at] = *(int *)arg;
    atomic_store(&world.done, at + 1);
}

static void note_slowly(void *arg)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    nanosleep(&nap, NULL);
    note(arg);
}

static void note_thread(void *arg)
{
    world.thread = pthread_self();
    pthread_getname_np(pthread_self(), world.thread_name, sizeof world.thread_name);
    pthread_sigmask(SIG_SETMASK, NULL, &world.blocked);
    note(arg);
}

static void setup(void)
{
    atomic_store(&world.done, 0);
    memset(world.order, 0xff, sizeof world.order);
    for (int i = 0; i < JOBS; i++) numbers[i] = i;
}

static void in_order(int count)
{
    CHECK_INT(atomic_load(&world.done), count);
    for (int i = 0; i < count; i++) CHECK_INT(world.order[i], i);
}

static void jobs_in_order(void)
{
    setup();
    struct worker *w = worker_new("test");
    worker_drain(w); /* of nothing */
    for (int i = 0; i < JOBS; i++) {
        worker_submit(w, note, &numbers[i]);
        if (i % 1000 == 0) worker_drain(w);
    }
    worker_drain(w);
    in_order(JOBS);
    worker_free(w);
}

static void draining_waits(void)
{
    setup();
    struct worker *w = worker_new("test");
    for (int i = 0; i < 20; i++) {
        worker_submit(w, note_slowly, &numbers[i]);
        if (i % 3) continue;
        worker_drain(w);
        in_order(i + 1);
    }
    worker_free(w);
}

static void freeing_finishes_the_queue(void)
{
    setup();
    struct worker *w = worker_new("test");
    for (int i = 0; i < 50; i++) worker_submit(w, note_slowly, &numbers[i]);
    worker_free(w);
    in_order(50);
}

static void a_thread_of_its_own(void)
{
    setup();
    struct worker *w = worker_new("a name that is too long");
    worker_submit(w, note_thread, &numbers[0]);
    worker_drain(w);
    CHECK(!pthread_equal(world.thread, pthread_self()));
    CHECK_TEXT(world.thread_name, "a name that is ");
    CHECK(sigismember(&world.blocked, SIGTERM) && sigismember(&world.blocked, SIGINT));
    CHECK(!sigismember(&world.blocked, SIGSEGV) && !sigismember(&world.blocked, SIGABRT));
    sigset_t own;
    pthread_sigmask(SIG_SETMASK, NULL, &own);
    CHECK(!sigismember(&own, SIGTERM));
    worker_free(w);
}

static struct worker *submitting;
static void submit_more(void *arg)
{
    int *number = arg;
    note(arg);
    if (*number < 99) worker_submit(submitting, submit_more, number + 1);
}

static void jobs_that_make_jobs(void)
{
    setup();
    submitting = worker_new("test");
    worker_submit(submitting, submit_more, &numbers[0]);
    worker_free(submitting);
    in_order(100);
}

int main(void)
{
    mem_thread_init();
    TEST("jobs run one after another in the order they came", jobs_in_order);
    TEST("draining waits until all that was submitted is done", draining_waits);
    TEST("freeing a worker first runs what is queued", freeing_finishes_the_queue);
    TEST("a job may submit others", jobs_that_make_jobs);
    TEST("the thread has its name and leaves signals to the main thread", a_thread_of_its_own);
    return TEST_END();
}
