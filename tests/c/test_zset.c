#include "types/zset.h"

#include <math.h>

#include "base/number.h"
#include "seed.h"
#include "test.h"

/* All members that occur; a sorted set is an array of those that are in it, in
 * its order. */
enum { TEXTS = 200 };
struct world {
    struct random random;
    struct types_settings settings;
    struct slice texts[TEXTS];
    char bytes[TEXTS][80];
};

struct member {
    int text;
    double score;
};

struct model {
    struct member members[TEXTS];
    size_t count;
};

/* Numbers, which a listpack holds as such, and words, some of them long. */
static void world_init(struct world *w)
{
    *w = (struct world){0};
    seed_init(&w->random);
    for (int i = 0; i < TEXTS; i++) {
        char *to = w->bytes[i];
        size_t len = 0;
        if (i == 1) {
            w->texts[i] = slice_make(to, 0); /* the empty member */
            continue;
        }
        if (i % 2) {
            len = (size_t)i % 60;
            memset(to, 'a' + i % 3, len);
            to[len++] = i % 4 == 1 ? '\0' : '\xff';
        }
        int64_t number = i < 100 ? i - 50 : (int64_t)i << i % 40;
        len += number_print(to + len, i % 2 ? i : number);
        w->texts[i] = slice_make(to, len);
    }
    for (int i = 0; i < TEXTS; i++)
        for (int k = 0; k < i; k++) CHECK(!slice_equal(w->texts[i], w->texts[k]));
}

static void set_thresholds(struct world *w, int round)
{
    static const int64_t thresholds[][2] = {{128, 64}, {0, 64}, {300, 100}, {10, 64}, {128, 5}};
    const int64_t *row = thresholds[(size_t)round % (sizeof thresholds / sizeof *thresholds)];
    w->settings = (struct types_settings){.zset_max_listpack_entries = row[0],
                                          .zset_max_listpack_value_bytes = (uint64_t)row[1]};
}

/* Many scores are equal; all kinds of them occur. */
static double random_score(struct world *w)
{
    static const double scores[] = {0,        1,         -1,     0.5, -0.0, 1e300,  -1e300,
                                    INFINITY, -INFINITY, 5e-324, 0.1, 1e17, -2.5,   123456789,
                                    3,        3,         3,      -7,  1e15, 1.5e-7, 4294967296};
    if (random_below(&w->random, 3) == 0) return (double)random_below(&w->random, 1000) / 8 - 50;
    return scores[random_below(&w->random, sizeof scores / sizeof *scores)];
}

static void clear(struct value *zset)
{
    if (zset->object) zset_type.free(zset->object, zset->encoding);
    *zset = value_empty(TYPE_ZSET);
}

/* ---- the model ---- */

static int compare(const struct world *w, const struct member *a, const struct member *b)
{
    if (a->score != b->score) return a->score < b->score ? -1 : 1;
    return slice_compare(w->texts[a->text], w->texts[b->text]);
}

static struct member *model_find(struct model *m, int text)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->members[i].text == text) return &m->members[i];
    return NULL;
}

static void model_cut(struct model *m, size_t from, size_t to)
{
    memmove(&m->members[from], &m->members[to], (m->count - to) * sizeof *m->members);
    m->count -= to - from;
}

static void model_set(const struct world *w, struct model *m, struct member member)
{
    struct member *old = model_find(m, member.text);
    if (old) model_cut(m, (size_t)(old - m->members), (size_t)(old - m->members) + 1);
    size_t at = m->count;
    for (; at > 0 && compare(w, &m->members[at - 1], &member) > 0; at--) m->members[at] = m->members[at - 1];
    m->members[at] = member;
    m->count++;
}

/* ---- comparing ---- */

/* Members have to come as they are in the model, from `at` on by `step`. */
struct expecting {
    const struct world *world;
    const struct model *model;
    size_t at, step, seen, limit; /* limit 0: none */
    bool ok;
};

static bool expect_member(void *ctx, struct slice member, double score)
{
    struct expecting *e = ctx;
    const struct member *m = &e->model->members[e->at];
    if (e->at >= e->model->count || !slice_equal(member, e->world->texts[m->text]) || score != m->score)
        e->ok = false;
    e->at += e->step;
    return ++e->seen != e->limit;
}

static bool expect_text(void *ctx, struct slice member, struct slice score)
{
    double value;
    if (!number_parse_double(score, &value)) value = NAN;
    return expect_member(ctx, member, value);
}

