#include "ds/listpack.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* A listpack, and the same texts in an array. */
enum { TEXTS_MAX = 400 };
struct world {
    struct random random;
    unsigned char *lp;
    struct slice texts[TEXTS_MAX];
    size_t count;
};

static void world_init(struct world *world)
{
    *world = (struct world){.lp = listpack_new(0)};
    seed_init(&world->random);
}

static void world_fini(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) mem_free((void *)(uintptr_t)world->texts[i].ptr);
    listpack_free(world->lp);
}

/* Numbers of every width and texts of every kind of length, often ones that
 * look like numbers. */
static struct slice any_text(struct random *r)
{
    static const size_t lengths[] = {0,   1,   5,   20,  21,   62,   63,   64,
                                     100, 126, 127, 200, 4094, 4095, 4096, 17000};
    char digits[NUMBER_TEXT_MAX + 2] = "";
    size_t len;
    if (random_below(r, 2)) {
        int64_t number = (int64_t)(random_next(r) >> random_below(r, 64));
        len = number_print(digits, random_below(r, 2) ? number : -number);
        if (random_below(r, 8) == 0) digits[len++] = '0'; /* perhaps beyond 64 bits, or a leading zero */
        return slice_make(mem_copy(digits, len), len);
    }
    len = lengths[random_below(r, random_below(r, 4) ? 9 : 16)];
    char *text = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++) text[i] = (char)('0' + random_below(r, 3));
    if (len && random_below(r, 2)) text[0] = 'x';
    return slice_make(text, len);
}

static void check_same(struct world *world)
{
    char digits[NUMBER_TEXT_MAX];
    CHECK(listpack_validate(world->lp, listpack_bytes(world->lp), true));
    CHECK_INT(listpack_count(world->lp), world->count);
    size_t i = 0;
    for (const unsigned char *at = listpack_first(world->lp); at; at = listpack_next(world->lp, at), i++) {
        CHECK(i < world->count);
        CHECK(slice_equal(listpack_get(at, digits), world->texts[i]));
        CHECK(listpack_equal(at, world->texts[i]));
    }
    CHECK_INT(i, world->count);
    for (const unsigned char *at = listpack_last(world->lp); at; at = listpack_prev(world->lp, at)) {
        CHECK(i > 0);
        CHECK(slice_equal(listpack_get(at, digits), world->texts[--i]));
    }
    CHECK_INT(i, 0);
}

static void check_find(struct world *world)
{
    struct slice text = any_text(&world->random);
    unsigned skip = (unsigned)random_below(&world->random, 3);
    if (world->count && random_below(&world->random, 2)) {
        mem_free((void *)(uintptr_t)text.ptr);
        struct slice some = world->texts[random_below(&world->random, world->count)];
        text = slice_make(mem_copy(some.ptr, some.len), some.len);
    }
    size_t at = 0;
    while (at < world->count && !slice_equal(world->texts[at], text)) at += skip + 1;
    const unsigned char *found = listpack_find(world->lp, listpack_first(world->lp), text, skip);
    const unsigned char *expected = at < world->count ? listpack_seek(world->lp, (int64_t)at) : NULL;
    CHECK(found == expected);
    mem_free((void *)(uintptr_t)text.ptr);
}

static void insert(struct world *world, size_t index, unsigned count)
{
    struct slice texts[10];
    for (unsigned i = 0; i < count; i++) texts[i] = any_text(&world->random);
    unsigned char *at = listpack_seek(world->lp, (int64_t)index);
    world->lp = listpack_insert(world->lp, &at, texts, count);
    CHECK(at == listpack_seek(world->lp, (int64_t)index) || count == 0);
    memmove(world->texts + index + count, world->texts + index, (world->count - index) * sizeof *texts);
    memcpy(world->texts + index, texts, count * sizeof *texts);
    world->count += count;
}

static void delete (struct world *world, size_t index, unsigned count)
{
    if (count > world->count - index) count = (unsigned)(world->count - index);
    unsigned char *at = listpack_seek(world->lp, (int64_t)index);
    if (at == NULL) return;
    if (random_below(&world->random, 2)) {
        world->lp = listpack_delete(world->lp, &at, count);
        CHECK(at == listpack_seek(world->lp, (int64_t)index));
    } else {
        world->lp = listpack_delete_range(world->lp, (int64_t)index - (int64_t)world->count, count);
    }
    for (unsigned i = 0; i < count; i++) mem_free((void *)(uintptr_t)world->texts[index + i].ptr);
    world->count -= count;
    memmove(world->texts + index, world->texts + index + count,
            (world->count - index) * sizeof *world->texts);
}

