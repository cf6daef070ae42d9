#include "core/slowlog.h"

#include <stdio.h>

#include "base/mem.h"
#include "core/config.h"
#include "core/server.h"

enum { ARGS_MAX = 32, BYTES_MAX = 128, NOTE_MAX = 64 };

struct slowlog *slowlog_new(void)
{
    return mem_calloc(1, sizeof(struct slowlog));
}

static void free_from(struct slow_command **link)
{
    while (*link) {
        struct slow_command *old = *link;
        *link = old->next;
        mem_free(old->peer);
        mem_free(old->client_name);
        mem_free(old);
    }
}

void slowlog_trim(struct slowlog *log, int64_t max)
{
    if (log->count <= max) return;
    struct slow_command **link = &log->newest;
    for (int64_t i = 0; i < max; i++) link = &(*link)->next;
    free_from(link);
    log->count = max;
}

void slowlog_free(struct slowlog *log)
{
    free_from(&log->newest);
    mem_free(log);
}

/* What is kept of argument i: the argument, its beginning and a note, or, in
 * the last place, a note of how many are left out. */
static size_t shorten(char *to, int i, int argc, const struct slice *argv)
{
    if (i == ARGS_MAX - 1 && argc > ARGS_MAX)
        return (size_t)snprintf(to, NOTE_MAX, "... (%d more arguments)", argc - ARGS_MAX + 1);
    size_t kept = argv[i].len < BYTES_MAX ? argv[i].len : BYTES_MAX;
    memcpy(to, argv[i].ptr, kept);
    if (kept == argv[i].len) return kept;
    return kept + (size_t)snprintf(to + kept, NOTE_MAX, "... (%zu more bytes)", argv[i].len - kept);
}

void slowlog_add(struct slowlog *log, struct client *c, int argc, const struct slice *argv, uint64_t duration_us)
{
    int kept = argc < ARGS_MAX ? argc : ARGS_MAX;
    struct slow_command *entry =
        mem_alloc(sizeof *entry + (size_t)kept * (sizeof *entry->argv + BYTES_MAX + NOTE_MAX));
    char *at = (char *)&entry->argv[kept], peer[SOCKET_ADDRESS_MAX];
    client_peer(c, peer);
    *entry = (struct slow_command){.next = log->newest,
                                   .id = log->next_id++,
                                   .time_s = server_now_ms(c->server) / 1000,
                                   .duration_us = (int64_t)duration_us,
                                   .peer = mem_strdup(peer),
                                   .client_name = c->name ? mem_strdup(c->name) : NULL,
                                   .argc = kept};
    for (int i = 0; i < kept; i++) {
        struct slice hidden = SLICE("(redacted)");
        bool hides = config_hides(c->server->config, argv, i);
        size_t len = hides ? shorten(at, 0, 1, &hidden) : shorten(at, i, argc, argv);
        entry->argv[i] = slice_make(at, len);
        at += entry->argv[i].len;
    }
    log->newest = entry;
    log->count++;
    slowlog_trim(log, c->server->settings->slowlog_max_len);
}
