#include "base/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)
#define MEM_JEMALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define MEM_JEMALLOC 0
#endif
#endif
#if defined(MEM_NO_JEMALLOC)
#undef MEM_JEMALLOC
#define MEM_JEMALLOC 0
#endif
#ifndef MEM_JEMALLOC
#define MEM_JEMALLOC 1
#endif

static void *check(void *ptr, size_t size_bytes)
{
    if (ptr == NULL) panic("out of memory allocating %zu bytes", size_bytes);
    return ptr;
}

#if MEM_JEMALLOC

#include <jemalloc/jemalloc.h>

enum { MAX_THREADS = 256 };
struct counters {
    const uint64_t *allocated;
    const uint64_t *freed;
};
static struct counters threads[MAX_THREADS];
static atomic_uint thread_count;

void mem_thread_init(void)
{
    uint64_t *allocated = NULL, *freed = NULL;
    size_t size = sizeof allocated;
    if (mallctl("thread.allocatedp", &allocated, &size, NULL, 0) != 0) return;
    if (mallctl("thread.deallocatedp", &freed, &size, NULL, 0) != 0) return;
    unsigned slot = atomic_fetch_add(&thread_count, 1);
    ASSERT(slot < MAX_THREADS);
    threads[slot] = (struct counters){allocated, freed};
}

size_t mem_used(void)
{
    uint64_t used = 0;
    unsigned count = atomic_load_explicit(&thread_count, memory_order_relaxed);
    for (unsigned i = 0; i < count; i++) {
        if (threads[i].allocated == NULL) continue;
        used += __atomic_load_n(threads[i].allocated, __ATOMIC_RELAXED);
        used -= __atomic_load_n(threads[i].freed, __ATOMIC_RELAXED);
    }
    return (size_t)used;
}

static void count_alloc(void *ptr)
{
    (void)ptr;
}

static void count_free(void *ptr)
{
    (void)ptr;
}

size_t mem_usable(const void *ptr)
{
    return sallocx(ptr, 0);
}

size_t mem_good_size(size_t size_bytes)
{
    return nallocx(size_bytes ? size_bytes : 1, 0);
}

void mem_free_sized(void *ptr, size_t size_bytes)
{
#ifdef TOCSIN_HARD
    (void)size_bytes;
    mem_free(ptr);
#else
    if (ptr) sdallocx(ptr, size_bytes ? size_bytes : 1, 0);
#endif
}

static size_t stat_of(const char *name)
{
    size_t value = 0, size = sizeof value;
    return mallctl(name, &value, &size, NULL, 0) == 0 ? value : 0;
}

static void allocator_stats(struct mem_stats *stats)
{
    uint64_t epoch = 1;
    size_t size = sizeof epoch;
    mallctl("epoch", &epoch, &size, &epoch, size);
    stats->allocated_bytes = stat_of("stats.allocated");
    stats->active_bytes = stat_of("stats.active");
    stats->resident_bytes = stat_of("stats.resident");
    stats->mapped_bytes = stat_of("stats.mapped");
}

const char *mem_allocator(void)
{
#define TEXT(x)  #x
#define VALUE(x) TEXT(x)
    return "jemalloc-" VALUE(JEMALLOC_VERSION_MAJOR) "." VALUE(JEMALLOC_VERSION_MINOR) "." VALUE(
        JEMALLOC_VERSION_BUGFIX);
}

void mem_purge(void)
{
    mallctl("arena." VALUE(MALLCTL_ARENAS_ALL) ".purge", NULL, NULL, NULL, 0);
}

bool mem_control(const char *name, const uint64_t *set, uint64_t *value)
{
    /* Controls are of 1, 4 or 8 bytes: try each width until one fits. */
    static const size_t widths[] = {8, 4, 1};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        uint64_t old = 0, new = set ? *set : 0;
        size_t size = widths[i];
        int rc = mallctl(name, value ? &old : NULL, value ? &size : NULL, set ? &new : NULL,
                         set ? widths[i] : 0);
        if (rc == 0) {
            if (value) *value = old;
            return true;
        }
    }
    return false;
}

