#include "db/sections.h"

#include "db/expire.h"
#include "db/keyspace.h"

static double overdue_percent(const struct keyspace *ks)
{
    size_t volatile_count = 0;
    for (int i = 0; i < ks->db_count; i++) volatile_count += db_volatile_count(&ks->dbs[i]);
    return volatile_count ? 100.0 * (double)expire_overdue(ks) / (double)volatile_count : 0;
}

static void write_stats(void *module, struct buffer *to)
{
    const struct keyspace *ks = module;
    const struct keyspace_stats *stats = &ks->stats;
    buffer_printf(to, "expired_keys:%llu\r\nexpired_stale_perc:%.2f\r\n", (unsigned long long)stats->expired,
                  overdue_percent(ks));
    buffer_printf(to, "expired_subkeys:%llu\r\n", (unsigned long long)stats->expired_fields);
    buffer_printf(to, "expired_time_cap_reached_count:%llu\r\nexpire_cycle_cpu_milliseconds:%llu\r\n",
                  (unsigned long long)stats->expire_cap_reached,
                  (unsigned long long)(stats->expire_ns / 1000000));
    buffer_printf(to, "evicted_keys:%llu\r\n", (unsigned long long)stats->evicted);
    buffer_append_text(to, "total_eviction_exceeded_time:0\r\ncurrent_eviction_exceeded_time:0\r\n");
    buffer_printf(to, "keyspace_hits:%llu\r\nkeyspace_misses:%llu\r\n", (unsigned long long)stats->hits,
                  (unsigned long long)stats->misses);
}

const struct info_section db_section_stats = {"stats", NULL, true, write_stats};

static void write_keyspace(void *module, struct buffer *to)
{
    const struct keyspace *ks = module;
    for (int i = 0; i < ks->db_count; i++) {
        const struct db *db = &ks->dbs[i];
        if (db_count(db) == 0) continue;
        buffer_printf(to, "db%d:keys=%zu,expires=%zu,avg_ttl=%lld\r\n", i, db_count(db),
                      db_volatile_count(db), (long long)db_average_ttl_ms(db));
    }
}

const struct info_section db_section_keyspace = {"keyspace", "Keyspace", true, write_keyspace};
