/* --stat: what INFO says, a line at a time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/cli/modes.h"
#include "base/number.h"

enum { HEADER_LINES = 20 };
static const int64_t pause_us = 1000000;

/* The number of an INFO field, 0 if there is none. */
static int64_t field(const char *info, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = info; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, name, len) == 0 && line[len] == ':') return strtoll(line + len + 1, NULL, 10);
    }
    return 0;
}

/* Adds up dbN:keys=... */
static int64_t count_keys(const char *info)
{
    int64_t keys = 0;
    for (const char *line = info; line; line = strchr(line, '\n')) {
        int db;
        int64_t n;
        if (*line == '\n') line++;
        if (sscanf(line, "db%d:keys=%" SCNd64, &db, &n) == 2) keys += n;
    }
    return keys;
}

static const char *child_of(const char *info)
{
    bool save = field(info, "rdb_bgsave_in_progress"), rewrite = field(info, "aof_rewrite_in_progress");
    bool loading = field(info, "loading");
    if (loading) return "LOAD";
    if (save && rewrite) return "SAVE+AOF";
    return save ? "SAVE" : rewrite ? "AOF" : "";
}

static void print_line(const char *info, int64_t previous_requests)
{
    char memory[32], requests[64];
    int64_t total = field(info, "total_commands_processed");
    memory[number_print_human(memory, (uint64_t)field(info, "used_memory"))] = '\0';
    snprintf(requests, sizeof requests, "%" PRId64 " (+%" PRId64 ")", total,
             previous_requests < 0 ? 0 : total - previous_requests);
    printf("%-10" PRId64 " %-8s %-7" PRId64 " %-7" PRId64 " %-19s %-11" PRId64 " %s\n", count_keys(info),
           memory, field(info, "connected_clients"), field(info, "blocked_clients"), requests,
           field(info, "total_connections_received"), child_of(info));
}

int modes_stat(struct session *s)
{
    int64_t requests = -1;
    for (int line = 0;; line++) {
        struct reply reply;
        if (!connection_ask(&s->connection, &reply, "INFO", NULL)) return modes_fail(s);
        if (!reply_is_text(&reply)) {
            fprintf(stderr, "ERROR: %s\n", reply.kind == REPLY_ERROR ? reply.text.ptr : "no INFO");
            reply_fini(&reply);
            return 1;
        }
        if (line % HEADER_LINES == 0)
            printf("------- data ------ --------------------- load -------------------- - child -\n"
                   "keys       mem      clients blocked requests            connections          \n");
        print_line(reply.text.ptr, requests);
        requests = field(reply.text.ptr, "total_commands_processed");
        reply_fini(&reply);
        modes_pause(s->options, pause_us);
    }
}
