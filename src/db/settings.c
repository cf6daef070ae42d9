#include "db/settings.h"

#define OPTION_SETTINGS struct db_settings

static const struct option_word policies[] = {
    {"volatile-lru", EVICT_LRU},
    {"volatile-lfu", EVICT_LFU},
    {"volatile-random", EVICT_RANDOM},
    {"volatile-ttl", EVICT_TTL},
    {"allkeys-lru", EVICT_LRU | EVICT_ALL_KEYS},
    {"allkeys-lfu", EVICT_LFU | EVICT_ALL_KEYS},
    {"allkeys-random", EVICT_RANDOM | EVICT_ALL_KEYS},
    {"noeviction", EVICT_NONE},
    {NULL, 0},
};

/* The file may ask for it, as files written for other servers do; who asks
 * by hand is told. */
static bool apply_activedefrag(const struct option_context *ctx, struct buffer *reason)
{
    const struct db_settings *settings = ctx->settings;
    if (!settings->activedefrag) return true;
    return option_refuse(reason,
                         "Active defragmentation cannot be enabled: this server does not move values");
}

enum { INERT = OPTION_INERT };

/* name, alias, kind and field, default, min, max, flags */
const struct option db_options[] = {
    {"maxmemory", NULL, MEMORY_AT(maxmemory_bytes), "0"},
    {"maxmemory-policy", NULL, ENUM_AT(maxmemory_policy), "noeviction", .words = policies},
    {"maxmemory-samples", NULL, INT_AT(maxmemory_samples), "5", 1, INT32_MAX},
    {"maxmemory-eviction-tenacity", NULL, INT_AT(maxmemory_eviction_tenacity), "10", 0, 100},
    {"lfu-log-factor", NULL, INT_AT(lfu_log_factor), "10", 0, INT32_MAX},
    {"lfu-decay-time", NULL, INT_AT(lfu_decay_time_minutes), "1", 0, INT32_MAX},
    {"lazyfree-lazy-eviction", NULL, BOOL_AT(lazyfree_lazy_eviction), "no"},
    {"lazyfree-lazy-expire", NULL, BOOL_AT(lazyfree_lazy_expire), "no"},
    {"lazyfree-lazy-server-del", NULL, BOOL_AT(lazyfree_lazy_server_del), "no"},
    {"lazyfree-lazy-user-del", NULL, BOOL_AT(lazyfree_lazy_user_del), "no"},
    {"lazyfree-lazy-user-flush", NULL, BOOL_AT(lazyfree_lazy_user_flush), "no"},
    {"active-expire-effort", NULL, INT_AT(active_expire_effort), "1", 1, 10},

    {"activedefrag", NULL, BOOL_AT(activedefrag), "no", 0, 0, INERT, .apply = apply_activedefrag},
    {"active-defrag-ignore-bytes", NULL, MEMORY_AT(active_defrag_ignore_bytes), "100mb", 1, INT64_MAX, INERT},
    {"active-defrag-threshold-lower", NULL, INT_AT(active_defrag_threshold_lower), "10", 0, 1000, INERT},
    {"active-defrag-threshold-upper", NULL, INT_AT(active_defrag_threshold_upper), "100", 0, 1000, INERT},
    {"active-defrag-cycle-min", NULL, INT_AT(active_defrag_cycle_min), "1", 1, 99, INERT},
    {"active-defrag-cycle-max", NULL, INT_AT(active_defrag_cycle_max), "25", 1, 99, INERT},
    {"active-defrag-max-scan-fields", NULL, INT_AT(active_defrag_max_scan_fields), "1000", 1, INT64_MAX,
     INERT},
    {0},
};
