#include "base/number.h"

#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>

#include "seed.h"
#include "test.h"

enum { ROUNDS = 100000 };

/* A number of any magnitude, every order of it alike. */
static uint64_t any_scale(struct random *r)
{
    return random_next(r) >> random_below(r, 64);
}

static void check_integer(int64_t value)
{
    char expected[32], printed[32];
    int64_t again;
    size_t len = (size_t)sprintf(expected, "%" PRId64, value);
    CHECK_INT(number_print(printed, value), len);
    CHECK(memcmp(printed, expected, len) == 0);
    CHECK_INT(number_width(value), len);
    CHECK(number_parse(slice_make(printed, len), &again) && again == value);
}

static void check_unsigned(uint64_t value)
{
    char expected[32], printed[32];
    uint64_t again;
    size_t len = (size_t)sprintf(expected, "%" PRIu64, value);
    CHECK_INT(number_print_unsigned(printed, value), len);
    CHECK(memcmp(printed, expected, len) == 0);
    CHECK(number_parse_unsigned(slice_make(printed, len), &again) && again == value);
}

static void integers_come_back(void)
{
    struct random r;
    seed_init(&r);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t magnitude = any_scale(&r);
        check_unsigned(magnitude);
        check_integer((int64_t)magnitude);
        check_integer((int64_t)(0 - magnitude));
    }
    uint64_t power = 1;
    for (int digits = 1; digits <= 20; digits++) {
        for (uint64_t value = power - 1; value != power + 2; value++) {
            check_unsigned(value);
            check_integer((int64_t)value);
            check_integer((int64_t)(0 - value));
        }
        power *= 10;
    }
    check_integer(INT64_MAX);
    check_integer(INT64_MIN);
    check_unsigned(UINT64_MAX);
}

static void only_canonical_integers(void)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "01",
                                      "-0",
                                      "-01",
                                      "00",
                                      "1a",
                                      "0x1",
                                      "1.0",
                                      "--1",
                                      "1e3",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "18446744073709551616",
                                      "99999999999999999999",
                                      "100000000000000000000",
                                      "-99999999999999999999999"};
    int64_t value;
    uint64_t unsigned_value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(!number_parse(slice_of(bad[i]), &value));
    CHECK(!number_parse(SLICE("1\0"), &value));
    CHECK(!number_parse_unsigned(SLICE("-1"), &unsigned_value));
    CHECK(!number_parse_unsigned(SLICE("18446744073709551616"), &unsigned_value));
    CHECK(!number_parse_unsigned(SLICE("18446744073709551620"), &unsigned_value));
    CHECK(!number_parse_unsigned(SLICE("28446744073709551615"), &unsigned_value));
    CHECK(number_parse_unsigned(SLICE("9223372036854775808"), &unsigned_value));
}

/* Whatever is read is what would be printed. */
static void any_text_is_canonical_or_refused(void)
{
    static const char letters[] = "0123456789-+ .";
    struct random r;
    seed_init(&r);
    int taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char text[24], printed[24];
        int64_t value;
        size_t len = random_below(&r, 22);
        for (size_t at = 0; at < len; at++) {
            /* Digits mostly, or hardly any text would be a number. */
            uint64_t kinds = random_below(&r, 8) ? 10 : sizeof letters - 1;
            text[at] = letters[random_below(&r, kinds)];
        }
        if (!number_parse(slice_make(text, len), &value)) continue;
        CHECK_INT(number_print(printed, value), len);
        CHECK(memcmp(text, printed, len) == 0);
        taken++;
    }
    CHECK(taken > ROUNDS / 10);
}

static void check_double(double value)
{
    char printed[32], shorter[64];
    double again;
    size_t len = number_print_double(printed, value);
    CHECK(len < sizeof printed);
    printed[len] = '\0';
    CHECK(number_parse_double(slice_make(printed, len), &again));
    CHECK(memcmp(&again, &value, sizeof value) == 0);
    CHECK(strtod(printed, NULL) == value);
    if (fabs(value) < 1e17 && value == trunc(value)) {
        /* A whole number is printed in full, as long as 17 digits do. */
        snprintf(shorter, sizeof shorter, "%.0f", value);
        CHECK_TEXT(printed, shorter);
        return;
    }
    /* No fewer digits would do. */
    int digits = 0, zeros = 0;
    for (const char *at = printed; *at && *at != 'e'; at++) {
        if (*at == '0') zeros += digits > 0;
        else if (*at > '0' && *at <= '9') digits += 1 + zeros, zeros = 0;
    }
    if (digits < 2) return;
    sprintf(shorter, "%.*e", digits - 2, value);
    CHECK(strtod(shorter, NULL) != value);
}