static void replace(struct world *world, size_t index)
{
    struct slice text = any_text(&world->random);
    unsigned char *at = listpack_seek(world->lp, (int64_t)index);
    world->lp = listpack_replace(world->lp, &at, text);
    CHECK(at == listpack_seek(world->lp, (int64_t)index));
    mem_free((void *)(uintptr_t)world->texts[index].ptr);
    world->texts[index] = text;
}

static void random_changes(void)
{
    static struct world world;
    world_init(&world);
    for (int i = 0; i < 6000; i++) {
        size_t index = random_below(&world.random, world.count + 1);
        unsigned action = (unsigned)random_below(&world.random, 10),
                 count = (unsigned)random_below(&world.random, 8);
        if (action < 5 && world.count + count < TEXTS_MAX) insert(&world, index, count);
        else if (action < 8) delete (&world, index, count);
        else if (index < world.count) replace(&world, index);
        if (i % 20 == 0) check_same(&world);
        check_find(&world);
    }
    world_fini(&world);
}

static void ends(void)
{
    unsigned char *lp = listpack_new(0);
    CHECK(listpack_first(lp) == NULL && listpack_last(lp) == NULL && listpack_seek(lp, 0) == NULL);
    CHECK(listpack_find(lp, listpack_first(lp), SLICE("a"), 0) == NULL);
    CHECK_INT(listpack_bytes(lp), 7);
    lp = listpack_append(lp, SLICE("b"));
    lp = listpack_prepend(lp, SLICE("a"));
    lp = listpack_append_number(lp, -7);
    unsigned char *copy = listpack_copy(lp);
    lp = listpack_append_all(lp, copy);
    CHECK_INT(listpack_count(lp), 6);
    CHECK(listpack_equal(listpack_seek(lp, 3), SLICE("a")));
    CHECK(listpack_equal(listpack_seek(lp, -1), SLICE("-7")));
    int64_t number;
    CHECK(listpack_get_number(listpack_last(lp), &number) && number == -7);
    CHECK(!listpack_get_number(listpack_first(lp), &number));
    CHECK(listpack_seek(lp, 6) == NULL && listpack_seek(lp, -7) == NULL);
    CHECK(listpack_fits(lp, 1000) && !listpack_fits(lp, SIZE_MAX) &&
          !listpack_fits(lp, LISTPACK_LIMIT_BYTES));
    listpack_free(copy);
    listpack_free(lp);
}

/* The bytes as files hold them: one entry of each encoding. */
static void format(void)
{
    static const unsigned char expected[] = {
        37,   0,    0,    0,    8,    0, /* bytes, count */
        5,    1,                         /* 7 bits */
        0xc1, 0x00, 2,                   /* 13 bits: 256 */
        0xdf, 0xff, 2,                   /* 13 bits: -1 */
        0xf1, 0x00, 0x80, 3,             /* 16 bits: -32768 */
        0xf2, 0x00, 0x80, 0x00, 4,       /* 24 bits: 32768 */
        0xf3, 0x00, 0x00, 0x80, 0x00, 5, /* 32 bits: 8388608 */
        0x82, 'h',  'i',  3,             /* a short string */
        0x81, 'x',  2,    0xff,          /* and the end */
    };
    unsigned char *lp = listpack_new(0);
    static const int64_t numbers[] = {5, 256, -1, -32768, 32768, 8388608};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) lp = listpack_append_number(lp, numbers[i]);
    lp = listpack_append(lp, SLICE("hi"));
    lp = listpack_append(lp, SLICE("x"));
    CHECK_INT(listpack_bytes(lp), sizeof expected);
    CHECK(memcmp(lp, expected, sizeof expected) == 0);
    listpack_free(lp);
}

static void many_entries(void)
{
    enum { COUNT = 70000 };
    unsigned char *lp = listpack_new(0);
    for (int i = 0; i < COUNT; i++) lp = listpack_append_number(lp, i % 100);
    CHECK_INT(listpack_count(lp), COUNT);
    CHECK(listpack_equal(listpack_seek(lp, 69999), SLICE("99")));
    CHECK(listpack_validate(lp, listpack_bytes(lp), true));
    lp = listpack_delete_range(lp, 10, 69000);
    CHECK_INT(listpack_count(lp), 1000);
    CHECK(mem_usable(lp) < 2 * listpack_bytes(lp) + 4096); /* some allocators give whole pages */
    listpack_free(lp);
}

