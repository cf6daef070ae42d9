#include "types/zset.h"

#include <math.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/mem.h"
#include "ds/btree.h"
#include "ds/hashtable.h"
#include "ds/listpack.h"
#include "types/rdb_form.h"

/* Of a table: in both containers, owned by the hash table. */
struct element {
    double score;
    uint32_t member_len;
    char member[];
};

struct zset {
    struct hashtable members;
    struct btree order;
};

static struct slice member_of(const struct element *e)
{
    return slice_make(e->member, e->member_len);
}

/* ---- the containers ---- */

static uint64_t element_hash(const void *element)
{
    struct slice member = member_of(element);
    return hash_bytes(member.ptr, member.len);
}

static bool element_equal(const void *element, const void *member, size_t len)
{
    const struct element *e = element;
    return e->member_len == len && slice_bytes_equal(e->member, member, len);
}

static void element_prefetch(const void *element)
{
    __builtin_prefetch(element);
}

static const struct hashtable_type member_table = {
    .hash = element_hash, .equal = element_equal, .prefetch = element_prefetch};

/* What elements with one score are compared with: a member, or the place before
 * or behind them all. */
struct place {
    enum { AT_MEMBER, BEFORE_ALL, BEHIND_ALL } kind;
    struct slice member;
};

static int compare_elements(const void *a, const void *b)
{
    return slice_compare(member_of(a), member_of(b));
}

static int compare_to_place(const void *element, const void *probe)
{
    const struct place *place = probe;
    if (place->kind == AT_MEMBER) return slice_compare(member_of(element), place->member);
    return place->kind == BEFORE_ALL ? 1 : -1;
}

static const struct btree_type order_tree = {compare_elements, compare_to_place};

