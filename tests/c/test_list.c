#include "ds/list.h"

#include "test.h"

struct item {
    int number;
    struct list link;
};

static struct item *item_of(struct list *link)
{
    return container_of(link, struct item, link);
}

/* The numbers in the list as decimal digits, walked both ways. */
static long long digits(const struct list *list)
{
    long long forward = 0, backward = 0, weight = 1;
    list_each (link, list) forward = forward * 10 + item_of(link)->number;
    for (const struct list *link = list->prev; link != list; link = link->prev, weight *= 10)
        backward += weight * container_of(link, const struct item, link)->number;
    CHECK_INT(backward, forward);
    return forward;
}

static void order(void)
{
    struct list list;
    struct item items[5];
    list_init(&list);
    CHECK(list_empty(&list));
    CHECK(list_head(&list) == NULL && list_tail(&list) == NULL && list_pop_head(&list) == NULL);
    for (int i = 0; i < 5; i++) items[i].number = i + 1;
    list_push_tail(&list, &items[1].link);
    list_push_tail(&list, &items[2].link);
    list_push_head(&list, &items[0].link);
    list_insert_after(&items[2].link, &items[4].link);
    list_insert_before(&items[4].link, &items[3].link);
    CHECK_INT(digits(&list), 12345);
    CHECK(list_head(&list) == &items[0].link && list_tail(&list) == &items[4].link);
    list_remove(&items[2].link);
    CHECK(list_empty(&items[2].link));
    list_remove(&items[2].link);
    CHECK_INT(digits(&list), 1245);
    CHECK(list_pop_head(&list) == &items[0].link);
    CHECK_INT(digits(&list), 245);
}

static void removing_while_walking(void)
{
    struct list list;
    struct item items[9];
    list_init(&list);
    for (int i = 0; i < 9; i++) {
        items[i].number = i + 1;
        list_push_tail(&list, &items[i].link);
    }
    list_each_safe (link, &list) {
        struct item *item = item_of(link);
        if (item->number % 3 == 0) continue;
        list_remove(link);
        memset(item, 0, sizeof *item);
    }
    CHECK_INT(digits(&list), 369);
}

static void splicing(void)
{
    struct list to, from;
    struct item items[4];
    list_init(&to);
    list_init(&from);
    list_splice_tail(&to, &from);
    CHECK(list_empty(&to) && list_empty(&from));
    for (int i = 0; i < 4; i++) {
        items[i].number = i + 1;
        list_push_tail(i < 2 ? &to : &from, &items[i].link);
    }
    list_splice_tail(&to, &from);
    CHECK_INT(digits(&to), 1234);
    CHECK(list_empty(&from));
    list_splice_tail(&from, &to);
    CHECK_INT(digits(&from), 1234);
    CHECK(list_empty(&to));
}

int main(void)
{
    TEST("a list keeps the order in which elements were put into it", order);
    TEST("the current element may be removed during a safe walk", removing_while_walking);
    TEST("splicing appends one list to another", splicing);
    return TEST_END();
}