static void check_walk(const struct world *w, const struct value *zset, const struct model *m, size_t from,
                       size_t to, bool backwards)
{
    struct expecting e = {w, m, backwards ? to - 1 : from, backwards ? SIZE_MAX : 1, .ok = true};
    CHECK(zset_walk(zset, from, to, backwards, &(struct zset_visitor){expect_member, &e}));
    CHECK(e.ok);
    CHECK_INT(e.seen, from < to ? to - from : 0);
    if (from + 1 >= to) return;
    e = (struct expecting){w, m, backwards ? to - 1 : from, backwards ? SIZE_MAX : 1, .limit = 1, .ok = true};
    CHECK(!zset_walk(zset, from, to, backwards, &(struct zset_visitor){expect_member, &e}));
    CHECK(e.ok && e.seen == 1);
}

static void check_same(const struct world *w, const struct value *zset, struct model *m)
{
    CHECK_INT(zset_length(zset), m->count);
    check_walk(w, zset, m, 0, m->count, false);
    check_walk(w, zset, m, 0, m->count, true);
    struct expecting e = {w, m, .step = 1, .ok = true};
    zset_type.each(zset, &(struct value_visitor){expect_text, &e});
    CHECK(e.ok && e.seen == m->count);
    for (int i = 0; i < TEXTS; i++) {
        const struct member *expected = model_find(m, i);
        double score = 0, ranked = 0;
        size_t rank = 0;
        CHECK(zset_score(zset, w->texts[i], &score) == (expected != NULL));
        CHECK(zset_rank(zset, w->texts[i], &rank, &ranked) == (expected != NULL));
        if (expected == NULL) continue;
        CHECK(score == expected->score && ranked == expected->score);
        CHECK_INT(rank, expected - m->members);
    }
}

/* ---- changing ---- */

/* What a put has to do, and in *score what has to become of the member. */
static enum zset_result expected_result(const struct member *old, unsigned conditions, double *score)
{
    if (old == NULL) return conditions & ZSET_IF_THERE ? ZSET_REFUSED : ZSET_ADDED;
    double wanted = conditions & ZSET_INCREMENT ? old->score + *score : *score;
    if (conditions & ZSET_IF_NEW) return ZSET_REFUSED;
    if (isnan(wanted)) return ZSET_NAN;
    if (conditions & ZSET_IF_GREATER && !(wanted > old->score)) return ZSET_REFUSED;
    if (conditions & ZSET_IF_LESS && !(wanted < old->score)) return ZSET_REFUSED;
    *score = wanted;
    return wanted == old->score ? ZSET_SAME : ZSET_UPDATED;
}

static void put(struct world *w, struct value *zset, struct model *m)
{
    static const unsigned conditions[] = {0,
                                          0,
                                          0,
                                          ZSET_INCREMENT,
                                          ZSET_IF_NEW,
                                          ZSET_IF_THERE,
                                          ZSET_IF_GREATER,
                                          ZSET_IF_LESS,
                                          ZSET_IF_GREATER | ZSET_INCREMENT};
    unsigned given = conditions[random_below(&w->random, sizeof conditions / sizeof *conditions)];
    struct member member = {(int)random_below(&w->random, TEXTS), random_score(w)};
    double score = member.score;
    const struct member *old = model_find(m, member.text);
    enum zset_result expected = expected_result(old, given, &member.score);
    bool fits = (int64_t)m->count < w->settings.zset_max_listpack_entries &&
                w->texts[member.text].len <= w->settings.zset_max_listpack_value_bytes;
    int encoding = expected == ZSET_ADDED && !fits ? ZSET_TABLE : zset->encoding;
    CHECK_INT(zset_put(zset, w->texts[member.text], given, &score, &w->settings), expected);
    CHECK_INT(zset->encoding, encoding);
    if (expected < ZSET_SAME) return;
    CHECK(score == member.score);
    if (expected != ZSET_SAME) model_set(w, m, member);
}

static void cut(struct world *w, struct value *zset, struct model *m)
{
    size_t from = random_below(&w->random, (uint32_t)m->count + 1);
    size_t to = from + random_below(&w->random, (uint32_t)(m->count - from) + 1);
    if (random_below(&w->random, 4) && to > from + 5) to = from + 5;
    struct expecting e = {w, m, from, 1, .ok = true};
    bool watched = random_below(&w->random, 2);
    if (watched) zset_walk(zset, from, to, false, &(struct zset_visitor){expect_member, &e});
    zset_remove_ranks(zset, from, to);
    CHECK(e.ok);
    CHECK_INT(e.seen, watched ? to - from : 0);
    model_cut(m, from, to);
}

