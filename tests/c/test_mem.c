#include "base/mem.h"

#include <pthread.h>

#include "seed.h"
#include "test.h"

/* The address sanitizer, too, shall answer NULL to what cannot be had. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static bool has_jemalloc(void)
{
    return strncmp(mem_allocator(), "jemalloc", 8) == 0;
}

/* Each block is filled with its own byte, and keeps it. */
static void any_changes(void)
{
    enum { BLOCKS = 200 };
    static unsigned char *blocks[BLOCKS];
    static size_t sizes[BLOCKS];
    struct random r;
    seed_init(&r);
    size_t before = mem_used();
    for (int i = 0; i < 20000; i++) {
        size_t which = random_below(&r, BLOCKS), size = random_next(&r) >> (50 + random_below(&r, 14)),
               kept = 0;
        unsigned char byte = (unsigned char)which;
        uint64_t way = random_below(&r, 3);
        if (blocks[which] && way == 0) {
            mem_free_sized(blocks[which], sizes[which]);
            blocks[which] = NULL;
        } else if (blocks[which] && way == 1) {
            mem_free(blocks[which]);
            blocks[which] = NULL;
        } else if (blocks[which]) {
            kept = sizes[which] < size ? sizes[which] : size;
            blocks[which] = random_below(&r, 2) ? mem_realloc(blocks[which], size)
                                                : mem_realloc_try(blocks[which], size);
        } else if (way == 0) {
            blocks[which] = mem_alloc(size);
        } else if (way == 1) {
            blocks[which] = mem_alloc_try(size);
        } else {
            blocks[which] = mem_calloc(size / 8, 8);
            for (size_t at = 0; at < size / 8 * 8; at++) CHECK_INT(blocks[which][at], 0);
            size = size / 8 * 8;
        }
        if (blocks[which] == NULL) continue;
        for (size_t at = 0; at < kept; at++) CHECK_INT(blocks[which][at], byte);
        sizes[which] = size;
        CHECK(mem_usable(blocks[which]) >= size);
        memset(blocks[which], byte, size);
    }
    CHECK(mem_used() > before);
    for (int i = 0; i < BLOCKS; i++) mem_free(blocks[i]);
    CHECK_INT(mem_used(), before);
}

static void what_cannot_be_had(void)
{
    size_t before = mem_used(), huge = (size_t)1 << 62;
    char *kept = mem_strdup("kept");
    size_t used = mem_used();
    CHECK(mem_alloc_try(huge) == NULL);
    CHECK(mem_realloc_try(kept, huge) == NULL);
    CHECK(mem_realloc_try(NULL, huge) == NULL);
    CHECK_TEXT(kept, "kept");
    CHECK_INT(mem_used(), used);
    mem_free(kept);
    CHECK_INT(mem_used(), before);
}

static void nothing(void)
{
    mem_free(NULL);
    mem_free_sized(NULL, 8);
    void *empty[] = {mem_alloc(0), mem_alloc_try(0), mem_calloc(0, 8), mem_calloc(8, 0),
                     mem_realloc(NULL, 0)};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        CHECK(empty[i] != NULL);
        mem_free(empty[i]);
    }
    mem_free_sized(mem_alloc(0), 0);
}

static void aligned(void)
{
    for (size_t alignment = 8; alignment <= 4096; alignment *= 2) {
        for (size_t size = 1; size < 10000; size = size * 3 + 1) {
            char *ptr = mem_aligned(alignment, size);
            CHECK_INT((uintptr_t)ptr % alignment, 0);
            memset(ptr, 1, size);
            mem_free(ptr);
        }
    }
}

static void copies(void)
{
    char *copy = mem_copy("a\0b!", 3), *text = mem_strdup("text"), *empty = mem_copy(NULL, 0);
    CHECK(memcmp(copy, "a\0b", 4) == 0);
    CHECK_TEXT(text, "text");
    CHECK_TEXT(empty, "");
    mem_free(copy);
    mem_free(text);
    mem_free(empty);
}

static void size_classes(void)
{
    for (size_t size = 0; size < 100000; size = size * 5 / 4 + 1) {
        size_t good = mem_good_size(size);
        void *ptr = mem_alloc(size);
        CHECK(good >= size);
        if (has_jemalloc()) CHECK_INT(mem_usable(ptr), good);
        mem_free(ptr);
    }
}

static void *allocate(void *ptr)
{
    mem_thread_init();
    *(void **)ptr = mem_alloc(100000);
    return NULL;
}

static void other_threads_count(void)
{
    pthread_t thread;
    void *ptr = NULL;
    size_t before = mem_used();
    CHECK(pthread_create(&thread, NULL, allocate, &ptr) == 0);
    pthread_join(thread, NULL);
    size_t with = mem_used();
    CHECK(with >= before + 100000);
    size_t its = mem_usable(ptr);
    mem_free(ptr);
    CHECK_INT(mem_used(), with - its);
}

static void figures(void)
{
    struct mem_stats stats = {0};
    mem_stats_get(&stats);
    CHECK(stats.rss_bytes > 100000 && stats.rss_bytes < mem_machine_bytes());
    if (has_jemalloc())
        CHECK(stats.allocated_bytes <= stats.active_bytes && stats.active_bytes <= stats.resident_bytes);
    mem_purge();
}

static void controls(void)
{
    uint64_t value = 0, on = 1;
    CHECK(!mem_control("no.such.control", NULL, &value));
    CHECK(!mem_control("no.such.control", &on, NULL));
    CHECK(mem_control_text("no.such.control", NULL) == NULL);
    CHECK(mem_control_text("arenas.narenas", NULL) == NULL); /* not a text */
    if (!has_jemalloc()) return;
    CHECK(mem_control("arenas.narenas", NULL, &value) && value > 0);
    CHECK(mem_control("background_thread", NULL, &value) && value <= 1);
    CHECK(!mem_control("arenas.narenas", &on, NULL)); /* read only */
    const char *version = mem_control_text("version", NULL);
    CHECK(version && strncmp(version, mem_allocator() + strlen("jemalloc-"), 3) == 0);
}

static void count_text(void *ctx, const char *text)
{
    *(size_t *)ctx += strlen(text);
}

static void report(void)
{
    size_t len = 0;
    mem_report(count_text, &len);
    CHECK(len > 20);
}

int main(void)
{
    mem_thread_init();
    TEST("blocks keep what is in them, and all that is freed is counted as freed", any_changes);
    TEST("what cannot be had is NULL to those who try, and changes nothing", what_cannot_be_had);
    TEST("no bytes are a block, too, and NULL may be freed", nothing);
    TEST("aligned blocks are aligned", aligned);
    TEST("copies end with a NUL", copies);
    TEST("a size class has room for the size", size_classes);
    TEST("what another thread allocates is counted", other_threads_count);
    TEST("the figures of the process are plausible", figures);
    TEST("a control that does not exist is neither read nor set", controls);
    TEST("the allocator reports", report);
    return TEST_END();
}