/* Any change of any byte is either refused or leaves something that can be
 * walked within its bounds. */
static void damage(void)
{
    static struct world world;
    char digits[NUMBER_TEXT_MAX];
    world_init(&world);
    for (int i = 0; i < 12; i++) insert(&world, world.count, 5);
    size_t bytes = listpack_bytes(world.lp);
    for (int i = 0; i < 20000; i++) {
        unsigned char *damaged = mem_alloc(bytes);
        memcpy(damaged, world.lp, bytes);
        for (uint64_t n = random_below(&world.random, 3) + 1; n > 0; n--)
            damaged[random_below(&world.random, bytes)] = (unsigned char)random_next(&world.random);
        if (listpack_validate(damaged, bytes, true)) {
            size_t count = 0;
            for (const unsigned char *at = listpack_first(damaged); at;
                 at = listpack_next(damaged, at), count++)
                CHECK(listpack_get(at, digits).len <= bytes);
            CHECK_INT(count, listpack_count(damaged));
        }
        CHECK(!listpack_validate(damaged, bytes - 1, true));
        mem_free(damaged);
    }
    world_fini(&world);
}

/* Pairs in the order of their numbers, of every width, moved and skipped. */
static void ascending_pairs(void)
{
    enum { PAIRS = 60 };
    struct random random;
    int64_t numbers[PAIRS];
    seed_init(&random);
    for (int round = 0; round < 200; round++) {
        unsigned char *lp = listpack_new(0);
        int64_t step = 1 + (int64_t)(random_next(&random) >> (4 + random_below(&random, 60)) >> 8);
        for (int i = 0; i < PAIRS; i++) {
            struct slice name = any_text(&random);
            numbers[i] = (i - PAIRS / 2) * step;
            lp = listpack_append(lp, name);
            lp = listpack_append_number(lp, numbers[i]);
            mem_free((void *)(uintptr_t)name.ptr);
        }
        for (int i = 0; i < PAIRS; i++) {
            CHECK(listpack_skip_below(lp, listpack_first(lp), numbers[i]) ==
                  listpack_seek(lp, (int64_t)2 * i));
            CHECK(listpack_skip_below(lp, listpack_first(lp), numbers[i] + 1) ==
                  (i + 1 < PAIRS ? listpack_seek(lp, (int64_t)2 * i + 2) : NULL));
        }
        listpack_free(lp);
    }
}

static void moves(void)
{
    static struct world world;
    world_init(&world);
    for (int i = 0; i < 10; i++) insert(&world, world.count, 4);
    for (int i = 0; i < 3000; i++) {
        struct slice moved[5], others[TEXTS_MAX];
        size_t count = 1 + random_below(&world.random, 5),
               from = random_below(&world.random, world.count - count + 1), rest = world.count - count,
               to = random_below(&world.random, rest + 1); /* among the others */
        unsigned char *at = listpack_seek(world.lp, (int64_t)from);
        unsigned char *before = listpack_seek(world.lp, (int64_t)(to < from ? to : to + count));
        at = listpack_move(world.lp, at, (unsigned)count, before);
        CHECK(at == listpack_seek(world.lp, (int64_t)to));
        memcpy(moved, world.texts + from, count * sizeof *moved);
        memcpy(others, world.texts, from * sizeof *others);
        memcpy(others + from, world.texts + from + count, (rest - from) * sizeof *others);
        memcpy(world.texts, others, to * sizeof *others);
        memcpy(world.texts + to, moved, count * sizeof *moved);
        memcpy(world.texts + to + count, others + to, (rest - to) * sizeof *others);
        if (i % 20 == 0) check_same(&world);
    }
    world_fini(&world);
}

int main(void)
{
    TEST("numbers below a bound are skipped, whatever their width", ascending_pairs);
    TEST("moved entries stand where they are to, and all others remain", moves);
    TEST("random changes leave what an array holds", random_changes);
    TEST("both ends of an empty and a small one", ends);
    TEST("each encoding is the one of the format", format);
    TEST("more entries than the count can say are counted", many_entries);
    TEST("damaged bytes are refused or harmless", damage);
    return TEST_END();
}