static void change(struct world *w, struct value *zset, struct model *m, bool mostly_put)
{
    if (random_below(&w->random, 8) < (mostly_put ? 7 : 3)) {
        put(w, zset, m);
    } else if (random_below(&w->random, 8)) {
        int i = (int)random_below(&w->random, TEXTS);
        const struct member *old = model_find(m, i);
        CHECK(zset_remove(zset, w->texts[i]) == (old != NULL));
        if (old) model_cut(m, (size_t)(old - m->members), (size_t)(old - m->members) + 1);
    } else {
        cut(w, zset, m);
    }
    if (zset->object && m->count == 0) clear(zset); /* as the key would go */
}

static void fill(struct world *w, struct value *zset, struct model *m, int changes)
{
    *zset = value_empty(TYPE_ZSET);
    *m = (struct model){0};
    for (int i = 0; i < changes; i++) change(w, zset, m, true);
}

static void random_changes(void)
{
    static struct world w;
    static struct model m;
    world_init(&w);
    for (int round = 0; round < 60; round++) {
        struct value zset;
        set_thresholds(&w, round);
        fill(&w, &zset, &m, 0);
        for (int step = 0; step < 600; step++) {
            change(&w, &zset, &m, step / 150 % 2 == 0);
            if (step % 20 == 0) check_same(&w, &zset, &m);
        }
        check_same(&w, &zset, &m);
        clear(&zset);
    }
}

/* ---- ranges ---- */

static bool in_scores(const struct zset_scores *range, double score)
{
    return (range->min_excluded ? score > range->min : score >= range->min) &&
           (range->max_excluded ? score < range->max : score <= range->max);
}

static bool in_lex(const struct zset_lex *range, struct slice member)
{
    int to_min = slice_compare(member, range->min.member), to_max = slice_compare(member, range->max.member);
    bool above = range->min.kind == ZSET_LEX_LOWEST ||
                 (range->min.kind == ZSET_LEX_INCLUDED && to_min >= 0) ||
                 (range->min.kind == ZSET_LEX_EXCLUDED && to_min > 0);
    bool below = range->max.kind == ZSET_LEX_HIGHEST ||
                 (range->max.kind == ZSET_LEX_INCLUDED && to_max <= 0) ||
                 (range->max.kind == ZSET_LEX_EXCLUDED && to_max < 0);
    return above && below;
}

/* The ranks have to be those of the members that are in it. */
static void check_ranks(const struct model *m, const bool *in, size_t from, size_t to)
{
    size_t expected = 0;
    CHECK(from <= to && to <= m->count);
    for (size_t i = 0; i < m->count; i++) {
        expected += in[i];
        CHECK(in[i] == (i >= from && i < to));
    }
    CHECK_INT(to - from, expected);
}

static void ranges_of_scores(void)
{
    static struct world w;
    static struct model m;
    bool in[TEXTS];
    world_init(&w);
    for (int round = 0; round < 100; round++) {
        struct value zset;
        size_t from, to;
        set_thresholds(&w, round);
        fill(&w, &zset, &m, (int)random_below(&w.random, 400));
        for (int i = 0; i < 100; i++) {
            struct zset_scores range = {random_score(&w), random_score(&w), random_below(&w.random, 2),
                                        random_below(&w.random, 2)};
            for (size_t k = 0; k < m.count; k++) in[k] = in_scores(&range, m.members[k].score);
            zset_ranks_of_scores(&zset, &range, &from, &to);
            check_ranks(&m, in, from, to);
            check_walk(&w, &zset, &m, from, to, i % 2);
        }
        clear(&zset);
    }
}

static struct zset_lex_bound random_bound(struct world *w, char bytes[81])
{
    struct slice text = w->texts[random_below(&w->random, TEXTS)];
    memcpy(bytes, text.ptr, text.len);
    if (random_below(&w->random, 2)) bytes[text.len++] = 'b'; /* between two members */
    return (struct zset_lex_bound){.kind = random_below(&w->random, 10) % 4,
                                   .member = slice_make(bytes, text.len)};
}

