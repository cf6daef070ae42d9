#include "ds/histogram.h"

#include <string.h>

#include "base/assert.h"
#include "base/mem.h"

/* A power of two is cut into 2^SUB_BITS buckets. */
#define SUB_BITS  7
#define SUB_COUNT ((size_t)1 << SUB_BITS)

struct histogram {
    uint64_t count;
    uint64_t min;
    uint64_t max;
    double sum;
    size_t bucket_count;
    uint64_t buckets[];
};

/* The bucket of a value: its SUB_BITS + 1 leading bits, offset by how far they
 * were shifted. Consecutive, because the leading bit is counted in. */
static size_t bucket_of(uint64_t value)
{
    if (value < 2 * SUB_COUNT) return (size_t)value;
    unsigned shift = 63 - (unsigned)__builtin_clzll(value) - SUB_BITS;
    return shift * SUB_COUNT + (size_t)(value >> shift);
}

static uint64_t bucket_low(size_t bucket)
{
    if (bucket < 2 * SUB_COUNT) return bucket;
    size_t shift = bucket / SUB_COUNT - 1;
    return (uint64_t)(bucket - shift * SUB_COUNT) << shift;
}

static uint64_t bucket_high(size_t bucket)
{
    size_t shift = bucket < 2 * SUB_COUNT ? 0 : bucket / SUB_COUNT - 1;
    return bucket_low(bucket) + (((uint64_t)1 << shift) - 1);
}

struct histogram *histogram_new(uint64_t highest)
{
    size_t bucket_count = bucket_of(highest) + 1;
    struct histogram *h = mem_alloc(sizeof *h + bucket_count * sizeof h->buckets[0]);
    h->bucket_count = bucket_count;
    histogram_reset(h);
    return h;
}

void histogram_free(struct histogram *h)
{
    mem_free(h);
}

void histogram_reset(struct histogram *h)
{
    h->count = 0;
    h->min = UINT64_MAX;
    h->max = 0;
    h->sum = 0;
    memset(h->buckets, 0, h->bucket_count * sizeof h->buckets[0]);
}

static size_t bucket_within(const struct histogram *h, uint64_t value)
{
    size_t bucket = bucket_of(value);
    return bucket < h->bucket_count ? bucket : h->bucket_count - 1;
}

void histogram_record_many(struct histogram *h, uint64_t value, uint64_t count)
{
    if (count == 0) return;
    h->buckets[bucket_within(h, value)] += count;
    h->count += count;
    h->sum += (double)value * (double)count;
    if (value < h->min) h->min = value;
    if (value > h->max) h->max = value;
}

void histogram_record(struct histogram *h, uint64_t value)
{
    histogram_record_many(h, value, 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    ASSERT(into->bucket_count == from->bucket_count);
    for (size_t i = 0; i < from->bucket_count; i++) into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->min < into->min) into->min = from->min;
    if (from->max > into->max) into->max = from->max;
}

uint64_t histogram_count(const struct histogram *h)
{
    return h->count;
}

uint64_t histogram_min(const struct histogram *h)
{
    return h->count ? h->min : 0;
}

uint64_t histogram_max(const struct histogram *h)
{
    return h->max;
}

double histogram_mean(const struct histogram *h)
{
    return h->count ? h->sum / (double)h->count : 0;
}

/* The last bucket also holds what lies above it, so its end is the maximum. */
static uint64_t bucket_end(const struct histogram *h, size_t bucket)
{
    uint64_t high = bucket_high(bucket);
    return high > h->max || bucket == h->bucket_count - 1 ? h->max : high;
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
    if (h->count == 0) return 0;
    if (percent >= 100) return h->max;
    double exact = percent / 100 * (double)h->count - 1e-6; /* the rank, less what rounding may have added */
    uint64_t rank = exact > 0 ? (uint64_t)exact + 1 : 1;
    uint64_t seen = 0;
    for (size_t i = 0; i < h->bucket_count; i++) {
        seen += h->buckets[i];
        if (seen >= rank) return bucket_end(h, i);
    }
    return h->max;
}

uint64_t histogram_count_up_to(const struct histogram *h, uint64_t value)
{
    size_t last = bucket_within(h, value);
    uint64_t seen = 0;
    for (size_t i = 0; i <= last; i++) seen += h->buckets[i];
    return seen;
}

bool histogram_next(const struct histogram *h, struct histogram_bucket *bucket)
{
    size_t i = bucket->next;
    while (i < h->bucket_count && h->buckets[i] == 0) i++;
    if (i == h->bucket_count) return false;
    bucket->low = bucket_low(i);
    bucket->high = bucket_end(h, i);
    bucket->count = h->buckets[i];
    bucket->cumulative += h->buckets[i];
    bucket->next = i + 1;
    return true;
}
