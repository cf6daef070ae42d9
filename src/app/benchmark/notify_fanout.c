#include "app/benchmark/notify_fanout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "app/benchmark/counter.h"
#include "app/benchmark/fail.h"
#include "app/benchmark/pipe.h"
#include "app/benchmark/report.h"
#include "app/benchmark/suite.h"
#include "app/benchmark/template.h"
#include "base/clock.h"
#include "base/mem.h"

enum { EVENTS_AT_A_TIME = 128, SILENCE_MS = 10000, PROGRESS_MS = 250, BATCHES_AHEAD = 8 };

struct fanout {
    const struct options *options;
    struct pipe *subscribers;
    struct pipe writer;
    int epoll;
    char channel[64]; /* or pattern */
    struct template *set;
    struct random random;
    uint64_t requests;   /* SETs to do */
    uint64_t sent;       /* SETs sent so far */
    uint64_t per_set;    /* deliveries that one SET causes */
    uint64_t deliveries; /* seen so far */
    uint64_t allowance;  /* deliveries that may be missing when the next batch is sent */
};

static void watch(struct fanout *f, struct pipe *p)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, p->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void fanout_init(struct fanout *f, const struct options *o)
{
    size_t count = (size_t)o->subscribers;
    *f = (struct fanout){.options = o, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (o->by_pattern) snprintf(f->channel, sizeof f->channel, "__key*__:*");
    else snprintf(f->channel, sizeof f->channel, "__keyevent@%lld__:set", (long long)o->server.db);
    const struct slice channel = slice_of(f->channel);
    if (f->epoll < 0) fail("epoll_create1: %s", strerror(errno));
    f->subscribers = mem_calloc(count, sizeof *f->subscribers);
    for (size_t i = 0; i < count; i++) {
        pipe_init(&f->subscribers[i], &o->server);
        pipe_subscribe(&f->subscribers[i], o->by_pattern ? "PSUBSCRIBE" : "SUBSCRIBE", &channel, 1);
        watch(f, &f->subscribers[i]);
    }
    pipe_init(&f->writer, &o->server);
    watch(f, &f->writer);

    char *payload = suite_payload((size_t)o->data_size_bytes);
    const struct slice words[] = {SLICE("SET"), SLICE("key:__rand_int__"), slice_of(payload)};
    f->set = template_new(words, 3, o->keyspace ? (uint64_t)o->keyspace : 100000, o->sequential);
    mem_free(payload);
    random_seed(&f->random, (uint64_t)o->seed);
    f->requests = o->requests ? (uint64_t)o->requests : 10000;
    f->per_set = count * (o->by_pattern ? 2 : 1);
    f->allowance = f->per_set * (uint64_t)o->pipeline * BATCHES_AHEAD;
}

static void fanout_fini(struct fanout *f)
{
    for (size_t i = 0; i < (size_t)f->options->subscribers; i++) pipe_fini(&f->subscribers[i]);
    mem_free(f->subscribers);
    pipe_fini(&f->writer);
    template_free(f->set);
    close(f->epoll);
}

/* One batch in one write, unless the subscribers are too far behind: a queue
 * that grows without end would measure the server's limits. */
static void send_batch(struct fanout *f)
{
    if (f->writer.awaited > 0 || f->sent == f->requests) return;
    if (f->sent * f->per_set - f->deliveries > f->allowance) return;
    uint64_t count = f->requests - f->sent;
    if (count > (uint64_t)f->options->pipeline) count = (uint64_t)f->options->pipeline;
    struct slice request = template_bytes(f->set);
    struct buffer *out = &f->writer.out;
    char *to = buffer_reserve(out, count * request.len);
    for (uint64_t i = 0; i < count; i++) memcpy(to + i * request.len, request.ptr, request.len);
    template_fill(f->set, to, count, f->sent, &f->random);
    buffer_added(out, count * request.len);
    f->writer.awaited = count;
    f->sent += count;
    pipe_send(&f->writer);
}

static void receive(struct fanout *f, struct pipe *p)
{
    uint64_t seen = pipe_receive(p);
    if (p != &f->writer) f->deliveries += seen;
}

/* Until every delivery has come, or none has for a while. */
static void deliver_all(struct fanout *f)
{
    int64_t start = clock_monotonic_ns(), shown = start, heard = start;
    while (f->writer.awaited > 0 || f->deliveries < f->requests * f->per_set) {
        struct epoll_event events[EVENTS_AT_A_TIME];
        send_batch(f);
        int count = epoll_wait(f->epoll, events, EVENTS_AT_A_TIME, PROGRESS_MS);
        if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
        for (int i = 0; i < count; i++) receive(f, events[i].data.ptr);
        if (f->writer.out.len > 0) pipe_send(&f->writer);
        int64_t now = clock_monotonic_ns();
        if (count > 0) heard = now;
        if (now - heard > SILENCE_MS * INT64_C(1000000)) return;
        if (now - shown < PROGRESS_MS * INT64_C(1000000)) continue;
        shown = now;
        report_progress(f->options, "fanout: %llu of %llu deliveries, %.0f per second",
                        (unsigned long long)f->deliveries, (unsigned long long)(f->requests * f->per_set),
                        (double)f->deliveries * 1e9 / (double)(now - start));
    }
}

static void print_result(const struct fanout *f, int64_t duration_ns, uint64_t instructions)
{
    const struct options *o = f->options;
    uint64_t missing = f->requests * f->per_set - f->deliveries;
    double per_second = (double)f->deliveries * 1e9 / (double)duration_ns;
    double per_delivery = f->deliveries ? (double)instructions / (double)f->deliveries : 0;
    report_progress_end(o);
    if (o->csv) {
        printf("\"test\",\"subscribers\",\"sets\",\"deliveries\",\"missing\",\"deliveries_per_second\","
               "\"instructions_per_delivery\"\n");
        printf("\"fanout, %s\",\"%lld\",\"%llu\",\"%llu\",\"%llu\",\"%.0f\",", f->channel,
               (long long)o->subscribers, (unsigned long long)f->requests, (unsigned long long)f->deliveries,
               (unsigned long long)missing, per_second);
        if (instructions) printf("\"%.1f\"\n", per_delivery);
        else printf("\"\"\n");
        return;
    }
    printf("====== fanout: %lld subscribers of %s ======\n", (long long)o->subscribers, f->channel);
    printf("  %llu SETs, %llu deliveries, %llu missing, in %.2f seconds\n", (unsigned long long)f->requests,
           (unsigned long long)f->deliveries, (unsigned long long)missing, (double)duration_ns / 1e9);
    printf("  throughput summary: %.0f deliveries per second\n", per_second);
    if (instructions)
        printf("  server instructions: %.1f per delivery, its part of the SET included\n", per_delivery);
    else printf("  server instructions: not counted (the kernel does not offer it)\n");
}

void notify_fanout_run(struct notify_session *s)
{
    struct fanout f;
    notify_session_set(s, "KEA");
    fanout_init(&f, s->options);
    struct counter *counter = counter_open(s->pid);
    int64_t start = clock_monotonic_ns();
    deliver_all(&f);
    int64_t duration = clock_monotonic_ns() - start;
    print_result(&f, duration, counter_close(counter));
    fanout_fini(&f);
}
