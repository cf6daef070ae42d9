#include "types/set_algebra.h"

#include <stdlib.h>

/* Adding a member to a set that is built for the purpose is about as much work
 * as looking for it in so many. */
enum { LOOKS_PER_ADD = 4 };

static size_t length(const struct value *set)
{
    return set_type.length(set);
}

static int compare_lengths(const void *a, const void *b)
{
    size_t x = length(a), y = length(b);
    return x < y ? -1 : x > y;
}

static int compare_lengths_descending(const void *a, const void *b)
{
    return compare_lengths(b, a);
}

static void sort_ascending(struct value *sets, size_t count)
{
    qsort(sets, count, sizeof *sets, compare_lengths);
}

static void sort_descending(struct value *sets, size_t count)
{
    if (count) qsort(sets, count, sizeof *sets, compare_lengths_descending);
}

static size_t total_length(const struct value *sets, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += length(&sets[i]);
    return total;
}

/* Passes on the members of one set that are in all of some others, or in none. */
struct filter {
    const struct value *sets;
    size_t count;
    bool in_all;
    const struct set_visitor *visitor;
};

static bool filter_batch(void *ctx, struct set_member *members, int count)
{
    const struct filter *f = ctx;
    unsigned pass = (1u << count) - 1;
    for (size_t i = 0; i < f->count && pass; i++) {
        set_prefetch(&f->sets[i], members, pass);
        for (unsigned left = pass; left; left &= left - 1)
            if (set_has(&f->sets[i], &members[__builtin_ctz(left)]) != f->in_all) pass &= ~(left & -left);
    }
    for (; pass; pass &= pass - 1)
        if (!f->visitor->visit(f->visitor->ctx, &members[__builtin_ctz(pass)])) return false;
    return true;
}

static bool filter_set(const struct value *set, struct filter filter)
{
    return set_walk_batches(set, filter_batch, &filter);
}

void set_intersect(struct value *sets, size_t count, const struct set_visitor *visitor)
{
    sort_ascending(sets, count);
    filter_set(&sets[0], (struct filter){sets + 1, count - 1, true, visitor});
}

/* The union as a set of its own. */
static struct value build_union(const struct value *sets, size_t count, const struct types_settings *settings)
{
    struct value all = value_empty(TYPE_SET);
    for (size_t i = 0; i < count; i++) set_add_all(&all, &sets[i], settings);
    return all;
}

static void free_set(struct value *set)
{
    if (set->object) set_type.free(set->object, set->encoding);
}

void set_unite(struct value *sets, size_t count, const struct types_settings *settings,
               const struct set_visitor *visitor)
{
    size_t looks = 0;
    sort_descending(sets, count);
    for (size_t i = 1; i < count; i++) looks += i * length(&sets[i]);
    if (looks > LOOKS_PER_ADD * total_length(sets, count)) {
        struct value all = build_union(sets, count, settings);
        set_walk(&all, visitor);
        free_set(&all);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!filter_set(&sets[i], (struct filter){sets, i, false, visitor})) return;
}

void set_subtract(struct value *sets, size_t count, const struct types_settings *settings,
                  const struct set_visitor *visitor)
{
    struct value *others = sets + 1;
    size_t other_count = count - 1, first_length = length(&sets[0]);
    for (size_t i = 0; i < other_count; i++)
        if (others[i].object == sets[0].object) return;
    size_t looks = other_count * first_length;
    bool build = looks > first_length + LOOKS_PER_ADD * total_length(others, other_count);
    struct value all = value_empty(TYPE_SET);
    if (build) all = build_union(others, other_count, settings);
    else sort_descending(others, other_count); /* the larger a set, the likelier it has the member */
    filter_set(&sets[0], (struct filter){build ? &all : others, build ? 1 : other_count, false, visitor});
    free_set(&all);
}
