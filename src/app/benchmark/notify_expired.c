#include "app/benchmark/notify_expired.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/benchmark/fail.h"
#include "app/benchmark/pipe.h"
#include "app/benchmark/report.h"
#include "app/benchmark/suite.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/random.h"
#include "ds/histogram.h"

enum { POLL_MS = 100, LEAD_MS = 500, PROGRESS_STEP = 65536, NAME_BYTES = 64 };
enum { FILLING_SLACK = 3 }; /* how many times longer setting deadlines may take than setting values */
#define HOUR_MS      INT64_C(3600000)
#define BACKGROUND   "bench:background:"
#define PROBE        "bench:probe:" /* a key; with --fields a hash, its fields being numbers of probes */
#define BYSTANDER    "bench:bystander"
#define GET_LIMIT_NS (UINT64_C(600) * 1000000000)

struct probe {
    int64_t deadline_ms;
    int64_t announced_us; /* 0: not yet */
};

struct expired {
    const struct options *options;
    struct pipe filler;
    struct pipe subscriber;
    struct random random;
    char *payload;
    struct probe *probes;
    uint64_t probe_count;
    uint64_t key_count; /* with --fields of hashes, else as many as probes */
    int64_t last_deadline_ms;
    uint64_t announced;
    uint64_t again; /* announcements of a key that had been announced */
};

/* A connection that reads one key over and over while the mass expires. */
struct bystander {
    struct link *link;
    pthread_t thread;
    int64_t from_us;
    atomic_bool stop;
    struct histogram *latency_ns;
};

static struct slice numbered(char *to, const char *prefix, uint64_t number)
{
    int len = snprintf(to, NAME_BYTES, "%s%llu", prefix, (unsigned long long)number);
    return slice_make(to, (size_t)len);
}

static void show_filling(const struct expired *e, const char *what, uint64_t done, uint64_t count)
{
    if (done % PROGRESS_STEP == 0)
        report_progress(e->options, "%s: %llu of %llu keys", what, (unsigned long long)done,
                        (unsigned long long)count);
}

/* Volatile keys that are due in one to two hours. */
static void fill_background(struct expired *e)
{
    uint64_t count = (uint64_t)e->options->background;
    int64_t now_ms = clock_realtime_us() / 1000;
    char name[NAME_BYTES], deadline[NUMBER_TEXT_MAX];
    for (uint64_t i = 0; i < count; i++) {
        int64_t due = now_ms + HOUR_MS + (int64_t)random_below(&e->random, (uint64_t)HOUR_MS);
        const struct slice words[] = {SLICE("SET"), numbered(name, BACKGROUND, i), slice_of(e->payload),
                                      SLICE("PXAT"), slice_make(deadline, number_print(deadline, due))};
        pipe_command(&e->filler, words, 5);
        show_filling(e, "filling the background", i, count);
    }
    pipe_flush(&e->filler);
}

static void set_probe(struct expired *e, uint64_t i)
{
    char name[NAME_BYTES], field[NAME_BYTES];
    uint64_t fields = (uint64_t)e->options->fields;
    if (fields) {
        const struct slice words[] = {SLICE("HSET"), numbered(name, PROBE, i / fields),
                                      numbered(field, "", i), slice_of(e->payload)};
        pipe_command(&e->filler, words, 4);
    } else {
        const struct slice words[] = {SLICE("SET"), numbered(name, PROBE, i), slice_of(e->payload)};
        pipe_command(&e->filler, words, 3);
    }
}

static void set_deadline(struct expired *e, uint64_t i)
{
    char name[NAME_BYTES], field[NAME_BYTES], deadline[NUMBER_TEXT_MAX];
    uint64_t fields = (uint64_t)e->options->fields;
    struct slice at = slice_make(deadline, number_print(deadline, e->probes[i].deadline_ms));
    if (fields) {
        const struct slice words[] = {
            SLICE("HPEXPIREAT"),   numbered(name, PROBE, i / fields), at, SLICE("FIELDS"), SLICE("1"),
            numbered(field, "", i)};
        pipe_command(&e->filler, words, 6);
    } else {
        const struct slice words[] = {SLICE("PEXPIREAT"), numbered(name, PROBE, i), at};
        pipe_command(&e->filler, words, 3);
    }
}

