#include "ds/hashtable.h"

#include "base/assert.h"
#include "base/mem.h"

/* When to split and to merge, in elements per 8 buckets. Measured over a
 * doubling cycle around two million keys: 13.0 to 13.4 bytes a key, 1.2 to 1.3
 * buckets read a hit. (At 80 % of the slots: 13.9 to 14.6, and 1.13 to 1.18.) */
enum {
#ifdef TOCSIN_HARD /* every insert splits and every remove merges */
    GROW_ABOVE = 8,
    SHRINK_BELOW = 8,
#else
    GROW_ABOVE = 8 * HASHTABLE_SLOTS,
    SHRINK_BELOW = 16,
#endif
    HELD_GROW_ABOVE = 4 * 8 * HASHTABLE_SLOTS,
    HELD_SHRINK_BELOW = 2,
    STEPS = 2, /* splits or merges for each insert or remove */
};

void hashtable_init(struct hashtable *t, const struct hashtable_type *type)
{
    *t = (struct hashtable){.type = type, .mask = 1, .longest = 1};
}

void hashtable_fini(struct hashtable *t)
{
    hashtable_clear_step(t, SIZE_MAX, NULL, NULL);
}

void hashtable_hold(struct hashtable *t, bool held)
{
    t->held = held;
}

/* Memory of buckets */

static struct hashtable_bucket *buckets_alloc(size_t count)
{
    return mem_aligned(sizeof(struct hashtable_bucket), count * sizeof(struct hashtable_bucket));
}

/* Moves the first segment to memory for 2^shift buckets. */
static void first_resize(struct hashtable *t, unsigned shift)
{
    struct hashtable_bucket *moved = buckets_alloc((size_t)1 << shift);
    if (t->first) {
        memcpy(moved, t->first, t->buckets * sizeof *moved);
#ifdef TOCSIN_HARD
        memset(t->first, 0xdb, t->buckets * sizeof *moved);
#endif
        mem_free(t->first);
    }
    t->first = moved;
    t->first_shift = (uint8_t)shift;
}

/* No slot outlives an insert or remove: in a hard build small tables move
 * each time, so that a stale one is noticed. */
static void move_always(struct hashtable *t)
{
#ifdef TOCSIN_HARD
    if (t->buckets && t->buckets <= 64) first_resize(t, t->first_shift);
#else
    (void)t;
#endif
}

static bool is_power_of_two(size_t n)
{
    return n && (n & (n - 1)) == 0;
}

/* The directory has room for as many segments as the next power of two. */
static size_t directory_capacity(size_t segments)
{
    size_t capacity = 1;
    while (capacity < segments) capacity *= 2;
    return capacity;
}

static void directory_push(struct hashtable *t, size_t segments)
{
    if (segments == 0 || is_power_of_two(segments))
        t->directory = mem_realloc(t->directory, directory_capacity(segments + 1) * sizeof *t->directory);
    t->directory[segments] = buckets_alloc(HASHTABLE_SEGMENT);
}

static void directory_pop(struct hashtable *t, size_t segments)
{
    mem_free(t->directory[segments]);
    if (segments == 0) {
        mem_free(t->directory);
        t->directory = NULL;
    } else if (is_power_of_two(segments)) {
        t->directory = mem_realloc(t->directory, segments * sizeof *t->directory);
    }
}

/* Adds an empty bucket at the end and returns it. */
static struct hashtable_bucket *bucket_push(struct hashtable *t)
{
    size_t index = t->buckets;
    if (t->first == NULL) first_resize(t, 0);
    else if (index < HASHTABLE_SEGMENT && index == (size_t)1 << t->first_shift)
        first_resize(t, t->first_shift + 1U);
    else if (index >= HASHTABLE_SEGMENT && index % HASHTABLE_SEGMENT == 0)
        directory_push(t, index / HASHTABLE_SEGMENT - 1);
    t->buckets++;
    if (t->buckets > t->mask) t->mask = 2 * t->mask + 1;
    struct hashtable_bucket *b = hashtable_bucket_at(t, index);
    b->meta = 0;
    return b;
}

/* Drops the last bucket, which is empty. */
static void bucket_pop(struct hashtable *t)
{
    size_t index = --t->buckets;
    if (index == 0) {
        mem_free(t->first);
        t->first = NULL;
        t->first_shift = 0;
        return;
    }
    if (index <= t->mask >> 1) t->mask >>= 1;
    if (index >= HASHTABLE_SEGMENT && index % HASHTABLE_SEGMENT == 0)
        directory_pop(t, index / HASHTABLE_SEGMENT - 1);
}

/* Chains */

static unsigned occupied(const struct hashtable_bucket *b)
{
    return b->meta & HASHTABLE_OCCUPIED;
}

