/* Blocks of bytes with a count of references, and the pool they come from:
 * what output queues are made of. One thread. */
#ifndef CORE_BLOCK_H
#define CORE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { BLOCK_BYTES = 16 * 1024 };

struct block {
    uint32_t refs;
    uint32_t capacity;
    struct block *next_free;
    char data[];
};

struct block_pool {
    struct block *free;
    unsigned free_count;
    size_t bytes; /* of all blocks in use and free */
};

void block_pool_fini(struct block_pool *pool);

/* A block of at least min_bytes (0: the usual size), with one reference. */
struct block *block_new(struct block_pool *pool, size_t min_bytes);
void block_drop(struct block_pool *pool, struct block *block);

#endif
