#include "types/rdb_form.h"

#include "base/mem.h"
#include "base/number.h"
#include "ds/listpack.h"

bool rdb_form_type(uint8_t form, enum type *type)
{
    static const uint8_t types[] = {
        [RDB_STRING] = TYPE_STRING,
        [RDB_LIST] = TYPE_LIST,
        [RDB_SET] = TYPE_SET,
        [RDB_ZSET] = TYPE_ZSET,
        [RDB_HASH] = TYPE_HASH,
        [RDB_ZSET_2] = TYPE_ZSET,
        [RDB_MODULE] = TYPE_COUNT,
        [RDB_MODULE_2] = TYPE_COUNT,
        [8] = TYPE_COUNT,
        [RDB_HASH_ZIPMAP] = TYPE_HASH,
        [RDB_LIST_ZIPLIST] = TYPE_LIST,
        [RDB_SET_INTSET] = TYPE_SET,
        [RDB_ZSET_ZIPLIST] = TYPE_ZSET,
        [RDB_HASH_ZIPLIST] = TYPE_HASH,
        [RDB_LIST_QUICKLIST] = TYPE_LIST,
        [RDB_STREAM] = TYPE_STREAM,
        [RDB_HASH_LISTPACK] = TYPE_HASH,
        [RDB_ZSET_LISTPACK] = TYPE_ZSET,
        [RDB_LIST_QUICKLIST_2] = TYPE_LIST,
        [RDB_STREAM_2] = TYPE_STREAM,
        [RDB_SET_LISTPACK] = TYPE_SET,
        [RDB_STREAM_3] = TYPE_STREAM,
        [RDB_HASH_DEADLINES_DRAFT] = TYPE_HASH,
        [RDB_HASH_TRIPLES_DRAFT] = TYPE_HASH,
        [RDB_HASH_DEADLINES] = TYPE_HASH,
        [RDB_HASH_TRIPLES] = TYPE_HASH,
    };
    if (form >= sizeof types || types[form] == TYPE_COUNT) return false;
    *type = (enum type)types[form];
    return true;
}

unsigned char *rdb_form_take_listpack(struct rdb_reader *r, const char *reason)
{
    size_t len;
    unsigned char *lp = rdb_take_string(r, &len);
    if (lp == NULL || listpack_validate(lp, len, true)) return lp;
    mem_free(lp);
    rdb_fail(r, "%s", reason);
    return NULL;
}

/* ---- walking bytes that nothing is known of ---- */

struct cursor {
    const unsigned char *at, *end;
    bool failed;
};

/* The next len bytes; a place of zeros, and the cursor failed, if there are fewer. */
static const unsigned char *take(struct cursor *c, size_t len)
{
    static const unsigned char zeros[8];
    if (c->failed || len > (size_t)(c->end - c->at)) {
        c->failed = true;
        return zeros;
    }
    const unsigned char *taken = c->at;
    c->at += len;
    return taken;
}

static uint64_t take_little_endian(struct cursor *c, unsigned bytes)
{
    const unsigned char *from = take(c, bytes);
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;) value = value << 8 | from[i];
    return value;
}

static uint64_t take_big_endian(struct cursor *c, unsigned bytes)
{
    const unsigned char *from = take(c, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) value = value << 8 | from[i];
    return value;
}

static struct slice take_text(struct cursor *c, size_t len)
{
    const unsigned char *text = take(c, len);
    return c->failed ? SLICE("") : slice_make((const char *)text, len);
}

/* ---- ziplists ---- */

/* The first byte of an entry's encoding, above 0xc0: an integer. */
enum {
    ZIP_TEXT_6_BITS = 0,
    ZIP_TEXT_14_BITS = 1,
    ZIP_TEXT_32_BITS = 2,
    ZIP_INT16 = 0xc0,
    ZIP_INT32 = 0xd0,
    ZIP_INT64 = 0xe0,
    ZIP_INT24 = 0xf0,
    ZIP_INT8 = 0xfe,
    ZIP_IMMEDIATE = 0xf1, /* to 0xfd: 0 to 12 */
    ZIP_END = 0xff,
    ZIP_HEADER_BYTES = 10,
    ZIP_PREVIOUS_WIDE = 0xfe, /* four bytes tell the previous entry's length */
};

