/* Measuring how long the server, or the machine, makes one wait. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "app/cli/modes.h"
#include "base/clock.h"

enum { SAMPLE_PAUSE_US = 10000 };
static const int64_t second_us = 1000000;
static const int64_t history_us = 15000000;

struct samples {
    int64_t min_ms, max_ms, total_ms, count;
};

static double average(const struct samples *x)
{
    return x->count ? (double)x->total_ms / (double)x->count : 0;
}

/* The round trip of a PING in microseconds, -1 if the connection broke. */
static int64_t ping_us(struct session *s)
{
    struct reply reply;
    int64_t start_ns = clock_monotonic_ns();
    if (!connection_ask(&s->connection, &reply, "PING", NULL)) return -1;
    reply_fini(&reply);
    return (clock_monotonic_ns() - start_ns) / 1000;
}

static void add_sample(struct samples *x, int64_t ms)
{
    if (x->count == 0 || ms < x->min_ms) x->min_ms = ms;
    if (ms > x->max_ms) x->max_ms = ms;
    x->total_ms += ms;
    x->count++;
}

static void print_samples(const struct samples *x, enum output output)
{
    double avg = average(x);
    switch (output) {
    case OUTPUT_STANDARD:
        printf("min: %" PRId64 ", max: %" PRId64 ", avg: %.2f (%" PRId64 " samples)", x->min_ms, x->max_ms,
               avg, x->count);
        break;
    case OUTPUT_RAW:
        printf("%" PRId64 " %" PRId64 " %.2f %" PRId64 "\n", x->min_ms, x->max_ms, avg, x->count);
        break;
    case OUTPUT_CSV:
        printf("%" PRId64 ",%" PRId64 ",%.2f,%" PRId64 "\n", x->min_ms, x->max_ms, avg, x->count);
        break;
    case OUTPUT_JSON:
    case OUTPUT_QUOTED_JSON:
        printf("{\"min\": %" PRId64 ", \"max\": %" PRId64 ", \"avg\": %.2f, \"count\": %" PRId64 "}\n",
               x->min_ms, x->max_ms, avg, x->count);
    }
    fflush(stdout);
}

/* On a terminal one line is rewritten with each sample, and ends with each
 * interval of the history. For programs there is one line an interval, and
 * without a history only one. */
int modes_latency(struct session *s)
{
    const struct options *o = s->options;
    bool live = o->output == OUTPUT_STANDARD, history = o->mode == MODE_LATENCY_HISTORY;
    int64_t interval_us = o->interval_us ? o->interval_us : history ? history_us : second_us;
    for (;;) {
        struct samples x = {0};
        int64_t start_ns = clock_monotonic_ns(), elapsed_us = 0;
        while (elapsed_us < interval_us || (live && !history)) {
            int64_t us = ping_us(s);
            if (us < 0) return modes_fail(s);
            add_sample(&x, us / 1000);
            if (live) {
                fputs("\033[0G\033[2K", stdout);
                print_samples(&x, o->output);
            }
            usleep(SAMPLE_PAUSE_US);
            elapsed_us = (clock_monotonic_ns() - start_ns) / 1000;
        }
        if (live) printf(" -- %.2f seconds range\n", (double)elapsed_us / 1e6);
        else print_samples(&x, o->output);
        if (!history) return 0;
    }
}

/* The distribution: each character a range of times, its background a shade
 * for how many samples fell into it. */

struct range {
    int64_t below_us; /* 0: no bound */
    char mark;
};
static const struct range ranges[] = {
    {10, '.'},      {125, '-'},     {250, '*'},     {500, '#'},      {1000, '1'},     {2000, '2'},
    {3000, '3'},    {4000, '4'},    {5000, '5'},    {6000, '6'},     {7000, '7'},     {8000, '8'},
    {9000, '9'},    {10000, 'A'},   {20000, 'B'},   {30000, 'C'},    {40000, 'D'},    {50000, 'E'},
    {100000, 'F'},  {200000, 'G'},  {300000, 'H'},  {400000, 'I'},   {500000, 'J'},   {1000000, 'K'},
    {2000000, 'L'}, {4000000, 'M'}, {8000000, 'N'}, {16000000, 'O'}, {30000000, 'P'}, {60000000, 'Q'},
    {0, '?'},
};
enum { RANGES = sizeof ranges / sizeof *ranges, LEGEND_LINES = 20 };

static const int shades[] = {0,   233, 234, 235, 237, 239, 241, 243, 245, 247,
                             144, 143, 142, 184, 226, 214, 208, 202, 196};
enum { SHADES = sizeof shades / sizeof *shades };

static void print_legend(void)
{
    static const char rule[] = "---------------------------------------------\n";
    printf("%s"
           ". - * #          .01 .125 .25 .5 milliseconds\n"
           "1,2,3,...,9      from 1 to 9     milliseconds\n"
           "A,B,C,D,E        10,20,30,40,50  milliseconds\n"
           "F,G,H,I,J        .1,.2,.3,.4,.5       seconds\n"
           "K,L,M,N,O,P,Q,?  1,2,4,8,16,30,60,>60 seconds\n"
           "From 0 to 100%%: ",
           rule);
    for (int i = 0; i < SHADES; i++) printf("\033[48;5;%dm ", shades[i]);
    printf("\033[0m\n%s", rule);
}

static void print_spectrum(const int64_t *counts, int64_t total)
{
    printf("\033[38;5;0m");
    for (int i = 0; i < RANGES; i++) {
        int64_t shade = total ? (counts[i] * (SHADES - 1) + total - 1) / total : 0;
        printf("\033[48;5;%dm%c", shades[shade], ranges[i].mark);
    }
    printf("\033[0m\n");
    fflush(stdout);
}

int modes_latency_distribution(struct session *s)
{
    int64_t interval_us = s->options->interval_us ? s->options->interval_us : second_us;
    for (int line = 0;; line++) {
        int64_t counts[RANGES] = {0}, total = 0, start_ns = clock_monotonic_ns();
        if (line % LEGEND_LINES == 0) print_legend();
        while ((clock_monotonic_ns() - start_ns) / 1000 < interval_us) {
            int64_t us = ping_us(s);
            if (us < 0) return modes_fail(s);
            int at = 0;
            while (ranges[at].below_us && us > ranges[at].below_us) at++;
            counts[at]++;
            total++;
            usleep(SAMPLE_PAUSE_US);
        }
        print_spectrum(counts, total);
    }
}

/* A loop that does nothing but look at the clock: a step that takes long is
 * time that the kernel or a hypervisor took. */
int modes_intrinsic_latency(struct session *s)
{
    int64_t start_ns = clock_monotonic_ns(), end_ns = start_ns + s->options->intrinsic_s * 1000000000;
    int64_t before_ns = start_ns, worst_ns = 0, runs = 0;
    while (before_ns < end_ns) {
        int64_t now_ns = clock_monotonic_ns(), took_ns = now_ns - before_ns;
        if (took_ns / 1000 > worst_ns / 1000) {
            printf("Max latency so far: %" PRId64 " microseconds.\n", took_ns / 1000);
            fflush(stdout);
        }
        if (took_ns > worst_ns) worst_ns = took_ns;
        before_ns = now_ns;
        runs++;
    }
    double mean_ns = (double)(before_ns - start_ns) / (double)runs;
    printf("\n%" PRId64 " total runs (avg latency: %.4f microseconds / %.2f nanoseconds per run).\n"
           "Worst run took %.0fx longer than the average latency.\n",
           runs, mean_ns / 1000, mean_ns, (double)worst_ns / mean_ns);
    return 0;
}
