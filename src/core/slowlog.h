/* The slow log: the last commands that took longer than
 * slowlog-log-slower-than, newest first. Arguments are shortened. */
#ifndef CORE_SLOWLOG_H
#define CORE_SLOWLOG_H

#include <stdint.h>

#include "core/client.h"

struct slow_command {
    struct slow_command *next; /* the one before it */
    int64_t id, time_s, duration_us;
    char *peer, *client_name; /* name NULL: none */
    int argc;
    struct slice argv[]; /* followed by the bytes */
};

struct slowlog {
    struct slow_command *newest;
    int64_t count, next_id;
};

struct slowlog *slowlog_new(void);
void slowlog_free(struct slowlog *log);
void slowlog_add(struct slowlog *log, const struct call *call, uint64_t duration_us);
void slowlog_trim(struct slowlog *log, int64_t max);

#endif
