/* The latency monitor: for each kind of event the last spikes above
 * latency-monitor-threshold, and the worst ever. */
#ifndef CORE_LATENCY_H
#define CORE_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { LATENCY_SAMPLES = 160, LATENCY_EVENTS_MAX = 32 };

struct latency_sample {
    int64_t time_s;
    int64_t latency_ms;
};

struct latency_event {
    const char *name; /* a literal */
    int count, next;  /* samples[] is a ring */
    int64_t max_ms;
    struct latency_sample samples[LATENCY_SAMPLES];
};

struct latency {
    int count;
    struct latency_event *events[LATENCY_EVENTS_MAX]; /* sorted by name */
};

struct latency *latency_new(void);
void latency_free(struct latency *l);

/* A spike; one a second is kept, the worst. */
void latency_add(struct latency *l, const char *event, int64_t latency_ms, int64_t now_ms);

/* The i-th sample of an event, oldest first. */
const struct latency_sample *latency_sample_at(const struct latency_event *event, int i);

/* Forgets an event; false: there is none of the name. */
bool latency_forget(struct latency *l, struct slice name);

#endif