static unsigned vacant(const struct hashtable_bucket *b)
{
    unsigned usable = b->meta & HASHTABLE_CHAINED ? HASHTABLE_OCCUPIED >> 1 : HASHTABLE_OCCUPIED;
    return usable & ~(unsigned)b->meta;
}

static void **bucket_put(struct hashtable_bucket *b, uint8_t tag, void *element)
{
    unsigned i = (unsigned)__builtin_ctz(vacant(b));
    b->slot[i] = element;
    b->tag[i] = tag;
    b->meta |= (uint8_t)(1U << i);
    return &b->slot[i];
}

/* Gives a full bucket at the end of a chain a successor, which takes over the
 * element from the slot where the pointer to it goes. */
static struct hashtable_bucket *overflow_push(struct hashtable *t, struct hashtable_bucket *b)
{
    enum { LAST = HASHTABLE_SLOTS - 1 };
    struct hashtable_bucket *next = buckets_alloc(1);
    next->meta = 0;
    bucket_put(next, b->tag[LAST], b->slot[LAST]);
    b->slot[LAST] = next;
    b->meta = HASHTABLE_CHAINED | HASHTABLE_OCCUPIED >> 1;
    t->overflow++;
    return next;
}

/* Frees the bucket behind b, the last of its chain, which holds one element
 * at most; that goes where the pointer was. */
static void overflow_pop(struct hashtable *t, struct hashtable_bucket *b)
{
    struct hashtable_bucket *last = hashtable_chained(b);
    b->meta &= HASHTABLE_OCCUPIED;
    if (occupied(last)) {
        unsigned i = (unsigned)__builtin_ctz(occupied(last));
        b->slot[HASHTABLE_SLOTS - 1] = last->slot[i];
        b->tag[HASHTABLE_SLOTS - 1] = last->tag[i];
        b->meta |= 1U << (HASHTABLE_SLOTS - 1);
    }
    mem_free(last);
    if (--t->overflow == 0) t->longest = 1;
}

static void **chain_put(struct hashtable *t, struct hashtable_bucket *b, uint8_t tag, void *element)
{
    unsigned length = 1;
    while (vacant(b) == 0) {
        if (!(b->meta & HASHTABLE_CHAINED)) overflow_push(t, b);
        b = hashtable_chained(b);
        length++;
    }
    if (length > t->longest) {
        ASSERT(length <= UINT16_MAX);
        t->longest = (uint16_t)length;
    }
    return bucket_put(b, tag, element);
}

/* Fills holes from the chain's last bucket and frees buckets that are not
 * needed, so that only the last one has vacant slots, and holds two elements
 * or more. */
static void chain_tidy(struct hashtable *t, struct hashtable_bucket *home)
{
    while (home->meta & HASHTABLE_CHAINED) {
        struct hashtable_bucket *before = home, *last = hashtable_chained(home);
        struct hashtable_bucket *hole = vacant(home) ? home : NULL;
        while (last->meta & HASHTABLE_CHAINED) {
            before = last;
            last = hashtable_chained(last);
            if (hole == NULL && vacant(before)) hole = before;
        }
        if (!(last->meta & (last->meta - 1))) {
            overflow_pop(t, before);
        } else if (hole) {
            unsigned i = (unsigned)__builtin_ctz(last->meta);
            bucket_put(hole, last->tag[i], last->slot[i]);
            last->meta &= (uint8_t) ~(1U << i);
        } else {
            return;
        }
    }
}

/* Growing and shrinking */

static void prefetch_elements(const struct hashtable *t, const struct hashtable_bucket *b)
{
    if (t->type->prefetch == NULL) return;
    for (; b; b = hashtable_chained(b))
        for (unsigned left = occupied(b); left; left &= left - 1)
            t->type->prefetch(b->slot[__builtin_ctz(left)]);
}

/* The bucket that the one at index >= 1 is split from and merged into. */
static size_t partner(size_t index)
{
    return index & ~((size_t)1 << (63 - __builtin_clzll(index)));
}

static void split(struct hashtable *t)
{
    size_t to_index = t->buckets;
    struct hashtable_bucket *to = bucket_push(t);
    if (to_index == 0) return;
    struct hashtable_bucket *from = hashtable_bucket_at(t, partner(to_index));
    prefetch_elements(t, from);
    for (struct hashtable_bucket *b = from; b; b = hashtable_chained(b)) {
        for (unsigned left = occupied(b); left; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctz(left);
            if (hashtable_index(t, t->type->hash(b->slot[i])) != to_index) continue;
            chain_put(t, to, b->tag[i], b->slot[i]);
            b->meta &= (uint8_t) ~(1U << i);
        }
    }
    chain_tidy(t, from);
}

