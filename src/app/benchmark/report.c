#include "app/benchmark/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "app/benchmark/counter.h"

#define NS_PER_MS 1e6

static bool shows_progress(const struct options *o)
{
    return !o->csv && isatty(STDOUT_FILENO);
}

void report_progress(const struct options *o, const char *format, ...)
{
    if (!shows_progress(o)) return;
    va_list args;
    va_start(args, format);
    printf("\r");
    vprintf(format, args);
    printf("\033[K"); /* to the end of the line */
    fflush(stdout);
    va_end(args);
}

void report_progress_end(const struct options *o)
{
    if (shows_progress(o)) printf("\r\033[K");
}

struct watch {
    const struct options *options;
    const char *title;
    struct load_progress last;
};

static void show_progress(void *context, const struct load_progress *now)
{
    struct watch *w = context;
    double seconds = (double)(now->elapsed_ns - w->last.elapsed_ns) / 1e9;
    double requests = (double)(now->requests - w->last.requests);
    double latency = now->latency_sum_ns - w->last.latency_sum_ns;
    report_progress(w->options, "%s: rps=%.1f (overall: %.1f) avg_msec=%.3f (overall: %.3f)", w->title,
                    requests / seconds, (double)now->requests / ((double)now->elapsed_ns / 1e9),
                    requests > 0 ? latency / requests / NS_PER_MS : 0,
                    now->requests ? now->latency_sum_ns / (double)now->requests / NS_PER_MS : 0);
    w->last = *now;
}

static int digits(const struct options *o)
{
    return o->precision > 3 ? (int)o->precision : 3;
}

static double percentile_ms(const struct load_result *r, double percent)
{
    return (double)histogram_percentile(r->latency_ns, percent) / NS_PER_MS;
}

static double requests_per_second(const struct load_result *r)
{
    return (double)r->requests * 1e9 / (double)r->duration_ns;
}

static void print_latency(const struct options *o, const struct load_result *r, double percent,
                          uint64_t value_ns)
{
    printf("%.3f%% <= %.*f milliseconds (cumulative count %llu)\n", percent, digits(o),
           (double)value_ns / NS_PER_MS, (unsigned long long)histogram_count_up_to(r->latency_ns, value_ns));
}

/* Percentiles that halve the distance to 100 until one is the maximum. */
static void print_percentiles(const struct options *o, const struct load_result *r)
{
    uint64_t count = histogram_count(r->latency_ns), value = 0;
    printf("\nLatency by percentile distribution:\n");
    double step = 50;
    for (double percent = 0; histogram_count_up_to(r->latency_ns, value) < count;
         percent += step, step /= 2) {
        value = histogram_percentile(r->latency_ns, percent);
        print_latency(o, r, percent, value);
    }
    print_latency(o, r, 100, histogram_max(r->latency_ns));
}

/* Counts at 0.1 ms, 0.2 ms, ... and at whole milliseconds from 2 ms on. */
static void print_cumulative(const struct options *o, const struct load_result *r)
{
    const uint64_t step_ns = 100000;
    uint64_t count = histogram_count(r->latency_ns), before = 0;
    printf("\nCumulative distribution of latencies:\n");
    for (uint64_t limit = step_ns; before < count; limit += limit < 20 * step_ns ? step_ns : 10 * step_ns) {
        uint64_t below = histogram_count_up_to(r->latency_ns, limit);
        if (below > before || limit == step_ns)
            print_latency(o, r, 100.0 * (double)below / (double)count, limit);
        before = below;
    }
}

static void print_full(const struct options *o, const struct report_host *host, const char *title,
                       const struct load_result *r)
{
    printf("====== %s ======\n", title);
    printf("  %llu requests completed in %.2f seconds\n", (unsigned long long)r->requests,
           (double)r->duration_ns / 1e9);
    printf("  %lld parallel clients\n", (long long)o->clients);
    printf("  %lld bytes payload\n", (long long)o->data_size_bytes);
    printf("  keep alive: %lld\n", (long long)o->keep_alive);
    if (host->save) printf("  host configuration \"save\": %s\n", host->save);
    if (host->appendonly) printf("  host configuration \"appendonly\": %s\n", host->appendonly);
    printf("  multi-thread: %s\n", o->threads > 1 ? "yes" : "no");
    if (o->threads > 1) printf("  threads: %lld\n", (long long)o->threads);
    print_percentiles(o, r);
    print_cumulative(o, r);
    printf("\nSummary:\n");
    printf("  throughput summary: %.2f requests per second\n", requests_per_second(r));
    if (r->errors) printf("  error replies: %llu\n", (unsigned long long)r->errors);
    printf("  latency summary (msec):\n");
    const char *names[] = {"avg", "min", "p50", "p95", "p99", "max"};
    double values[] = {histogram_mean(r->latency_ns) / NS_PER_MS,
                       (double)histogram_min(r->latency_ns) / NS_PER_MS,
                       percentile_ms(r, 50),
                       percentile_ms(r, 95),
                       percentile_ms(r, 99),
                       percentile_ms(r, 100)};
    printf("   ");
    for (size_t i = 0; i < 6; i++) printf("%s%*s", i ? " " : "", i ? 6 + digits(o) : 7 + digits(o), names[i]);
    printf("\n   ");
    for (size_t i = 0; i < 6; i++)
        printf("%s%*.*f", i ? " " : "", i ? 6 + digits(o) : 7 + digits(o), digits(o), values[i]);
    printf("\n");
}

void report_csv_header(void)
{
    printf("\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\",\"p95_latency_ms\","
           "\"p99_latency_ms\",\"max_latency_ms\"\n");
}

void report_csv_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void print_csv(const struct options *o, const char *title, const struct load_result *r)
{
    report_csv_text(title);
    printf(",\"%.2f\"", requests_per_second(r));
    double values[] = {histogram_mean(r->latency_ns) / NS_PER_MS,
                       (double)histogram_min(r->latency_ns) / NS_PER_MS,
                       percentile_ms(r, 50),
                       percentile_ms(r, 95),
                       percentile_ms(r, 99),
                       percentile_ms(r, 100)};
    for (size_t i = 0; i < 6; i++) printf(",\"%.*f\"", digits(o), values[i]);
    printf("\n");
}

void report_run(const struct options *o, const struct report_host *host, const char *title,
                const struct template *t, uint64_t requests)
{
    struct watch watch = {.options = o, .title = title};
    struct counter *counter = counter_open((pid_t)o->pid);
    struct load_result result = load_run(o, t, requests, show_progress, &watch);
    uint64_t instructions = counter_close(counter);
    report_progress_end(o);
    if (o->csv) print_csv(o, title, &result);
    else if (o->quiet)
        printf("%s: %.2f requests per second, p50=%.*f msec\n", title, requests_per_second(&result),
               digits(o), percentile_ms(&result, 50));
    else print_full(o, host, title, &result);
    if (instructions && !o->csv)
        printf("  server instructions: %.1f per request\n", (double)instructions / (double)result.requests);
    if (!o->csv && !o->quiet) printf("\n");
    fflush(stdout);
    load_result_fini(&result);
}
