#include "types/hyperloglog.h"

#include <math.h>

enum {
    INDEX_BITS = 14,
    RANK_BITS = 64 - INDEX_BITS,
    RANK_MAX = RANK_BITS + 1,
    REGISTER_BITS = 6,
    REGISTER_VALUES = 1 << REGISTER_BITS,
    DENSE = 0,
    SPARSE = 1,
    ENCODING_AT = 4,
    CACHE_AT = 8,
    STALE_AT = 15, /* the last byte of the cache, */
    STALE = 0x80,  /* whose topmost bit it is */
};

/* ---- elements ---- */

static uint64_t read_little_endian(const unsigned char *at, size_t len)
{
    uint64_t word = 0;
    while (len--) word = word << 8 | at[len];
    return word;
}

/* MurmurHash64A: words of eight bytes are scrambled and folded in, what is
 * left at the end is folded in as it is. */
static uint64_t murmur_hash_64a(struct slice text)
{
    const uint64_t seed = 0xadc83b19, factor = 0xc6a4a7935bd1e995;
    const unsigned char *at = (const unsigned char *)text.ptr;
    uint64_t hash = seed ^ text.len * factor;
    size_t left = text.len;
    for (; left >= 8; at += 8, left -= 8) {
        uint64_t word = read_little_endian(at, 8) * factor;
        word = (word ^ word >> 47) * factor;
        hash = (hash ^ word) * factor;
    }
    if (left) hash = (hash ^ read_little_endian(at, left)) * factor;
    hash = (hash ^ hash >> 47) * factor;
    return hash ^ hash >> 47;
}

struct hyperloglog_element hyperloglog_element(struct slice text)
{
    uint64_t hash = murmur_hash_64a(text);
    uint64_t guarded = hash >> INDEX_BITS | (uint64_t)1 << RANK_BITS;
    return (struct hyperloglog_element){.index = hash & (HYPERLOGLOG_REGISTERS - 1),
                                        .rank = (uint8_t)(1 + __builtin_ctzll(guarded))};
}

/* ---- the header ---- */

bool hyperloglog_is_dense(struct slice text)
{
    return text.ptr[ENCODING_AT] == DENSE;
}

bool hyperloglog_is_valid(struct slice text)
{
    if (text.len < HYPERLOGLOG_HEADER_BYTES || !slice_starts_with(text, SLICE("HYLL"))) return false;
    return text.ptr[ENCODING_AT] == SPARSE ||
           (text.ptr[ENCODING_AT] == DENSE && text.len == HYPERLOGLOG_DENSE_BYTES);
}

bool hyperloglog_cached(struct slice text, uint64_t *count)
{
    *count = read_little_endian((const unsigned char *)text.ptr + CACHE_AT, 8);
    return !((unsigned char)text.ptr[STALE_AT] & STALE);
}

void hyperloglog_set_cached(char *text, uint64_t count)
{
    for (int i = 0; i < 8; i++) text[CACHE_AT + i] = (char)(count >> 8 * i);
}

void hyperloglog_set_stale(char *text)
{
    text[STALE_AT] = (char)((unsigned char)text[STALE_AT] | STALE);
}

/* ---- dense ---- */

uint8_t hyperloglog_dense_get(const char *text, unsigned index)
{
    const unsigned char *at = (const unsigned char *)text + HYPERLOGLOG_HEADER_BYTES +
                              index * REGISTER_BITS / 8;
    unsigned shift = index * REGISTER_BITS % 8;
    unsigned bits = at[0] >> shift;
    if (shift > 8 - REGISTER_BITS) bits |= (unsigned)at[1] << (8 - shift);
    return bits & (REGISTER_VALUES - 1);
}

void hyperloglog_dense_set(char *text, unsigned index, uint8_t value)
{
    unsigned char *at = (unsigned char *)text + HYPERLOGLOG_HEADER_BYTES + index * REGISTER_BITS / 8;
    unsigned shift = index * REGISTER_BITS % 8;
    const unsigned mask = REGISTER_VALUES - 1;
    at[0] = (unsigned char)((at[0] & ~(mask << shift)) | (unsigned)value << shift);
    if (shift > 8 - REGISTER_BITS)
        at[1] = (unsigned char)((at[1] & ~(mask >> (8 - shift))) | (unsigned)value >> (8 - shift));
}

/* ---- sparse: runs ---- */

enum {
    SHORT_ZEROS_MAX = 64,
    RUN_VALUE_MAX = 32,
    RUN_LENGTH_MAX = 4,
    RUN_BYTES_MAX = 2,
    PARTS_MAX = 3, /* that setting a register makes of one run */
};

struct run {
    unsigned length; /* registers */
    uint8_t value;
    uint8_t bytes;
};

