/* Targets of ds/: what RDB files hold as one run of bytes, the tree and the long list. */
#include "ds/btree.h"
#include "ds/intset.h"
#include "ds/listpack.h"
#include "ds/quicklist.h"
#include "fuzz.h"

/* What is accepted can be read, found and copied. */
int fuzz_intset(const uint8_t *data, size_t size)
{
    size_t index;
    if (!intset_validate(data, size, true)) return 0;
    FUZZ_CHECK(intset_validate(data, size, false));
    FUZZ_CHECK(intset_bytes(data) == size);
    unsigned char *copy = intset_copy(data);
    size_t count = intset_count(copy);
    for (size_t i = 0; i < count; i++) {
        int64_t number = intset_at(data, i);
        FUZZ_CHECK(intset_find(copy, number, &index) && index == i);
        if (i > 0 && number > intset_at(data, i - 1) + 1)
            FUZZ_CHECK(!intset_find(copy, number - 1, &index) && index == i);
    }
    while (intset_count(copy)) copy = intset_delete(copy, intset_count(copy) / 2);
    FUZZ_CHECK(intset_validate(copy, intset_bytes(copy), true));
    intset_free(copy);
    return 0;
}

/* What is accepted can be walked both ways, searched and taken apart. */
int fuzz_listpack(const uint8_t *data, size_t size)
{
    char digits[NUMBER_TEXT_MAX];
    if (!listpack_validate(data, size, true)) return 0;
    FUZZ_CHECK(listpack_validate(data, size, false));
    size_t count = 0, total = 0;
    for (const unsigned char *at = listpack_first(data); at; at = listpack_next(data, at)) {
        struct slice text = listpack_get(at, digits);
        FUZZ_CHECK(listpack_equal(at, text));
        FUZZ_CHECK(listpack_find(data, listpack_first(data), text, 0) != NULL || count > 1000);
        total += text.len;
        count++;
    }
    FUZZ_CHECK(count == listpack_count(data) && total <= size * 21);
    for (const unsigned char *at = listpack_last(data); at; at = listpack_prev(data, at)) count--;
    FUZZ_CHECK(count == 0);
    unsigned char *copy = listpack_copy(data), *at;
    while ((at = listpack_seek(copy, (int64_t)(listpack_count(copy) / 2))) != NULL) {
        copy = listpack_replace(copy, &at, SLICE("replaced"));
        copy = listpack_delete(copy, &at, 1 + (unsigned)(listpack_count(copy) / 3));
    }
    FUZZ_CHECK(listpack_bytes(copy) == 7);
    listpack_free(copy);
    return 0;
}

/* Bytes are operations on a tree of small numbers, which an array knows too. */
enum { NUMBERS = 256 };
static const uint8_t numbers[NUMBERS];

static uint8_t number_of(const void *element)
{
    return (uint8_t)((const uint8_t *)element - numbers);
}

static int compare_numbers(const void *a, const void *b)
{
    return (int)number_of(a) - number_of(b);
}

static int compare_to_number(const void *element, const void *probe)
{
    return (int)number_of(element) - *(const uint8_t *)probe;
}

int fuzz_btree(const uint8_t *data, size_t size)
{
    static const struct btree_type type = {compare_numbers, compare_to_number};
    bool has[NUMBERS] = {0};
    struct btree tree;
    btree_init(&tree, &type);
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint8_t number = data[i], key = number / 8, before = 0;
        for (int j = 0; j < number; j++) before = (uint8_t)(before + has[j]);
        FUZZ_CHECK(btree_rank(&tree, key, &number) == before);
        FUZZ_CHECK((btree_find(&tree, key, &number) != NULL) == has[number]);
        if (data[i + 1] % 4 == 3) {
            size_t to = before + data[i + 1] / 4;
            for (int j = number, left = data[i + 1] / 4; j < NUMBERS && left; j++) {
                left -= has[j];
                has[j] = false;
            }
            btree_remove_range(&tree, before, to, NULL, NULL);
        } else if (has[number]) {
            btree_remove(&tree, key, &numbers[number]);
            has[number] = false;
        } else {
            btree_insert(&tree, key, (void *)(uintptr_t)&numbers[number]);
            has[number] = true;
        }
    }
    size_t count = 0;
    for (int j = 0; j < NUMBERS; j++) count += has[j];
    FUZZ_CHECK(btree_count(&tree) == count);
    btree_fini(&tree);
    return 0;
}

/* The text of an element that a byte stands for: a number, or some length of one
 * letter, which compresses well. */
static struct slice element_text(uint8_t byte, char to[300])
{
    size_t len = byte % 4 == 0 ? 250 : byte % 32;
    if (byte % 4 == 1) return slice_make(to, number_print(to, (int64_t)byte * byte * byte - 1000));
    memset(to, 'a' + byte % 16, len);
    return slice_make(to, len);
}

/* The list holds what an array of bytes says, in either direction. */
static void check_list(struct quicklist *q, const uint8_t *elements, size_t count, bool backwards)
{
    struct quicklist_iter it;
    struct slice text;
    size_t seen = 0;
    char expected[300];
    FUZZ_CHECK(q->count == count);
    quicklist_iter_init(&it, q, backwards && count ? count - 1 : 0, backwards);
    while (quicklist_next(&it, &text)) {
        FUZZ_CHECK(seen < count);
        uint8_t byte = elements[backwards ? count - 1 - seen : seen];
        FUZZ_CHECK(slice_equal(text, element_text(byte, expected)));
        seen++;
    }
    quicklist_iter_fini(&it);
    FUZZ_CHECK(seen == count);
}

/* The first byte chooses the limits; each two that follow are an operation on a
 * list, and on an array of the bytes that its elements stand for. */
int fuzz_quicklist(const uint8_t *data, size_t size)
{
    enum { ELEMENTS = 500 };
    uint8_t elements[ELEMENTS];
    size_t count = 0;
    char to[300];
    if (size == 0) return 0;
    struct quicklist_limits limits = {data[0] % 8 ? data[0] % 8 : -1, data[0] / 8 % 3,
                                      data[0] / 24 % 2 ? 100 : QUICKLIST_PLAIN_BYTES_MAX};
    struct quicklist *q = quicklist_new(&limits);
    for (size_t i = 1; i + 1 < size; i += 2) {
        uint8_t byte = data[i + 1];
        size_t index = (size_t)byte * 7 % (count + 1), gone = (size_t)byte % 6;
        unsigned action = data[i] % 5;
        struct slice text = element_text(byte, to);
        if (gone > count - index) gone = count - index;
        if (action < 3 && count < ELEMENTS) {
            index = action == 0 ? 0 : action == 1 ? count : (size_t)(data[i] / 5) * 11 % (count + 1);
            if (action == 0) quicklist_push_head(q, text);
            else if (action == 1) quicklist_push_tail(q, text);
            else quicklist_insert(q, index, text);
            memmove(elements + index + 1, elements + index, count - index);
            elements[index] = byte;
            count++;
        } else if (action == 3 && index < count) {
            quicklist_replace(q, index, text);
            elements[index] = byte;
        } else if (action == 4) {
            quicklist_delete(q, index, byte % 6);
            memmove(elements + index, elements + index + gone, count - index - gone);
            count -= gone;
        }
    }
    check_list(q, elements, count, false);
    struct quicklist *copy = quicklist_copy(q);
    quicklist_free(q);
    check_list(copy, elements, count, true);
    quicklist_free(copy);
    return 0;
}