/* Frees the overflow buckets of an emptied chain. */
static void chain_free(struct hashtable *t, struct hashtable_bucket *home)
{
    struct hashtable_bucket *next = hashtable_chained(home);
    home->meta = 0;
    while (next) {
        struct hashtable_bucket *b = next;
        next = hashtable_chained(b);
        mem_free(b);
        if (--t->overflow == 0) t->longest = 1;
    }
}

/* The tags are all that is needed: merging looks at no element. */
static void merge(struct hashtable *t)
{
    size_t from_index = t->buckets - 1;
    struct hashtable_bucket *from = hashtable_bucket_at(t, from_index);
    if (from_index) {
        struct hashtable_bucket *to = hashtable_bucket_at(t, partner(from_index));
        for (struct hashtable_bucket *b = from; b; b = hashtable_chained(b))
            for (unsigned left = occupied(b); left; left &= left - 1)
                chain_put(t, to, b->tag[__builtin_ctz(left)], b->slot[__builtin_ctz(left)]);
    }
    chain_free(t, from);
    bucket_pop(t);
    if (t->first_shift && t->buckets <= (size_t)1 << t->first_shift >> 2)
        first_resize(t, t->first_shift - 1U);
}

/* Which way the table should go to hold count elements: 1 to split, -1 to
 * merge, 0 when it is well as it is. */
static int wanted(const struct hashtable *t, size_t count)
{
    size_t grow_above = t->held ? HELD_GROW_ABOVE : GROW_ABOVE;
    size_t shrink_below = t->held ? HELD_SHRINK_BELOW : SHRINK_BELOW;
    if (count * 8 > t->buckets * grow_above) return 1;
    if (t->buckets > (count > 0) && count * 8 < t->buckets * shrink_below) return -1;
    return 0;
}

static bool adjust(struct hashtable *t, size_t count, size_t steps)
{
    int way;
    for (; (way = wanted(t, count)) != 0; steps--) {
        if (steps == 0) return false;
        if (way > 0) split(t);
        else merge(t);
    }
    return true;
}

bool hashtable_adjust(struct hashtable *t, size_t steps)
{
    return adjust(t, t->count, steps);
}

void **hashtable_insert(struct hashtable *t, uint64_t hash, void *element)
{
    move_always(t);
    adjust(t, t->count + 1, STEPS);
    t->count++;
    return chain_put(t, hashtable_bucket_at(t, hashtable_index(t, hash)), hashtable_tag(hash), element);
}

/* Buckets are aligned to their size, so a slot's address tells its bucket. */
static void slot_vacate(void **slot)
{
    uintptr_t offset = (uintptr_t)slot % sizeof(struct hashtable_bucket);
    struct hashtable_bucket *b = (void *)((char *)slot - offset);
    unsigned bit = 1U << offset / sizeof *slot;
    ASSERT(occupied(b) & bit);
    b->meta &= (uint8_t)~bit;
}

void hashtable_remove(struct hashtable *t, uint64_t hash, void **slot)
{
    slot_vacate(slot);
    t->count--;
    chain_tidy(t, hashtable_bucket_at(t, hashtable_index(t, hash)));
    adjust(t, t->count, STEPS);
    move_always(t);
}

bool hashtable_clear_step(struct hashtable *t, size_t budget, void (*drop)(void *ctx, void *element),
                          void *ctx)
{
    while (t->buckets) {
        struct hashtable_bucket *home = hashtable_bucket_at(t, t->buckets - 1);
        size_t done = 1; /* an empty bucket is work as well */
        for (struct hashtable_bucket *b = home; b; b = hashtable_chained(b)) {
            for (unsigned left = occupied(b); left; left &= left - 1, done++) {
                t->count--;
                if (drop) drop(ctx, b->slot[__builtin_ctz(left)]);
            }
        }
        chain_free(t, home);
        bucket_pop(t);
        if (done >= budget) break;
        budget -= done;
    }
    return t->buckets == 0;
}

/* Walking */

static uint64_t reverse_bits(uint64_t v)
{
    v = (v >> 1 & 0x5555555555555555) | (v & 0x5555555555555555) << 1;
    v = (v >> 2 & 0x3333333333333333) | (v & 0x3333333333333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f0f0f0f0f) | (v & 0x0f0f0f0f0f0f0f0f) << 4;
    return __builtin_bswap64(v);
}

uint64_t hashtable_scan(const struct hashtable *t, uint64_t cursor, void (*fn)(void *ctx, void *element),
                        void *ctx)
{
    if (t->buckets == 0) return 0;
    size_t index = hashtable_index(t, cursor);
    for (struct hashtable_bucket *b = hashtable_bucket_at(t, index); b; b = hashtable_chained(b))
        for (unsigned left = occupied(b); left; left &= left - 1) fn(ctx, b->slot[__builtin_ctz(left)]);

    /* The bits of the hash that all elements of this bucket have in common:
     * one more where it has been split already. */
    size_t half = (t->mask >> 1) + 1;
    bool is_split = (index & (half - 1)) + half < t->buckets;
    uint64_t common = is_split ? t->mask : t->mask >> 1;
    return reverse_bits(reverse_bits(cursor | ~common) + 1);
}

