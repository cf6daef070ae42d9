#include "app/benchmark/template.h"

#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/number.h"

struct slot {
    size_t offset;
    uint64_t below;
    bool counts; /* up, rather than being drawn */
};

struct template
{
    struct buffer bytes;
    struct slot *slots;
    size_t slot_count;
    size_t counting; /* slots that count */
};

static void slot_add(struct template *t, struct slot slot)
{
    t->slots = mem_realloc(t->slots, (t->slot_count + 1) * sizeof *t->slots);
    t->slots[t->slot_count++] = slot;
    t->counting += slot.counts;
}

/* The placeholder at the start of text: its length, 0 when there is none. */
static size_t placeholder(struct slice text, uint64_t keyspace, bool sequential, struct slot *slot)
{
    const struct slice common = SLICE("__rand_int__"), prefix = SLICE("__rand_");
    if (slice_starts_with(text, common)) {
        *slot = (struct slot){.below = keyspace, .counts = sequential};
        return keyspace ? common.len : 0;
    }
    if (!slice_starts_with(text, prefix)) return 0;
    size_t end = prefix.len;
    while (end < text.len && text.ptr[end] != '_') end++;
    if (end + 2 > text.len || text.ptr[end + 1] != '_') return 0;
    *slot = (struct slot){0};
    if (!number_parse_unsigned(slice_make(text.ptr + prefix.len, end - prefix.len), &slot->below)) return 0;
    return slot->below > 0 && slot->below <= UINT64_C(1000000000000) ? end + 2 : 0;
}

static void append_word(struct template *t, struct slice word, uint64_t keyspace, bool sequential)
{
    struct buffer expanded = {0};
    size_t first_slot = t->slot_count;
    for (size_t i = 0; i < word.len;) {
        struct slot slot;
        size_t len = placeholder(slice_make(word.ptr + i, word.len - i), keyspace, sequential, &slot);
        if (len == 0) {
            buffer_append_char(&expanded, word.ptr[i++]);
            continue;
        }
        slot.offset = expanded.len;
        slot_add(t, slot);
        buffer_append(&expanded, "000000000000", TEMPLATE_DIGITS);
        i += len;
    }
    buffer_printf(&t->bytes, "$%zu\r\n", expanded.len);
    for (size_t i = first_slot; i < t->slot_count; i++) t->slots[i].offset += t->bytes.len;
    buffer_append_slice(&t->bytes, buffer_slice(&expanded));
    buffer_append_text(&t->bytes, "\r\n");
    buffer_fini(&expanded);
}

struct template *template_new(const struct slice *words, size_t count, uint64_t keyspace, bool sequential)
{
    struct template *t = mem_calloc(1, sizeof *t);
    buffer_printf(&t->bytes, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) append_word(t, words[i], keyspace, sequential);
    return t;
}

struct template *template_new_raw(const char *text)
{
    struct template *t = mem_calloc(1, sizeof *t);
    buffer_append_text(&t->bytes, text);
    return t;
}

void template_free(struct template *t)
{
    buffer_fini(&t->bytes);
    mem_free(t->slots);
    mem_free(t);
}

struct slice template_bytes(const struct template *t)
{
    return buffer_slice(&t->bytes);
}

static void write_digits(char *to, uint64_t number)
{
    for (int i = TEMPLATE_DIGITS - 1; i >= 0; i--, number /= 10) to[i] = (char)('0' + number % 10);
}

void template_fill(const struct template *t, char *to, size_t copies, uint64_t first, struct random *random)
{
    uint64_t next = first * t->counting;
    for (size_t copy = 0; copy < copies; copy++, to += t->bytes.len) {
        for (size_t i = 0; i < t->slot_count; i++) {
            const struct slot *slot = &t->slots[i];
            uint64_t number = slot->counts ? next++ % slot->below : random_below(random, slot->below);
            write_digits(to + slot->offset, number);
        }
    }
}