static struct slice take_zip_integer(struct cursor *c, unsigned first, char digits[NUMBER_TEXT_MAX])
{
    int64_t number = 0;
    if (first == ZIP_INT8) number = (int8_t)take_little_endian(c, 1);
    else if (first == ZIP_INT16) number = (int16_t)take_little_endian(c, 2);
    else if (first == ZIP_INT24) number = (int32_t)(take_little_endian(c, 3) << 8) >> 8;
    else if (first == ZIP_INT32) number = (int32_t)take_little_endian(c, 4);
    else if (first == ZIP_INT64) number = (int64_t)take_little_endian(c, 8);
    else if (first >= ZIP_IMMEDIATE && first < ZIP_INT8) number = first - ZIP_IMMEDIATE;
    else c->failed = true;
    return slice_make(digits, number_print(digits, number));
}

/* previous: what the entry before it takes, as it has to be repeated here. */
static struct slice take_zip_entry(struct cursor *c, size_t previous, char digits[NUMBER_TEXT_MAX])
{
    uint64_t told = take_little_endian(c, 1);
    if (told == ZIP_PREVIOUS_WIDE) told = take_little_endian(c, 4);
    if (told != previous) c->failed = true;
    unsigned first = (unsigned)take_little_endian(c, 1);
    switch (first >> 6) {
    case ZIP_TEXT_6_BITS: return take_text(c, first & 63);
    case ZIP_TEXT_14_BITS: return take_text(c, (first & 63u) << 8 | take_little_endian(c, 1));
    case ZIP_TEXT_32_BITS: return take_text(c, take_big_endian(c, 4));
    default: return take_zip_integer(c, first, digits);
    }
}

bool rdb_form_walk_ziplist(struct slice bytes, rdb_form_visit *visit, void *ctx)
{
    enum { COUNT_UNKNOWN = 65535 };
    const unsigned char *begin = (const unsigned char *)bytes.ptr;
    struct cursor c = {begin, begin + bytes.len, false};
    uint64_t total = take_little_endian(&c, 4), tail = take_little_endian(&c, 4);
    uint64_t count = take_little_endian(&c, 2), seen = 0;
    size_t last = ZIP_HEADER_BYTES, previous = 0;
    if (c.failed || total != bytes.len) return false;
    while (!c.failed && c.at < c.end && *c.at != ZIP_END) {
        char digits[NUMBER_TEXT_MAX];
        last = (size_t)(c.at - begin);
        struct slice element = take_zip_entry(&c, previous, digits);
        if (c.failed || !visit(ctx, element)) return false;
        previous = (size_t)(c.at - begin) - last;
        seen++;
    }
    bool ends = !c.failed && c.at + 1 == c.end;
    return ends && tail == last && (count == seen || count == COUNT_UNKNOWN);
}

/* ---- zipmaps ---- */

static size_t take_zipmap_length(struct cursor *c)
{
    enum { WIDE = 254 };
    size_t len = (size_t)take_little_endian(c, 1);
    return len < WIDE ? len : (size_t)take_little_endian(c, 4);
}

bool rdb_form_walk_zipmap(struct slice bytes, rdb_form_visit *visit, void *ctx)
{
    enum { END = 255, COUNT_UNKNOWN = 254 };
    struct cursor c = {(const unsigned char *)bytes.ptr, (const unsigned char *)bytes.ptr + bytes.len, false};
    uint64_t count = take_little_endian(&c, 1), seen = 0;
    while (!c.failed && c.at < c.end && *c.at != END) {
        struct slice field = take_text(&c, take_zipmap_length(&c));
        size_t len = take_zipmap_length(&c), unused = (size_t)take_little_endian(&c, 1);
        struct slice value = take_text(&c, len);
        take(&c, unused);
        if (c.failed || !visit(ctx, field) || !visit(ctx, value)) return false;
        seen++;
    }
    return !c.failed && c.at + 1 == c.end && (count == seen || count >= COUNT_UNKNOWN);
}

/* ---- from a stream ---- */

static void load(struct rdb_reader *r, bool (*walk)(struct slice, rdb_form_visit *, void *),
                 const char *reason, rdb_form_visit *visit, void *ctx)
{
    struct buffer bytes = {0};
    if (rdb_get_string(r, &bytes) && !walk(buffer_slice(&bytes), visit, ctx)) rdb_fail(r, "%s", reason);
    buffer_fini(&bytes);
}

void rdb_form_load_ziplist(struct rdb_reader *r, const char *reason, rdb_form_visit *visit, void *ctx)
{
    load(r, rdb_form_walk_ziplist, reason, visit, ctx);
}

void rdb_form_load_zipmap(struct rdb_reader *r, const char *reason, rdb_form_visit *visit, void *ctx)
{
    load(r, rdb_form_walk_zipmap, reason, visit, ctx);
}