/* The controls do not tell their type; these are known to be texts. */
static bool is_text_control(const char *name)
{
    static const char *const names[] = {
        "version",         "config.malloc_conf",   "opt.dss", "opt.metadata_thp", "opt.percpu_arena",
        "opt.prof_prefix", "opt.stats_print_opts", "opt.thp", "opt.zero_realloc", "opt.junk"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    size_t len = strlen(name);
    return strncmp(name, "arena.", 6) == 0 && len > 10 && strcmp(name + len - 4, ".dss") == 0;
}

const char *mem_control_text(const char *name, const char *set)
{
    const char *old = NULL;
    size_t size = sizeof old;
    if (!is_text_control(name)) return NULL;
    return mallctl(name, &old, &size, set ? (void *)&set : NULL, set ? sizeof set : 0) == 0 ? old : NULL;
}

void mem_report(void (*write)(void *ctx, const char *text), void *ctx)
{
    malloc_stats_print(write, ctx, NULL);
}

#else /* the C library's allocator, under a sanitizer */

#include <malloc.h>

static atomic_size_t used_bytes;

void mem_thread_init(void)
{
}

size_t mem_used(void)
{
    return atomic_load(&used_bytes);
}

static void count_alloc(void *ptr)
{
    if (ptr) atomic_fetch_add(&used_bytes, malloc_usable_size(ptr));
}

static void count_free(void *ptr)
{
    if (ptr) atomic_fetch_sub(&used_bytes, malloc_usable_size(ptr));
}

size_t mem_usable(const void *ptr)
{
    return malloc_usable_size((void *)(uintptr_t)ptr);
}

size_t mem_good_size(size_t size_bytes)
{
    return size_bytes;
}

void mem_free_sized(void *ptr, size_t size_bytes)
{
    (void)size_bytes;
    mem_free(ptr);
}

static void allocator_stats(struct mem_stats *stats)
{
    stats->allocated_bytes = stats->active_bytes = mem_used();
    stats->resident_bytes = stats->mapped_bytes = stats->rss_bytes;
}

const char *mem_allocator(void)
{
    return "libc";
}

void mem_purge(void)
{
}

bool mem_control(const char *name, const uint64_t *set, uint64_t *value)
{
    (void)name;
    (void)set;
    (void)value;
    return false;
}

const char *mem_control_text(const char *name, const char *set)
{
    (void)name;
    (void)set;
    return NULL;
}

void mem_report(void (*write)(void *ctx, const char *text), void *ctx)
{
    write(ctx, "Stats not supported for the current allocator");
}

#endif

void *mem_alloc_try(size_t size_bytes)
{
    void *ptr = malloc(size_bytes ? size_bytes : 1);
    count_alloc(ptr);
    return ptr;
}

void *mem_alloc(size_t size_bytes)
{
    return check(mem_alloc_try(size_bytes), size_bytes);
}

void *mem_calloc(size_t count, size_t size_bytes)
{
    void *ptr = check(calloc(count ? count : 1, size_bytes ? size_bytes : 1), size_bytes);
    count_alloc(ptr);
    return ptr;
}

void *mem_aligned(size_t alignment, size_t size_bytes)
{
    void *ptr = check(aligned_alloc(alignment, (size_bytes + alignment - 1) / alignment * alignment),
                      size_bytes);
    count_alloc(ptr);
    return ptr;
}

void *mem_realloc_try(void *ptr, size_t size_bytes)
{
#ifdef TOCSIN_HARD
    /* Always move, so that no stale pointer survives a test. */
    void *moved = mem_alloc_try(size_bytes);
    if (moved && ptr) {
        size_t old = mem_usable(ptr);
        memcpy(moved, ptr, old < size_bytes ? old : size_bytes);
        mem_free(ptr);
    }
    return moved;
#else
    count_free(ptr);
    void *moved = realloc(ptr, size_bytes ? size_bytes : 1);
    count_alloc(moved ? moved : ptr);
    return moved;
#endif
}

void *mem_realloc(void *ptr, size_t size_bytes)
{
    return check(mem_realloc_try(ptr, size_bytes), size_bytes);
}

void mem_free(void *ptr)
{
    count_free(ptr);
    free(ptr);
}

char *mem_copy(const void *data, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (len) memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_copy(text, strlen(text));
}

static size_t rss(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return 0;
    if (fscanf(file, "%*s %zu", &pages) != 1) pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

void mem_stats_get(struct mem_stats *stats)
{
    stats->rss_bytes = rss();
    allocator_stats(stats);
}

size_t mem_machine_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size : 0;
}
