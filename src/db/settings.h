/* The settings of the keyspace: memory limit and eviction, lazy freeing,
 * expiry. db/settings.c has the rows (db_options). */
#ifndef DB_SETTINGS_H
#define DB_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

/* maxmemory-policy: which keys may be evicted, and by what order. */
enum {
    EVICT_LRU = 1 << 0,
    EVICT_LFU = 1 << 1,
    EVICT_RANDOM = 1 << 2,
    EVICT_TTL = 1 << 3,
    EVICT_ALL_KEYS = 1 << 4, /* otherwise only keys with a deadline */
    EVICT_NONE = 0,
};

struct db_settings {
    uint64_t maxmemory_bytes; /* 0: no limit */
    int maxmemory_policy;     /* EVICT_x, or'ed */
    int64_t maxmemory_samples;
    int64_t maxmemory_eviction_tenacity; /* 0 to 100: how long one command may evict */
    int64_t lfu_log_factor;
    int64_t lfu_decay_time_minutes;
    bool lazyfree_lazy_eviction;
    bool lazyfree_lazy_expire;
    bool lazyfree_lazy_server_del;
    bool lazyfree_lazy_user_del;
    bool lazyfree_lazy_user_flush;
    int64_t active_expire_effort; /* 1 to 10 */

    /* Inert: nothing is moved here once allocated. */
    bool activedefrag;
    uint64_t active_defrag_ignore_bytes;
    int64_t active_defrag_threshold_lower, active_defrag_threshold_upper; /* percent */
    int64_t active_defrag_cycle_min, active_defrag_cycle_max;             /* percent */
    int64_t active_defrag_max_scan_fields;
};

extern const struct option db_options[];

#endif
