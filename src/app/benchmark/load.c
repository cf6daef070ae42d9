#include "app/benchmark/load.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/benchmark/fail.h"
#include "app/benchmark/link.h"
#include "app/benchmark/replies.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"

enum { READ_BYTES = 16384, PROGRESS_MS = 250, EVENTS_AT_A_TIME = 128 };
#define LATENCY_HIGHEST_NS (UINT64_C(3600) * 1000000000)
#define ERROR_INTERVAL_NS  1000000000

/* What all threads share. */
struct load {
    const struct options *options;
    const struct template *template;
    uint64_t requests;
    struct buffer setup; /* what a connection begins with */
    unsigned setup_replies;
    int wakeup; /* eventfd: a thread has finished */
    atomic_uint_fast64_t claimed;
    atomic_uint running;
    atomic_int_fast64_t error_shown_ns;
};

struct thread {
    struct load *load;
    pthread_t id;
    int epoll;
    struct client *clients;
    size_t client_count;
    size_t open;
    struct random random;
    struct histogram *latency_ns;
    uint64_t errors;
    atomic_uint_fast64_t finished; /* read by the main thread while running */
    _Atomic double latency_sum_ns;
};

struct client {
    struct link *link;
    char *out; /* the setup, then the copies of a batch */
    size_t sent;
    size_t end;
    unsigned setup_awaited;
    uint64_t awaited;
    int64_t sent_ns;
    bool waits_to_write;
    struct replies in;
};

static void watch(struct thread *t, struct client *c, int operation, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0u), .data.ptr = c};
    if (epoll_ctl(t->epoll, operation, c->link->stream.fd, &event) < 0)
        fail("epoll_ctl: %s", strerror(errno));
    c->waits_to_write = writing;
}

static void client_connect(struct thread *t, struct client *c)
{
    c->link = link_start(&t->load->options->server);
    c->setup_awaited = t->load->setup_replies;
    replies_clear(&c->in);
    watch(t, c, EPOLL_CTL_ADD, false);
    t->open++;
}

static void client_close(struct thread *t, struct client *c)
{
    link_close(c->link);
    c->link = NULL;
    t->open--;
}

static void client_write(struct thread *t, struct client *c)
{
    while (c->sent < c->end) {
        ssize_t wrote = link_write(c->link, c->out + c->sent, c->end - c->sent);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno != EAGAIN)
            fail("Error writing to the server: %s", byte_stream_error(&c->link->stream));
        if (wrote < 0) break;
        c->sent += (size_t)wrote;
    }
    bool unsent = c->sent < c->end;
    if (unsent != c->waits_to_write) watch(t, c, EPOLL_CTL_MOD, unsent);
}

/* Takes the next requests of the run, at most a pipeline's worth; none are
 * left when it returns 0. */
static uint64_t claim(struct load *load, uint64_t *first)
{
    uint64_t count = (uint64_t)load->options->pipeline;
    *first = atomic_fetch_add(&load->claimed, count);
    if (*first >= load->requests) return 0;
    return load->requests - *first < count ? load->requests - *first : count;
}

/* Sends the next batch in one write, on a new connection if there is none; or
 * closes the connection when nothing is left to do. */
static void client_send(struct thread *t, struct client *c)
{
    struct load *load = t->load;
    uint64_t first, count = claim(load, &first);
    if (count == 0) {
        if (c->link) client_close(t, c);
        return;
    }
    bool connecting = !c->link;
    if (connecting) client_connect(t, c);
    c->sent = connecting ? 0 : load->setup.len;
    c->end = load->setup.len + count * template_bytes(load->template).len;
    c->awaited = count;
    template_fill(load->template, c->out + load->setup.len, count, first, &t->random);
    c->sent_ns = clock_monotonic_ns();
    client_write(t, c);
}

static void error_reply(struct thread *t, struct slice message)
{
    if (!t->load->options->show_server_errors) fail("Error from server: %.*s", (int)message.len, message.ptr);
    t->errors++;
    int64_t now = clock_monotonic_ns(), shown = atomic_load(&t->load->error_shown_ns);
    if (now - shown >= ERROR_INTERVAL_NS &&
        atomic_compare_exchange_strong(&t->load->error_shown_ns, &shown, now))
        fprintf(stderr, "Error from server: %.*s\n", (int)message.len, message.ptr);
}

static void record(struct thread *t, const struct client *c, int64_t now_ns, uint64_t answered)
{
    uint64_t latency = (uint64_t)(now_ns - c->sent_ns);
    histogram_record_many(t->latency_ns, latency, answered);
    double sum = atomic_load_explicit(&t->latency_sum_ns, memory_order_relaxed);
    atomic_store_explicit(&t->latency_sum_ns, sum + (double)latency * (double)answered, memory_order_relaxed);
    uint64_t finished = atomic_load_explicit(&t->finished, memory_order_relaxed);
    atomic_store_explicit(&t->finished, finished + answered, memory_order_relaxed);
}

static void client_read(struct thread *t, struct client *c)
{
    ssize_t got = replies_read(&c->in, &c->link->stream);
    if (got == 0) fail("Error: Server closed the connection");
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) fail("Error reading from the server: %s", byte_stream_error(&c->link->stream));
    int64_t now = clock_monotonic_ns();
    uint64_t answered = 0;
    for (char type; (type = replies_next(&c->in));) {
        if (type == '>') continue; /* an invalidation */
        if (c->setup_awaited > 0) {
            if (type == '-') fail("Error from server: %.*s", (int)c->in.last.len, c->in.last.ptr);
            c->setup_awaited--;
            continue;
        }
        if (type == '-' || type == '!') error_reply(t, c->in.last);
        if (answered == c->awaited) fail("The server sent more replies than there were requests");
        answered++;
    }
    if (answered == 0) return;
    record(t, c, now, answered);
    c->awaited -= answered;
    if (c->awaited > 0) return;
    if (!t->load->options->keep_alive) client_close(t, c);
    client_send(t, c);
}

