/* A histogram of unsigned values with a bounded relative error: buckets are
 * linear within each power of two (16 of them), so that a percentile is off by at
 * most 1/16 of the value. Recording is a few instructions. */
#ifndef DS_HISTOGRAM_H
#define DS_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 4,
    HISTOGRAM_BUCKETS = (64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};

struct histogram {
    uint64_t count, sum, max;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

struct histogram *histogram_new(void);
void histogram_free(struct histogram *h);
void histogram_reset(struct histogram *h);

static inline unsigned histogram_bucket(uint64_t value)
{
    if (value < 1 << HISTOGRAM_SUB_BITS) return (unsigned)value;
    unsigned shift = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    return ((shift + 1) << HISTOGRAM_SUB_BITS) + (unsigned)(value >> shift & ((1 << HISTOGRAM_SUB_BITS) - 1));
}

static inline void histogram_record(struct histogram *h, uint64_t value)
{
    h->count++;
    h->sum += value;
    if (value > h->max) h->max = value;
    h->buckets[histogram_bucket(value)]++;
}

/* The largest value that falls into a bucket. */
uint64_t histogram_bucket_top(unsigned bucket);

/* The value below or at which `percent` (0 to 100) of the records lie; 0 when
 * there are none. */
uint64_t histogram_percentile(const struct histogram *h, double percent);

#endif
