#include "types/list.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* The oracle: an array of small numbers, whose texts are the elements. */
enum { ELEMENTS_MAX = 1500, TEXT_MAX = 400 };
static int elements[ELEMENTS_MAX];
static size_t count;
static struct value list;
static struct types_settings settings;
static struct random random_state;

static size_t below(size_t n)
{
    return (size_t)(random_next(&random_state) % n);
}

/* A number, or a text as long as the number says. */
static struct slice text_of(int element, char to[TEXT_MAX])
{
    if (element % 2) return slice_make(to, (size_t)snprintf(to, TEXT_MAX, "%d", element * element));
    memset(to, 'a' + element % 26, (size_t)element);
    return slice_make(to, (size_t)element);
}

static int random_element(void)
{
    return (int)below(below(20) ? 12 : TEXT_MAX - 1);
}

static void remember(size_t index, int element)
{
    memmove(elements + index + 1, elements + index, (count - index) * sizeof *elements);
    elements[index] = element;
    count++;
}

static void forget(size_t index, size_t how_many)
{
    if (index >= count) return;
    if (how_many > count - index) how_many = count - index;
    memmove(elements + index, elements + index + how_many, (count - index - how_many) * sizeof *elements);
    count -= how_many;
}

static bool check_next(void *ctx, struct slice element, struct slice attached)
{
    size_t *seen = ctx;
    char text[TEXT_MAX];
    CHECK(*seen < count && attached.len == 0);
    CHECK(slice_equal(element, text_of(elements[*seen], text)));
    ++*seen;
    return true;
}

static void check(void)
{
    size_t seen = 0;
    CHECK_INT(list_length(&list), count);
    list_type.each(&list, &(struct value_visitor){check_next, &seen});
    CHECK_INT(seen, count);
    struct list_iter it;
    struct slice element;
    char text[TEXT_MAX];
    size_t from = below(count + 2);
    bool backwards = below(2);
    list_iter_init(&it, &list, from, backwards);
    while (list_next(&it, &element)) {
        CHECK(from < count);
        CHECK(slice_equal(element, text_of(elements[from], text)));
        if (backwards) from--;
        else from++;
    }
    list_iter_fini(&it);
    CHECK(from >= count); /* below 0 is a large number, too */
}

static void push(void)
{
    char texts[3][TEXT_MAX];
    struct slice slices[3];
    size_t how_many = 1 + below(3);
    enum list_end end = below(2) ? LIST_LEFT : LIST_RIGHT;
    if (count + 3 >= ELEMENTS_MAX) return;
    for (size_t i = 0; i < how_many; i++) {
        int element = random_element();
        slices[i] = text_of(element, texts[i]);
        remember(end == LIST_LEFT ? 0 : count, element);
    }
    list_push(&list, end, slices, how_many, &settings);
}

static void insert_beside(void)
{
    char pivot_text[TEXT_MAX], text[TEXT_MAX];
    int pivot = random_element(), element = random_element();
    bool behind = below(2);
    size_t index = 0;
    while (index < count && elements[index] != pivot) index++;
    bool found = index < count && count + 1 < ELEMENTS_MAX;
    if (index < count && !found) return;
    CHECK(list_insert(&list, text_of(pivot, pivot_text), behind, text_of(element, text), &settings) == found);
    if (found) remember(index + behind, element);
}

static void delete_equal(void)
{
    char text[TEXT_MAX];
    int element = random_element();
    size_t max = below(3) ? 1 + below(3) : SIZE_MAX, deleted = 0;
    enum list_end from = below(2) ? LIST_LEFT : LIST_RIGHT;
    size_t returned = list_delete_equal(&list, text_of(element, text), from, max, &settings);
    for (size_t i = 0, n = count; i < n && deleted < max; i++) {
        size_t index = from == LIST_LEFT ? i - deleted : n - 1 - i;
        if (elements[index] != element) continue;
        forget(index, 1);
        deleted++;
    }
    CHECK_INT(returned, deleted);
}

static void set(void)
{
    char text[TEXT_MAX];
    int element = random_element();
    size_t index = below(count + 2);
    CHECK(list_set(&list, index, text_of(element, text), &settings) == (index < count));
    if (index < count) elements[index] = element;
}

/* A copy has the same elements and the same digest, and takes the list's place. */
static void copy(void)
{
    struct value its = list;
    struct digest one = {0}, other = {0};
    if (list.object == NULL) return;
    its.object = list_type.copy(&list);
    list_type.digest(&list, &one);
    list_type.digest(&its, &other);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
    list_type.free(list.object, list.encoding);
    list = its;
}

