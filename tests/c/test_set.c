#include "types/set.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"
#include "types/set_algebra.h"

/* All texts that occur; a set is an array of which of them are in it. */
enum { TEXTS = 300, SETS_MAX = 12 };
struct world {
    struct random random;
    struct types_settings settings;
    struct slice texts[TEXTS];
    char digits[TEXTS][NUMBER_TEXT_MAX + 80];
};

struct model {
    bool has[TEXTS];
    size_t count;
};

static int text_of(const struct world *w, struct slice text)
{
    for (int i = 0; i < TEXTS; i++)
        if (slice_equal(w->texts[i], text)) return i;
    return -1;
}

/* Half of them numbers of every width, then words, some of them long; all different. */
static void world_init(struct world *w)
{
    *w = (struct world){0};
    seed_init(&w->random);
    for (int i = 0; i < TEXTS; i++) {
        char *to = w->digits[i];
        size_t len = 0;
        if (i < TEXTS / 2) {
            int64_t number = i < 50 ? i - 10 : (int64_t)(random_next(&w->random) >> i % 60);
            do len = number_print(to, i % 2 ? number-- : -number++);
            while (text_of(w, slice_make(to, len)) >= 0);
        } else {
            len = (size_t)i % 70;
            memset(to, 'a' + i % 26, len);
            len += number_print(to + len, i);
            to[len++] = 'x';
        }
        w->texts[i] = slice_make(to, len);
    }
}

static void set_thresholds(struct world *w, int round)
{
    static const int64_t thresholds[][3] = {{512, 128, 64}, {0, 0, 0},    {0, 20, 64},   {20, 0, 64},
                                            {10, 20, 5},    {20, 10, 64}, {64, 64, 1000}};
    const int64_t *row = thresholds[(size_t)round % (sizeof thresholds / sizeof *thresholds)];
    w->settings = (struct types_settings){.set_max_intset_entries = row[0],
                                          .set_max_listpack_entries = row[1],
                                          .set_max_listpack_value_bytes = (uint64_t)row[2]};
}

static void clear(struct value *set)
{
    if (set->object) set_type.free(set->object, set->encoding);
    *set = value_empty(TYPE_SET);
}

/* ---- one set ---- */

struct collecting {
    const struct world *world;
    struct model seen;
    bool ok;
    size_t limit; /* 0: none */
};

static bool collect(void *ctx, struct set_member *m)
{
    struct collecting *c = ctx;
    int i = text_of(c->world, set_member_text(m));
    if (i < 0 || c->seen.has[i]) c->ok = false;
    else c->seen.has[i] = true;
    return ++c->seen.count != c->limit;
}

static bool collect_text(void *ctx, struct slice text, struct slice attached)
{
    struct set_member m;
    set_member_init(&m, text);
    if (attached.ptr) ((struct collecting *)ctx)->ok = false;
    return collect(ctx, &m);
}

static bool same(const struct model *a, const struct model *b)
{
    return a->count == b->count && memcmp(a->has, b->has, sizeof a->has) == 0;
}

static void check_same(const struct world *w, const struct value *set, const struct model *m)
{
    struct collecting walked = {w, .ok = true}, passed = {w, .ok = true};
    CHECK_INT(set_type.length(set), m->count);
    CHECK(set_walk(set, &(struct set_visitor){collect, &walked}));
    CHECK(walked.ok && same(&walked.seen, m));
    set_type.each(set, &(struct value_visitor){collect_text, &passed});
    CHECK(passed.ok && same(&passed.seen, m));
    if (m->count > 1) {
        struct collecting some = {w, .ok = true, .limit = m->count / 2};
        CHECK(!set_walk(set, &(struct set_visitor){collect, &some}));
        CHECK_INT(some.seen.count, m->count / 2);
    }
}

/* What the encoding becomes when a member that is not there is added. */
static enum set_encoding encoding_after(const struct world *w, const struct value *set,
                                        const struct model *before, int added)
{
    const struct types_settings *settings = &w->settings;
    bool number = added < TEXTS / 2;
    size_t longest = w->texts[added].len;
    if (set->object == NULL && number && settings->set_max_intset_entries > 0) return SET_INTSET;
    if (set->object == NULL && settings->set_max_listpack_entries == 0) return SET_TABLE;
    if (set->object && set->encoding == SET_TABLE) return SET_TABLE;
    if (set->object && set->encoding == SET_INTSET && number)
        return (int64_t)before->count + 1 > settings->set_max_intset_entries ? SET_TABLE : SET_INTSET;
    for (int i = 0; set->object && set->encoding == SET_INTSET && i < TEXTS; i++)
        if (before->has[i] && w->texts[i].len > longest) longest = w->texts[i].len;
    return (int64_t)before->count + 1 > settings->set_max_listpack_entries ||
                   longest > settings->set_max_listpack_value_bytes
               ? SET_TABLE
               : SET_LISTPACK;
}

