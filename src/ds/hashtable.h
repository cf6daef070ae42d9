/* Hash table of pointers: linear hashing (Litwin, VLDB 1980) over buckets of
 * one cache line. There is never a second table and never a rehash: the table
 * grows by splitting one bucket and shrinks by merging one, at most two per
 * insert or remove, so memory per element is nearly constant and no single
 * operation is slow.
 *
 * A bucket holds seven pointers and one byte of hash (the tag) for each, which
 * are compared all at once; an element is looked at only if its tag agrees. A
 * bucket with more than seven elements gives up its last slot for a pointer
 * to an overflow bucket of the same form.
 *
 * There are n = 2^level + split buckets; the bucket of a hash is its low
 * level+1 bits, less the topmost of them when that is n or more. They live in
 * segments of 4096, found through a directory; a table within one segment has
 * just an array that doubles. An empty table owns no memory.
 *
 * Elements belong to the caller; the table never frees them. A slot is where
 * an element's pointer is kept. A slot's address is valid until the next
 * insert or remove; the pointer in it may be replaced by another with equal
 * key (an element that was reallocated). The struct itself may be moved.
 *
 * A hash is 64 uniform bits: the low ones choose the bucket, the top byte is
 * the tag. Not for several threads at once; finds alone may run together. */
#ifndef DS_HASHTABLE_H
#define DS_HASHTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct hashtable_type {
    uint64_t (*hash)(const void *element);
    bool (*equal)(const void *element, const void *key, size_t key_len);
    void (*prefetch)(const void *element); /* asks for the memory hash and equal read; may be NULL */
};

enum {
    HASHTABLE_SLOTS = 7,       /* of a bucket */
    HASHTABLE_OCCUPIED = 0x7f, /* bits of meta: the slots that hold an element */
    HASHTABLE_CHAINED = 0x80,  /* bit of meta: the last slot points to an overflow bucket */
    HASHTABLE_SEGMENT_SHIFT = 12,
    HASHTABLE_SEGMENT = 1 << HASHTABLE_SEGMENT_SHIFT, /* buckets */
};

struct hashtable_bucket {
    void *slot[HASHTABLE_SLOTS];
    uint8_t tag[HASHTABLE_SLOTS];
    uint8_t meta;
} __attribute__((aligned(64)));

/* Read through the functions only. */
struct hashtable {
    const struct hashtable_type *type;
    struct hashtable_bucket *first;      /* the first segment; NULL while there are no buckets */
    struct hashtable_bucket **directory; /* the second and later segments */
    size_t count;                        /* of elements */
    size_t buckets;                      /* n, without overflow buckets */
    size_t mask;                         /* 2^(level+1) - 1 */
    uint32_t overflow;                   /* overflow buckets */
    uint16_t longest;                    /* no chain has more buckets than this */
    uint8_t first_shift;                 /* the first segment has room for 2^this buckets */
    bool held;
};

/* The table starts empty, without memory. type must outlive it. */
void hashtable_init(struct hashtable *t, const struct hashtable_type *type);

/* Frees the buckets, not the elements. The table is empty afterwards. */
void hashtable_fini(struct hashtable *t);

static inline size_t hashtable_count(const struct hashtable *t)
{
    return t->count;
}

/* Adds an element that is known not to be in the table. Returns its slot. May
 * call type->hash for other elements. */
void **hashtable_insert(struct hashtable *t, uint64_t hash, void *element);

/* Takes the element in slot, as found by its hash, out of the table. Calls
 * nothing, so the element may already be freed. */
void hashtable_remove(struct hashtable *t, uint64_t hash, void **slot);

/* Stateless cursor. Calls fn for the elements of one bucket (possibly none)
 * and returns the cursor of the next: 0 starts, and 0 returned ends. An
 * element present from start to end is passed at least once, whatever is
 * inserted or removed between calls, and any number is a valid cursor. fn
 * must not insert or remove. The cursor runs through the buckets in the order
 * of their reversed bits, where a split or merge moves nothing from what is
 * still to come to what has been passed. */
uint64_t hashtable_scan(const struct hashtable *t, uint64_t cursor, void (*fn)(void *ctx, void *element),
                        void *ctx);

/* Walks all elements. Between init and the last next the table must not be
 * changed, except that pointers may be replaced in their slots and the element
 * returned last may be taken out by hashtable_iter_remove. There is nothing to
 * release; a walk that removed and is broken off must call hashtable_iter_fini. */
struct hashtable_iter {
    struct hashtable *table;
    size_t index;                    /* home bucket */
    struct hashtable_bucket *bucket; /* in its chain */
    unsigned left;                   /* slots of the bucket still to return, as bits */
    unsigned slot;                   /* returned last */
    bool removed;                    /* something from the chain at index */
};
void hashtable_iter_init(struct hashtable_iter *it, struct hashtable *t);
void **hashtable_iter_next(struct hashtable_iter *it); /* the slot; NULL at the end */
void hashtable_iter_remove(struct hashtable_iter *it);
void hashtable_iter_fini(struct hashtable_iter *it);

/* An element's slot, each with exactly the same probability, drawn by
 * random (64 uniform bits a call). NULL when the table is empty. */
void **hashtable_random(const struct hashtable *t, uint64_t (*random)(void *ctx), void *ctx);

