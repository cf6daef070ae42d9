/* The load: connections spread over threads send batches of one request and
 * wait for the replies, until as many requests as asked for were answered. */
#ifndef APP_BENCHMARK_LOAD_H
#define APP_BENCHMARK_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "app/benchmark/options.h"
#include "app/benchmark/template.h"
#include "ds/histogram.h"

struct load_result {
    struct histogram *latency_ns; /* from sending a batch to reading the reply */
    uint64_t requests;
    uint64_t errors; /* error replies among them; only with --show-server-errors */
    int64_t duration_ns;
};

/* How far a run has come; told about four times a second. */
struct load_progress {
    uint64_t requests;
    double latency_sum_ns;
    int64_t elapsed_ns;
};
typedef void load_listener(void *context, const struct load_progress *progress);

/* Sends requests copies of t with o's clients, threads, pipeline and
 * keep-alive. listener may be NULL. Exits when the connection is lost, and on
 * an error reply unless they are to be shown. */
struct load_result load_run(const struct options *o, const struct template *t, uint64_t requests,
                            load_listener *listener, void *context);
void load_result_fini(struct load_result *result);

#endif
