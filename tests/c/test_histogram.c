#include "ds/histogram.h"

#include <stdint.h>

#include "test.h"

static void empty(void)
{
    struct histogram *h = histogram_new(1000);
    struct histogram_bucket bucket = {0};
    CHECK_INT(histogram_count(h), 0);
    CHECK_INT(histogram_min(h), 0);
    CHECK_INT(histogram_max(h), 0);
    CHECK_INT(histogram_percentile(h, 50), 0);
    CHECK_INT(histogram_count_up_to(h, 1000), 0);
    CHECK(histogram_mean(h) == 0);
    CHECK(!histogram_next(h, &bucket));
    histogram_free(h);
}

static void small_values_are_exact(void)
{
    struct histogram *h = histogram_new(1000);
    for (uint64_t v = 1; v <= 200; v++) histogram_record(h, v);
    CHECK_INT(histogram_percentile(h, 0), 1);
    CHECK_INT(histogram_percentile(h, 0.5), 1);
    CHECK_INT(histogram_percentile(h, 50), 100);
    CHECK_INT(histogram_percentile(h, 99), 198);
    CHECK_INT(histogram_percentile(h, 99.1), 199);
    CHECK_INT(histogram_percentile(h, 100), 200);
    CHECK_INT(histogram_count_up_to(h, 99), 99);
    CHECK(histogram_mean(h) == 100.5);
    histogram_reset(h);
    for (uint64_t v = 1; v <= 1000; v++) histogram_record(h, v < 1000 ? 1 : 2);
    CHECK_INT(histogram_percentile(h, 99.9), 1);
    CHECK_INT(histogram_percentile(h, 99.91), 2);
    histogram_free(h);
}

/* Each value alone: the percentile is its own, and its bucket contains it,
 * is at most 1/128 wide and follows the one of the value before. */
static void precision(void)
{
    struct histogram *h = histogram_new(UINT64_MAX);
    uint64_t highest_before = 0;
    for (uint64_t v = 1; v < UINT64_MAX / 9 * 8; v += v / 9 + 1) {
        struct histogram_bucket bucket = {0};
        histogram_reset(h);
        histogram_record(h, v);
        histogram_record(h, UINT64_MAX);
        CHECK(histogram_next(h, &bucket));
        CHECK(bucket.low <= v && v <= bucket.high);
        CHECK(bucket.high - bucket.low <= bucket.low / 128);
        CHECK(bucket.low > highest_before);
        CHECK_INT(histogram_percentile(h, 50), bucket.high);
        highest_before = bucket.high;
    }
    histogram_free(h);
}

static void neighbouring_buckets_touch(void)
{
    struct histogram *h = histogram_new(100000);
    for (uint64_t v = 0; v <= 100000; v++) histogram_record(h, v);
    struct histogram_bucket bucket = {0};
    uint64_t expected_low = 0;
    while (histogram_next(h, &bucket)) {
        CHECK_INT(bucket.low, expected_low);
        CHECK_INT(bucket.count, bucket.high - bucket.low + 1);
        CHECK_INT(bucket.cumulative, bucket.high + 1);
        expected_low = bucket.high + 1;
    }
    CHECK_INT(expected_low, 100001);
    histogram_free(h);
}

static void values_above_the_highest(void)
{
    struct histogram *h = histogram_new(1000);
    histogram_record(h, 5);
    histogram_record(h, 1000000);
    CHECK_INT(histogram_count(h), 2);
    CHECK_INT(histogram_max(h), 1000000);
    CHECK_INT(histogram_percentile(h, 50), 5);
    CHECK_INT(histogram_percentile(h, 99), 1000000);
    CHECK_INT(histogram_count_up_to(h, UINT64_MAX), 2);
    histogram_free(h);
}

static void merging_adds(void)
{
    struct histogram *a = histogram_new(1000), *b = histogram_new(1000);
    histogram_record_many(a, 10, 3);
    histogram_record_many(b, 20, 6);
    histogram_record_many(b, 2, 1);
    histogram_record_many(b, 7, 0);
    histogram_merge(a, b);
    CHECK_INT(histogram_count(a), 10);
    CHECK_INT(histogram_min(a), 2);
    CHECK_INT(histogram_max(a), 20);
    CHECK_INT(histogram_percentile(a, 40), 10);
    CHECK_INT(histogram_percentile(a, 41), 20);
    CHECK(histogram_mean(a) == 15.2);
    histogram_reset(b);
    histogram_merge(a, b);
    CHECK_INT(histogram_min(a), 2);
    CHECK_INT(histogram_count(a), 10);
    histogram_free(a);
    histogram_free(b);
}

int main(void)
{
    TEST("an empty histogram answers zero to everything", empty);
    TEST("percentiles of values below 256 are exact", small_values_are_exact);
    TEST("a bucket contains its values and is at most 1/128 wide", precision);
    TEST("buckets follow each other without gap or overlap", neighbouring_buckets_touch);
    TEST("values above the highest are counted and keep the maximum exact", values_above_the_highest);
    TEST("merging adds counts and keeps the extremes", merging_adds);
    return TEST_END();
}
