#include "ds/quicklist.h"

#include "base/mem.h"
#include "ds/listpack.h"
#include "seed.h"
#include "test.h"

/* The oracle: an array of texts. */
enum { TEXTS_MAX = 4000 };
static char *texts[TEXTS_MAX];
static size_t lens[TEXTS_MAX];
static size_t count;
static struct random random_state;

static size_t below(size_t n)
{
    return (size_t)(random_next(&random_state) % n);
}

static void oracle_insert(size_t index, struct slice text)
{
    memmove(texts + index + 1, texts + index, (count - index) * sizeof *texts);
    memmove(lens + index + 1, lens + index, (count - index) * sizeof *lens);
    texts[index] = mem_copy(text.ptr, text.len);
    lens[index] = text.len;
    count++;
}

static void oracle_delete(size_t index, size_t how_many)
{
    if (index >= count) return;
    if (how_many > count - index) how_many = count - index;
    for (size_t i = 0; i < how_many; i++) mem_free(texts[index + i]);
    memmove(texts + index, texts + index + how_many, (count - index - how_many) * sizeof *texts);
    memmove(lens + index, lens + index + how_many, (count - index - how_many) * sizeof *lens);
    count -= how_many;
}

/* A number, a text that compresses well or badly, now and then a long one. */
static struct slice random_text(char *to, size_t max)
{
    size_t kind = below(10), len = below(kind == 0 ? max : 40);
    if (kind < 4) {
        int64_t number = (int64_t)random_next(&random_state) >> below(64);
        return slice_make(to, number_print(to, number));
    }
    for (size_t i = 0; i < len; i++) to[i] = kind < 7 ? (char)('a' + len % 7) : (char)below(256);
    return slice_make(to, len);
}

static void check_walk(struct quicklist *q, size_t from, bool backwards)
{
    struct quicklist_iter it;
    struct slice text;
    size_t seen = 0, expected = from >= count ? 0 : backwards ? from + 1 : count - from;
    quicklist_iter_init(&it, q, from, backwards);
    while (quicklist_next(&it, &text)) {
        size_t i = backwards ? from - seen : from + seen;
        CHECK(seen < expected);
        CHECK(slice_equal(text, slice_make(texts[i], lens[i])));
        seen++;
    }
    quicklist_iter_fini(&it);
    CHECK_INT(seen, expected);
}

static void check_all(struct quicklist *q)
{
    CHECK_INT(q->count, count);
    check_walk(q, 0, false);
    if (count) check_walk(q, count - 1, true);
    check_walk(q, below(count + 2), below(2));
}

/* Deletes every element that a coin chooses, in one walk. */
static void delete_by_iterator(struct quicklist *q, bool backwards, size_t odds)
{
    struct quicklist_iter it;
    struct slice text;
    size_t at = backwards ? count : 0;
    quicklist_iter_init(&it, q, backwards && count ? count - 1 : 0, backwards);
    while (quicklist_next(&it, &text)) {
        size_t index = backwards ? at - 1 : at;
        CHECK(slice_equal(text, slice_make(texts[index], lens[index])));
        bool goes = below(odds) == 0;
        if (goes) {
            quicklist_iter_delete(&it);
            oracle_delete(index, 1);
        }
        if (backwards) at--;
        else if (!goes) at++;
    }
    quicklist_iter_fini(&it);
}

static void one_operation(struct quicklist **q)
{
    static char buffer[20000];
    struct slice text = random_text(buffer, below(8) ? 300 : sizeof buffer);
    size_t index = below(count + 1), how_many = below(4) ? 1 : below(count + 2);
    bool room = count < TEXTS_MAX - 1;
    switch (below(16)) {
    case 0:
    case 1:
    case 2:
        if (!room) break;
        quicklist_push_head(*q, text);
        oracle_insert(0, text);
        break;
    case 3:
    case 4:
    case 5:
        if (!room) break;
        quicklist_push_tail(*q, text);
        oracle_insert(count, text);
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        if (!room) break;
        quicklist_insert(*q, index, text);
        oracle_insert(index, text);
        break;
    case 10:
    case 11:
        if (index == count) break;
        quicklist_replace(*q, index, text);
        oracle_delete(index, 1);
        oracle_insert(index, text);
        break;
    case 12:
        quicklist_delete(*q, index, how_many);
        oracle_delete(index, how_many);
        break;
    case 13:
        if (below(10) == 0) delete_by_iterator(*q, below(2), 2 + below(30));
        break;
    case 14:
        quicklist_delete(*q, 0, 1);
        oracle_delete(0, 1);
        break;
    default:
        if (below(30) == 0) {
            struct quicklist *copy = quicklist_copy(*q);
            quicklist_free(*q);
            *q = copy;
        }
    }
}