/* The run at the beginning of text; false if there is none. */
static bool run_read(struct slice text, struct run *run)
{
    if (text.len == 0) return false;
    unsigned first = (unsigned char)text.ptr[0];
    if (first & 0x80) {
        *run = (struct run){(first & 3) + 1, (uint8_t)((first >> 2 & 31) + 1), 1};
    } else if (first & 0x40) {
        if (text.len < 2) return false;
        *run = (struct run){((first & 63) << 8 | (unsigned char)text.ptr[1]) + 1, 0, 2};
    } else {
        *run = (struct run){first + 1, 0, 1};
    }
    return true;
}

/* Writes a run, of at least one register. Returns how many bytes it takes. */
static size_t run_write(char *at, unsigned length, uint8_t value)
{
    unsigned n = length - 1;
    if (value) {
        at[0] = (char)(0x80 | (unsigned)(value - 1) << 2 | n);
        return 1;
    }
    if (length <= SHORT_ZEROS_MAX) {
        at[0] = (char)n;
        return 1;
    }
    at[0] = (char)(0x40 | n >> 8);
    at[1] = (char)n;
    return 2;
}

static struct slice rest_from(struct slice text, size_t offset)
{
    return slice_make(text.ptr + offset, text.len - offset);
}

/* Where the run that holds a register stands. */
struct place {
    size_t offset;   /* in the text */
    size_t previous; /* offset of the run before it; its own if it is the first */
    unsigned before; /* registers of the run before this one */
    struct run run;
};

static bool find_run(struct slice text, unsigned index, struct place *place)
{
    unsigned first = 0;
    size_t offset = HYPERLOGLOG_HEADER_BYTES;
    for (size_t previous = offset; run_read(rest_from(text, offset), &place->run);) {
        if (index < first + place->run.length) {
            place->offset = offset;
            place->previous = previous;
            place->before = index - first;
            return true;
        }
        first += place->run.length;
        previous = offset;
        offset += place->run.bytes;
    }
    return false;
}

/* Puts len bytes (few: parts of a run) in the place of old_len others. */
static void replace(struct buffer *text, size_t offset, size_t old_len, const char *bytes, size_t len)
{
    buffer_reserve(text, len);
    char *at = text->data + offset;
    memmove(at + len, at + old_len, text->len - offset - old_len);
    memcpy(at, bytes, len);
    text->len -= old_len;
    buffer_added(text, len);
}

/* Joins neighbours of equal value as far as one run can hold them. Only what
 * a change may have touched is looked at: a few runs from the given one on. */
static void join_runs(struct buffer *text, size_t offset)
{
    struct run run, next;
    for (int looks = 0; looks < PARTS_MAX + 2; looks++) {
        if (!run_read(rest_from(buffer_slice(text), offset), &run)) return;
        size_t after = offset + run.bytes;
        bool joined = run.value && run_read(rest_from(buffer_slice(text), after), &next) &&
                      next.value == run.value && run.length + next.length <= RUN_LENGTH_MAX;
        if (joined) {
            char both[RUN_BYTES_MAX];
            size_t len = run_write(both, run.length + next.length, run.value);
            replace(text, offset, run.bytes + next.bytes, both, len);
        } else {
            offset = after;
        }
    }
}

/* What a run becomes with one of its registers set. Returns the bytes. */
static size_t split_run(const struct place *place, uint8_t value, char parts[PARTS_MAX * RUN_BYTES_MAX])
{
    const struct run *run = &place->run;
    unsigned after = run->length - place->before - 1;
    size_t len = 0;
    if (place->before) len += run_write(parts + len, place->before, run->value);
    len += run_write(parts + len, 1, value);
    if (after) len += run_write(parts + len, after, run->value);
    return len;
}

static enum hyperloglog_change raise_dense(struct buffer *text, struct hyperloglog_element element)
{
    if (hyperloglog_dense_get(text->data, element.index) >= element.rank) return HYPERLOGLOG_SAME;
    hyperloglog_dense_set(text->data, element.index, element.rank);
    return HYPERLOGLOG_RAISED;
}

static enum hyperloglog_change raise_in_dense(struct buffer *text, struct hyperloglog_element element)
{
    return hyperloglog_make_dense(text) ? raise_dense(text, element) : HYPERLOGLOG_CORRUPT;
}

static enum hyperloglog_change raise_sparse(struct buffer *text, struct hyperloglog_element element,
                                            uint64_t max_bytes)
{
    struct place place;
    char parts[PARTS_MAX * RUN_BYTES_MAX];
    if (element.rank > RUN_VALUE_MAX) return raise_in_dense(text, element);
    if (!find_run(buffer_slice(text), element.index, &place)) return HYPERLOGLOG_CORRUPT;
    if (place.run.value >= element.rank) return HYPERLOGLOG_SAME;
    size_t old_len = place.run.bytes, len = split_run(&place, element.rank, parts);
    if (len > old_len && text->len + (len - old_len) > max_bytes) return raise_in_dense(text, element);
    replace(text, place.offset, old_len, parts, len);
    join_runs(text, place.previous);
    return HYPERLOGLOG_RAISED;
}