static void doubles_come_back(void)
{
    struct random r;
    seed_init(&r);
    for (int i = 0; i < ROUNDS; i++) {
        double value;
        uint64_t bits = random_next(&r);
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) check_double(value);
        check_double((double)(int64_t)any_scale(&r));
        check_double((double)(int64_t)(any_scale(&r) >> 40) / 100);
    }
    const double limits[] = {DBL_MAX,  -DBL_MAX, DBL_MIN, 5e-324, DBL_EPSILON, 1e15, -1e15,
                             1e15 - 1, 1e17,     1e20,    0.1,    1.0 / 3,     0.0,  -0.0};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) check_double(limits[i]);
}

static void print_double(double value, const char *expected)
{
    char printed[33] = "";
    printed[number_print_double(printed, value)] = '\0';
    CHECK_TEXT(printed, expected);
}

static void doubles_look_as_expected(void)
{
    print_double(3, "3");
    print_double(-17, "-17");
    print_double(0.1, "0.1");
    print_double(1e20, "1e+20");
    print_double(1.5e-7, "1.5e-07");
    print_double(123456789012345, "123456789012345");
    print_double(HUGE_VAL, "inf");
    print_double(-HUGE_VAL, "-inf");
    print_double((double)NAN, "nan");
    print_double(-0.0, "-0");
}

/* Short texts are read in another way than long ones, with the same result. */
static void short_doubles_are_read_as_by_c(void)
{
    static const char letters[] = "0123456789012345678901234567890.-e";
    struct random r;
    seed_init(&r);
    for (int i = 0; i < ROUNDS; i++) {
        char text[24], *end;
        double value;
        size_t len = random_below(&r, 20);
        for (size_t at = 0; at < len; at++) text[at] = letters[random_below(&r, sizeof letters - 1)];
        text[len] = '\0';
        double expected = strtod(text, &end);
        bool is_number = len > 0 && end == text + len;
        CHECK(number_parse_nearest(slice_make(text, len), &value) == is_number);
        CHECK(!is_number || memcmp(&value, &expected, sizeof value) == 0);
    }
}

static void what_is_no_double(void)
{
    static const char *const bad[] = {"",   " 1", "1 ",    "nan", "-nan", "1e400", "-1e400", "1e-400",
                                      "e5", "1e", "1.2.3", "1,5", "one",  ".",     "-",      "+-1"};
    static const char *const good[] = {"1",   "+1",  "01",   ".5",        "5.",
                                       "1e5", "inf", "-inf", "+Infinity", "0x10"};
    double value;
    long double wide;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!number_parse_double(slice_of(bad[i]), &value));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK(number_parse_double(slice_of(good[i]), &value) && value == strtod(good[i], NULL));
        CHECK(number_parse_long_double(slice_of(good[i]), &wide) && wide == strtold(good[i], NULL));
    }
    CHECK(!number_parse_double(SLICE("1\0"), &value));
    CHECK(number_parse_nearest(SLICE("1e400"), &value) && value == HUGE_VAL);
    CHECK(number_parse_nearest(SLICE("-1e400"), &value) && value == -HUGE_VAL);
    CHECK(number_parse_nearest(SLICE("1e-400"), &value) && value == 0);
    CHECK(!number_parse_nearest(SLICE("nan"), &value) && !number_parse_nearest(SLICE("1e400x"), &value));
    CHECK(!number_parse_long_double(SLICE("1\0"), &wide));
    CHECK(!number_parse_long_double(SLICE(" 1"), &wide));
    CHECK(!number_parse_long_double(SLICE("nan"), &wide));
    CHECK(!number_parse_long_double(SLICE("1e5000"), &wide));
    char zeros[600];
    memset(zeros, '0', sizeof zeros);
    CHECK(number_parse_double(slice_make(zeros, 500), &value) && value == 0);
    CHECK(!number_parse_double(slice_make(zeros, sizeof zeros), &value));
    CHECK(!number_parse_long_double(slice_make(zeros, sizeof zeros), &wide));
}