static void ranges_of_members(void)
{
    static struct world w;
    static struct model m;
    bool in[TEXTS];
    char min[81], max[81];
    world_init(&w);
    for (int round = 0; round < 100; round++) {
        struct value zset = value_empty(TYPE_ZSET);
        size_t from, to;
        double score = round % 3 - 1;
        set_thresholds(&w, round);
        m.count = 0;
        for (size_t i = random_below(&w.random, 150); i > 0; i--) {
            struct member member = {(int)random_below(&w.random, TEXTS), score};
            zset_put(&zset, w.texts[member.text], 0, &score, &w.settings);
            model_set(&w, &m, member);
        }
        for (int i = 0; i < 100; i++) {
            struct zset_lex range = {random_bound(&w, min), random_bound(&w, max)};
            for (size_t k = 0; k < m.count; k++) in[k] = in_lex(&range, w.texts[m.members[k].text]);
            zset_ranks_of_lex(&zset, &range, &from, &to);
            check_ranks(&m, in, from, to);
        }
        clear(&zset);
    }
}

/* ---- the row ---- */

static struct digest digest_of(const struct value *zset)
{
    struct digest digest = {0};
    zset_type.digest(zset, &digest);
    return digest;
}

static bool same_digest(const struct value *a, const struct value *b)
{
    struct digest x = digest_of(a), y = digest_of(b);
    return memcmp(&x, &y, sizeof x) == 0;
}

static void copies_and_digests(void)
{
    static struct world w;
    static struct model m, changed;
    world_init(&w);
    for (int round = 0; round < 60; round++) {
        struct value zset, copy, other = value_empty(TYPE_ZSET);
        set_thresholds(&w, round);
        do fill(&w, &zset, &m, 1 + (int)random_below(&w.random, 300));
        while (m.count == 0);
        copy = zset;
        copy.object = zset_type.copy(&zset);
        set_thresholds(&w, round + 1);
        for (size_t i = m.count; i > 0; i--) {
            double score = m.members[i - 1].score;
            zset_put(&other, w.texts[m.members[i - 1].text], 0, &score, &w.settings);
        }
        check_same(&w, &copy, &m);
        check_same(&w, &other, &m);
        CHECK(same_digest(&zset, &copy) && same_digest(&zset, &other));
        changed = m;
        double score = m.members[0].score == 77 ? 78 : 77;
        zset_put(&copy, w.texts[m.members[0].text], 0, &score, &w.settings);
        model_set(&w, &changed, (struct member){m.members[0].text, score});
        check_same(&w, &copy, &changed);
        check_same(&w, &zset, &m);
        CHECK(!same_digest(&zset, &copy));
        CHECK(zset_type.memory_bytes(&zset, 0) > m.count * 2 && zset_type.memory_bytes(&zset, 5) > 0);
        CHECK_INT(zset_type.free_effort(&zset), zset.encoding == ZSET_TABLE ? m.count : 1);
        clear(&zset);
        clear(&copy);
        clear(&other);
    }
}

struct scanned {
    const struct world *world;
    bool seen[TEXTS];
};

static bool mark(void *ctx, struct slice member, struct slice score)
{
    struct scanned *s = ctx;
    for (int i = 0; i < TEXTS; i++) s->seen[i] |= score.len > 0 && slice_equal(member, s->world->texts[i]);
    return true;
}

/* What is there all the time is passed, whatever comes and goes. */
static void scans(void)
{
    static struct world w;
    static struct model m;
    world_init(&w);
    for (int round = 0; round < 50; round++) {
        struct value zset;
        struct scanned scanned = {.world = &w};
        bool stays[TEXTS];
        set_thresholds(&w, 1);
        fill(&w, &zset, &m, 400);
        for (int i = 0; i < TEXTS; i++) stays[i] = model_find(&m, i) != NULL;
        uint64_t cursor = 0;
        do {
            if (zset.object) cursor = zset_type.scan(&zset, cursor, &(struct value_visitor){mark, &scanned});
            for (int i = 0; i < 6; i++) {
                change(&w, &zset, &m, round % 2);
                for (int k = 0; k < TEXTS; k++) stays[k] = stays[k] && model_find(&m, k);
            }
        } while (cursor && m.count);
        for (int i = 0; i < TEXTS; i++) CHECK(!stays[i] || scanned.seen[i]);
        clear(&zset);
    }
}

int main(void)
{
    TEST("random changes leave members, order, ranks and encoding as they should be", random_changes);
    TEST("a range of scores takes the members that are in it", ranges_of_scores);
    TEST("a range of members takes those that are in it, whether its bounds are there or not",
         ranges_of_members);
    TEST("a copy is a set of its own, and digests know no encoding", copies_and_digests);
    TEST("a scan passes what is there all the time", scans);
    return TEST_END();
}
