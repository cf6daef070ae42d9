#include "ds/listpack.h"

#include <string.h>

#include "base/assert.h"
#include "base/mem.h"

enum {
    HEADER_BYTES = 6,
    END = 0xff,
    COUNT_UNKNOWN = 65535,
    ENCODED_MAX = 9, /* bytes of an encoding with a number or a length */
    BACKLEN_MAX = 5,
    DIGITS_MAX = 20, /* of a text that may be an integer */
};

/* The encoding byte: those of 6 to 13 bits hold a part of the value. */
enum {
    STR6 = 0x80,
    INT13 = 0xc0,
    STR12 = 0xe0,
    STR32 = 0xf0,
    INT16 = 0xf1,
    INT24 = 0xf2,
    INT32 = 0xf3,
    INT64 = 0xf4,
};

static void put_le(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) to[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get_u32(const unsigned char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static uint64_t get_u64(const unsigned char *from)
{
    return get_u32(from) | (uint64_t)get_u32(from + 4) << 32;
}

size_t listpack_bytes(const unsigned char *lp)
{
    return get_u32(lp);
}

/* The count as it is written. */
static unsigned written_count(const unsigned char *lp)
{
    return lp[4] | (unsigned)lp[5] << 8;
}

static void set_bytes(unsigned char *lp, size_t bytes)
{
    put_le(lp, bytes, 4);
}

static void set_count(unsigned char *lp, size_t count)
{
    put_le(lp + 4, count < COUNT_UNKNOWN ? count : COUNT_UNKNOWN, 2);
}

/* ---- entries ---- */

/* Bytes of the encoding byte and what belongs to it, without a string's text. */
static inline unsigned head_bytes(unsigned char encoding)
{
    if (encoding < INT13) return 1;
    if (encoding < STR32) return 2;
    static const unsigned char bytes[] = {5, 3, 4, 5, 9};
    return bytes[encoding - STR32];
}

static inline size_t string_len(const unsigned char *at)
{
    if (at[0] < INT13) return at[0] & 63;
    if (at[0] < STR32) return (size_t)(at[0] & 15) << 8 | at[1];
    return get_u32(at + 1);
}

static inline bool is_string(unsigned char encoding)
{
    return (encoding & 0xc0) == STR6 || (encoding & 0xf0) == STR12 || encoding == STR32;
}

static inline size_t body_bytes(const unsigned char *at)
{
    return head_bytes(at[0]) + (is_string(at[0]) ? string_len(at) : 0);
}

static inline unsigned backlen_bytes(size_t body)
{
    if (body < 1 << 7) return 1;
    if (body < 1 << 14) return 2;
    if (body < 1 << 21) return 3;
    return body < 1 << 28 ? 4 : 5;
}

/* The first byte has the topmost bits; all others are marked as having more in
 * front of them. */
static void put_backlen(unsigned char *to, size_t body)
{
    for (unsigned i = backlen_bytes(body); i-- > 0; body >>= 7)
        to[i] = (unsigned char)((body & 127) | (i ? 128 : 0));
}

static size_t large_entry_span(const unsigned char *at)
{
    size_t body = body_bytes(at);
    return body + backlen_bytes(body);
}

/* Of an entry by its encoding byte; 0 where that alone does not tell, and at the
 * end. */
#define SAME_16(n) n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n
#define UP_4(n)    n, n + 1, n + 2, n + 3
#define UP_16(n)   UP_4(n), UP_4(n + 4), UP_4(n + 8), UP_4(n + 12)
static const unsigned char spans[256] = {
    SAME_16(2), SAME_16(2), SAME_16(2), SAME_16(2), SAME_16(2), SAME_16(2), SAME_16(2),
    SAME_16(2), UP_16(2),   UP_16(18),  UP_16(34),  UP_16(50),  SAME_16(3), SAME_16(3),
    SAME_16(0), 0,          4,          5,          6,          10,
};

/* What every walk does at each step: to be inlined, wherever that is. */
static inline __attribute__((always_inline)) size_t entry_span(const unsigned char *at)
{
    size_t span = spans[at[0]];
    return span ? span : large_entry_span(at);
}

/* encoding is that of the entry: a constant, where it is known. */
static inline __attribute__((always_inline)) int64_t number_as(const unsigned char *at,
                                                               unsigned char encoding)
{
    if (encoding < STR6) return encoding;
    if (encoding < STR12) {
        int64_t value = (int64_t)(encoding & 31) << 8 | at[1];
        return value < 1 << 12 ? value : value - (1 << 13);
    }
    if (encoding == INT16) return (int16_t)(at[1] | at[2] << 8);
    if (encoding == INT24) return (int32_t)get_u32(at) >> 8; /* with the encoding byte below */
    if (encoding == INT32) return (int32_t)get_u32(at + 1);
    return (int64_t)get_u64(at + 1);
}

static int64_t number_of(const unsigned char *at)
{
    return number_as(at, at[0]);
}

/* An entry to be: a number, or a text. */
struct draft {
    unsigned char head[ENCODED_MAX];
    unsigned head_len;
    struct slice text;
    size_t span;
};

static void draft_close(struct draft *draft)
{
    size_t body = draft->head_len + draft->text.len;
    draft->span = body + backlen_bytes(body);
}

static void draft_number(struct draft *draft, int64_t number)
{
    draft->text = slice_make(NULL, 0);
    if (number >= 0 && number < 128) {
        draft->head[0] = (unsigned char)number;
        draft->head_len = 1;
    } else if (number >= -(1 << 12) && number < 1 << 12) {
        draft->head[0] = (unsigned char)(INT13 | (number >> 8 & 31));
        draft->head[1] = (unsigned char)number;
        draft->head_len = 2;
    } else {
        unsigned bytes = number >= INT16_MIN && number <= INT16_MAX   ? 2
                         : number >= -(1 << 23) && number < 1 << 23   ? 3
                         : number >= INT32_MIN && number <= INT32_MAX ? 4
                                                                      : 8;
        draft->head[0] = (unsigned char)(bytes == 8 ? INT64 : INT16 + bytes - 2);
        put_le(draft->head + 1, (uint64_t)number, bytes);
        draft->head_len = bytes + 1;
    }
    draft_close(draft);
}

static void draft_text(struct draft *draft, struct slice text)
{
    int64_t number;
    if (text.len <= DIGITS_MAX && number_parse(text, &number)) {
        draft_number(draft, number);
        return;
    }
    draft->text = text;
    if (text.len < 1 << 6) {
        draft->head[0] = (unsigned char)(STR6 | text.len);
        draft->head_len = 1;
    } else if (text.len < 1 << 12) {
        draft->head[0] = (unsigned char)(STR12 | text.len >> 8);
        draft->head[1] = (unsigned char)text.len;
        draft->head_len = 2;
    } else {
        draft->head[0] = STR32;
        put_le(draft->head + 1, text.len, 4);
        draft->head_len = 5;
    }
    draft_close(draft);
}

static inline unsigned char *write_draft(unsigned char *to, const struct draft *draft)
{
    memcpy(to, draft->head, draft->head_len);
    if (draft->text.len) memcpy(to + draft->head_len, draft->text.ptr, draft->text.len);
    put_backlen(to + draft->head_len + draft->text.len, draft->head_len + draft->text.len);
    return to + draft->span;
}

size_t listpack_entry_bytes(struct slice text)
{
    struct draft draft;
    draft_text(&draft, text);
    return draft.span;
}

bool listpack_fits(const unsigned char *lp, size_t more_bytes)
{
    size_t bytes = listpack_bytes(lp);
    return more_bytes <= LISTPACK_LIMIT_BYTES && bytes + more_bytes <= LISTPACK_LIMIT_BYTES;
}

/* ---- life ---- */

unsigned char *listpack_new(size_t reserve_bytes)
{
    unsigned char *lp = mem_alloc(HEADER_BYTES + 1 + reserve_bytes);
    set_bytes(lp, HEADER_BYTES + 1);
    set_count(lp, 0);
    lp[HEADER_BYTES] = END;
    return lp;
}

void listpack_free(unsigned char *lp)
{
    mem_free(lp);
}

unsigned char *listpack_copy(const unsigned char *lp)
{
    size_t bytes = listpack_bytes(lp);
    unsigned char *copy = mem_alloc(bytes);
    memcpy(copy, lp, bytes);
    return copy;
}

/* ---- walking ---- */

static inline unsigned char *here(const unsigned char *at)
{
    return at[0] == END ? NULL : (unsigned char *)(uintptr_t)at;
}

static inline const unsigned char *end_of(const unsigned char *lp)
{
    return lp + listpack_bytes(lp) - 1;
}

/* The entry whose last byte is in front of at, which is not the first one. */
static const unsigned char *entry_before(const unsigned char *at)
{
    size_t body = 0;
    unsigned shift = 0;
    const unsigned char *back = at - 1;
    while (body |= (size_t)(*back & 127) << shift, *back & 128) {
        shift += 7;
        back--;
    }
    return back - body;
}

unsigned char *listpack_first(const unsigned char *lp)
{
    return here(lp + HEADER_BYTES);
}

unsigned char *listpack_last(const unsigned char *lp)
{
    return listpack_prev(lp, end_of(lp));
}

unsigned char *listpack_next(const unsigned char *lp, const unsigned char *at)
{
    (void)lp;
    return here(at + entry_span(at));
}

unsigned char *listpack_prev(const unsigned char *lp, const unsigned char *at)
{
    return at == lp + HEADER_BYTES ? NULL : here(entry_before(at));
}

size_t listpack_count(const unsigned char *lp)
{
    size_t count = written_count(lp);
    if (count != COUNT_UNKNOWN) return count;
    count = 0;
    for (const unsigned char *at = lp + HEADER_BYTES; at[0] != END; at += entry_span(at)) count++;
    return count;
}

unsigned char *listpack_seek(const unsigned char *lp, int64_t index)
{
    int64_t count = (int64_t)listpack_count(lp);
    if (index < 0) index += count;
    if (index < 0 || index >= count) return NULL;
    if (index < count / 2) {
        const unsigned char *at = lp + HEADER_BYTES;
        while (index-- > 0) at += entry_span(at);
        return here(at);
    }
    const unsigned char *at = end_of(lp);
    for (int64_t back = count - index; back > 0; back--) at = entry_before(at);
    return here(at);
}

/* ---- reading ---- */

struct slice listpack_get(const unsigned char *at, char digits[NUMBER_TEXT_MAX])
{
    if (is_string(at[0])) return slice_make((const char *)at + head_bytes(at[0]), string_len(at));
    return slice_make(digits, number_print(digits, number_of(at)));
}

bool listpack_get_number(const unsigned char *at, int64_t *number)
{
    if (is_string(at[0])) return false;
    *number = number_of(at);
    return true;
}

bool listpack_equal(const unsigned char *at, struct slice text)
{
    char digits[NUMBER_TEXT_MAX];
    if (!is_string(at[0]) && text.len > DIGITS_MAX) return false;
    return slice_equal(listpack_get(at, digits), text);
}

static const unsigned char *step_slowly(const unsigned char *at, unsigned count)
{
    if (at[0] == END) return NULL;
    for (; count && at[0] != END; count--) at += entry_span(at);
    return at;
}

/* To the entry behind so many, or the end; NULL from there. Of a walk by pairs
 * this is nearly all: one test tells that both spans are known, for the second
 * is the first again, which is 0, if that is not. */
static inline __attribute__((always_inline)) const unsigned char *step(const unsigned char *at,
                                                                       unsigned count)
{
    size_t first = spans[at[0]], second = count == 2 ? spans[at[first]] : 0;
    if (count == 1 && first) return at + first;
    return second ? at + first + second : step_slowly(at, count);
}

static uint64_t last_word(const char *text, size_t len)
{
    uint64_t word;
    memcpy(&word, text + len - sizeof word, sizeof word);
    return word;
}

/* Short strings, of which most listpacks consist, are told by their first byte,
 * and those of one length by their end: names often begin alike. */
static inline __attribute__((always_inline)) const unsigned char *
find_short(const unsigned char *at, struct slice text, unsigned count)
{
    unsigned char head = (unsigned char)(STR6 | text.len);
    if (text.len < sizeof(uint64_t)) {
        for (; at; at = step(at, count))
            if (at[0] == head && slice_bytes_equal((const char *)at + 1, text.ptr, text.len)) break;
        return at;
    }
    uint64_t word = last_word(text.ptr, text.len);
    for (; at; at = step(at, count)) {
        const char *own = (const char *)at + 1;
        if (at[0] == head && last_word(own, text.len) == word && slice_bytes_equal(own, text.ptr, text.len))
            break;
    }
    return at;
}

static const unsigned char *find_long(const unsigned char *at, struct slice text, unsigned count)
{
    for (; at; at = step(at, count))
        if (is_string(at[0]) && string_len(at) == text.len &&
            memcmp(at + head_bytes(at[0]), text.ptr, text.len) == 0)
            break;
    return at;
}

static const unsigned char *find_number(const unsigned char *at, int64_t number, unsigned count)
{
    int64_t own;
    for (; at; at = step(at, count))
        if (at[0] != END && listpack_get_number(at, &own) && own == number) break;
    return at;
}

unsigned char *listpack_find(const unsigned char *lp, const unsigned char *at, struct slice text,
                             unsigned skip)
{
    unsigned count = skip + 1;
    int64_t number;
    (void)lp;
    if (at == NULL) return NULL;
    if (text.len <= DIGITS_MAX && number_parse(text, &number)) at = find_number(at, number, count);
    else if (text.len >= 1 << 6) at = find_long(at, text, count);
    else at = count == 2 ? find_short(at, text, 2) : find_short(at, text, count); /* a loop of its own */
    return (unsigned char *)(uintptr_t)at;
}

/* The following skip pairs whose second entries are numbers of one encoding, below
 * a bound. At an entry whose span is not known at once, and at the end, what is
 * looked at is its own encoding, which is another. */
static inline __attribute__((always_inline)) const unsigned char *
skip_run(const unsigned char *at, unsigned char encoding, int64_t bound)
{
    unsigned char mask = encoding == INT13 ? 0xe0 : 0xff;
    for (;;) {
        const unsigned char *second = at + spans[at[0]];
        if ((second[0] & mask) != encoding) return at;
        if (number_as(second, encoding == INT13 ? second[0] : encoding) >= bound) return at;
        at = second + spans[encoding];
    }
}

static const unsigned char *skip_small_run(const unsigned char *at, int64_t bound)
{
    unsigned limit = bound <= 0 ? 0 : bound < STR6 ? (unsigned)bound : STR6;
    for (;;) {
        const unsigned char *second = at + spans[at[0]];
        if (second[0] >= limit) return at;
        at = second + 2;
    }
}

unsigned char *listpack_skip_below(const unsigned char *lp, const unsigned char *at, int64_t bound)
{
    (void)lp;
    while (at && at[0] != END) {
        const unsigned char *second = at + entry_span(at);
        if (is_string(second[0]) || number_of(second) >= bound) return here(at);
        at = second + entry_span(second);
        /* Neighbours are mostly as wide. */
        switch (second[0]) {
        case INT16: at = skip_run(at, INT16, bound); break;
        case INT24: at = skip_run(at, INT24, bound); break;
        case INT32: at = skip_run(at, INT32, bound); break;
        case INT64: at = skip_run(at, INT64, bound); break;
        default: at = second[0] < STR6 ? skip_small_run(at, bound) : skip_run(at, INT13, bound);
        }
    }
    return NULL;
}

/* ---- changing ---- */

/* Makes removed bytes at an offset into inserted ones, whose content is open;
 * the count changes by added - deleted. */
static unsigned char *splice(unsigned char *lp, size_t offset, size_t removed, size_t inserted, size_t added,
                             size_t deleted)
{
    size_t bytes = listpack_bytes(lp), now = bytes - removed + inserted;
    size_t tail = bytes - offset - removed;
    if (removed == inserted && added == deleted) return lp;
    ASSERT(now <= UINT32_MAX);
    if (inserted > removed && now > mem_usable(lp)) lp = mem_realloc(lp, now);
    if (inserted != removed) memmove(lp + offset + inserted, lp + offset + removed, tail);
    if (inserted < removed && now * 2 < mem_usable(lp)) lp = mem_realloc(lp, now);
    set_bytes(lp, now);
    unsigned count = written_count(lp);
    if (count != COUNT_UNKNOWN) set_count(lp, count + added - deleted);
    return lp;
}

unsigned char *listpack_insert(unsigned char *lp, unsigned char **at, const struct slice *texts,
                               unsigned count)
{
    enum { DRAFTS = 4 };
    size_t offset = (size_t)((*at ? *at : end_of(lp)) - lp), begin = offset;
    struct draft drafts[DRAFTS];
    while (count) {
        unsigned some = count < DRAFTS ? count : DRAFTS;
        size_t span = 0;
        for (unsigned i = 0; i < some; i++) {
            draft_text(&drafts[i], texts[i]);
            span += drafts[i].span;
        }
        lp = splice(lp, offset, 0, span, some, 0);
        unsigned char *to = lp + offset;
        for (unsigned i = 0; i < some; i++) to = write_draft(to, &drafts[i]);
        offset += span;
        texts += some;
        count -= some;
    }
    *at = lp + begin;
    return lp;
}

unsigned char *listpack_append(unsigned char *lp, struct slice text)
{
    unsigned char *at = NULL;
    return listpack_insert(lp, &at, &text, 1);
}

unsigned char *listpack_prepend(unsigned char *lp, struct slice text)
{
    unsigned char *at = lp + HEADER_BYTES;
    return listpack_insert(lp, &at, &text, 1);
}

unsigned char *listpack_append_number(unsigned char *lp, int64_t number)
{
    size_t offset = listpack_bytes(lp) - 1;
    struct draft draft;
    draft_number(&draft, number);
    lp = splice(lp, offset, 0, draft.span, 1, 0);
    write_draft(lp + offset, &draft);
    return lp;
}

static unsigned char *replace_by(unsigned char *lp, unsigned char **at, const struct draft *draft)
{
    size_t offset = (size_t)(*at - lp);
    lp = splice(lp, offset, entry_span(*at), draft->span, 0, 0);
    *at = lp + offset;
    write_draft(*at, draft);
    return lp;
}

unsigned char *listpack_replace(unsigned char *lp, unsigned char **at, struct slice text)
{
    struct draft draft;
    draft_text(&draft, text);
    return replace_by(lp, at, &draft);
}

unsigned char *listpack_replace_number(unsigned char *lp, unsigned char **at, int64_t number)
{
    struct draft draft;
    draft_number(&draft, number);
    return replace_by(lp, at, &draft);
}

/* Swaps two neighbouring blocks by moving the shorter one, a piece at a time. */
static void swap_blocks(unsigned char *begin, size_t left, size_t right)
{
    unsigned char piece[256];
    while (left && right) {
        size_t shorter = left < right ? left : right;
        size_t len = shorter < sizeof piece ? shorter : sizeof piece;
        if (left < right) {
            unsigned char *from = begin + left - len;
            memcpy(piece, from, len);
            memmove(from, from + len, right);
            memcpy(from + right, piece, len);
            left -= len;
        } else {
            memcpy(piece, begin + left, len);
            memmove(begin + len, begin, left);
            memcpy(begin, piece, len);
            begin += len;
            right -= len;
        }
    }
}

unsigned char *listpack_move(unsigned char *lp, unsigned char *at, unsigned count, unsigned char *to)
{
    unsigned char *end = at;
    if (to == NULL) to = lp + listpack_bytes(lp) - 1;
    for (; count && end[0] != END; count--) end += entry_span(end);
    size_t span = (size_t)(end - at);
    if (to <= at) {
        swap_blocks(to, (size_t)(at - to), span);
        return to;
    }
    swap_blocks(at, span, (size_t)(to - end));
    return to - span;
}

unsigned char *listpack_delete(unsigned char *lp, unsigned char **at, unsigned count)
{
    size_t offset = (size_t)(*at - lp), span = 0;
    unsigned deleted = 0;
    for (; deleted < count && lp[offset + span] != END; deleted++) span += entry_span(lp + offset + span);
    lp = splice(lp, offset, span, 0, 0, deleted);
    *at = here(lp + offset);
    return lp;
}

unsigned char *listpack_delete_range(unsigned char *lp, int64_t index, size_t count)
{
    unsigned char *at = listpack_seek(lp, index);
    if (at == NULL || count == 0) return lp;
    return listpack_delete(lp, &at, count < UINT32_MAX ? (unsigned)count : UINT32_MAX);
}

unsigned char *listpack_append_all(unsigned char *lp, const unsigned char *other)
{
    size_t offset = listpack_bytes(lp) - 1, span = listpack_bytes(other) - HEADER_BYTES - 1;
    unsigned its_count = written_count(other), count = written_count(lp);
    lp = splice(lp, offset, 0, span, 0, 0);
    memcpy(lp + offset, other + HEADER_BYTES, span);
    bool known = count != COUNT_UNKNOWN && its_count != COUNT_UNKNOWN;
    set_count(lp, known ? (size_t)count + its_count : COUNT_UNKNOWN);
    return lp;
}

/* ---- free bytes in front ---- */

/* Moves the header to where the first entry will be gone, or a new one be. */
static unsigned char *move_header(unsigned char *lp, ptrdiff_t by, size_t added, size_t deleted)
{
    size_t bytes = listpack_bytes(lp);
    unsigned count = written_count(lp);
    set_bytes(lp + by, bytes - (size_t)by);
    set_count(lp + by, count == COUNT_UNKNOWN ? count : count + added - deleted);
    return lp + by;
}

unsigned char *listpack_grow_down(unsigned char *lp, size_t room, struct slice text)
{
    struct draft draft;
    draft_text(&draft, text);
    if (draft.span > room) return NULL;
    lp = move_header(lp, -(ptrdiff_t)draft.span, 1, 0);
    write_draft(lp + HEADER_BYTES, &draft);
    return lp;
}

unsigned char *listpack_cut_first(unsigned char *lp)
{
    return move_header(lp, (ptrdiff_t)entry_span(lp + HEADER_BYTES), 0, 1);
}

/* ---- what came from outside ---- */

/* The span of an entry that lies within room bytes and says the same length at
 * both of its ends; 0 if none does. */
static size_t valid_span(const unsigned char *at, size_t room)
{
    if (room == 0 || at[0] > INT64 || head_bytes(at[0]) > room) return 0;
    size_t body = body_bytes(at);
    unsigned back = backlen_bytes(body);
    if (body > room || back > room - body) return 0;
    unsigned char expected[BACKLEN_MAX];
    put_backlen(expected, body);
    return memcmp(at + body, expected, back) == 0 ? body + back : 0;
}

/* Whether a string is held as no writer would hold it: a number as text, a length
 * in more bytes than it needs. It would not be found. */
static bool is_disguised(const unsigned char *at)
{
    int64_t number;
    if (!is_string(at[0])) return false;
    size_t len = string_len(at);
    if (head_bytes(at[0]) != (len < 1 << 6 ? 1 : len < 1 << 12 ? 2 : 5)) return true;
    return len <= DIGITS_MAX && number_parse(slice_make((const char *)at + head_bytes(at[0]), len), &number);
}

bool listpack_validate(const void *bytes, size_t len, bool deep)
{
    const unsigned char *lp = bytes;
    if (len < HEADER_BYTES + 1 || listpack_bytes(lp) != len || lp[len - 1] != END) return false;
    if (!deep) return true;
    size_t count = 0, offset = HEADER_BYTES;
    for (; offset < len - 1; count++) {
        size_t span = valid_span(lp + offset, len - 1 - offset);
        if (span == 0 || is_disguised(lp + offset)) return false;
        offset += span;
    }
    unsigned written = written_count(lp);
    return written == COUNT_UNKNOWN || written == count;
}