/* A score as a number that is in the same order; both zeros are one. */
static uint64_t order_key(double score)
{
    uint64_t bits;
    score += 0.0; /* -0 becomes 0 */
    memcpy(&bits, &score, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static struct zset *table_of(const struct value *zset)
{
    return zset->object;
}

static bool is_table(const struct value *zset)
{
    return zset->encoding == ZSET_TABLE;
}

static struct element *find(const struct zset *z, struct slice member, uint64_t hash)
{
    void **slot = hashtable_find_as(&z->members, &member_table, hash, member.ptr, member.len);
    return slot ? *slot : NULL;
}

static struct zset *table_new(void)
{
    struct zset *z = mem_alloc(sizeof *z);
    hashtable_init(&z->members, &member_table);
    btree_init(&z->order, &order_tree);
    return z;
}

/* Only into the hash table. */
static struct element *table_insert(struct zset *z, struct slice member, uint64_t hash, double score)
{
    ASSERT(member.len <= UINT32_MAX);
    struct element *e = mem_alloc(sizeof *e + member.len);
    e->score = score;
    e->member_len = (uint32_t)member.len;
    if (member.len) memcpy(e->member, member.ptr, member.len);
    hashtable_insert(&z->members, hash, e);
    return e;
}

static void table_add(struct zset *z, struct slice member, uint64_t hash, double score)
{
    btree_insert(&z->order, order_key(score), table_insert(z, member, hash, score));
}

static void free_element(void *ctx, void *element)
{
    (void)ctx;
    mem_free(element);
}

/* ---- the listpack ---- */

static double pack_score(const unsigned char *at)
{
    char digits[NUMBER_TEXT_MAX];
    int64_t number;
    double score = 0;
    if (listpack_get_number(at, &number)) return (double)number;
    bool is_number = number_parse_double(listpack_get(at, digits), &score);
    ASSERT(is_number);
    return score;
}

static struct slice score_text(double score, char text[32])
{
    return slice_make(text, number_print_double(text, score));
}

static unsigned char *pack_find(const unsigned char *lp, struct slice member)
{
    return lp ? listpack_find(lp, listpack_first(lp), member, 1) : NULL;
}

/* How a member of the listpack stands to one that is not in it. */
static int pack_compare(const unsigned char *at, double at_score, struct slice member, double score)
{
    char digits[NUMBER_TEXT_MAX];
    if (at_score != score) return at_score < score ? -1 : 1;
    return slice_compare(listpack_get(at, digits), member);
}

/* A bound below which all whole numbers are below a score. */
static int64_t whole_bound(double score)
{
    if (score >= 0x1p63) return INT64_MAX;
    return score > -0x1p63 ? (int64_t)ceil(score) : INT64_MIN;
}

/* Where a member belongs that is not between `from` and there; NULL for the end. */
static unsigned char *pack_place(const unsigned char *lp, unsigned char *from, struct slice member,
                                 double score)
{
    unsigned char *at = from;
    int64_t bound = whole_bound(score);
    while ((at = listpack_skip_below(lp, at, bound))) {
        unsigned char *score_at = listpack_next(lp, at);
        if (pack_compare(at, pack_score(score_at), member, score) > 0) break;
        at = listpack_next(lp, score_at);
    }
    return at;
}

/* Whether it belongs behind all others, as scores that grow with time do. */
static bool is_last(const unsigned char *lp, struct slice member, double score)
{
    const unsigned char *score_at = listpack_last(lp);
    return score_at == NULL ||
           pack_compare(listpack_prev(lp, score_at), pack_score(score_at), member, score) < 0;
}

static void pack_add(struct value *zset, struct slice member, double score)
{
    char text[32];
    /* A whole number is held as one: -0 becomes 0. */
    struct slice pair[] = {member, score_text(score + 0.0, text)};
    unsigned char *lp = zset->object ? zset->object : listpack_new(0), *at = NULL;
    if (!is_last(lp, member, score)) at = pack_place(lp, listpack_first(lp), member, score);
    zset->object = listpack_insert(lp, &at, pair, 2);
}

/* Whether the text of a score is that of a whole number. */
static bool is_whole(double score)
{
    return score > -1e17 && score < 1e17 && score == (double)(int64_t)score;
}

static void pack_update(struct value *zset, unsigned char *at, struct slice member, double has_score,
                        double score)
{
    char text[32];
    unsigned char *lp = zset->object, *score_at = listpack_next(lp, at);
    unsigned char *from = score > has_score ? listpack_next(lp, score_at) : listpack_first(lp);
    at = listpack_move(lp, at, 2, pack_place(lp, from, member, score));
    score_at = listpack_next(lp, at);
    zset->object = is_whole(score) ? listpack_replace_number(lp, &score_at, (int64_t)score)
                                   : listpack_replace(lp, &score_at, score_text(score, text));
}

static bool has_room(const struct value *zset, struct slice member, const struct types_settings *settings)
{
    size_t count = zset->object ? listpack_count(zset->object) / 2 : 0;
    return count < (size_t)settings->zset_max_listpack_entries &&
           member.len <= settings->zset_max_listpack_value_bytes &&
           (zset->object == NULL || listpack_fits(zset->object, member.len + 64));
}

static void convert(struct value *zset)
{
    struct zset *z = table_new();
    const unsigned char *lp = zset->object, *at = lp ? listpack_first(lp) : NULL;
    while (at) {
        char digits[NUMBER_TEXT_MAX];
        struct slice member = listpack_get(at, digits);
        const unsigned char *score_at = listpack_next(lp, at);
        table_add(z, member, hash_bytes(member.ptr, member.len), pack_score(score_at));
        at = listpack_next(lp, score_at);
    }
    if (lp) listpack_free(zset->object);
    zset->object = z;
    zset->encoding = ZSET_TABLE;
}

/* ---- asking ---- */

bool zset_score(const struct value *zset, struct slice member, double *score)
{
    if (!is_table(zset)) {
        const unsigned char *at = pack_find(zset->object, member);
        if (at) *score = pack_score(listpack_next(zset->object, at));
        return at != NULL;
    }
    const struct element *e = find(table_of(zset), member, hash_bytes(member.ptr, member.len));
    if (e) *score = e->score;
    return e != NULL;
}

bool zset_rank(const struct value *zset, struct slice member, size_t *rank, double *score)
{
    if (!is_table(zset)) {
        const unsigned char *lp = zset->object, *found = pack_find(lp, member);
        if (found == NULL) return false;
        *rank = 0;
        for (const unsigned char *at = listpack_first(lp); at != found; ++*rank)
            at = listpack_next(lp, listpack_next(lp, at));
        *score = pack_score(listpack_next(lp, found));
        return true;
    }
    const struct zset *z = table_of(zset);
    const struct element *e = find(z, member, hash_bytes(member.ptr, member.len));
    if (e == NULL) return false;
    *rank = btree_rank_of(&z->order, order_key(e->score), e);
    *score = e->score;
    return true;
}

/* ---- changing ---- */

/* What becomes of a member that is there (has) with a score, or is not. */
static enum zset_result decide(bool has, double has_score, unsigned conditions, double *score)
{
    if (!has) return conditions & ZSET_IF_THERE ? ZSET_REFUSED : ZSET_ADDED;
    if (conditions & ZSET_IF_NEW) return ZSET_REFUSED;
    double wanted = conditions & ZSET_INCREMENT ? has_score + *score : *score;
    if (isnan(wanted)) return ZSET_NAN;
    if ((conditions & ZSET_IF_GREATER && wanted <= has_score) ||
        (conditions & ZSET_IF_LESS && wanted >= has_score))
        return ZSET_REFUSED;
    *score = wanted;
    return wanted == has_score ? ZSET_SAME : ZSET_UPDATED;
}

static enum zset_result table_put(struct zset *z, struct slice member, unsigned conditions, double *score)
{
    uint64_t hash = hash_bytes(member.ptr, member.len);
    struct element *e = find(z, member, hash);
    enum zset_result result = decide(e != NULL, e ? e->score : 0, conditions, score);
    if (result == ZSET_ADDED) {
        table_add(z, member, hash, *score);
    } else if (result == ZSET_UPDATED) {
        btree_remove(&z->order, order_key(e->score), e);
        e->score = *score;
        btree_insert(&z->order, order_key(e->score), e);
    }
    return result;
}

static enum zset_result pack_put(struct value *zset, struct slice member, unsigned conditions, double *score,
                                 const struct types_settings *settings)
{
    unsigned char *at = pack_find(zset->object, member);
    double has_score = at ? pack_score(listpack_next(zset->object, at)) : 0;
    enum zset_result result = decide(at != NULL, has_score, conditions, score);
    if (result == ZSET_UPDATED) {
        pack_update(zset, at, member, has_score, *score);
    } else if (result == ZSET_ADDED && has_room(zset, member, settings)) {
        pack_add(zset, member, *score);
    } else if (result == ZSET_ADDED) {
        convert(zset);
        table_add(table_of(zset), member, hash_bytes(member.ptr, member.len), *score);
    }
    return result;
}

enum zset_result zset_put(struct value *zset, struct slice member, unsigned conditions, double *score,
                          const struct types_settings *settings)
{
    if (is_table(zset)) return table_put(table_of(zset), member, conditions, score);
    return pack_put(zset, member, conditions, score, settings);
}

bool zset_remove(struct value *zset, struct slice member)
{
    if (!is_table(zset)) {
        unsigned char *at = pack_find(zset->object, member);
        if (at == NULL) return false;
        zset->object = listpack_delete(zset->object, &at, 2);
        return true;
    }
    struct zset *z = table_of(zset);
    uint64_t hash = hash_bytes(member.ptr, member.len);
    void **slot = hashtable_find_as(&z->members, &member_table, hash, member.ptr, member.len);
    if (slot == NULL) return false;
    struct element *e = *slot;
    btree_remove(&z->order, order_key(e->score), e);
    hashtable_remove(&z->members, hash, slot);
    mem_free(e);
    return true;
}

/* What the B-tree drops leaves the hash table, too. */
static void drop_element(void *ctx, void *element)
{
    struct hashtable *members = ctx;
    struct element *e = element;
    uint64_t hash = element_hash(e);
    hashtable_remove(members, hash, hashtable_find(members, hash, e->member, e->member_len));
    mem_free(e);
}

void zset_remove_ranks(struct value *zset, size_t from, size_t to)
{
    if (from >= to) return;
    if (is_table(zset))
        btree_remove_range(&table_of(zset)->order, from, to, drop_element, &table_of(zset)->members);
    else zset->object = listpack_delete_range(zset->object, 2 * (int64_t)from, 2 * (to - from));
}

/* ---- ranges ---- */

static bool pack_walk(const unsigned char *lp, size_t from, size_t to, bool backwards,
                      const struct zset_visitor *visitor)
{
    char digits[NUMBER_TEXT_MAX];
    const unsigned char *at = listpack_seek(lp, 2 * (int64_t)(backwards ? to - 1 : from));
    for (size_t left = to - from; left; left--) {
        const unsigned char *score_at = listpack_next(lp, at);
        if (!visitor->visit(visitor->ctx, listpack_get(at, digits), pack_score(score_at))) return false;
        if (!backwards) at = listpack_next(lp, score_at);
        else if (left > 1) at = listpack_prev(lp, listpack_prev(lp, at));
    }
    return true;
}

bool zset_walk(const struct value *zset, size_t from, size_t to, bool backwards,
               const struct zset_visitor *visitor)
{
    if (from >= to) return true;
    if (!is_table(zset)) return pack_walk(zset->object, from, to, backwards, visitor);
    struct btree_pos pos = btree_at(&table_of(zset)->order, backwards ? to - 1 : from);
    for (size_t left = to - from; left; left--) {
        const struct element *e = btree_element(pos);
        if (!visitor->visit(visitor->ctx, member_of(e), e->score)) return false;
        if (backwards) btree_prev(&pos);
        else btree_next(&pos);
    }
    return true;
}

/* How many members of a listpack are before a place at a score. */
static size_t pack_before(const unsigned char *lp, double score, const struct place *place)
{
    char digits[NUMBER_TEXT_MAX];
    size_t count = 0;
    for (const unsigned char *at = lp ? listpack_first(lp) : NULL; at; count++) {
        const unsigned char *score_at = listpack_next(lp, at);
        double its = pack_score(score_at);
        int order = its < score                 ? -1
                    : its > score               ? 1
                    : place->kind == BEFORE_ALL ? 1
                    : place->kind == BEHIND_ALL ? -1
                                                : slice_compare(listpack_get(at, digits), place->member);
        if (order >= 0) break;
        at = listpack_next(lp, score_at);
    }
    return count;
}

static size_t count_before(const struct value *zset, double score, const struct place *place)
{
    if (!is_table(zset)) return pack_before(zset->object, score, place);
    return btree_rank(&table_of(zset)->order, order_key(score), place);
}

void zset_ranks_of_scores(const struct value *zset, const struct zset_scores *range, size_t *from, size_t *to)
{
    struct place min = {.kind = range->min_excluded ? BEHIND_ALL : BEFORE_ALL};
    struct place max = {.kind = range->max_excluded ? BEFORE_ALL : BEHIND_ALL};
    *from = count_before(zset, range->min, &min);
    *to = count_before(zset, range->max, &max);
    if (*to < *from) *to = *from;
}

/* How many members are before a bound, or up to it. */
static size_t count_before_bound(const struct value *zset, const struct zset_lex_bound *bound, double score,
                                 bool is_max)
{
    struct place place = {.kind = AT_MEMBER, .member = bound->member};
    if (bound->kind == ZSET_LEX_LOWEST) return 0;
    if (bound->kind == ZSET_LEX_HIGHEST) return zset_length(zset);
    size_t count = count_before(zset, score, &place);
    double unused;
    bool behind_it = is_max == (bound->kind == ZSET_LEX_INCLUDED);
    return behind_it && zset_score(zset, bound->member, &unused) ? count + 1 : count;
}

static bool take_score(void *ctx, struct slice member, double score)
{
    (void)member;
    *(double *)ctx = score;
    return false;
}

void zset_ranks_of_lex(const struct value *zset, const struct zset_lex *range, size_t *from, size_t *to)
{
    double score = 0;
    zset_walk(zset, 0, zset_length(zset) ? 1 : 0, false, &(struct zset_visitor){take_score, &score});
    *from = count_before_bound(zset, &range->min, score, false);
    *to = count_before_bound(zset, &range->max, score, true);
    if (*to < *from) *to = *from;
}

/* ---- the row ---- */

static const char *encoding_name(const struct value *v)
{
    return is_table(v) ? "skiplist" : "listpack";
}

static size_t length(const struct value *v)
{
    if (v->object == NULL) return 0;
    return is_table(v) ? hashtable_count(&table_of(v)->members) : listpack_count(v->object) / 2;
}

static void free_zset(void *object, uint8_t encoding)
{
    if (encoding == ZSET_LISTPACK) {
        listpack_free(object);
        return;
    }
    struct zset *z = object;
    btree_fini(&z->order);
    while (!hashtable_clear_step(&z->members, SIZE_MAX, free_element, NULL)) continue;
    mem_free(z);
}

static size_t free_effort(const struct value *v)
{
    return is_table(v) ? hashtable_count(&table_of(v)->members) : 1;
}

static void *copy(const struct value *v)
{
    if (!is_table(v)) return listpack_copy(v->object);
    struct zset *to = table_new();
    struct btree_pos pos = btree_first(&table_of(v)->order);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct element *e = btree_element(pos);
        table_add(to, member_of(e), element_hash(e), e->score);
    }
    return to;
}

static size_t memory_bytes(const struct value *v, size_t samples)
{
    if (v->object == NULL) return 0;
    if (!is_table(v)) return mem_usable(v->object);
    const struct zset *z = table_of(v);
    size_t looked = 0, sampled = 0;
    struct btree_pos pos = btree_first(&z->order);
    for (bool more = btree_valid(pos); more && (samples == 0 || looked < samples); more = btree_next(&pos)) {
        sampled += mem_usable(btree_element(pos));
        looked++;
    }
    return mem_usable(z) + hashtable_memory_bytes(&z->members) + btree_memory_bytes(&z->order) +
           (looked ? sampled / looked * hashtable_count(&z->members) : 0);
}

static bool digest_member(void *ctx, struct slice member, double score)
{
    struct digest one = {0};
    char text[32];
    struct slice its = score_text(score + 0.0, text); /* only a table knows -0 */
    digest_mix(&one, member.ptr, member.len);
    digest_mix(&one, its.ptr, its.len);
    digest_xor(ctx, one.bytes, sizeof one.bytes);
    return true;
}

static void digest(const struct value *v, struct digest *to)
{
    zset_walk(v, 0, length(v), false, &(struct zset_visitor){digest_member, to});
}

/* Hands a member on with its score as text. */
static bool visit_with_text(void *ctx, struct slice member, double score)
{
    const struct value_visitor *visitor = ctx;
    char text[32];
    return visitor->visit(visitor->ctx, member, score_text(score, text));
}

static void each(const struct value *v, const struct value_visitor *visitor)
{
    zset_walk(v, 0, length(v), false, &(struct zset_visitor){visit_with_text, (void *)(uintptr_t)visitor});
}

static void scan_element(void *ctx, void *element)
{
    const struct element *e = element;
    visit_with_text(ctx, member_of(e), e->score);
}

static uint64_t scan(const struct value *v, uint64_t cursor, const struct value_visitor *visitor)
{
    if (is_table(v))
        return hashtable_scan(&table_of(v)->members, cursor, scan_element, (void *)(uintptr_t)visitor);
    each(v, visitor);
    return 0;
}

/* ---- RDB ---- */

static uint8_t rdb_form(const struct value *v, int version)
{
    (void)version;
    return is_table(v) ? RDB_ZSET_2 : RDB_ZSET_LISTPACK;
}

static bool save_member(void *w, struct slice member, double score)
{
    rdb_put_string(w, member);
    rdb_put_double(w, score);
    return true;
}

static void save(const struct value *v, struct rdb_writer *w)
{
    if (!is_table(v)) {
        rdb_put_blob(w, v->object, listpack_bytes(v->object));
        return;
    }
    rdb_put_length(w, length(v));
    zset_walk(v, 0, length(v), false, &(struct zset_visitor){save_member, w});
}

/* Members in the order they were read, put into the tree only at the end: files
 * of other servers begin with the highest score, and a tree that grows at its
 * begin is only half full. */
struct loading {
    struct rdb_reader *r;
    struct zset *z;
    struct element **elements;
    size_t count, capacity;
    size_t longest;
};

static void load_member(struct loading *loading, struct slice member, double score)
{
    uint64_t hash = hash_bytes(member.ptr, member.len);
    if (isnan(score)) rdb_fail(loading->r, "Zset with NAN score detected");
    else if (member.len > UINT32_MAX) rdb_fail(loading->r, "a member of a sorted set is too long");
    else if (find(loading->z, member, hash)) rdb_fail(loading->r, "Duplicate zset fields detected");
    if (loading->r->failed) return;
    if (loading->count == loading->capacity) {
        loading->capacity = loading->capacity ? 2 * loading->capacity : 64;
        loading->elements = mem_realloc(loading->elements, loading->capacity * sizeof *loading->elements);
    }
    loading->elements[loading->count++] = table_insert(loading->z, member, hash, score);
    if (member.len > loading->longest) loading->longest = member.len;
}

static void load_members(struct loading *loading, uint8_t form)
{
    struct rdb_reader *r = loading->r;
    for (uint64_t count = rdb_get_length(r); count && rdb_get_string(r, &r->text); count--) {
        double score = form == RDB_ZSET ? rdb_get_double_text(r) : rdb_get_double(r);
        if (!r->failed) load_member(loading, buffer_slice(&r->text), score);
    }
}

static void order_members(const struct loading *loading)
{
    size_t last = loading->count ? loading->count - 1 : 0;
    bool descends = loading->count && loading->elements[0]->score > loading->elements[last]->score;
    for (size_t i = 0; i < loading->count; i++) {
        struct element *e = loading->elements[descends ? last - i : i];
        btree_insert(&loading->z->order, order_key(e->score), e);
    }
}

/* What is small enough is a listpack, in order by now. */
static void shrink(struct value *v, size_t longest, const struct types_settings *settings)
{
    struct zset *z = table_of(v);
    if (length(v) > (size_t)settings->zset_max_listpack_entries ||
        longest > settings->zset_max_listpack_value_bytes)
        return;
    unsigned char *lp = listpack_new(0);
    struct btree_pos pos = btree_first(&z->order);
    for (bool more = btree_valid(pos); more; more = btree_next(&pos)) {
        const struct element *e = btree_element(pos);
        char text[32];
        lp = listpack_append(lp, member_of(e));
        lp = listpack_append(lp, score_text(e->score + 0.0, text));
    }
    free_zset(z, ZSET_TABLE);
    v->object = lp;
    v->encoding = ZSET_LISTPACK;
}

/* Of a ziplist: members and scores in turn. */
static bool load_in_turn(void *ctx, struct slice element)
{
    struct loading *loading = ctx;
    struct buffer *member = &loading->r->more;
    double score;
    if (member->len == 0) { /* a byte more than the member, so that it is not empty */
        buffer_append_char(member, ' ');
        buffer_append_slice(member, element);
        return true;
    }
    if (!number_parse_double(element, &score)) return false;
    load_member(loading, slice_make(member->data + 1, member->len - 1), score);
    buffer_clear(member);
    return !loading->r->failed;
}

/* Whether members and scores take turns, in order; and no member is there twice,
 * if deep. */
static bool is_ordered(const unsigned char *lp, bool deep)
{
    struct zset *seen = deep ? table_new() : NULL;
    char digits[NUMBER_TEXT_MAX];
    const unsigned char *before = NULL;
    double before_score = 0;
    bool valid = listpack_count(lp) % 2 == 0;
    for (const unsigned char *at = listpack_first(lp), *score_at; valid && at;
         at = listpack_next(lp, score_at)) {
        double score = 0;
        int64_t number;
        score_at = listpack_next(lp, at);
        if (listpack_get_number(score_at, &number)) score = (double)number;
        else valid = number_parse_double(listpack_get(score_at, digits), &score) && !isnan(score);
        struct slice member = listpack_get(at, digits);
        uint64_t hash = hash_bytes(member.ptr, member.len);
        valid = valid && (before == NULL || pack_compare(before, before_score, member, score) < 0) &&
                (seen == NULL || find(seen, member, hash) == NULL);
        if (valid && seen) table_insert(seen, member, hash, score);
        before = at;
        before_score = score;
    }
    if (seen) free_zset(seen, ZSET_TABLE);
    return valid;
}

static void load_listpack(struct value *v, struct rdb_reader *r, const struct types_settings *settings)
{
    static const char reason[] = "Zset listpack integrity check failed.";
    unsigned char *lp = rdb_form_take_listpack(r, reason);
    if (lp == NULL) return;
    v->object = lp;
    if (!is_ordered(lp, r->deep)) rdb_fail(r, reason);
    else if (length(v) > (size_t)settings->zset_max_listpack_entries) convert(v);
}

static void load(struct value *v, uint8_t form, struct rdb_reader *r, const struct types_settings *settings)
{
    if (form == RDB_ZSET_LISTPACK) {
        load_listpack(v, r, settings);
        return;
    }
    struct loading loading = {.r = r, .z = table_new()};
    v->object = loading.z;
    v->encoding = ZSET_TABLE;
    if (form == RDB_ZSET_ZIPLIST) {
        buffer_clear(&r->more);
        rdb_form_load_ziplist(r, "Zset ziplist integrity check failed.", load_in_turn, &loading);
        if (r->more.len) rdb_fail(r, "Zset ziplist integrity check failed.");
    } else {
        load_members(&loading, form);
    }
    order_members(&loading);
    mem_free(loading.elements);
    if (!r->failed) shrink(v, loading.longest, settings);
}

static void rebuild(const struct value *v, struct slice key, const struct value_rebuilder *to)
{
    value_rebuild_elements(v, key, "ZADD", ATTACHED_BEFORE, to);
}

const struct value_type zset_type = {
    .rdb_form = rdb_form,
    .save = save,
    .load = load,
    .rebuild = rebuild,
    .name = "zset",
    .sorting = SORTING_ORDERED,
    .encoding_name = encoding_name,
    .length = length,
    .free = free_zset,
    .free_effort = free_effort,
    .copy = copy,
    .memory_bytes = memory_bytes,
    .digest = digest,
    .each = each,
    .scan = scan,
};