static void iter_enter(struct hashtable_iter *it)
{
    it->bucket = it->index < it->table->buckets ? hashtable_bucket_at(it->table, it->index) : NULL;
    it->left = it->bucket ? occupied(it->bucket) : 0;
    if (it->index + 1 < it->table->buckets)
        prefetch_elements(it->table, hashtable_bucket_at(it->table, it->index + 1));
}

void hashtable_iter_init(struct hashtable_iter *it, struct hashtable *t)
{
    *it = (struct hashtable_iter){.table = t};
    iter_enter(it);
}

void hashtable_iter_fini(struct hashtable_iter *it)
{
    if (it->removed) chain_tidy(it->table, hashtable_bucket_at(it->table, it->index));
    it->removed = false;
}

void **hashtable_iter_next(struct hashtable_iter *it)
{
    while (it->left == 0) {
        if (it->bucket == NULL) return NULL;
        it->bucket = hashtable_chained(it->bucket);
        if (it->bucket) {
            it->left = occupied(it->bucket);
            continue;
        }
        hashtable_iter_fini(it);
        it->index++;
        iter_enter(it);
    }
    it->slot = (unsigned)__builtin_ctz(it->left);
    it->left &= it->left - 1;
    return &it->bucket->slot[it->slot];
}

void hashtable_iter_remove(struct hashtable_iter *it)
{
    slot_vacate(&it->bucket->slot[it->slot]);
    it->table->count--;
    it->removed = true;
}

/* Random elements */

static uint64_t uniform(uint64_t below, uint64_t (*random)(void *ctx), void *ctx)
{
    uint64_t surplus = -below % below, r; /* 2^64 modulo below */
    do r = random(ctx);
    while (r < surplus);
    return r % below;
}

static void **slot_nth(const struct hashtable *t, size_t n)
{
    for (size_t index = 0; index < t->buckets; index++) {
        for (struct hashtable_bucket *b = hashtable_bucket_at(t, index); b; b = hashtable_chained(b)) {
            unsigned left = occupied(b);
            size_t here = (size_t)__builtin_popcount(left);
            if (n >= here) {
                n -= here;
                continue;
            }
            for (; n; n--) left &= left - 1;
            return &b->slot[__builtin_ctz(left)];
        }
    }
    return NULL;
}

/* Rejection: every place that a slot could have is drawn alike, until there
 * is an element. The last resort, for a table that a hold has left almost
 * empty, is as uniform. */
void **hashtable_random(const struct hashtable *t, uint64_t (*random)(void *ctx), void *ctx)
{
    if (t->count == 0) return NULL;
    size_t places = (size_t)t->longest * HASHTABLE_SLOTS;
    for (size_t tries = 32 * places; tries; tries--) {
        uint64_t r = uniform(t->buckets * places, random, ctx);
        struct hashtable_bucket *b = hashtable_bucket_at(t, r / places);
        size_t place = r % places;
        for (; b && place >= HASHTABLE_SLOTS; place -= HASHTABLE_SLOTS) b = hashtable_chained(b);
        if (b && occupied(b) >> place & 1) return &b->slot[place];
    }
    return slot_nth(t, uniform(t->count, random, ctx));
}

/* Figures */

size_t hashtable_memory_bytes(const struct hashtable *t)
{
    if (t->first == NULL) return 0;
    size_t segments = (t->buckets - 1) / HASHTABLE_SEGMENT; /* behind the first */
    size_t buckets = ((size_t)1 << t->first_shift) + segments * HASHTABLE_SEGMENT + t->overflow;
    size_t directory = segments ? directory_capacity(segments) * sizeof *t->directory : 0;
    return buckets * sizeof(struct hashtable_bucket) + directory;
}

void hashtable_stats(const struct hashtable *t, struct hashtable_stats *stats)
{
    *stats = (struct hashtable_stats){
        .elements = t->count,
        .buckets = t->buckets,
        .overflow_buckets = t->overflow,
        .memory_bytes = hashtable_memory_bytes(t),
    };
    for (size_t index = 0; index < t->buckets; index++) {
        size_t length = 0;
        for (struct hashtable_bucket *b = hashtable_bucket_at(t, index); b; b = hashtable_chained(b))
            stats->reads += ++length * (size_t)__builtin_popcount(occupied(b));
        if (length > stats->longest_chain) stats->longest_chain = length;
        stats->chains[(length < HASHTABLE_CHAIN_LENGTHS ? length : HASHTABLE_CHAIN_LENGTHS) - 1]++;
    }
}
