#include "ds/intset.h"

#include <string.h>

#include "base/mem.h"
#include "seed.h"
#include "test.h"

enum { NUMBERS_MAX = 300 };

struct model {
    int64_t numbers[NUMBERS_MAX];
    size_t count;
};

static bool model_find(const struct model *m, int64_t number, size_t *index)
{
    for (*index = 0; *index < m->count && m->numbers[*index] < number;) ++*index;
    return *index < m->count && m->numbers[*index] == number;
}

/* Of every width, the ends of each too; often the same. */
static int64_t any_number(struct random *r, unsigned width_max)
{
    static const int64_t ends[] = {0,         -1,        INT16_MAX, INT16_MIN, INT16_MAX + 1, INT16_MIN - 1,
                                   INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    if (random_below(r, 4) == 0) return ends[random_below(r, width_max == 8 ? 10 : width_max == 4 ? 8 : 4)];
    if (width_max == 2 || random_below(r, 2)) return (int64_t)random_below(r, 400) - 200;
    int64_t number = (int64_t)random_next(r);
    return width_max == 8 ? number : (int32_t)number;
}

static void check_same(const unsigned char *set, const struct model *m)
{
    CHECK(intset_count(set) == m->count);
    for (size_t i = 0; i < m->count; i++) CHECK(intset_at(set, i) == m->numbers[i]);
    CHECK(intset_validate(set, intset_bytes(set), true));
    CHECK(!intset_validate(set, intset_bytes(set) - 1, true));
    CHECK(!intset_validate(set, intset_bytes(set) + 1, true));
}

static void play(struct random *r, unsigned width_max)
{
    struct model m = {0};
    unsigned char *set = intset_new();
    for (int step = 0; step < 1500; step++) {
        int64_t number = any_number(r, width_max);
        size_t index, expected;
        bool found = model_find(&m, number, &expected);
        CHECK(intset_find(set, number, &index) == found);
        CHECK(index == expected);
        int64_t *at = &m.numbers[index];
        if (!found && m.count < NUMBERS_MAX && random_below(r, 5)) {
            set = intset_insert(set, index, number);
            memmove(at + 1, at, (m.count++ - index) * sizeof *at);
            *at = number;
        } else if (found && random_below(r, 2)) {
            set = intset_delete(set, index);
            memmove(at, at + 1, (--m.count - index) * sizeof *at);
        }
        if (step % 50 == 0) check_same(set, &m);
    }
    check_same(set, &m);
    unsigned char *copy = intset_copy(set);
    check_same(copy, &m);
    intset_free(copy);
    intset_free(set);
}

static void an_intset_is_a_sorted_array(void)
{
    struct random random;
    seed_init(&random);
    for (int i = 0; i < 30; i++) play(&random, 2u << i % 3);
}

static void the_bytes_are_those_of_an_rdb_file(void)
{
    static const unsigned char small[] = {2, 0, 0, 0, 2, 0, 0, 0, 0xfe, 0xff, 1, 0};
    static const unsigned char wide[] = {4,    0,    0, 0, 3, 0, 0, 0, 0xfe, 0xff,
                                         0xff, 0xff, 1, 0, 0, 0, 0, 0, 1,    0};
    unsigned char *set = intset_insert(intset_new(), 0, 1);
    set = intset_insert(set, 0, -2);
    CHECK(intset_bytes(set) == sizeof small && memcmp(set, small, sizeof small) == 0);
    set = intset_insert(set, 2, 65536);
    CHECK(intset_bytes(set) == sizeof wide && memcmp(set, wide, sizeof wide) == 0);
    intset_free(set);
}

static void what_is_no_intset_is_refused(void)
{
    static const unsigned char bad_width[] = {3, 0, 0, 0, 0, 0, 0, 0};
    static const unsigned char huge_count[] = {8, 0, 0, 0, 0, 0, 0, 0x20};
    static const unsigned char disorder[] = {2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0};
    CHECK(!intset_validate(bad_width, sizeof bad_width, false));
    CHECK(!intset_validate(huge_count, sizeof huge_count, false));
    CHECK(intset_validate(disorder, sizeof disorder, false));
    CHECK(!intset_validate(disorder, sizeof disorder, true));
    CHECK(!intset_validate(disorder, 7, false));
}

int main(void)
{
    TEST("an intset is a sorted array", an_intset_is_a_sorted_array);
    TEST("the bytes are those of an RDB file", the_bytes_are_those_of_an_rdb_file);
    TEST("what is no intset is refused", what_is_no_intset_is_refused);
    return TEST_END();
}