static void print_long_double(long double value, const char *expected)
{
    char printed[DOUBLE_TEXT_MAX];
    size_t len = number_print_long_double(printed, value);
    CHECK_INT(len, strlen(expected));
    CHECK(memcmp(printed, expected, len) == 0);
}

static void long_doubles(void)
{
    struct random r;
    seed_init(&r);
    print_long_double(3, "3");
    print_long_double(10.5L, "10.5");
    print_long_double(1e20L, "100000000000000000000");
    print_long_double(-0.0L, "0");
    print_long_double(-1e-30L, "0");
    print_long_double(1e-17L, "0.00000000000000001");
    print_long_double(5.0e3L, "5000");
    print_long_double(HUGE_VALL, "inf");
    print_long_double(-HUGE_VALL, "-inf");
    for (int i = 0; i < ROUNDS / 10; i++) {
        long double value = (long double)(int64_t)random_next(&r) / (long double)(1 + any_scale(&r)), again;
        char expected[DOUBLE_TEXT_MAX], printed[DOUBLE_TEXT_MAX];
        size_t len = (size_t)sprintf(expected, "%.17Lf", value),
               own = number_print_long_double(printed, value);
        CHECK(own <= len && memcmp(printed, expected, own) == 0);
        CHECK(own < 2 ||
              (printed[own - 1] != '.' && !(printed[own - 1] == '0' && memchr(printed, '.', own))));
        CHECK(number_parse_long_double(slice_make(printed, own), &again));
        CHECK(fabsl(again - strtold(expected, NULL)) == 0);
    }
    char printed[DOUBLE_TEXT_MAX];
    size_t len = number_print_long_double(printed, -LDBL_MAX);
    CHECK(len > 4900 && len < sizeof printed);
}

static void memory(const char *text, uint64_t expected)
{
    uint64_t bytes;
    CHECK(number_parse_memory(slice_of(text), &bytes));
    CHECK(bytes == expected);
}

static void amounts_of_memory(void)
{
    static const char *const bad[] = {"",
                                      "kb",
                                      "-1",
                                      "1.5mb",
                                      " 1",
                                      "1 kb",
                                      "1kbb",
                                      "1t",
                                      "1kB ",
                                      "0x1kb",
                                      "+1k",
                                      "1\tk",
                                      "18446744073709551616",
                                      "17179869184gb",
                                      "18446744073709552k"};
    memory("0", 0);
    memory("1", 1);
    memory("1b", 1);
    memory("1k", 1000);
    memory("1Kb", 1024);
    memory("2M", 2000000);
    memory("2mB", 2 << 20);
    memory("3g", 3000000000);
    memory("3GB", 3ULL << 30);
    memory("0010kb", 10240);
    memory("18446744073709551615", UINT64_MAX);
    memory("17179869183gb", UINT64_MAX << 30);
    uint64_t bytes;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!number_parse_memory(slice_of(bad[i]), &bytes));
}

static void human(uint64_t bytes, const char *expected)
{
    char printed[33] = "";
    printed[number_print_human(printed, bytes)] = '\0';
    CHECK_TEXT(printed, expected);
}

static void amounts_for_people(void)
{
    human(0, "0B");
    human(1023, "1023B");
    human(1024, "1.00K");
    human(1536, "1.50K");
    human(2 << 20, "2.00M");
    human(13ULL << 28, "3.25G");
    human(1ULL << 40, "1.00T");
    human(UINT64_MAX, "16384.00P");
}

int main(void)
{
    TEST("integers of every magnitude are printed as printf does, and come back", integers_come_back);
    TEST("what is not the canonical form of an integer is refused", only_canonical_integers);
    TEST("any text is the canonical form of an integer or refused", any_text_is_canonical_or_refused);
    TEST("doubles of every magnitude come back, from the shortest text that does", doubles_come_back);
    TEST("doubles look as they should", doubles_look_as_expected);
    TEST("short texts are read as doubles as C does", short_doubles_are_read_as_by_c);
    TEST("what is no floating point number is refused", what_is_no_double);
    TEST("long doubles have up to 17 digits behind the point and no idle zeros", long_doubles);
    TEST("amounts of memory have their units, and do not overflow", amounts_of_memory);
    TEST("amounts for people are short", amounts_for_people);
    return TEST_END();
}
