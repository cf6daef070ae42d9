/* Targets of types/: what clients can set a string to, sorted sets and streams. */
#include <math.h>

#include "fuzz.h"
#include "types/hyperloglog.h"
#include "types/stream.h"
#include "types/zset.h"

/* The element that a byte of the input stands for. */
static struct hyperloglog_element element_of(uint8_t byte, size_t i)
{
    unsigned index = (unsigned)(byte * 67 + i * 7919) % HYPERLOGLOG_REGISTERS;
    return (struct hyperloglog_element){.index = index, .rank = (uint8_t)(1 + byte % 51)};
}

/* Any text with a header survives everything; a sound one stays sound, and
 * says what was put into it. */
int fuzz_hyperloglog(const uint8_t *data, size_t size)
{
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0}, now[HYPERLOGLOG_REGISTERS] = {0};
    struct slice text = slice_make((const char *)data, size);
    struct buffer copy = {0}, runs = {0};
    uint64_t count;
    if (!hyperloglog_is_valid(text)) return 0;
    bool is_sound = hyperloglog_merge(registers, text);
    FUZZ_CHECK(hyperloglog_estimate(text, &count) == is_sound);
    if (!hyperloglog_is_dense(text)) FUZZ_CHECK(hyperloglog_print_runs(text, &runs) || !is_sound);
    buffer_append_slice(&copy, text);
    for (size_t i = 0; i < 64; i++) {
        struct hyperloglog_element element = element_of(data[i * 37 % size], i);
        uint8_t *expected = &registers[element.index];
        enum hyperloglog_change change = hyperloglog_raise(&copy, element, size + 20);
        if (!is_sound) continue;
        FUZZ_CHECK(change == (element.rank > *expected ? HYPERLOGLOG_RAISED : HYPERLOGLOG_SAME));
        if (element.rank > *expected) *expected = element.rank;
    }
    FUZZ_CHECK(hyperloglog_is_valid(buffer_slice(&copy)));
    FUZZ_CHECK(hyperloglog_make_dense(&copy) == is_sound || !is_sound);
    FUZZ_CHECK(!is_sound || (hyperloglog_merge(now, buffer_slice(&copy)) &&
                             memcmp(now, registers, sizeof registers) == 0));
    buffer_fini(&copy);
    buffer_fini(&runs);
    return 0;
}

/* ---- sorted sets ---- */

enum { MEMBERS = 64 };

/* Numbers, short texts that end differently or not, and long ones. */
static struct slice member_text(unsigned i, char to[200])
{
    size_t len = i % 4 == 0 ? 1 + i : i % 4 == 1 ? 9 : 100;
    if (i % 4 == 2) return slice_make(to, number_print(to, (int64_t)i * i * i * i - 3000));
    memset(to, 'm', len);
    to[i % 8 < 4 ? len - 1 : 0] = (char)('0' + i);
    return slice_make(to, len);
}

static double score_of(uint8_t byte)
{
    static const double scores[] = {0,         -0.0,       1,    127,    128, -4096,  32768,
                                    8388608,   1e16,       1e17, -1e300, 0.5, 5e-324, INFINITY,
                                    -INFINITY, 4294967296, -1,   300,    301, 302,    1e19};
    return byte < 128 ? byte * 700.0 - 40000 : scores[byte % (sizeof scores / sizeof *scores)];
}

/* What an order is checked by: the member before. */
struct zset_order {
    size_t seen;
    double score;
    char text[200];
    struct slice member;
};

static bool is_in_order(void *ctx, struct slice member, double score)
{
    struct zset_order *order = ctx;
    FUZZ_CHECK(order->seen == 0 || order->score < score ||
               (order->score == score && slice_compare(order->member, member) < 0));
    memcpy(order->text, member.ptr, member.len);
    order->member = slice_make(order->text, member.len);
    order->score = score;
    order->seen++;
    return true;
}

/* The first byte chooses when the set becomes a table; each two that follow put
 * a member or take it out. An array has the scores; a NaN is no member. */
