/* Targets of types/: what clients can set a string to. */
#include "fuzz.h"
#include "types/hyperloglog.h"

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
