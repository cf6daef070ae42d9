/* Memory. Every allocation of the server goes through here, onto jemalloc
 * (or the C library's allocator when a sanitizer replaces it).
 *
 * Running out of memory ends the process with a message, except for the
 * _try calls, made for sizes that a client chose: they return NULL.
 *
 * mem_used() costs a few loads: jemalloc counts per thread what was allocated
 * and freed, and each thread of ours registers the address of its counters
 * once. Any thread may call any function here. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size_bytes) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *mem_calloc(size_t count, size_t size_bytes) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
void *mem_realloc(void *ptr, size_t size_bytes) __attribute__((returns_nonnull));
void *mem_aligned(size_t alignment, size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *mem_alloc_try(size_t size_bytes);
void *mem_realloc_try(void *ptr, size_t size_bytes);
void mem_free(void *ptr);

/* As mem_free for a caller that knows the size it asked for: saves the
 * allocator a lookup. */
void mem_free_sized(void *ptr, size_t size_bytes);

/* The bytes really usable behind ptr (its size class). */
size_t mem_usable(const void *ptr);

/* The size class that a request for size_bytes would get. */
size_t mem_good_size(size_t size_bytes);

char *mem_strdup(const char *text);
char *mem_copy(const void *data, size_t len); /* len bytes and a NUL */

/* Bytes allocated and not freed by all registered threads. */
size_t mem_used(void);

/* Registers the calling thread's counters. Called first by each thread;
 * threads are never unregistered, their counts stay. */
void mem_thread_init(void);

/* Whole-process figures, from the allocator and the kernel. Zero where the
 * allocator cannot tell. */
struct mem_stats {
    size_t allocated_bytes;
    size_t active_bytes;
    size_t resident_bytes;
    size_t mapped_bytes;
    size_t rss_bytes;
};
void mem_stats_get(struct mem_stats *stats);

/* Name and version of the allocator, as INFO shows it. */
const char *mem_allocator(void);

/* Gives unused pages back to the kernel. */
void mem_purge(void);

/* Reads or sets an allocator control by name (jemalloc's mallctl): false
 * where the allocator has none of that name. */
bool mem_control(const char *name, const uint64_t *set, uint64_t *value);

/* The same for a control that is a text: what it was, NULL where there is none
 * of that name. The allocator keeps neither name nor set. */
const char *mem_control_text(const char *name, const char *set);

/* Passes the allocator's own report, piece by piece, to write. */
void mem_report(void (*write)(void *ctx, const char *text), void *ctx);

/* Memory of the machine in bytes. */
size_t mem_machine_bytes(void);

#endif