int fuzz_zset(const uint8_t *data, size_t size)
{
    double scores[MEMBERS], score;
    char to[200];
    size_t count = 0, rank;
    if (size == 0) return 0;
    struct types_settings settings = {.zset_max_listpack_entries = data[0] % 80,
                                      .zset_max_listpack_value_bytes = data[0] % 2 ? 200 : 64};
    struct value zset = value_empty(TYPE_ZSET);
    for (unsigned i = 0; i < MEMBERS; i++) scores[i] = NAN;
    for (size_t i = 1; i + 1 < size; i += 2) {
        unsigned number = data[i] % MEMBERS;
        struct slice member = member_text(number, to);
        bool has = !isnan(scores[number]);
        if (data[i] >= 3 * MEMBERS) {
            if (zset.object) FUZZ_CHECK(zset_remove(&zset, member) == has);
            scores[number] = NAN;
            count -= has;
        } else {
            score = score_of(data[i + 1]);
            enum zset_result result = zset_put(&zset, member, 0, &score, &settings);
            FUZZ_CHECK(result == (!has ? ZSET_ADDED : score == scores[number] ? ZSET_SAME : ZSET_UPDATED));
            scores[number] = score;
            count += !has;
        }
    }
    if (zset.object == NULL) return 0;
    struct zset_order order = {.seen = 0};
    FUZZ_CHECK(zset_length(&zset) == count);
    FUZZ_CHECK(zset_walk(&zset, 0, count, false, &(struct zset_visitor){is_in_order, &order}));
    FUZZ_CHECK(order.seen == count);
    for (unsigned i = 0; i < MEMBERS; i++) {
        FUZZ_CHECK(zset_rank(&zset, member_text(i, to), &rank, &score) == !isnan(scores[i]));
        if (!isnan(scores[i])) FUZZ_CHECK(score == scores[i] && rank < count);
    }
    zset_type.free(zset.object, zset.encoding);
    return 0;
}

/* ---- streams ---- */

/* The fields of an entry follow from its ID. */
static size_t stream_entry(struct stream_id id, struct slice fields[6])
{
    size_t count = id.seq % 3 + 1;
    for (size_t i = 0; i < count; i++) {
        fields[2 * i] = id.ms % 5 ? SLICE("field") : SLICE("other");
        fields[2 * i + 1] = id.ms % 2 ? SLICE("-70000") : SLICE("a value");
    }
    return count;
}

static void check_stream(const struct stream *s, const struct stream_id *ids, size_t count, bool backwards)
{
    struct stream_walk walk;
    struct stream_field field;
    struct slice fields[6];
    size_t seen = 0;
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, backwards);
    while (stream_walk_next(&walk)) {
        FUZZ_CHECK(seen < count);
        FUZZ_CHECK(stream_id_compare(walk.id, ids[backwards ? count - 1 - seen : seen]) == 0);
        FUZZ_CHECK(walk.field_count == stream_entry(walk.id, fields));
        for (size_t i = 0, n = walk.field_count; i < n; i++) {
            stream_walk_field(&walk, &field);
            FUZZ_CHECK(slice_equal(field.name, fields[2 * i]) && slice_equal(field.value, fields[2 * i + 1]));
        }
        seen++;
    }
    FUZZ_CHECK(seen == count && s->length == count);
}

/* Returns how many entries went. */
static size_t trim_by(struct stream *s, uint8_t byte, const struct stream_id *ids, size_t count)
{
    struct stream_trim trim = {.by = STREAM_TRIM_LENGTH, .max_length = byte, .approximately = byte % 2};
    size_t expected = count > byte ? count - byte : 0;
    if (byte % 4 > 1 && count) {
        expected = byte % count;
        trim.by = STREAM_TRIM_ID;
        trim.min_id = ids[expected];
    }
    uint64_t gone = stream_trim(s, &trim);
    FUZZ_CHECK(trim.approximately ? gone <= expected : gone == expected);
    return gone;
}

/* The first byte chooses how large nodes are; each two that follow append,
 * delete or trim. An array has the IDs. */
int fuzz_stream(const uint8_t *data, size_t size)
{
    enum { ENTRIES = 500 };
    struct stream_id ids[ENTRIES];
    size_t count = 0;
    if (size == 0) return 0;
    struct types_settings settings = {.stream_node_max_entries = data[0] % 8,
                                      .stream_node_max_bytes = data[0] / 8 % 2 ? 100 : 4096};
    struct stream *s = stream_new();
    for (size_t i = 1; i + 1 < size; i += 2) {
        uint8_t byte = data[i + 1];
        if (data[i] < 192 && count < ENTRIES) {
            struct slice fields[6];
            struct stream_id id = {s->last.ms + data[i] % 3, byte};
            if (stream_id_compare(id, s->last) <= 0) id = (struct stream_id){s->last.ms + 1, byte};
            size_t n = stream_entry(id, fields);
            FUZZ_CHECK(stream_append(s, id, fields, n, &settings));
            ids[count++] = id;
        } else if (data[i] < 240 && count) {
            size_t at = (size_t)byte * 3 % count;
            FUZZ_CHECK(stream_delete(s, ids[at]) && !stream_delete(s, ids[at]));
            memmove(ids + at, ids + at + 1, (count - at - 1) * sizeof *ids);
            count--;
        } else {
            size_t gone = trim_by(s, byte, ids, count);
            memmove(ids, ids + gone, (count - gone) * sizeof *ids);
            count -= gone;
        }
    }
    check_stream(s, ids, count, false);
    check_stream(s, ids, count, true);
    stream_type.free(s, 0);
    return 0;
}
