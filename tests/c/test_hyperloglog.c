#include "types/hyperloglog.h"

#include <math.h>

#include "seed.h"
#include "test.h"

enum { NO_LIMIT = 1 << 20 };

static struct hyperloglog_element number_element(uint64_t number)
{
    return hyperloglog_element(slice_make((const char *)&number, sizeof number));
}

/* A text with this header's encoding and these bytes behind it. */
static struct slice text_of(struct buffer *text, char encoding, struct slice body)
{
    char header[HYPERLOGLOG_HEADER_BYTES] = "HYLL";
    header[4] = encoding;
    buffer_clear(text);
    buffer_append(text, header, sizeof header);
    buffer_append_slice(text, body);
    return buffer_slice(text);
}

static void registers_of(struct slice text, uint8_t registers[HYPERLOGLOG_REGISTERS])
{
    memset(registers, 0, HYPERLOGLOG_REGISTERS);
    CHECK(hyperloglog_merge(registers, text));
}

static const char *runs_of(const struct buffer *text, struct buffer *runs)
{
    buffer_clear(runs);
    CHECK(hyperloglog_print_runs(buffer_slice(text), runs));
    return runs->data;
}

static void the_bytes_are_those_of_the_reference(void)
{
    static const char runs[] = "\x60\xf3\x80\x50\xb1\x84\x4b\xfb\x80\x42\x5a";
    struct buffer text = {0};
    hyperloglog_init(&text);
    CHECK(slice_equal(buffer_slice(&text), SLICE("HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff")));
    CHECK(hyperloglog_raise(&text, hyperloglog_element(SLICE("a")), 3000) == HYPERLOGLOG_RAISED);
    CHECK(hyperloglog_raise(&text, hyperloglog_element(SLICE("b")), 3000) == HYPERLOGLOG_RAISED);
    CHECK(hyperloglog_raise(&text, hyperloglog_element(SLICE("c")), 3000) == HYPERLOGLOG_RAISED);
    CHECK(hyperloglog_raise(&text, hyperloglog_element(SLICE("a")), 3000) == HYPERLOGLOG_SAME);
    CHECK_INT(text.len, HYPERLOGLOG_HEADER_BYTES + sizeof runs - 1);
    CHECK(memcmp(text.data + HYPERLOGLOG_HEADER_BYTES, runs, sizeof runs - 1) == 0);
    buffer_fini(&text);
}

static void dense_registers_are_six_bits_each(void)
{
    char text[HYPERLOGLOG_DENSE_BYTES] = {0};
    uint8_t expected[HYPERLOGLOG_REGISTERS] = {0};
    struct random random;
    seed_init(&random);
    for (int i = 0; i < 100000; i++) {
        unsigned index = (unsigned)random_below(&random, HYPERLOGLOG_REGISTERS);
        expected[index] = (uint8_t)random_below(&random, 64);
        hyperloglog_dense_set(text, index, expected[index]);
    }
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        CHECK_INT(hyperloglog_dense_get(text, i), expected[i]);
    memset(text, 0, sizeof text);
    hyperloglog_dense_set(text, 1, 63);
    CHECK(memcmp(text + HYPERLOGLOG_HEADER_BYTES, "\xc0\x0f\0", 3) == 0);
}

static enum hyperloglog_change raise_register(struct buffer *text, unsigned index, uint8_t rank)
{
    return hyperloglog_raise(text, (struct hyperloglog_element){index, rank}, NO_LIMIT);
}

