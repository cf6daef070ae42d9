#include "core/latency.h"

#include "base/mem.h"

struct latency *latency_new(void)
{
    return mem_calloc(1, sizeof(struct latency));
}

void latency_free(struct latency *l)
{
    for (int i = 0; i < l->count; i++) mem_free(l->events[i]);
    mem_free(l);
}

const struct latency_sample *latency_sample_at(const struct latency_event *event, int i)
{
    return &event->samples[(event->next - event->count + i + LATENCY_SAMPLES) % LATENCY_SAMPLES];
}

static struct latency_event *find_or_add(struct latency *l, const char *name)
{
    int at = 0;
    while (at < l->count && strcmp(l->events[at]->name, name) < 0) at++;
    if (at < l->count && strcmp(l->events[at]->name, name) == 0) return l->events[at];
    if (l->count == LATENCY_EVENTS_MAX) return NULL;
    memmove(&l->events[at + 1], &l->events[at], (size_t)(l->count - at) * sizeof *l->events);
    l->events[at] = mem_calloc(1, sizeof **l->events);
    l->events[at]->name = name;
    l->count++;
    return l->events[at];
}

void latency_add(struct latency *l, const char *name, int64_t latency_ms, int64_t now_ms)
{
    struct latency_event *event = find_or_add(l, name);
    if (event == NULL) return;
    if (latency_ms > event->max_ms) event->max_ms = latency_ms;
    struct latency_sample *last = &event->samples[(event->next + LATENCY_SAMPLES - 1) % LATENCY_SAMPLES];
    if (event->count && last->time_s == now_ms / 1000) {
        if (latency_ms > last->latency_ms) last->latency_ms = latency_ms;
        return;
    }
    event->samples[event->next] = (struct latency_sample){now_ms / 1000, latency_ms};
    event->next = (event->next + 1) % LATENCY_SAMPLES;
    if (event->count < LATENCY_SAMPLES) event->count++;
}

bool latency_forget(struct latency *l, struct slice name)
{
    for (int i = 0; i < l->count; i++) {
        if (!slice_is(name, l->events[i]->name)) continue;
        mem_free(l->events[i]);
        memmove(&l->events[i], &l->events[i + 1], (size_t)(l->count - i - 1) * sizeof *l->events);
        l->count--;
        return true;
    }
    return false;
}
