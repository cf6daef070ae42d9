#include "io/rdb.h"

#include <errno.h>
#include <lzf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/crc64.h"
#include "base/mem.h"
#include "base/number.h"

/* The two topmost bits of a length's first byte; the third kind continues in
 * the lower bits. A string's length may also be a special encoding. */
enum {
    LENGTH_6_BITS = 0x00,
    LENGTH_14_BITS = 0x40,
    LENGTH_32_BITS = 0x80,
    LENGTH_64_BITS = 0x81,
    LENGTH_KIND = 0xc0,
    SPECIAL_INT8 = 0xc0,
    SPECIAL_INT16 = 0xc1,
    SPECIAL_INT32 = 0xc2,
    SPECIAL_LZF = 0xc3,
};

enum {
    INTEGER_TEXT_MAX = 11,    /* characters of a string that may become an integer */
    COMPRESS_MIN = 20,        /* bytes: shorter strings stay as they are */
    LZF_RATIO_MAX = 300,      /* no byte of LZF stands for more */
    READ_STEP = 1024 * 1024,  /* what an announced length may allocate before its bytes come */
    PASS_THROUGH = 32 * 1024, /* from this many bytes on a buffer would only be a copy */
};

/* ---- writing ---- */

void rdb_writer_init(struct rdb_writer *w, bool (*flush)(void *, const char *, size_t), void *ctx)
{
    *w = (struct rdb_writer){.flush = flush, .ctx = ctx, .buffer = mem_alloc(RDB_BUFFER_BYTES)};
}

void rdb_writer_fini(struct rdb_writer *w)
{
    mem_free(w->buffer);
    mem_free(w->scratch);
}

static void hand_on(struct rdb_writer *w, const char *data, size_t len)
{
    if (w->failed || len == 0) return;
    if (!w->no_checksum) w->crc = crc64(w->crc, data, len);
    w->offset += len;
    if (w->flush(w->ctx, data, len)) return;
    w->failed = true;
    w->failed_errno = errno;
}

bool rdb_writer_flush(struct rdb_writer *w)
{
    hand_on(w, w->buffer, w->used);
    w->used = 0;
    return !w->failed;
}

uint64_t rdb_writer_offset(const struct rdb_writer *w)
{
    return w->offset + w->used;
}

uint64_t rdb_writer_checksum(struct rdb_writer *w)
{
    return w->no_checksum ? 0 : crc64(w->crc, w->buffer, w->used);
}

void rdb_put_bytes(struct rdb_writer *w, const void *data, size_t len)
{
    if (len > RDB_BUFFER_BYTES - w->used) {
        rdb_writer_flush(w);
        if (len >= PASS_THROUGH) {
            hand_on(w, data, len);
            return;
        }
    }
    if (len) memcpy(w->buffer + w->used, data, len);
    w->used += len;
}

void rdb_put_byte(struct rdb_writer *w, uint8_t byte)
{
    rdb_put_bytes(w, &byte, 1);
}