static void runs_are_split_and_joined(void)
{
    struct buffer text = {0}, runs = {0};
    hyperloglog_init(&text);
    const struct {
        unsigned index;
        uint8_t rank;
        const char *runs;
    } steps[] = {
        {0, 1, "v:1,1 Z:16383"},
        {16383, 1, "v:1,1 Z:16382 v:1,1"},
        {2, 1, "v:1,1 z:1 v:1,1 Z:16380 v:1,1"},
        {1, 1, "v:1,3 Z:16380 v:1,1"},
        {3, 1, "v:1,4 Z:16379 v:1,1"},
        {4, 1, "v:1,4 v:1,1 Z:16378 v:1,1"},
        {2, 5, "v:1,2 v:5,1 v:1,2 Z:16378 v:1,1"},
        {3, 5, "v:1,2 v:5,2 v:1,1 Z:16378 v:1,1"},
        {70, 32, "v:1,2 v:5,2 v:1,1 Z:65 v:32,1 Z:16312 v:1,1"},
        {69, 32, "v:1,2 v:5,2 v:1,1 z:64 v:32,2 Z:16312 v:1,1"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        CHECK(raise_register(&text, steps[i].index, steps[i].rank) == HYPERLOGLOG_RAISED);
        CHECK(raise_register(&text, steps[i].index, steps[i].rank) == HYPERLOGLOG_SAME);
        CHECK_TEXT(runs_of(&text, &runs), steps[i].runs);
    }
    buffer_fini(&text);
    buffer_fini(&runs);
}

static void sparse_and_dense_agree_on_random_ranks(void)
{
    uint8_t expected[HYPERLOGLOG_REGISTERS], registers[HYPERLOGLOG_REGISTERS];
    struct random random;
    seed_init(&random);
    for (int round = 0; round < 30; round++) {
        struct buffer sparse = {0}, dense = {0};
        unsigned range = 1 + (unsigned)random_below(&random, HYPERLOGLOG_REGISTERS);
        unsigned ranks = 1 + (unsigned)random_below(&random, 32);
        hyperloglog_init(&sparse);
        hyperloglog_init(&dense);
        CHECK(hyperloglog_make_dense(&dense));
        for (int i = 0; i < 2000; i++) {
            struct hyperloglog_element element = {(unsigned)random_below(&random, range),
                                                  (uint8_t)(1 + random_below(&random, ranks))};
            CHECK_INT(hyperloglog_raise(&sparse, element, NO_LIMIT),
                      hyperloglog_raise(&dense, element, NO_LIMIT));
        }
        CHECK(!hyperloglog_is_dense(buffer_slice(&sparse)) && hyperloglog_is_dense(buffer_slice(&dense)));
        registers_of(buffer_slice(&dense), expected);
        registers_of(buffer_slice(&sparse), registers);
        CHECK(memcmp(expected, registers, sizeof registers) == 0);
        CHECK(hyperloglog_make_dense(&sparse));
        CHECK(slice_equal(buffer_slice(&sparse), buffer_slice(&dense)));
        buffer_fini(&sparse);
        buffer_fini(&dense);
    }
}

static void a_sparse_one_becomes_dense_when_it_must(void)
{
    struct buffer text = {0};
    uint8_t registers[HYPERLOGLOG_REGISTERS];
    hyperloglog_init(&text);
    CHECK(hyperloglog_raise(&text, (struct hyperloglog_element){100, 32}, 21) == HYPERLOGLOG_RAISED);
    CHECK_INT(text.len, 21);
    CHECK(hyperloglog_raise(&text, (struct hyperloglog_element){200, 1}, 23) == HYPERLOGLOG_RAISED);
    CHECK_INT(text.len, HYPERLOGLOG_DENSE_BYTES);
    CHECK(hyperloglog_is_valid(buffer_slice(&text)) && hyperloglog_is_dense(buffer_slice(&text)));
    buffer_clear(&text);
    hyperloglog_init(&text);
    CHECK(hyperloglog_raise(&text, (struct hyperloglog_element){16383, 33}, NO_LIMIT) == HYPERLOGLOG_RAISED);
    CHECK(hyperloglog_is_dense(buffer_slice(&text)));
    registers_of(buffer_slice(&text), registers);
    CHECK_INT(registers[16383], 33);
    CHECK_INT(registers[16382], 0);
    buffer_fini(&text);
}

static void the_estimate_is_near(void)
{
    const double standard_error = 1.04 / sqrt(HYPERLOGLOG_REGISTERS);
    struct buffer text = {0};
    struct random random;
    uint64_t count, next_check = 10;
    seed_init(&random);
    hyperloglog_init(&text);
    CHECK(hyperloglog_estimate(buffer_slice(&text), &count) && count == 0);
    for (uint64_t n = 1; n <= 1000000; n++) {
        hyperloglog_raise(&text, number_element(random_next(&random)), 3000);
        if (n != next_check) continue;
        CHECK(hyperloglog_estimate(buffer_slice(&text), &count));
        double error = fabs((double)count - (double)n);
        CHECK(error <= 2 || error <= 6 * standard_error * (double)n);
        next_check = n * 10;
    }
    buffer_fini(&text);
}

static void the_cached_estimate_is_kept_until_it_is_stale(void)
{
    struct buffer text = {0};
    uint64_t count;
    hyperloglog_init(&text);
    hyperloglog_set_cached(text.data, 0x123456789abcdef);
    CHECK(hyperloglog_cached(buffer_slice(&text), &count) && count == 0x123456789abcdef);
    CHECK((unsigned char)text.data[8] == 0xef && text.data[15] == 1);
    hyperloglog_set_stale(text.data);
    CHECK(!hyperloglog_cached(buffer_slice(&text), &count));
    buffer_fini(&text);
}

static void what_has_no_sound_header_is_refused(void)
{
    struct buffer text = {0};
    CHECK(!hyperloglog_is_valid(SLICE("")));
    CHECK(!hyperloglog_is_valid(SLICE("HYLL\x01\0\0\0\0\0\0\0\0\0\0")));
    CHECK(hyperloglog_is_valid(SLICE("HYLL\x01\0\0\0\0\0\0\0\0\0\0\0")));
    CHECK(!hyperloglog_is_valid(SLICE("HYLL\x00\0\0\0\0\0\0\0\0\0\0\0")));
    CHECK(!hyperloglog_is_valid(SLICE("HYLL\x02\0\0\0\0\0\0\0\0\0\0\0")));
    CHECK(!hyperloglog_is_valid(SLICE("HYLl\x01\0\0\0\0\0\0\0\0\0\0\0")));
    hyperloglog_init(&text);
    CHECK(hyperloglog_make_dense(&text) && hyperloglog_is_valid(buffer_slice(&text)));
    CHECK(!hyperloglog_is_valid(slice_make(text.data, text.len - 1)));
    buffer_append_char(&text, 0);
    CHECK(!hyperloglog_is_valid(buffer_slice(&text)));
    buffer_fini(&text);
}

static void corrupt_runs_are_refused_and_left_alone(void)
{
    const struct slice bodies[] = {
        SLICE(""),
        SLICE("\x7f"),
        SLICE("\x7f\xfe"),
        SLICE("\x7f\xff\x80"),
        SLICE("\x7f\xff\x00"),
        SLICE("\x7f\xff\x7f"),
        SLICE("\x7f\xfe\x81"),
        SLICE("\x7f\xff\x7f\xff"),
    };
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    struct buffer text = {0}, before = {0};
    uint64_t count;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct slice view = text_of(&text, 1, bodies[i]);
        text_of(&before, 1, bodies[i]);
        CHECK(hyperloglog_is_valid(view));
        CHECK(!hyperloglog_merge(registers, view));
        CHECK(!hyperloglog_estimate(view, &count));
        CHECK(!hyperloglog_make_dense(&text));
        CHECK(hyperloglog_raise(&text, (struct hyperloglog_element){5, 33}, NO_LIMIT) == HYPERLOGLOG_CORRUPT);
        CHECK(slice_equal(buffer_slice(&text), buffer_slice(&before)));
    }
    text_of(&text, 1, SLICE("\x7f\xfe"));
    CHECK(hyperloglog_raise(&text, (struct hyperloglog_element){16383, 1}, NO_LIMIT) == HYPERLOGLOG_CORRUPT);
    buffer_fini(&text);
    buffer_fini(&before);
}