static void churn(int fill, unsigned depth, size_t plain_bytes, int operations)
{
    struct quicklist_limits limits = {fill, depth, plain_bytes};
    struct quicklist *q = quicklist_new(&limits);
    for (int i = 0; i < operations; i++) {
        one_operation(&q);
        if (i % 20 == 0 || count < 20) check_all(q);
    }
    check_all(q);
    quicklist_delete(q, 0, SIZE_MAX);
    CHECK_INT(q->count, 0);
    CHECK_INT(q->node_count, 0);
    CHECK(q->head == NULL && q->tail == NULL);
    quicklist_free(q);
    oracle_delete(0, count);
}

static void agrees_with_an_array(void)
{
    static const int fills[] = {0, 1, 2, 3, 7, 128, 100000, -1, -2, -5, -9};
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++)
        for (unsigned depth = 0; depth < 4; depth++)
            churn(fills[i], depth, below(2) ? QUICKLIST_PLAIN_BYTES_MAX : 1 + below(200), 1200);
}

static struct quicklist *filled(int fill, unsigned depth, size_t elements)
{
    struct quicklist *q = quicklist_new(&(struct quicklist_limits){fill, depth, QUICKLIST_PLAIN_BYTES_MAX});
    for (size_t i = 0; i < elements; i++) quicklist_push_tail(q, SLICE("the quick brown fox jumps over it"));
    return q;
}

static void nodes_hold_what_the_fill_allows(void)
{
    struct quicklist *q = filled(10, 0, 95);
    CHECK_INT(q->node_count, 10);
    quicklist_free(q);
    q = filled(0, 0, 5);
    CHECK_INT(q->node_count, 5);
    quicklist_free(q);
    q = filled(-1, 0, 1000); /* of 35 bytes each, estimated as 41 */
    CHECK_INT(q->node_count, (1000 + 115) / 116);
    quicklist_free(q);
    CHECK(!quicklist_exceeds(-2, 8192, 100000));
    CHECK(quicklist_exceeds(-2, 8193, 1));
    CHECK(quicklist_exceeds(128, 100, 129));
    CHECK(quicklist_exceeds(128, 8193, 1));
    CHECK(!quicklist_exceeds_half(128, 4096, 64));
    CHECK(quicklist_exceeds_half(128, 4097, 1));
    CHECK(quicklist_exceeds_half(128, 1, 65));
}

static void inner_nodes_are_compressed(void)
{
    struct quicklist *plain = filled(50, 0, 5000), *packed = filled(50, 1, 5000);
    size_t plain_bytes = quicklist_memory_bytes(plain, 0), packed_bytes = quicklist_memory_bytes(packed, 0);
    CHECK(packed_bytes * 4 < plain_bytes);
    /* Changing one and reading all leaves the others compressed. */
    quicklist_replace(packed, 2500, SLICE("another"));
    struct quicklist_iter it;
    struct slice text;
    quicklist_iter_init(&it, packed, 0, false);
    while (quicklist_next(&it, &text)) continue;
    quicklist_iter_fini(&it);
    CHECK(quicklist_memory_bytes(packed, 0) < packed_bytes + 200);
    quicklist_free(plain);
    quicklist_free(packed);
}

static void splitting_merges_small_neighbours(void)
{
    struct quicklist *q = filled(10, 0, 1000);
    for (size_t i = 0; i < 300; i++) quicklist_insert(q, 15 + below(970), SLICE("x"));
    CHECK_INT(q->count, 1300);
    CHECK(q->node_count < 260);
    quicklist_free(q);
}

static void memory_is_extrapolated_from_samples(void)
{
    struct quicklist *q = filled(10, 0, 10000);
    size_t all = quicklist_memory_bytes(q, 0), guess = quicklist_memory_bytes(q, 5);
    CHECK(guess > all * 9 / 10 && guess < all * 11 / 10);
    quicklist_free(q);
}

static void one_node_is_handed_over(void)
{
    struct quicklist *q = filled(10, 1, 10);
    CHECK(quicklist_only_listpack(q) != NULL);
    quicklist_push_head(q, SLICE("a"));
    CHECK(quicklist_only_listpack(q) == NULL);
    quicklist_delete(q, 1, 10);
    unsigned char *lp = quicklist_take_listpack(q);
    CHECK_INT(listpack_count(lp), 1);
    q = quicklist_new(&(struct quicklist_limits){10, 0, 1});
    quicklist_append_listpack(q, lp);
    CHECK_INT(q->count, 1);
    quicklist_push_tail(q, SLICE("plain"));
    quicklist_delete(q, 0, 1);
    CHECK(quicklist_only_listpack(q) == NULL);
    quicklist_free(q);
}

int main(void)
{
    mem_thread_init();
    seed_init(&random_state);
    TEST("random operations agree with an array, whatever the limits", agrees_with_an_array);
    TEST("a node holds as much as the fill allows", nodes_hold_what_the_fill_allows);
    TEST("inner nodes are compressed, and stay so", inner_nodes_are_compressed);
    TEST("nodes that were split are merged again", splitting_merges_small_neighbours);
    TEST("the memory of a long list is extrapolated", memory_is_extrapolated_from_samples);
    TEST("a list of one node is handed over as a listpack", one_node_is_handed_over);
    return TEST_END();
}
