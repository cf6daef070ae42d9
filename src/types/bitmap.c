#include "types/bitmap.h"

static uint64_t load(const char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* ---- counting ---- */

static inline __attribute__((always_inline)) uint64_t count_words(struct slice bytes)
{
    uint64_t count = 0, rest = 0;
    size_t at = 0;
    for (; at + 8 <= bytes.len; at += 8) count += (uint64_t)__builtin_popcountll(load(bytes.ptr + at));
    if (at < bytes.len) memcpy(&rest, bytes.ptr + at, bytes.len - at);
    return count + (uint64_t)__builtin_popcountll(rest);
}

#ifdef __x86_64__

/* One instruction for each word; all but the oldest processors have it. */
static __attribute__((target("popcnt"))) uint64_t count_by_instruction(struct slice bytes)
{
    return count_words(bytes);
}

uint64_t bitmap_count(struct slice bytes)
{
    return __builtin_cpu_supports("popcnt") ? count_by_instruction(bytes) : count_words(bytes);
}

#else

uint64_t bitmap_count(struct slice bytes)
{
    return count_words(bytes);
}

#endif

/* The byte with what is outside of the range cleared. */
static unsigned within(unsigned char byte, size_t at, uint64_t first, uint64_t last)
{
    unsigned bits = byte;
    if (at == first / 8) bits &= 0xffu >> first % 8;
    if (at == last / 8) bits &= 0xff00u >> (last % 8 + 1);
    return bits;
}

uint64_t bitmap_count_range(struct slice bytes, uint64_t first, uint64_t last)
{
    size_t from = first / 8, to = last / 8;
    const unsigned char *byte = (const unsigned char *)bytes.ptr;
    uint64_t count = (uint64_t)__builtin_popcount(within(byte[from], from, first, last));
    if (from == to) return count;
    count += (uint64_t)__builtin_popcount(within(byte[to], to, first, last));
    return count + bitmap_count(slice_make(bytes.ptr + from + 1, to - from - 1));
}

/* ---- finding ---- */

int64_t bitmap_find(struct slice bytes, uint64_t first, uint64_t last, bool bit)
{
    const uint64_t others = bit ? 0 : UINT64_MAX; /* a word without such a bit */
    size_t to = last / 8;
    for (size_t at = first / 8; at <= to; at++) {
        /* The last byte of the range may count in part, and is not skipped. */
        if (at > first / 8)
            while (at + 8 <= to && load(bytes.ptr + at) == others) at += 8;
        unsigned char byte = (unsigned char)bytes.ptr[at] ^ (unsigned char)others;
        unsigned bits = within(byte, at, first, last);
        if (bits) return (int64_t)(at * 8) + __builtin_clz(bits) - (8 * (int)sizeof bits - 8);
    }
    return -1;
}

/* ---- combining ---- */

void bitmap_combine_first(char *to, size_t len, struct slice source)
{
    if (source.len) memcpy(to, source.ptr, source.len);
    if (len > source.len) memset(to + source.len, 0, len - source.len);
}

static inline __attribute__((always_inline)) uint64_t combine_word(enum bitmap_operation operation,
                                                                   uint64_t a, uint64_t b)
{
    if (operation == BITMAP_AND) return a & b;
    return operation == BITMAP_OR ? a | b : a ^ b;
}

static inline __attribute__((always_inline)) void combine_words(enum bitmap_operation operation, char *to,
                                                                struct slice source)
{
    size_t at = 0;
    for (; at + 8 <= source.len; at += 8) {
        uint64_t word = combine_word(operation, load(to + at), load(source.ptr + at));
        memcpy(to + at, &word, sizeof word);
    }
    for (; at < source.len; at++)
        to[at] = (char)combine_word(operation, (unsigned char)to[at], (unsigned char)source.ptr[at]);
}

/* A loop for each operation, so that none is chosen for each word. */
void bitmap_combine(enum bitmap_operation operation, char *to, size_t len, struct slice source)
{
    if (operation == BITMAP_OR) {
        combine_words(BITMAP_OR, to, source);
    } else if (operation == BITMAP_XOR) {
        combine_words(BITMAP_XOR, to, source);
    } else {
        combine_words(BITMAP_AND, to, source);
        if (len > source.len) memset(to + source.len, 0, len - source.len);
    }
}

void bitmap_invert(char *bytes, size_t len)
{
    size_t at = 0;
    for (; at + 8 <= len; at += 8) {
        uint64_t word = ~load(bytes + at);
        memcpy(bytes + at, &word, sizeof word);
    }
    for (; at < len; at++) bytes[at] = (char)~bytes[at];
}

/* ---- fields ---- */

/* The lowest bits of a word as the field's number. */
static int64_t number_of(struct bitmap_field field, uint64_t bits)
{
    unsigned unused = 64 - field.width;
    bits <<= unused;
    return field.is_signed ? (int64_t)bits >> unused : (int64_t)(bits >> unused);
}

static uint64_t last_bit(struct bitmap_field field)
{
    return field.offset + field.width - 1;
}

int64_t bitmap_field_get(struct slice bytes, struct bitmap_field field)
{
    unsigned __int128 window = 0; /* at most 9 bytes */
    for (uint64_t at = field.offset / 8; at <= last_bit(field) / 8; at++)
        window = window << 8 | (at < bytes.len ? (unsigned char)bytes.ptr[at] : 0);
    return number_of(field, (uint64_t)(window >> (7 - last_bit(field) % 8)));
}

void bitmap_field_set(char *bytes, struct bitmap_field field, int64_t value)
{
    unsigned below = 7 - last_bit(field) % 8; /* bits of the last byte that are not the field's */
    unsigned __int128 mask = (((unsigned __int128)1 << field.width) - 1) << below;
    unsigned __int128 window = (unsigned __int128)(uint64_t)value << below & mask;
    for (uint64_t at = last_bit(field) / 8 + 1; at-- > field.offset / 8; window >>= 8, mask >>= 8)
        bytes[at] = (char)(((unsigned char)bytes[at] & ~(unsigned)mask) | (unsigned)(window & 0xff));
}

bool bitmap_field_fit(struct bitmap_field field, __int128 exact, enum bitmap_overflow overflow,
                      int64_t *value)
{
    const __int128 one = 1;
    __int128 max = (one << (field.width - field.is_signed)) - 1;
    __int128 min = field.is_signed ? -max - 1 : 0;
    if (exact >= min && exact <= max) *value = (int64_t)exact;
    else if (overflow == BITMAP_FAIL) return false;
    else if (overflow == BITMAP_WRAP) *value = number_of(field, (uint64_t)exact);
    else *value = (int64_t)(exact < min ? min : max);
    return true;
}