static void change(struct world *w, struct value *set, struct model *m, bool mostly_add)
{
    struct set_member member;
    int i = (int)random_below(&w->random, random_below(&w->random, 2) ? TEXTS : TEXTS / 2);
    set_member_init(&member, w->texts[i]);
    CHECK(set_has(set, &member) == m->has[i]);
    if (random_below(&w->random, 4) < (mostly_add ? 3 : 1)) {
        enum set_encoding expected = m->has[i] ? set->encoding : encoding_after(w, set, m, i);
        CHECK(set_add(set, &member, &w->settings) == !m->has[i]);
        CHECK_INT(set->encoding, expected);
        m->count += !m->has[i];
        m->has[i] = true;
    } else {
        CHECK(set_remove(set, &member) == m->has[i]);
        m->count -= m->has[i];
        m->has[i] = false;
    }
    if (set->object && m->count == 0) clear(set); /* as the key would go */
}

static void random_changes(void)
{
    static struct world w;
    world_init(&w);
    for (int round = 0; round < 70; round++) {
        struct value set = value_empty(TYPE_SET);
        struct model m = {0};
        set_thresholds(&w, round);
        for (int step = 0; step < 600; step++) {
            change(&w, &set, &m, step / 100 % 2 == 0);
            if (step % 20 == 0) check_same(&w, &set, &m);
        }
        check_same(&w, &set, &m);
        clear(&set);
    }
}

static void fill(struct world *w, struct value *set, struct model *m, int changes)
{
    *set = value_empty(TYPE_SET);
    *m = (struct model){0};
    for (int i = 0; i < changes; i++) change(w, set, m, true);
}

/* Two sets with the same members, differently held. */
static void copies_and_digests(void)
{
    static struct world w;
    world_init(&w);
    for (int round = 0; round < 70; round++) {
        struct value set, other = value_empty(TYPE_SET), copy;
        struct model m;
        struct digest digests[3] = {0};
        set_thresholds(&w, round);
        fill(&w, &set, &m, (int)random_below(&w.random, 150));
        copy = set;
        copy.object = set_type.copy(&set);
        CHECK((copy.object == NULL) == (m.count == 0));
        set_thresholds(&w, round + 1);
        set_add_all(&other, &set, &w.settings);
        check_same(&w, &copy, &m);
        check_same(&w, &other, &m);
        set_type.digest(&set, &digests[0]);
        set_type.digest(&copy, &digests[1]);
        set_type.digest(&other, &digests[2]);
        CHECK(memcmp(&digests[0], &digests[1], sizeof *digests) == 0);
        CHECK(memcmp(&digests[0], &digests[2], sizeof *digests) == 0);
        change(&w, &copy, &m, true);
        digests[1] = (struct digest){0};
        set_type.digest(&copy, &digests[1]);
        CHECK((memcmp(&digests[0], &digests[1], sizeof *digests) == 0) ==
              (set_type.length(&set) == set_type.length(&copy)));
        CHECK(set.object == NULL || set_type.memory_bytes(&set, 0) > 0);
        clear(&set);
        clear(&copy);
        clear(&other);
    }
}

static void expectations(void)
{
    struct types_settings settings = {
        .set_max_intset_entries = 4, .set_max_listpack_entries = 3, .set_max_listpack_value_bytes = 64};
    static const struct {
        const char *first;
        size_t count;
        enum set_encoding encoding;
    } rows[] = {{"1", 1, SET_INTSET},   {"1", 4, SET_INTSET}, {"1", 5, SET_TABLE},    {"a", 1, SET_LISTPACK},
                {"a", 3, SET_LISTPACK}, {"a", 4, SET_TABLE},  {"01", 3, SET_LISTPACK}};
    struct value set = value_empty(TYPE_SET);
    struct set_member m;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_member_init(&m, slice_of(rows[i].first));
        set_expect(&set, &m, rows[i].count, &settings);
        CHECK_INT(set.encoding, rows[i].encoding);
        clear(&set);
    }
    for (size_t i = 0; i < 2; i++) {
        set_member_init(&m, slice_of(i ? "a" : "1"));
        set_add(&set, &m, &settings);
        set_expect(&set, &m, i ? 3 : 4, &settings);
        CHECK(set.encoding == (i ? SET_LISTPACK : SET_INTSET));
        set_expect(&set, &m, i ? 4 : 5, &settings);
        CHECK_INT(set.encoding, SET_TABLE);
        CHECK(set_has(&set, &m));
        clear(&set);
    }
}