enum hyperloglog_change hyperloglog_raise(struct buffer *text, struct hyperloglog_element element,
                                          uint64_t sparse_max_bytes)
{
    if (hyperloglog_is_dense(buffer_slice(text))) return raise_dense(text, element);
    return raise_sparse(text, element, sparse_max_bytes);
}

void hyperloglog_init(struct buffer *text)
{
    char runs[RUN_BYTES_MAX];
    char header[HYPERLOGLOG_HEADER_BYTES] = "HYLL";
    header[ENCODING_AT] = SPARSE;
    buffer_append(text, header, sizeof header);
    buffer_append(text, runs, run_write(runs, HYPERLOGLOG_REGISTERS, 0));
}

bool hyperloglog_make_dense(struct buffer *text)
{
    if (hyperloglog_is_dense(buffer_slice(text))) return true;
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    if (!hyperloglog_merge(registers, buffer_slice(text))) return false;
    text->len = HYPERLOGLOG_HEADER_BYTES;
    memset(buffer_reserve(text, HYPERLOGLOG_DENSE_BYTES), 0,
           HYPERLOGLOG_DENSE_BYTES - HYPERLOGLOG_HEADER_BYTES);
    buffer_added(text, HYPERLOGLOG_DENSE_BYTES - HYPERLOGLOG_HEADER_BYTES);
    text->data[ENCODING_AT] = DENSE;
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        if (registers[i]) hyperloglog_dense_set(text->data, i, registers[i]);
    return true;
}

/* ---- all registers ---- */

bool hyperloglog_merge(uint8_t registers[HYPERLOGLOG_REGISTERS], struct slice text)
{
    if (hyperloglog_is_dense(text)) {
        for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
            uint8_t value = hyperloglog_dense_get(text.ptr, i);
            if (value > registers[i]) registers[i] = value;
        }
        return true;
    }
    struct run run;
    size_t offset = HYPERLOGLOG_HEADER_BYTES;
    unsigned first = 0;
    for (; run_read(rest_from(text, offset), &run); offset += run.bytes) {
        if (run.length > HYPERLOGLOG_REGISTERS - first) return false;
        for (unsigned i = first; run.value && i < first + run.length; i++)
            if (run.value > registers[i]) registers[i] = run.value;
        first += run.length;
    }
    return first == HYPERLOGLOG_REGISTERS && offset == text.len;
}

/* Ertl's sigma: the sum of x and x^(2^k) * 2^(k-1) over all k >= 1. */
static double sigma(double x)
{
    if (x == 1) return INFINITY;
    double sum = x, before, weight = 1;
    do {
        before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
    } while (sum != before);
    return sum;
}

/* Ertl's tau: (1 - x - the sum of (1 - x^(2^-k))^2 * 2^-k over all k >= 1) / 3. */
static double tau(double x)
{
    if (x == 0 || x == 1) return 0;
    double sum = 1 - x, before, weight = 1;
    do {
        before = sum;
        x = sqrt(x);
        weight *= 0.5;
        sum -= (1 - x) * (1 - x) * weight;
    } while (sum != before);
    return sum / 3;
}

/* Where all registers are beyond what a hash can give there is no estimate:
 * the reference answers the least integer, and takes that for out of date. */
static const uint64_t NOTHING_ESTIMATED = (uint64_t)1 << 63;

/* Ertl's improved raw estimator, from how many registers have which value. */
static uint64_t estimate(const unsigned counts[REGISTER_VALUES])
{
    const double alpha_infinity = 0.721347520444481703680, m = HYPERLOGLOG_REGISTERS;
    double z = m * tau((m - counts[RANK_MAX]) / m);
    for (int value = RANK_BITS; value >= 1; value--) z = (z + counts[value]) * 0.5;
    z += m * sigma(counts[0] / m);
    if (z == 0) return NOTHING_ESTIMATED;
    return (uint64_t)llround(alpha_infinity * m * m / z);
}

uint64_t hyperloglog_estimate_registers(const uint8_t registers[HYPERLOGLOG_REGISTERS])
{
    unsigned counts[REGISTER_VALUES] = {0};
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) counts[registers[i]]++;
    return estimate(counts);
}

bool hyperloglog_estimate(struct slice text, uint64_t *count)
{
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    if (!hyperloglog_merge(registers, text)) return false;
    *count = hyperloglog_estimate_registers(registers);
    return true;
}

bool hyperloglog_print_runs(struct slice text, struct buffer *to)
{
    struct run run;
    size_t offset = HYPERLOGLOG_HEADER_BYTES;
    unsigned count = 0;
    for (; run_read(rest_from(text, offset), &run); offset += run.bytes) {
        if (++count > HYPERLOGLOG_REGISTERS) return false;
        if (to->len) buffer_append_char(to, ' ');
        if (run.value) buffer_printf(to, "v:%u,%u", (unsigned)run.value, run.length);
        else buffer_printf(to, "%c:%u", run.bytes == 2 ? 'Z' : 'z', run.length);
    }
    return offset == text.len;
}
