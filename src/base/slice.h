/* A borrowed run of bytes: keys, arguments, replies. It owns nothing and is
 * not NUL-terminated; who hands it out says how long it stays valid. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct slice {
    const char *ptr;
    size_t len;
};

/* The slice of a string literal, its length known to the compiler. */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})

static inline struct slice slice_make(const char *ptr, size_t len)
{
    return (struct slice){ptr, len};
}

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

/* Whether len bytes agree: for keys and names, which are short, cheaper than
 * a call of memcmp. Reads words that overlap, never beyond the end. */
static inline __attribute__((always_inline)) bool slice_bytes_equal(const char *a, const char *b, size_t len)
{
    uint64_t x, y;
    if (len < 4) {
        while (len && a[len - 1] == b[len - 1]) len--;
        return len == 0;
    }
    if (len < 8) {
        uint32_t front[2], back[2];
        memcpy(&front[0], a, 4);
        memcpy(&front[1], b, 4);
        memcpy(&back[0], a + len - 4, 4);
        memcpy(&back[1], b + len - 4, 4);
        return front[0] == front[1] && back[0] == back[1];
    }
    for (size_t at = 0;; at += 8) {
        if (at + 8 > len) at = len - 8;
        memcpy(&x, a + at, 8);
        memcpy(&y, b + at, 8);
        if (x != y) return false;
        if (at + 8 == len) return true;
    }
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && slice_bytes_equal(a.ptr, b.ptr, a.len);
}

/* Compares with a C string, ASCII letters regardless of case: the way every
 * command name and option word is compared. */
static inline bool slice_is(struct slice a, const char *word)
{
    return strlen(word) == a.len && (a.len == 0 || strncasecmp(a.ptr, word, a.len) == 0);
}

/* The same for a slice; the first byte is looked at before a call is made. */
static inline bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len) return false;
    return a.len == 0 || (((a.ptr[0] ^ b.ptr[0]) & ~0x20) == 0 && strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_starts_with(struct slice a, struct slice prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.ptr, prefix.ptr, prefix.len) == 0);
}

/* Byte order, then length: the order of memcmp over the common part. */
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

#endif