/* Keys without a deadline first, which shows how fast the server takes them;
 * then their deadlines, all in the future. */
static void fill_probes(struct expired *e)
{
    int64_t start_us = clock_realtime_us();
    for (uint64_t i = 0; i < e->probe_count; i++) {
        set_probe(e, i);
        show_filling(e, "filling", i, e->probe_count);
    }
    pipe_flush(&e->filler);

    int64_t now_us = clock_realtime_us();
    int64_t first_ms = (now_us + FILLING_SLACK * (now_us - start_us)) / 1000 + LEAD_MS;
    uint64_t window_ms = e->options->mass ? 1 : (uint64_t)e->options->window_ms;
    for (uint64_t i = 0; i < e->probe_count; i++) {
        struct probe *p = &e->probes[i];
        p->deadline_ms = first_ms + (int64_t)random_below(&e->random, window_ms);
        if (p->deadline_ms > e->last_deadline_ms) e->last_deadline_ms = p->deadline_ms;
        set_deadline(e, i);
        show_filling(e, "setting deadlines", i, e->probe_count);
    }
    pipe_flush(&e->filler);
    if (clock_realtime_us() / 1000 >= first_ms) fail("The server took too long to set the deadlines");
}

static void remove_keys(struct expired *e, const char *prefix, uint64_t count)
{
    char name[NAME_BYTES];
    for (uint64_t i = 0; i < count; i++) {
        const struct slice words[] = {SLICE("UNLINK"), numbered(name, prefix, i)};
        pipe_command(&e->filler, words, 2);
        show_filling(e, "removing", i, count);
    }
    pipe_flush(&e->filler);
}

static void announced(struct expired *e, struct slice digits, int64_t now_us)
{
    uint64_t number;
    if (!number_parse_unsigned(digits, &number) || number >= e->probe_count) return;
    struct probe *p = &e->probes[number];
    if (p->announced_us) {
        e->again++;
        return;
    }
    p->announced_us = now_us;
    e->announced++;
}

/* <length>:<key>|<length>:<field>[,...]; of our own fields the lengths are not
 * needed, as they hold neither colons nor commas. */
static void fields_announced(struct expired *e, struct slice message, int64_t now_us)
{
    const char *end = message.ptr + message.len, *at = memchr(message.ptr, '|', message.len);
    while (at && at < end) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        if (colon == NULL) return;
        const char *comma = memchr(colon, ',', (size_t)(end - colon));
        at = comma ? comma : end;
        announced(e, slice_make(colon + 1, (size_t)(at - colon - 1)), now_us);
    }
}

static void announcement(struct expired *e, struct slice message, int64_t now_us)
{
    const struct slice prefix = SLICE(PROBE);
    if (e->options->fields) fields_announced(e, message, now_us);
    else if (slice_starts_with(message, prefix))
        announced(e, slice_make(message.ptr + prefix.len, message.len - prefix.len), now_us);
}

