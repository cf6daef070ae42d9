/* A histogram of whole numbers (latencies, lags, sizes) in constant memory.
 *
 * Buckets are log-linear, as in HDR histograms: each power of two is cut into
 * 128 buckets of equal width, values below 256 have a bucket each. What is
 * read back is therefore exact below 256 and at most 1/128 (0.8 %) above the
 * value recorded; minimum, maximum and mean are exact. Recording costs a shift
 * and two additions and never allocates.
 *
 * Not thread-safe: one per thread, added up with histogram_merge. */
#ifndef DS_HISTOGRAM_H
#define DS_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

/* Values above highest are counted in the last bucket (max stays exact). The
 * memory is about 1 KB for each power of two below highest. */
struct histogram *histogram_new(uint64_t highest);
void histogram_free(struct histogram *h);
void histogram_reset(struct histogram *h);

void histogram_record(struct histogram *h, uint64_t value);
void histogram_record_many(struct histogram *h, uint64_t value, uint64_t count);

/* Adds from's counts to into; both must have been made with the same highest. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* All of them are 0 when nothing was recorded. */
uint64_t histogram_count(const struct histogram *h);
uint64_t histogram_min(const struct histogram *h);
uint64_t histogram_max(const struct histogram *h);
double histogram_mean(const struct histogram *h);

/* The value that percent % (0 to 100) of what was recorded do not exceed: the
 * upper end of its bucket, never above the maximum. */
uint64_t histogram_percentile(const struct histogram *h, double percent);

/* How many of the recorded values lie in the buckets up to the one of value. */
uint64_t histogram_count_up_to(const struct histogram *h, uint64_t value);

/* Walks the buckets that are not empty, upwards. Start with all zero; false
 * when there is no more. */
struct histogram_bucket {
    uint64_t low; /* the values low..high fall into it */
    uint64_t high;
    uint64_t count;
    uint64_t cumulative; /* of this bucket and all below it */
    size_t next;         /* the walk's own */
};
bool histogram_next(const struct histogram *h, struct histogram_bucket *bucket);

#endif
