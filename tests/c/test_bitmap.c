#include "types/bitmap.h"

#include "base/mem.h"
#include "base/random.h"
#include "seed.h"
#include "test.h"

/* ---- the oracle: one bit after the other ---- */

enum { BYTES_MAX = 70 };

struct sample {
    char *bytes; /* an allocation of exactly len, so that a sanitizer sees who reads beyond */
    size_t len;
};

/* Runs of zeros and ones with some bits between, so that words are skipped. */
static struct sample sample_new(struct random *random)
{
    struct sample s = {.len = random_below(random, BYTES_MAX)};
    s.bytes = mem_alloc(s.len ? s.len : 1);
    memset(s.bytes, random_below(random, 2) ? 0xff : 0, s.len);
    for (uint64_t i = random_below(random, 6); i && s.len; i--)
        s.bytes[random_below(random, s.len)] = (char)random_below(random, 256);
    return s;
}

static struct slice view(const struct sample *s)
{
    return slice_make(s->bytes, s->len);
}

static unsigned __int128 slow_field(struct slice bytes, uint64_t offset, unsigned width)
{
    unsigned __int128 bits = 0;
    for (unsigned i = 0; i < width; i++) bits = bits << 1 | bitmap_get(bytes, offset + i);
    return bits;
}

static void bits_are_counted_from_the_highest(void)
{
    struct slice bytes = SLICE("\x80\x01");
    CHECK(bitmap_get(bytes, 0) && !bitmap_get(bytes, 1));
    CHECK(bitmap_get(bytes, 15) && !bitmap_get(bytes, 16) && !bitmap_get(bytes, UINT64_MAX));
    CHECK_INT(bitmap_count(bytes), 2);
    CHECK_INT(bitmap_count(SLICE("")), 0);
}

static void ranges_are_counted_and_searched(void)
{
    struct random random;
    seed_init(&random);
    for (int round = 0; round < 20000; round++) {
        struct sample s = sample_new(&random);
        if (s.len) {
            uint64_t first = random_below(&random, s.len * 8);
            uint64_t last = first + random_below(&random, s.len * 8 - first);
            int64_t found[2] = {-1, -1};
            uint64_t count = 0, all = 0;
            for (uint64_t at = last + 1; at-- > first;) {
                found[bitmap_get(view(&s), at)] = (int64_t)at;
                count += bitmap_get(view(&s), at);
            }
            for (uint64_t at = 0; at < s.len * 8; at++) all += bitmap_get(view(&s), at);
            CHECK_INT(bitmap_count_range(view(&s), first, last), count);
            CHECK_INT(bitmap_count(view(&s)), all);
            CHECK_INT(bitmap_find(view(&s), first, last, false), found[0]);
            CHECK_INT(bitmap_find(view(&s), first, last, true), found[1]);
        }
        mem_free(s.bytes);
    }
}

static bool slow_combine(enum bitmap_operation operation, bool a, bool b)
{
    if (operation == BITMAP_AND) return a && b;
    return operation == BITMAP_OR ? a || b : a != b;
}

static void strings_of_different_lengths_are_combined(void)
{
    struct random random;
    seed_init(&random);
    for (int round = 0; round < 20000; round++) {
        struct sample a = sample_new(&random), b = sample_new(&random);
        enum bitmap_operation operation = (enum bitmap_operation)random_below(&random, 3);
        size_t len = a.len > b.len ? a.len : b.len;
        char *to = mem_alloc(len ? len : 1);
        bitmap_combine_first(to, len, view(&a));
        bitmap_combine(operation, to, len, view(&b));
        for (uint64_t at = 0; at < len * 8; at++)
            CHECK(bitmap_get(slice_make(to, len), at) ==
                  slow_combine(operation, bitmap_get(view(&a), at), bitmap_get(view(&b), at)));
        bitmap_combine_first(to, len, view(&a));
        bitmap_invert(to, len);
        for (uint64_t at = 0; at < len * 8; at++)
            CHECK(bitmap_get(slice_make(to, len), at) != bitmap_get(view(&a), at));
        mem_free(to);
        mem_free(a.bytes);
        mem_free(b.bytes);
    }
}

static void a_field_is_written_without_touching_its_neighbours(void)
{
    struct random random;
    seed_init(&random);
    for (int round = 0; round < 20000; round++) {
        struct sample s = sample_new(&random);
        bool is_signed = random_below(&random, 2);
        unsigned width = 1 +
                         (unsigned)random_below(&random, is_signed ? BITMAP_SIGNED_MAX : BITMAP_UNSIGNED_MAX);
        struct bitmap_field field = {is_signed, width, random_below(&random, s.len * 8 + 20)};
        int64_t value = bitmap_field_get(view(&s), field);
        unsigned __int128 bits = slow_field(view(&s), field.offset, width);
        CHECK((uint64_t)bits == ((uint64_t)value & (UINT64_MAX >> (64 - width))));
        CHECK(is_signed ? (value < 0) == (int)(bits >> (width - 1)) : value >= 0);
        if (field.offset + width <= s.len * 8) {
            char *before = mem_copy(s.bytes, s.len);
            CHECK(bitmap_field_fit(field, (int64_t)random_next(&random), BITMAP_WRAP, &value));
            bitmap_field_set(s.bytes, field, value);
            CHECK(bitmap_field_get(view(&s), field) == value);
            for (uint64_t at = 0; at < s.len * 8; at++)
                if (at < field.offset || at >= field.offset + width)
                    CHECK(bitmap_get(view(&s), at) == bitmap_get(slice_make(before, s.len), at));
            mem_free(before);
        }
        mem_free(s.bytes);
    }
}

static void what_does_not_fit_wraps_or_stops_or_fails(void)
{
    const struct {
        struct bitmap_field field;
        __int128 exact;
        int64_t wrapped, saturated;
    } rows[] = {
        {{true, 4, 0}, 8, -8, 7},
        {{true, 4, 0}, -9, 7, -8},
        {{true, 1, 0}, 1, -1, 0},
        {{false, 4, 0}, 16, 0, 15},
        {{false, 4, 0}, -1, 15, 0},
        {{true, 64, 0}, (__int128)INT64_MAX + 1, INT64_MIN, INT64_MAX},
        {{true, 64, 0}, (__int128)INT64_MIN * 2, 0, INT64_MIN},
        {{false, 63, 0}, (__int128)INT64_MAX + 1, 0, INT64_MAX},
        {{false, 63, 0}, (__int128)UINT64_MAX, INT64_MAX, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 0;
        CHECK(bitmap_field_fit(rows[i].field, rows[i].exact, BITMAP_WRAP, &value));
        CHECK_INT(value, rows[i].wrapped);
        CHECK(bitmap_field_fit(rows[i].field, rows[i].exact, BITMAP_SATURATE, &value));
        CHECK_INT(value, rows[i].saturated);
        CHECK(!bitmap_field_fit(rows[i].field, rows[i].exact, BITMAP_FAIL, &value));
        CHECK(bitmap_field_fit(rows[i].field, rows[i].saturated, BITMAP_FAIL, &value));
        CHECK_INT(value, rows[i].saturated);
    }
}

int main(void)
{
    TEST("bits are counted from the highest of the first byte", bits_are_counted_from_the_highest);
    TEST("ranges are counted and searched", ranges_are_counted_and_searched);
    TEST("strings of different lengths are combined", strings_of_different_lengths_are_combined);
    TEST("a field is written without touching its neighbours",
         a_field_is_written_without_touching_its_neighbours);
    TEST("what does not fit wraps, stops or fails", what_does_not_fit_wraps_or_stops_or_fails);
    return TEST_END();
}
