#include "core/block.h"

#include "base/assert.h"
#include "base/mem.h"

enum { POOL_KEPT = 256 };

void block_pool_fini(struct block_pool *pool)
{
    while (pool->free) {
        struct block *block = pool->free;
        pool->free = block->next_free;
        mem_free(block);
    }
    *pool = (struct block_pool){0};
}

struct block *block_new(struct block_pool *pool, size_t min_bytes)
{
    const size_t usual = BLOCK_BYTES - sizeof(struct block);
    struct block *block = pool->free;
    if (min_bytes <= usual && block) {
        pool->free = block->next_free;
        pool->free_count--;
    } else {
        size_t capacity = min_bytes <= usual ? usual : min_bytes;
        ASSERT(capacity <= UINT32_MAX);
        block = mem_alloc(sizeof *block + capacity);
        block->capacity = (uint32_t)capacity;
        pool->bytes += sizeof *block + capacity;
    }
    block->refs = 1;
    return block;
}

void block_drop(struct block_pool *pool, struct block *block)
{
    ASSERT(block->refs > 0);
    if (--block->refs > 0) return;
    if (block->capacity == BLOCK_BYTES - sizeof *block && pool->free_count < POOL_KEPT) {
        block->next_free = pool->free;
        pool->free = block;
        pool->free_count++;
        return;
    }
    pool->bytes -= sizeof *block + block->capacity;
    mem_free(block);
}
