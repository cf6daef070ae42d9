#include "core/errorstats.h"

#include "base/mem.h"

/* Scripts may throw what they like: further kinds only count in the total. */
enum { KINDS_MAX = 128, NAME_MAX_BYTES = 63 };

struct kind {
    char name[NAME_MAX_BYTES + 1];
    uint64_t count;
};

struct errorstats {
    uint64_t total;
    int kind_count; /* sorted by name */
    struct kind kinds[KINDS_MAX];
};

struct errorstats *errorstats_new(void)
{
    return mem_calloc(1, sizeof(struct errorstats));
}

void errorstats_free(struct errorstats *e)
{
    mem_free(e);
}

void errorstats_reset(struct errorstats *e)
{
    *e = (struct errorstats){0};
}

uint64_t errorstats_total(const struct errorstats *e)
{
    return e->total;
}

void errorstats_count(struct errorstats *e, struct slice text)
{
    const char *blank = text.len ? memchr(text.ptr, ' ', text.len) : NULL;
    struct slice name = slice_make(text.ptr, blank ? (size_t)(blank - text.ptr) : text.len);
    if (name.len > NAME_MAX_BYTES) name.len = NAME_MAX_BYTES;
    e->total++;
    int at = 0, order = 1;
    while (at < e->kind_count && (order = slice_compare(slice_of(e->kinds[at].name), name)) < 0) at++;
    if (at < e->kind_count && order == 0) {
        e->kinds[at].count++;
        return;
    }
    if (e->kind_count == KINDS_MAX) return;
    memmove(&e->kinds[at + 1], &e->kinds[at], (size_t)(e->kind_count - at) * sizeof *e->kinds);
    e->kinds[at] = (struct kind){.count = 1};
    memcpy(e->kinds[at].name, name.ptr, name.len);
    e->kind_count++;
}

void errorstats_write(const struct errorstats *e, struct buffer *to)
{
    for (int i = 0; i < e->kind_count; i++)
        buffer_printf(to, "errorstat_%s:count=%llu\r\n", e->kinds[i].name,
                      (unsigned long long)e->kinds[i].count);
}