static void client_init(struct thread *t, struct client *c)
{
    const struct load *load = t->load;
    struct slice request = template_bytes(load->template);
    size_t copies = (size_t)load->options->pipeline;
    c->out = mem_alloc(load->setup.len + copies * request.len + 1);
    if (load->setup.len) memcpy(c->out, load->setup.data, load->setup.len);
    for (size_t i = 0; i < copies; i++)
        memcpy(c->out + load->setup.len + i * request.len, request.ptr, request.len);
    replies_init(&c->in, READ_BYTES);
}

static void client_fini(struct client *c)
{
    mem_free(c->out);
    replies_fini(&c->in);
}

static void *thread_main(void *argument)
{
    struct thread *t = argument;
    mem_thread_init();
    t->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (t->epoll < 0) fail("epoll_create1: %s", strerror(errno));
    t->clients = mem_calloc(t->client_count, sizeof *t->clients);
    for (size_t i = 0; i < t->client_count; i++) client_init(t, &t->clients[i]);
    for (size_t i = 0; i < t->client_count; i++) client_send(t, &t->clients[i]);
    while (t->open > 0) {
        struct epoll_event events[EVENTS_AT_A_TIME];
        int count = epoll_wait(t->epoll, events, EVENTS_AT_A_TIME, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
        for (int i = 0; i < count; i++) {
            struct client *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) client_write(t, c);
            if (events[i].events & ~(uint32_t)EPOLLOUT) do
                    client_read(t, c);
                while (c->link && byte_stream_pending(&c->link->stream));
        }
    }
    for (size_t i = 0; i < t->client_count; i++) client_fini(&t->clients[i]);
    mem_free(t->clients);
    close(t->epoll);
    atomic_fetch_sub(&t->load->running, 1);
    if (write(t->load->wakeup, &(uint64_t){1}, sizeof(uint64_t)) < 0) fail("eventfd: %s", strerror(errno));
    return NULL;
}

static void thread_start(struct thread *t, struct load *load, size_t index)
{
    const struct options *o = load->options;
    size_t threads = (size_t)o->threads, clients = (size_t)o->clients;
    *t = (struct thread){.load = load, .latency_ns = histogram_new(LATENCY_HIGHEST_NS)};
    t->client_count = clients / threads + (index < clients % threads);
    random_seed(&t->random, (uint64_t)o->seed + index);
    int error = pthread_create(&t->id, NULL, thread_main, t);
    if (error) fail("Cannot start a thread: %s", strerror(error));
}

static void tell_progress(const struct thread *threads, size_t count, int64_t start_ns,
                          load_listener *listener, void *context)
{
    struct load_progress progress = {.elapsed_ns = clock_monotonic_ns() - start_ns};
    for (size_t i = 0; i < count; i++) {
        progress.requests += atomic_load_explicit(&threads[i].finished, memory_order_relaxed);
        progress.latency_sum_ns += atomic_load_explicit(&threads[i].latency_sum_ns, memory_order_relaxed);
    }
    listener(context, &progress);
}

static void load_wait(struct load *load, struct thread *threads, int64_t start_ns, load_listener *listener,
                      void *context)
{
    struct pollfd wakeup = {.fd = load->wakeup, .events = POLLIN};
    while (atomic_load(&load->running) > 0) {
        int ready = poll(&wakeup, 1, PROGRESS_MS);
        uint64_t ended;
        if (ready > 0 && read(load->wakeup, &ended, sizeof ended) < 0) fail("eventfd: %s", strerror(errno));
        if (ready == 0 && listener)
            tell_progress(threads, (size_t)load->options->threads, start_ns, listener, context);
    }
}

struct load_result load_run(const struct options *o, const struct template *t, uint64_t requests,
                            load_listener *listener, void *context)
{
    struct load load = {.options = o, .template = t, .requests = requests};
    size_t count = (size_t)o->threads;
    struct thread *threads = mem_calloc(count, sizeof *threads);
    load.setup_replies = link_append_setup(&o->server, &load.setup);
    load.wakeup = eventfd(0, EFD_CLOEXEC);
    if (load.wakeup < 0) fail("eventfd: %s", strerror(errno));
    atomic_store(&load.running, (unsigned)count);
    atomic_store(&load.error_shown_ns, -ERROR_INTERVAL_NS);

    int64_t start_ns = clock_monotonic_ns();
    for (size_t i = 0; i < count; i++) thread_start(&threads[i], &load, i);
    load_wait(&load, threads, start_ns, listener, context);
    struct load_result result = {.latency_ns = histogram_new(LATENCY_HIGHEST_NS),
                                 .duration_ns = clock_monotonic_ns() - start_ns};
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i].id, NULL);
        histogram_merge(result.latency_ns, threads[i].latency_ns);
        histogram_free(threads[i].latency_ns);
        result.requests += atomic_load(&threads[i].finished);
        result.errors += threads[i].errors;
    }
    mem_free(threads);
    buffer_fini(&load.setup);
    close(load.wakeup);
    return result;
}

void load_result_fini(struct load_result *result)
{
    histogram_free(result->latency_ns);
    *result = (struct load_result){0};
}