static void one_operation(void)
{
    size_t index = below(count + 1), how_many = below(8) ? 1 + below(3) : below(count + 2);
    switch (below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: push(); break;
    case 4:
    case 5: insert_beside(); break;
    case 6:
        list_delete(&list, index, how_many, &settings);
        forget(index, how_many);
        break;
    case 7:
        list_delete(&list, 0, 1, &settings);
        forget(0, 1);
        break;
    case 8: delete_equal(); break;
    case 9:
        if (below(20) == 0) copy();
        break;
    default: set();
    }
}

static void churn(int64_t size, int64_t depth, uint64_t plain_bytes)
{
    bool seen[2] = {false, false};
    settings = (struct types_settings){
        .list_max_listpack_size = size, .list_compress_depth = depth, .list_plain_bytes = plain_bytes};
    list = value_empty(TYPE_LIST);
    count = 0;
    check();
    for (int i = 0; i < 3000; i++) {
        one_operation();
        if (list.object) seen[list.encoding] = true;
        if (i % 10 == 0) check();
    }
    check();
    CHECK(seen[LIST_LISTPACK]);
    CHECK(seen[LIST_QUICKLIST] || size < 0 || size > 16);
    if (list.object) list_type.free(list.object, list.encoding);
}

static void agrees_with_an_array(void)
{
    churn(4, 0, 0);
    churn(4, 1, 0);
    churn(16, 2, 50);
    churn(100, 0, 0);
    churn(-1, 1, 0);
    churn(-5, 0, 0);
    churn(INT32_MAX, INT32_MAX, 10);
    churn(INT32_MIN, 0, 0);
}

/* The same elements in either encoding have one digest; another order has another. */
static void digest_is_that_of_the_elements(void)
{
    struct value small = value_empty(TYPE_LIST), large = small, turned = small;
    struct types_settings tiny = {.list_max_listpack_size = 1, .list_compress_depth = 1},
                          roomy = {.list_max_listpack_size = -2};
    struct digest digests[3] = {{{0}}};
    for (int i = 0; i < 50; i++) {
        char text[TEXT_MAX];
        struct slice element = text_of(i, text);
        list_push(&small, LIST_RIGHT, &element, 1, &roomy);
        list_push(&large, LIST_RIGHT, &element, 1, &tiny);
        list_push(&turned, LIST_LEFT, &element, 1, &tiny);
    }
    CHECK_TEXT(list_type.encoding_name(&small), "listpack");
    CHECK_TEXT(list_type.encoding_name(&large), "quicklist");
    list_type.digest(&small, &digests[0]);
    list_type.digest(&large, &digests[1]);
    list_type.digest(&turned, &digests[2]);
    CHECK(memcmp(&digests[0], &digests[1], sizeof *digests) == 0);
    CHECK(memcmp(&digests[0], &digests[2], sizeof *digests) != 0);
    CHECK_INT(list_type.free_effort(&small), 1);
    CHECK_INT(list_type.free_effort(&large), 50);
    CHECK(list_type.memory_bytes(&large, 0) > list_type.memory_bytes(&small, 0));
    list_type.free(small.object, small.encoding);
    list_type.free(large.object, large.encoding);
    list_type.free(turned.object, turned.encoding);
}

static void empty_list_answers(void)
{
    struct value empty = value_empty(TYPE_LIST);
    struct digest digest = {{0}}, zero = {{0}};
    CHECK_INT(list_length(&empty), 0);
    CHECK_INT(list_type.memory_bytes(&empty, 0), 0);
    CHECK(list_type.copy(&empty) == NULL);
    CHECK(!list_set(&empty, 0, SLICE("x"), &settings));
    CHECK(!list_insert(&empty, SLICE("x"), true, SLICE("y"), &settings));
    CHECK_INT(list_delete_equal(&empty, SLICE("x"), LIST_RIGHT, 1, &settings), 0);
    list_delete(&empty, 0, 1, &settings);
    list_type.digest(&empty, &digest);
    CHECK(memcmp(&digest, &zero, sizeof zero) == 0);
    CHECK(empty.object == NULL);
}

int main(void)
{
    mem_thread_init();
    seed_init(&random_state);
    TEST("random operations agree with an array, whatever the settings", agrees_with_an_array);
    TEST("equal lists have equal digests, whatever the encoding", digest_is_that_of_the_elements);
    TEST("the empty list answers everything", empty_list_answers);
    return TEST_END();
}
