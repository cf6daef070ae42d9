#include "app/memory_test.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { REPORTED_MAX = 10 };

/* A pattern tells which word belongs at an index. The seed differs from pass
 * to pass. */
typedef uint64_t pattern(uint64_t index, uint64_t seed);

static uint64_t own_address(uint64_t index, uint64_t seed)
{
    (void)seed;
    return index;
}

/* splitmix64 (Steele, Lea, Flood 2014), which needs no state to go through
 * the same words again. */
static uint64_t random_word(uint64_t index, uint64_t seed)
{
    uint64_t z = (index + seed) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t checkerboard(uint64_t index, uint64_t seed)
{
    return (index + seed) % 2 ? 0xaaaaaaaaaaaaaaaa : 0x5555555555555555;
}

static uint64_t one_bit(uint64_t index, uint64_t seed)
{
    return (uint64_t)1 << (index + seed) % 64;
}

static const struct {
    const char *name;
    pattern *word;
} patterns[] = {{"addresses", own_address},
                {"random words", random_word},
                {"checkerboard", checkerboard},
                {"single bits", one_bit}};

/* Writes the pattern and, in the same order, its complement over it, reading
 * each back; returns how many words differed. */
static uint64_t test_pattern(volatile uint64_t *words, uint64_t count, pattern *word, uint64_t seed)
{
    uint64_t bad = 0;
    for (uint64_t flip = 0; flip <= 1; flip++) {
        for (uint64_t i = 0; i < count; i++) words[i] = word(i, seed) ^ -flip;
        for (uint64_t i = 0; i < count; i++) {
            uint64_t wanted = word(i, seed) ^ -flip, found = words[i];
            if (found == wanted || ++bad > REPORTED_MAX) continue;
            printf("\nword %" PRIu64 ": wrote %016" PRIx64 ", read %016" PRIx64, i, wanted, found);
        }
    }
    return bad;
}

bool memory_test_run(size_t megabytes, int passes)
{
    size_t bytes = megabytes * 1024 * 1024;
    void *memory = bytes / 1024 / 1024 == megabytes
                       ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                       : MAP_FAILED;
    if (memory == MAP_FAILED) {
        fprintf(stderr, "The system does not give %zu megabytes.\n", megabytes);
        return false;
    }
    uint64_t bad = 0;
    for (int pass = 1; pass <= passes; pass++) {
        for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
            printf("pass %d of %d, %s: ", pass, passes, patterns[i].name);
            fflush(stdout);
            uint64_t found = test_pattern(memory, bytes / sizeof(uint64_t), patterns[i].word, (uint64_t)pass);
            if (found) printf("\n%" PRIu64 " words were not read as they were written\n", found);
            else puts("good");
            bad += found;
        }
    }
    munmap(memory, bytes);
    puts(bad ? "The memory FAILED this test."
             : "The memory passed this test. To be sure, test it before any system "
               "runs, with memtest86.");
    return bad == 0;
}