/* Listens until all were announced or the grace period is over. */
static void listen_for_all(struct expired *e)
{
    int64_t end_us = (e->last_deadline_ms + e->options->grace_s * 1000) * 1000, shown_us = 0;
    struct pollfd polled = {.fd = e->subscriber.fd, .events = POLLIN};
    while (e->announced < e->probe_count && clock_realtime_us() < end_us) {
        int ready = poll(&polled, 1, POLL_MS);
        if (ready < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
        ssize_t got = ready > 0 ? replies_read(&e->subscriber.in, &e->subscriber.link->stream) : -1;
        int64_t now_us = clock_realtime_us();
        if (got == 0) fail("Error: Server closed the subscriber's connection");
        while (got > 0 && replies_next(&e->subscriber.in)) announcement(e, e->subscriber.in.last, now_us);
        if (now_us - shown_us < POLL_MS * 1000) continue;
        shown_us = now_us;
        report_progress(e->options, "announced %llu of %llu, %.1f s from the last deadline",
                        (unsigned long long)e->announced, (unsigned long long)e->probe_count,
                        (double)(now_us - e->last_deadline_ms * 1000) / 1e6);
    }
}

static void *bystander_main(void *argument)
{
    struct bystander *b = argument;
    mem_thread_init();
    while (!atomic_load(&b->stop)) {
        int64_t start = clock_monotonic_ns();
        redisReply *reply = link_command(b->link, "GET " BYSTANDER);
        if (!reply) fail("GET was refused");
        freeReplyObject(reply);
        if (clock_realtime_us() >= b->from_us)
            histogram_record(b->latency_ns, (uint64_t)(clock_monotonic_ns() - start));
    }
    return NULL;
}

static void bystander_start(struct bystander *b, const struct expired *e)
{
    b->link = link_open(&e->options->server);
    b->from_us = e->last_deadline_ms * 1000;
    b->latency_ns = histogram_new(GET_LIMIT_NS);
    atomic_store(&b->stop, false);
    int error = pthread_create(&b->thread, NULL, bystander_main, b);
    if (error) fail("Cannot start a thread: %s", strerror(error));
}

static void bystander_stop(struct bystander *b)
{
    atomic_store(&b->stop, true);
    pthread_join(b->thread, NULL);
    link_close(b->link);
}

static int compare_lags(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct summary {
    uint64_t early;
    double p50_ms;
    double p99_ms;
    double p999_ms;
    double max_ms;
};

/* The lag that permille of the sorted lags do not exceed. */
static double lag_ms(const int64_t *lags_us, uint64_t count, uint64_t permille)
{
    if (count == 0) return 0;
    uint64_t rank = (count * permille + 999) / 1000;
    return (double)lags_us[rank ? rank - 1 : 0] / 1000;
}

static struct summary summarize(const struct expired *e)
{
    struct summary sum = {0};
    int64_t *lags_us = mem_calloc(e->probe_count, sizeof *lags_us);
    uint64_t count = 0;
    for (uint64_t i = 0; i < e->probe_count; i++) {
        const struct probe *p = &e->probes[i];
        if (!p->announced_us) continue;
        if (p->announced_us / 1000 <= p->deadline_ms) sum.early++;
        lags_us[count++] = p->announced_us - p->deadline_ms * 1000;
    }
    qsort(lags_us, count, sizeof *lags_us, compare_lags);
    sum.p50_ms = lag_ms(lags_us, count, 500);
    sum.p99_ms = lag_ms(lags_us, count, 990);
    sum.p999_ms = lag_ms(lags_us, count, 999);
    sum.max_ms = lag_ms(lags_us, count, 1000);
    mem_free(lags_us);
    return sum;
}

static double get_ms(const struct bystander *b, double percent)
{
    return (double)histogram_percentile(b->latency_ns, percent) / 1e6;
}

static void print_csv(const struct expired *e, const struct summary *sum, const struct bystander *b)
{
    printf("\"test\",\"background\",\"keys\",\"announced\",\"missing\",\"early\",\"again\",\"lag_p50_ms\","
           "\"lag_p99_ms\",\"lag_p99.9_ms\",\"lag_max_ms\"%s\n",
           b ? ",\"get_p50_ms\",\"get_p99_ms\",\"get_max_ms\"" : "");
    printf("\"expired%s%s\"", e->options->fields ? ", fields" : "", b ? ", mass" : "");
    const uint64_t counts[] = {(uint64_t)e->options->background, e->probe_count, e->announced,
                               e->probe_count - e->announced,    sum->early,     e->again};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        printf(",\"%llu\"", (unsigned long long)counts[i]);
    printf(",\"%.3f\",\"%.3f\",\"%.3f\",\"%.3f\"", sum->p50_ms, sum->p99_ms, sum->p999_ms, sum->max_ms);
    if (b) printf(",\"%.3f\",\"%.3f\",\"%.3f\"", get_ms(b, 50), get_ms(b, 99), get_ms(b, 100));
    printf("\n");
}

static void print_result(const struct expired *e, const struct bystander *b)
{
    struct summary sum = summarize(e);
    report_progress_end(e->options);
    if (e->options->csv) {
        print_csv(e, &sum, b);
        return;
    }
    printf("====== expired: %llu %s due %s, %lld more volatile keys ======\n",
           (unsigned long long)e->probe_count, e->options->fields ? "fields of hashes" : "keys",
           b ? "in one millisecond" : "one by one", (long long)e->options->background);
    printf("  announced: %llu\n  missing:   %llu (%lld s after the last deadline)\n",
           (unsigned long long)e->announced, (unsigned long long)(e->probe_count - e->announced),
           (long long)e->options->grace_s);
    printf("  early:     %llu\n", (unsigned long long)sum.early);
    if (e->again)
        printf("  again:     %llu announcements of a key already announced\n", (unsigned long long)e->again);
    printf("  lag from the deadline (msec; 1 is the least possible):\n");
    printf("          p50       p99     p99.9       max\n    %9.3f %9.3f %9.3f %9.3f\n", sum.p50_ms,
           sum.p99_ms, sum.p999_ms, sum.max_ms);
    if (!b) return;
    printf("  latency of GET meanwhile (msec, %llu of them):\n",
           (unsigned long long)histogram_count(b->latency_ns));
    printf("          p50       p99       max\n    %9.3f %9.3f %9.3f\n", get_ms(b, 50), get_ms(b, 99),
           get_ms(b, 100));
}

static void expired_init(struct expired *e, const struct options *o)
{
    *e = (struct expired){.options = o, .payload = suite_payload((size_t)o->data_size_bytes)};
    e->key_count = (uint64_t)(o->mass ? o->mass : o->probes);
    e->probe_count = e->key_count * (uint64_t)(o->fields ? o->fields : 1);
    e->probes = mem_calloc(e->probe_count, sizeof *e->probes);
    random_seed(&e->random, (uint64_t)o->seed);
    char channel[NAME_BYTES];
    int len = snprintf(channel, sizeof channel,
                       o->fields ? "__subkeyevent@%lld__:hexpired" : "__keyevent@%lld__:expired",
                       (long long)o->server.db);
    pipe_init(&e->filler, &o->server);
    pipe_init(&e->subscriber, &o->server);
    pipe_subscribe(&e->subscriber, "SUBSCRIBE", &(struct slice){channel, (size_t)len}, 1);
}

static void expired_fini(struct expired *e)
{
    pipe_fini(&e->filler);
    pipe_fini(&e->subscriber);
    mem_free(e->probes);
    mem_free(e->payload);
}

void notify_expired_run(struct notify_session *s)
{
    struct expired e;
    struct bystander b;
    bool mass = s->options->mass > 0;
    notify_session_set(s, s->options->fields ? "Th" : "Ex");
    expired_init(&e, s->options);
    fill_background(&e);
    const struct slice bystander[] = {SLICE("SET"), SLICE(BYSTANDER), SLICE("x")};
    if (mass) pipe_command(&e.filler, bystander, 3);
    fill_probes(&e);
    if (mass) bystander_start(&b, &e);
    listen_for_all(&e);
    if (mass) bystander_stop(&b);
    print_result(&e, mass ? &b : NULL);
    fflush(stdout);

    notify_session_set(s, ""); /* the removal of what is overdue is not news */
    remove_keys(&e, PROBE, e.key_count);
    remove_keys(&e, BACKGROUND, (uint64_t)s->options->background);
    if (mass) pipe_command(&e.filler, (const struct slice[]){SLICE("UNLINK"), SLICE(BYSTANDER)}, 2);
    pipe_flush(&e.filler);
    report_progress_end(s->options);
    if (mass) histogram_free(b.latency_ns);
    expired_fini(&e);
}