/* What is there all the time is passed, whatever comes and goes. */
static void scans(void)
{
    static struct world w;
    world_init(&w);
    for (int round = 0; round < 100; round++) {
        struct value set = value_empty(TYPE_SET);
        struct model m = {0}, stays;
        struct collecting seen = {&w, .ok = true};
        set_thresholds(&w, 1);
        for (int i = 0; i < 200; i++) change(&w, &set, &m, true);
        stays = m;
        uint64_t cursor = 0;
        do {
            cursor = set_type.scan(&set, cursor, &(struct value_visitor){collect_text, &seen});
            for (int i = 0; i < 8; i++) {
                change(&w, &set, &m, round % 2);
                for (int k = 0; k < TEXTS; k++) stays.has[k] = stays.has[k] && m.has[k];
            }
        } while (cursor && m.count);
        for (int k = 0; k < TEXTS; k++) CHECK(!stays.has[k] || seen.seen.has[k]);
        clear(&set);
    }
}

/* ---- several sets ---- */

enum operation { INTERSECT, UNITE, SUBTRACT };

static struct model combine(enum operation operation, const struct model *models, size_t count)
{
    struct model result = {0};
    for (int i = 0; i < TEXTS; i++) {
        size_t in = 0;
        for (size_t k = 0; k < count; k++) in += models[k].has[i];
        result.has[i] = operation == INTERSECT ? in == count
                        : operation == UNITE   ? in > 0
                                               : in == 1 && models[0].has[i];
        result.count += result.has[i];
    }
    return result;
}

static void operate(enum operation operation, struct value *sets, size_t count, const struct world *w,
                    struct collecting *to)
{
    struct set_visitor visitor = {collect, to};
    if (operation == INTERSECT) set_intersect(sets, count, &visitor);
    else if (operation == UNITE) set_unite(sets, count, &w->settings, &visitor);
    else set_subtract(sets, count, &w->settings, &visitor);
}

static void algebra(void)
{
    static struct world w;
    static struct model models[SETS_MAX];
    struct value sets[SETS_MAX], borrowed[SETS_MAX];
    world_init(&w);
    for (int round = 0; round < 1500; round++) {
        size_t count = 1 + random_below(&w.random, SETS_MAX);
        for (size_t k = 0; k < count; k++) {
            set_thresholds(&w, (int)random_below(&w.random, 100));
            fill(&w, &sets[k], &models[k],
                 (int)random_below(&w.random, random_below(&w.random, 3) ? 30 : 400));
        }
        for (enum operation operation = INTERSECT; operation <= SUBTRACT; operation++) {
            struct model expected = combine(operation, models, count);
            struct collecting all = {&w, .ok = true}, some = {&w, .ok = true, .limit = expected.count / 2};
            memcpy(borrowed, sets, sizeof sets);
            operate(operation, borrowed, count, &w, &all);
            CHECK(all.ok && same(&all.seen, &expected));
            if (some.limit == 0) continue;
            memcpy(borrowed, sets, sizeof sets);
            operate(operation, borrowed, count, &w, &some);
            CHECK(some.ok && some.seen.count == some.limit);
        }
        for (size_t k = 0; k < count; k++) clear(&sets[k]);
    }
}

static void one_set_twice(void)
{
    static struct world w;
    struct value set;
    struct model m;
    world_init(&w);
    for (int round = 0; round < 7; round++) {
        set_thresholds(&w, round);
        fill(&w, &set, &m, 100);
        for (enum operation operation = INTERSECT; operation <= SUBTRACT; operation++) {
            struct value sets[] = {set, set, set};
            struct collecting all = {&w, .ok = true};
            operate(operation, sets, 3, &w, &all);
            CHECK(all.ok && (operation == SUBTRACT ? all.seen.count == 0 : same(&all.seen, &m)));
        }
        clear(&set);
    }
}

/* ---- chance ---- */

struct tally {
    const struct world *world;
    size_t seen[TEXTS];
    size_t total;
};

static bool tally_one(void *ctx, struct set_member *m)
{
    struct tally *t = ctx;
    t->seen[text_of(t->world, set_member_text(m))]++;
    t->total++;
    return true;
}

/* Chi-square of how often each of `members` was taken, some of them in every
 * trial; six deviations above the mean are a chance of less than 1 in 10^6. */
