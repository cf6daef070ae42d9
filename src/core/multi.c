#include "core/multi.h"

#include <limits.h>

#include "base/mem.h"

void multi_start(struct client *c)
{
    c->multi = mem_calloc(1, sizeof *c->multi);
    c->multi->common_flags = UINT_MAX;
    c->flags |= CLIENT_MULTI;
}

void multi_queue(struct client *c, struct command_state *command, int argc, const struct slice *argv)
{
    struct multi *multi = c->multi;
    if (multi->count == multi->capacity) {
        multi->capacity = multi->capacity ? multi->capacity * 2 : 8;
        multi->commands = mem_realloc(multi->commands, (size_t)multi->capacity * sizeof *multi->commands);
    }
    size_t bytes = (size_t)argc * sizeof *argv;
    for (int i = 0; i < argc; i++) bytes += argv[i].len;
    struct slice *copy = mem_alloc(bytes);
    char *at = (char *)(copy + argc);
    for (int i = 0; i < argc; i++) {
        copy[i] = slice_make(at, argv[i].len);
        memcpy(at, argv[i].ptr, argv[i].len);
        at += argv[i].len;
    }
    multi->commands[multi->count++] = (struct queued_command){command, argc, copy};
    multi->memory_bytes += bytes;
    multi->flags |= command->row->flags;
    multi->common_flags &= command->row->flags;
}

void multi_free(struct multi *multi)
{
    if (multi == NULL) return;
    for (int i = 0; i < multi->count; i++) mem_free(multi->commands[i].argv);
    mem_free(multi->commands);
    mem_free(multi);
}

void multi_discard(struct client *c)
{
    multi_free(c->multi);
    c->multi = NULL;
    c->flags &= ~(unsigned)(CLIENT_MULTI | CLIENT_DIRTY_EXEC);
    watch_clear(&c->watcher);
}
