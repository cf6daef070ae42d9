#include "ds/intset.h"

#include <string.h>

#include "base/mem.h"

enum { HEADER_BYTES = 8 };

static uint32_t get_u32(const unsigned char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static void put_le(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) to[i] = (unsigned char)(value >> 8 * i);
}

static unsigned width_of(const unsigned char *set)
{
    return set[0];
}

/* The bytes that a number takes. */
static unsigned width_for(int64_t number)
{
    if (number == (int16_t)number) return 2;
    return number == (int32_t)number ? 4 : 8;
}

static inline int64_t get_number(const unsigned char *from, unsigned width)
{
    if (width == 2) return (int16_t)(from[0] | from[1] << 8);
    if (width == 4) return (int32_t)get_u32(from);
    return (int64_t)(get_u32(from) | (uint64_t)get_u32(from + 4) << 32);
}

size_t intset_count(const unsigned char *set)
{
    return get_u32(set + 4);
}

size_t intset_bytes(const unsigned char *set)
{
    return HEADER_BYTES + intset_count(set) * width_of(set);
}

static unsigned char *place(const unsigned char *set, size_t index)
{
    return (unsigned char *)(uintptr_t)set + HEADER_BYTES + index * width_of(set);
}

int64_t intset_at(const unsigned char *set, size_t index)
{
    return get_number(place(set, index), width_of(set));
}

unsigned char *intset_new(void)
{
    unsigned char *set = mem_alloc(HEADER_BYTES);
    put_le(set, 2, 4);
    put_le(set + 4, 0, 4);
    return set;
}

void intset_free(unsigned char *set)
{
    mem_free(set);
}

unsigned char *intset_copy(const unsigned char *set)
{
    size_t bytes = intset_bytes(set);
    return memcpy(mem_alloc(bytes), set, bytes);
}

bool intset_find(const unsigned char *set, int64_t number, size_t *index)
{
    size_t low = 0, high = intset_count(set);
    if (high && intset_at(set, high - 1) < number) low = high; /* numbers often come in order */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (intset_at(set, middle) < number) low = middle + 1;
        else high = middle;
    }
    *index = low;
    return low < intset_count(set) && intset_at(set, low) == number;
}

/* The same numbers, each with more bytes. */
static unsigned char *widen(unsigned char *set, unsigned width)
{
    unsigned old_width = width_of(set);
    size_t count = intset_count(set);
    set = mem_realloc(set, HEADER_BYTES + count * width);
    put_le(set, width, 4);
    for (size_t i = count; i-- > 0;) {
        int64_t number = get_number(set + HEADER_BYTES + i * old_width, old_width);
        put_le(place(set, i), (uint64_t)number, width);
    }
    return set;
}

unsigned char *intset_insert(unsigned char *set, size_t index, int64_t number)
{
    unsigned width = width_for(number);
    size_t count = intset_count(set);
    if (width > width_of(set)) set = widen(set, width);
    width = width_of(set);
    set = mem_realloc(set, HEADER_BYTES + (count + 1) * width);
    memmove(place(set, index + 1), place(set, index), (count - index) * width);
    put_le(place(set, index), (uint64_t)number, width);
    put_le(set + 4, count + 1, 4);
    return set;
}

unsigned char *intset_delete(unsigned char *set, size_t index)
{
    size_t count = intset_count(set);
    memmove(place(set, index), place(set, index + 1), (count - index - 1) * width_of(set));
    put_le(set + 4, count - 1, 4);
    return mem_realloc(set, intset_bytes(set));
}

bool intset_validate(const void *bytes, size_t len, bool deep)
{
    const unsigned char *set = bytes;
    if (len < HEADER_BYTES) return false;
    uint32_t width = get_u32(set), count = get_u32(set + 4);
    if ((width != 2 && width != 4 && width != 8) || len - HEADER_BYTES != (size_t)count * width) return false;
    for (size_t i = 1; deep && i < count; i++)
        if (intset_at(set, i - 1) >= intset_at(set, i)) return false;
    return true;
}
