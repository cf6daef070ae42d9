#include "app/benchmark/notify.h"

#include <stdio.h>
#include <string.h>

#include "app/benchmark/fail.h"
#include "app/benchmark/notify_expired.h"
#include "app/benchmark/notify_fanout.h"
#include "app/benchmark/notify_session.h"
#include "app/benchmark/pipe.h"
#include "app/benchmark/report.h"
#include "app/benchmark/suite.h"
#include "base/buffer.h"
#include "base/mem.h"

/* SET on random keys under a title: what both comparisons below measure. */
static void run_set(const struct notify_session *s, const char *title, uint64_t default_requests)
{
    struct options o = *s->options;
    o.pid = s->pid;
    if (!o.keyspace) o.keyspace = 100000;
    char *payload = suite_payload((size_t)o.data_size_bytes);
    const struct slice words[] = {SLICE("SET"), SLICE("key:__rand_int__"), slice_of(payload)};
    struct template *t = template_new(words, 3, (uint64_t)o.keyspace, o.sequential);
    struct report_host host = {0};
    report_run(&o, &host, title, t, o.requests ? (uint64_t)o.requests : default_requests);
    template_free(t);
    mem_free(payload);
}

static void run_overhead(struct notify_session *s)
{
    if (s->options->csv) report_csv_header();
    notify_session_set(s, "");
    run_set(s, "SET, notifications off", 100000);
    notify_session_set(s, "KEA");
    run_set(s, "SET, notifications on, nobody subscribed", 100000);
}

static void subscribe_to_patterns(struct pipe *subscriber, int64_t db, size_t count)
{
    struct slice *patterns = mem_calloc(count, sizeof *patterns);
    for (size_t i = 0; i < count; i++) {
        struct buffer pattern = {0};
        buffer_printf(&pattern, "__keyspace@%lld__:user:%zu:*", (long long)db, i);
        patterns[i] = buffer_slice(&pattern);
    }
    pipe_subscribe(subscriber, "PSUBSCRIBE", patterns, count);
    for (size_t i = 0; i < count; i++) mem_free((char *)patterns[i].ptr);
    mem_free(patterns);
}

static void run_with_patterns(struct notify_session *s, size_t count)
{
    struct pipe subscriber;
    char title[80];
    snprintf(title, sizeof title, "SET, notifications on, %zu patterns that do not match", count);
    pipe_init(&subscriber, &s->options->server);
    subscribe_to_patterns(&subscriber, s->options->server.db, count);
    run_set(s, title, 2000);
    pipe_fini(&subscriber);
}

static void run_patterns(struct notify_session *s)
{
    if (s->options->csv) report_csv_header();
    notify_session_set(s, "KEA");
    if (s->options->patterns) {
        run_with_patterns(s, (size_t)s->options->patterns);
    } else {
        run_with_patterns(s, 1000);
        run_with_patterns(s, 10000);
    }
}

void notify_run(const struct options *o)
{
    static const struct {
        const char *name;
        void (*run)(struct notify_session *s);
    } modes[] = {
        {"expired", notify_expired_run},
        {"fanout", notify_fanout_run},
        {"patterns", run_patterns},
        {"overhead", run_overhead},
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(o->notify, modes[i].name) != 0) continue;
        struct notify_session *session = notify_session_begin(o);
        modes[i].run(session);
        notify_session_end(session);
        return;
    }
    fail("There is no --notify %s: expired, fanout, patterns or overhead", o->notify);
}