static void check_fair(const struct tally *t, size_t members, size_t trials)
{
    double expected = (double)t->total / (double)members, taken = expected / (double)trials, sum = 0;
    for (size_t i = 0; i < members; i++) {
        double off = (double)t->seen[i] - expected;
        sum += off * off / (expected * (1 - taken));
    }
    double degrees = (double)members - 1;
    sum *= degrees / (double)members;
    double beyond = sum - degrees;
    CHECK(beyond <= 0 || beyond * beyond < 2 * degrees * 60);
}

static struct value numbers_and_words(struct world *w, size_t members, enum set_encoding encoding)
{
    struct value set = value_empty(TYPE_SET);
    struct set_member m;
    w->settings = (struct types_settings){.set_max_intset_entries = encoding == SET_INTSET ? TEXTS : 0,
                                          .set_max_listpack_entries = encoding == SET_LISTPACK ? TEXTS : 0,
                                          .set_max_listpack_value_bytes = 1000};
    for (size_t i = 0; i < members; i++) {
        set_member_init(&m, w->texts[i]);
        set_add(&set, &m, &w->settings);
    }
    CHECK_INT(set.encoding, encoding);
    return set;
}

/* count members of so many, by one of three ways. */
static void try_ways(struct world *w, enum set_encoding encoding, size_t members, size_t count)
{
    enum { TRIALS = 4000, WAYS = 3 };
    static struct tally tallies[WAYS];
    struct value set = numbers_and_words(w, members, encoding);
    for (int way = 0; way < WAYS; way++) {
        tallies[way] = (struct tally){.world = w};
        for (int trial = 0; trial < TRIALS; trial++) {
            struct set_visitor visitor = {tally_one, &tallies[way]};
            struct value copy = set;
            if (way == 0) set_random_members(&set, count, &w->random, &visitor);
            else if (way == 1) set_random(&set, &w->random, &visitor);
            else {
                copy.object = set_type.copy(&set);
                set_pop(&copy, count, &w->random, &w->settings, &visitor);
                CHECK_INT(set_type.length(&copy), members - count);
                clear(&copy);
            }
        }
        CHECK_INT(tallies[way].total, way == 1 ? (size_t)TRIALS : count * TRIALS);
        check_fair(&tallies[way], members, TRIALS);
    }
    clear(&set);
}

static void chance(void)
{
    static struct world w;
    world_init(&w);
    for (enum set_encoding encoding = SET_INTSET; encoding <= SET_TABLE; encoding++) {
        try_ways(&w, encoding, 40, 1);
        try_ways(&w, encoding, 40, 12);
        try_ways(&w, encoding, 40, 20);
        try_ways(&w, encoding, 40, 39);
    }
    try_ways(&w, SET_TABLE, 150, 7);
    try_ways(&w, SET_TABLE, 150, 145);
}

/* Different members, all of the set, and what was popped is gone. */
static void draws(void)
{
    static struct world w;
    world_init(&w);
    for (int round = 0; round < 300; round++) {
        struct value set;
        struct model m;
        set_thresholds(&w, round);
        fill(&w, &set, &m, 1 + (int)random_below(&w.random, 200));
        if (m.count == 0) continue;
        size_t count = random_below(&w.random, m.count);
        struct collecting drawn = {&w, .ok = true}, popped = {&w, .ok = true};
        set_random_members(&set, count, &w.random, &(struct set_visitor){collect, &drawn});
        CHECK(drawn.ok && drawn.seen.count == count);
        for (int i = 0; i < TEXTS; i++) CHECK(!drawn.seen.has[i] || m.has[i]);
        set_pop(&set, count, &w.random, &w.settings, &(struct set_visitor){collect, &popped});
        CHECK(popped.ok && popped.seen.count == count);
        for (int i = 0; i < TEXTS; i++) {
            CHECK(!popped.seen.has[i] || m.has[i]);
            m.has[i] = m.has[i] && !popped.seen.has[i];
        }
        m.count -= count;
        check_same(&w, &set, &m);
        clear(&set);
    }
}

int main(void)
{
    TEST("random changes leave the members and the encoding that they should", random_changes);
    TEST("a copy is a set of its own, and digests know no order and no encoding", copies_and_digests);
    TEST("who expects many members gets a set for many", expectations);
    TEST("a scan passes what is there all the time", scans);
    TEST("intersection, union and difference, as flags tell them", algebra);
    TEST("a set may come several times", one_set_twice);
    TEST("what is drawn is in the set, and what is popped no longer", draws);
    TEST("every member has the same chance", chance);
    return TEST_END();
}
