#include "ds/histogram.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

struct histogram *histogram_new(void)
{
    return mem_calloc(1, sizeof(struct histogram));
}

void histogram_free(struct histogram *h)
{
    mem_free(h);
}

void histogram_reset(struct histogram *h)
{
    memset(h, 0, sizeof *h);
}

uint64_t histogram_bucket_top(unsigned bucket)
{
    if (bucket < 1 << HISTOGRAM_SUB_BITS) return bucket;
    unsigned shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    uint64_t sub = bucket & ((1 << HISTOGRAM_SUB_BITS) - 1);
    uint64_t bottom = ((uint64_t)(1 << HISTOGRAM_SUB_BITS) + sub) << shift;
    return bottom + (((uint64_t)1 << shift) - 1);
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
    if (h->count == 0) return 0;
    uint64_t wanted = (uint64_t)ceil((double)h->count * percent / 100), seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen < wanted || seen == 0) continue;
        uint64_t top = histogram_bucket_top(i);
        return top < h->max ? top : h->max;
    }
    return h->max;
}