static void registers_beyond_any_hash_have_no_estimate(void)
{
    uint8_t registers[HYPERLOGLOG_REGISTERS];
    memset(registers, 63, sizeof registers);
    CHECK_INT((int64_t)hyperloglog_estimate_registers(registers), INT64_MIN);
    memset(registers, 51, sizeof registers);
    CHECK_INT((int64_t)hyperloglog_estimate_registers(registers), INT64_MIN);
}

int main(void)
{
    TEST("the bytes are those of the reference", the_bytes_are_those_of_the_reference);
    TEST("dense registers are six bits each", dense_registers_are_six_bits_each);
    TEST("runs are split and joined", runs_are_split_and_joined);
    TEST("sparse and dense agree on random ranks", sparse_and_dense_agree_on_random_ranks);
    TEST("a sparse one becomes dense when it must", a_sparse_one_becomes_dense_when_it_must);
    TEST("the estimate is near, from 10 to 1,000,000 elements", the_estimate_is_near);
    TEST("the cached estimate is kept until it is stale", the_cached_estimate_is_kept_until_it_is_stale);
    TEST("what has no sound header is refused", what_has_no_sound_header_is_refused);
    TEST("corrupt runs are refused, and left alone", corrupt_runs_are_refused_and_left_alone);
    TEST("registers beyond any hash have no estimate", registers_beyond_any_hash_have_no_estimate);
    return TEST_END();
}