/* The low bytes of value, highest first or lowest first. */
static void put_big_endian(struct rdb_writer *w, uint64_t value, int bytes)
{
    uint8_t text[8];
    for (int i = 0; i < bytes; i++) text[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    rdb_put_bytes(w, text, (size_t)bytes);
}

static void put_little_endian(struct rdb_writer *w, uint64_t value, int bytes)
{
    uint8_t text[8];
    for (int i = 0; i < bytes; i++) text[i] = (uint8_t)(value >> 8 * i);
    rdb_put_bytes(w, text, (size_t)bytes);
}

void rdb_put_length(struct rdb_writer *w, uint64_t length)
{
    if (length < 1 << 6) {
        rdb_put_byte(w, (uint8_t)(LENGTH_6_BITS | length));
    } else if (length < 1 << 14) {
        put_big_endian(w, LENGTH_14_BITS << 8 | length, 2);
    } else if (length <= UINT32_MAX) {
        rdb_put_byte(w, LENGTH_32_BITS);
        put_big_endian(w, length, 4);
    } else {
        rdb_put_byte(w, LENGTH_64_BITS);
        put_big_endian(w, length, 8);
    }
}

/* As one of the special encodings; false when none is wide enough. */
static bool put_small_integer(struct rdb_writer *w, int64_t number)
{
    int bytes = number >= INT8_MIN && number <= INT8_MAX     ? 1
                : number >= INT16_MIN && number <= INT16_MAX ? 2
                : number >= INT32_MIN && number <= INT32_MAX ? 4
                                                             : 0;
    if (bytes == 0) return false;
    rdb_put_byte(w, (uint8_t)(SPECIAL_INT8 + bytes / 2));
    put_little_endian(w, (uint64_t)number, bytes);
    return true;
}

/* LZF, where it saves something. */
static bool put_compressed(struct rdb_writer *w, const void *data, size_t len)
{
    if (!w->compress || len <= COMPRESS_MIN || len > UINT32_MAX) return false;
    if (w->scratch_bytes < len) {
        mem_free(w->scratch);
        w->scratch = mem_alloc(len);
        w->scratch_bytes = len;
    }
    unsigned made = lzf_compress(data, (unsigned)len, w->scratch, (unsigned)len - 4);
    if (made == 0) return false;
    rdb_put_byte(w, SPECIAL_LZF);
    rdb_put_length(w, made);
    rdb_put_length(w, len);
    rdb_put_bytes(w, w->scratch, made);
    return true;
}

void rdb_put_blob(struct rdb_writer *w, const void *data, size_t len)
{
    if (put_compressed(w, data, len)) return;
    rdb_put_length(w, len);
    rdb_put_bytes(w, data, len);
}

void rdb_put_string(struct rdb_writer *w, struct slice text)
{
    int64_t number;
    if (text.len <= INTEGER_TEXT_MAX && number_parse(text, &number) && put_small_integer(w, number)) return;
    rdb_put_blob(w, text.ptr, text.len);
}

void rdb_put_integer(struct rdb_writer *w, int64_t number)
{
    char digits[NUMBER_TEXT_MAX];
    if (put_small_integer(w, number)) return;
    rdb_put_blob(w, digits, number_print(digits, number));
}

void rdb_put_u32(struct rdb_writer *w, uint32_t value)
{
    put_little_endian(w, value, 4);
}

void rdb_put_u64(struct rdb_writer *w, uint64_t value)
{
    put_little_endian(w, value, 8);
}

void rdb_put_double(struct rdb_writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_little_endian(w, bits, 8);
}

/* ---- reading ---- */

void rdb_reader_init(struct rdb_reader *r, ssize_t (*fill)(void *, void *, size_t), void *ctx)
{
    *r = (struct rdb_reader){.fill = fill, .ctx = ctx, .buffer = mem_alloc(RDB_BUFFER_BYTES)};
    r->at = r->end = r->summed = r->buffer;
}

void rdb_reader_init_memory(struct rdb_reader *r, struct slice bytes)
{
    *r = (struct rdb_reader){.at = bytes.ptr, .end = bytes.ptr + bytes.len, .summed = bytes.ptr};
    r->base = bytes.len;
}

void rdb_reader_fini(struct rdb_reader *r)
{
    buffer_fini(&r->text);
    buffer_fini(&r->more);
    mem_free(r->buffer);
}

uint64_t rdb_reader_offset(const struct rdb_reader *r)
{
    return r->base - (uint64_t)(r->end - r->at);
}

uint64_t rdb_reader_checksum(struct rdb_reader *r)
{
    r->crc = crc64(r->crc, r->summed, (size_t)(r->at - r->summed));
    r->summed = r->at;
    return r->crc;
}

void rdb_fail(struct rdb_reader *r, const char *format, ...)
{
    if (r->failed) return;
    va_list args;
    va_start(args, format);
    vsnprintf(r->reason, sizeof r->reason, format, args);
    va_end(args);
    r->failed = true;
}

/* Reads on, when all that was buffered is used up. */
static bool refill(struct rdb_reader *r)
{
    if (r->failed) return false;
    if (r->fill == NULL) {
        rdb_fail(r, "unexpected end of the data");
        return false;
    }
    rdb_reader_checksum(r);
    ssize_t len = r->fill(r->ctx, r->buffer, RDB_BUFFER_BYTES);
    if (len <= 0) {
        rdb_fail(r, "%s", len < 0 ? strerror(errno) : "unexpected end of the file");
        return false;
    }
    r->at = r->summed = r->buffer;
    r->end = r->buffer + len;
    r->base += (uint64_t)len;
    return true;
}

bool rdb_get_bytes(struct rdb_reader *r, void *to, size_t len)
{
    char *at = to;
    while (len) {
        if (r->failed || (r->at == r->end && !refill(r))) return false;
        size_t step = (size_t)(r->end - r->at) < len ? (size_t)(r->end - r->at) : len;
        memcpy(at, r->at, step);
        r->at += step;
        at += step;
        len -= step;
    }
    return !r->failed;
}

static uint64_t get_big_endian(struct rdb_reader *r, int bytes)
{
    uint8_t text[8];
    uint64_t value = 0;
    if (!rdb_get_bytes(r, text, (size_t)bytes)) return 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | text[i];
    return value;
}

static uint64_t get_little_endian(struct rdb_reader *r, int bytes)
{
    uint8_t text[8];
    uint64_t value = 0;
    if (!rdb_get_bytes(r, text, (size_t)bytes)) return 0;
    for (int i = bytes; i-- > 0;) value = value << 8 | text[i];
    return value;
}

uint8_t rdb_get_byte(struct rdb_reader *r)
{
    return (uint8_t)get_big_endian(r, 1);
}

uint32_t rdb_get_u32(struct rdb_reader *r)
{
    return (uint32_t)get_little_endian(r, 4);
}

uint64_t rdb_get_u64(struct rdb_reader *r)
{
    return get_little_endian(r, 8);
}

double rdb_get_double(struct rdb_reader *r)
{
    uint64_t bits = get_little_endian(r, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double rdb_get_double_text(struct rdb_reader *r)
{
    char text[256];
    double value = 0;
    uint8_t len = rdb_get_byte(r);
    if (len == 255) return -(double)INFINITY;
    if (len == 254) return (double)INFINITY;
    if (len == 253) return (double)NAN;
    if (rdb_get_bytes(r, text, len) && !number_parse_double(slice_make(text, len), &value))
        rdb_fail(r, "a score is not a number");
    return value;
}

/* The rest of a length whose first byte was read; a special encoding is no
 * length. */
static uint64_t length_behind(struct rdb_reader *r, uint8_t first)
{
    if ((first & LENGTH_KIND) == LENGTH_6_BITS) return first & 63;
    if ((first & LENGTH_KIND) == LENGTH_14_BITS) return (first & 63u) << 8 | rdb_get_byte(r);
    if (first == LENGTH_32_BITS) return get_big_endian(r, 4);
    if (first == LENGTH_64_BITS) return get_big_endian(r, 8);
    rdb_fail(r, "unknown length encoding 0x%02x", first);
    return 0;
}

uint64_t rdb_get_length(struct rdb_reader *r)
{
    return length_behind(r, rdb_get_byte(r));
}

/* len bytes as they are; memory grows as they come. */
static bool get_plain(struct rdb_reader *r, uint64_t len, struct buffer *to)
{
    for (size_t step; len && !r->failed; len -= step) {
        step = len < READ_STEP ? (size_t)len : READ_STEP;
        if (!rdb_get_bytes(r, buffer_reserve(to, step), step)) return false;
        buffer_added(to, step);
    }
    return !r->failed;
}

static bool get_compressed(struct rdb_reader *r, struct buffer *to)
{
    struct buffer packed = {0};
    uint64_t packed_len = rdb_get_length(r), len = rdb_get_length(r);
    if (r->failed) return false;
    /* The library reads a first byte without asking whether there is one. */
    if (packed_len == 0 || packed_len > UINT32_MAX || len > UINT32_MAX || len / LZF_RATIO_MAX > packed_len) {
        rdb_fail(r, "a compressed string of %llu bytes claims to be %llu long",
                 (unsigned long long)packed_len, (unsigned long long)len);
        return false;
    }
    if (get_plain(r, packed_len, &packed)) {
        char *room = buffer_reserve(to, (size_t)len);
        unsigned made = lzf_decompress(packed.data, (unsigned)packed_len, room, (unsigned)len);
        if (made == len && len) buffer_added(to, (size_t)len);
        else rdb_fail(r, "a compressed string cannot be decompressed");
    }
    buffer_fini(&packed);
    return !r->failed;
}

bool rdb_get_string(struct rdb_reader *r, struct buffer *to)
{
    uint8_t first = rdb_get_byte(r);
    buffer_clear(to);
    if (r->failed) return false;
    if (first == SPECIAL_LZF) return get_compressed(r, to);
    if (first >= SPECIAL_INT8 && first <= SPECIAL_INT32) {
        uint64_t raw = get_little_endian(r, 1 << (first - SPECIAL_INT8));
        int64_t number = first == SPECIAL_INT8    ? (int8_t)raw
                         : first == SPECIAL_INT16 ? (int16_t)raw
                                                  : (int32_t)raw;
        char *digits = buffer_reserve(to, NUMBER_TEXT_MAX);
        buffer_added(to, number_print(digits, number));
        return !r->failed;
    }
    return get_plain(r, length_behind(r, first), to);
}

void *rdb_take_string(struct rdb_reader *r, size_t *len)
{
    struct buffer text = {0};
    *len = 0;
    if (!rdb_get_string(r, &text)) {
        buffer_fini(&text);
        return NULL;
    }
    *len = text.len;
    return mem_realloc(text.data, text.len ? text.len : 1);
}