/* While held, the table neither splits nor merges, as long as the load stays
 * bearable: a forked child shares its pages. */
void hashtable_hold(struct hashtable *t, bool held);

/* Catches up on at most steps splits or merges that a hold or a walk with
 * removals has left undone; true when there is nothing (more) to catch up.
 * Inserts and removes catch up on their own, two steps each. */
bool hashtable_adjust(struct hashtable *t, size_t steps);

/* Empties the table from the end, in slices: passes about budget elements to
 * drop (unless NULL) and forgets them. True when the table is empty and its
 * memory freed. The table is valid between slices. drop must not touch it. */
bool hashtable_clear_step(struct hashtable *t, size_t budget, void (*drop)(void *ctx, void *element),
                          void *ctx);

/* Bytes allocated for buckets and directory, the struct itself excluded. */
size_t hashtable_memory_bytes(const struct hashtable *t);

/* Looks at every bucket: for debugging. */
enum { HASHTABLE_CHAIN_LENGTHS = 8 };
struct hashtable_stats {
    size_t elements;
    size_t buckets;
    size_t overflow_buckets;
    size_t memory_bytes;
    size_t longest_chain;                   /* in buckets */
    size_t chains[HASHTABLE_CHAIN_LENGTHS]; /* how many have i+1 buckets; the last entry: or more */
    size_t reads;                           /* buckets read to find every element once */
};
void hashtable_stats(const struct hashtable *t, struct hashtable_stats *stats);

/* What follows is the path of a find, inline. */

static inline uint8_t hashtable_tag(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

/* The slots, as bits, that hold an element with this tag: portable, eight
 * bytes in one word. */
static inline unsigned hashtable_match_word(const struct hashtable_bucket *b, uint8_t tag)
{
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7f;
    uint64_t word;
    memcpy(&word, b->tag, sizeof word); /* the tags, and meta in the last byte */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    word ^= 0x0101010101010101 * (uint64_t)tag;
    uint64_t zero = ~(((word & low7) + low7) | word | low7);  /* 0x80 in each byte that agrees */
    uint64_t bits = ((zero >> 7) * 0x0102040810204080) >> 56; /* gathers them, lowest byte first */
    return (unsigned)bits & b->meta & HASHTABLE_OCCUPIED;
}

static inline unsigned hashtable_match(const struct hashtable_bucket *b, uint8_t tag)
{
#ifdef __SSE2__
    __m128i tags = _mm_loadl_epi64((const __m128i *)(const void *)b->tag);
    __m128i equal = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));
    return (unsigned)_mm_movemask_epi8(equal) & b->meta & HASHTABLE_OCCUPIED;
#else
    return hashtable_match_word(b, tag);
#endif
}

static inline struct hashtable_bucket *hashtable_bucket_at(const struct hashtable *t, size_t index)
{
    if (index < HASHTABLE_SEGMENT) return &t->first[index];
    return &t->directory[(index >> HASHTABLE_SEGMENT_SHIFT) - 1][index & (HASHTABLE_SEGMENT - 1)];
}

static inline size_t hashtable_index(const struct hashtable *t, uint64_t hash)
{
    size_t index = (size_t)hash & t->mask;
    return index < t->buckets ? index : index & (t->mask >> 1);
}

/* The next bucket of a chain, NULL at its end. */
static inline struct hashtable_bucket *hashtable_chained(const struct hashtable_bucket *b)
{
    return b->meta & HASHTABLE_CHAINED ? b->slot[HASHTABLE_SLOTS - 1] : NULL;
}

/* The slot of the element whose key is equal, or NULL. A caller whose type is
 * a constant names it here and gets the comparison inlined. */
static inline __attribute__((always_inline)) void **hashtable_find_as(const struct hashtable *t,
                                                                      const struct hashtable_type *type,
                                                                      uint64_t hash, const void *key,
                                                                      size_t key_len)
{
    if (t->count == 0) return NULL;
    struct hashtable_bucket *b = hashtable_bucket_at(t, hashtable_index(t, hash));
    do {
        for (unsigned match = hashtable_match(b, hashtable_tag(hash)); match; match &= match - 1) {
            void **slot = &b->slot[__builtin_ctz(match)];
            if (type->equal(*slot, key, key_len)) return slot;
        }
        b = hashtable_chained(b);
    } while (b);
    return NULL;
}

static inline void **hashtable_find(const struct hashtable *t, uint64_t hash, const void *key, size_t key_len)
{
    return hashtable_find_as(t, t->type, hash, key, key_len);
}

/* For a batch of finds: first ask for the buckets of all, then find. */
static inline void hashtable_prefetch(const struct hashtable *t, uint64_t hash)
{
    if (t->count) __builtin_prefetch(hashtable_bucket_at(t, hashtable_index(t, hash)));
}

static inline void hashtable_prefetch_match(const struct hashtable *t, uint64_t hash)
{
    if (t->count == 0 || t->type->prefetch == NULL) return;
    const struct hashtable_bucket *b = hashtable_bucket_at(t, hashtable_index(t, hash));
    for (unsigned match = hashtable_match(b, hashtable_tag(hash)); match; match &= match - 1)
        t->type->prefetch(b->slot[__builtin_ctz(match)]);
}

#endif
