#include "db/expire.h"

#include "base/clock.h"

enum {
    BATCH = 16,           /* keys whose memory is asked for together */
    BUDGET_STEPS = 64,    /* wheel steps between looks at the clock */
    OVERDUE_LOOK = 10000, /* nodes that INFO may look at per database */
};

/* Expires what the wheel pops, up to a batch: first all pops, each of which
 * asks for the next node's memory, then the buckets, then the removals. */
static unsigned expire_batch(struct db *db, int64_t now_us, unsigned *steps)
{
    struct keyspace *ks = db->keyspace;
    struct entry *due[BATCH];
    unsigned count = 0;
    while (count < BATCH) {
        struct wheel_node *node = wheel_pop(db->wheel, ks->now_ms, steps);
        if (node == NULL) break;
        due[count++] = entry_of_node(node);
    }
    for (unsigned i = 0; i < count; i++) {
        int64_t lag_us = now_us - (due[i]->has_node ? entry_node(due[i])->deadline_ms : 0) * 1000;
        struct slice key = entry_key(due[i]);
        hashtable_prefetch(&db->keys, db_hash(key));
        histogram_record(ks->expire_lag_us, lag_us > 0 ? (uint64_t)lag_us : 0);
    }
    for (unsigned i = 0; i < count; i++) db_expire_entry(db, due[i]);
    return count;
}

bool expire_slice(struct keyspace *ks, int64_t now_us, int64_t budget_us)
{
    if (!ks->active_expire || !ks->may_expire) return false;
    int64_t start_ns = 0, now_ns = 0;
    bool is_left = false;
    for (int i = 0; i < ks->db_count && !is_left; i++) {
        struct db *db = &ks->dbs[i];
        while (!is_left && db->wheel && wheel_next(db->wheel) <= ks->now_ms) {
            unsigned steps = BUDGET_STEPS;
            if (start_ns == 0) start_ns = clock_monotonic_ns();
            expire_batch(db, now_us, &steps);
            now_ns = clock_monotonic_ns();
            is_left = now_ns - start_ns > budget_us * 1000;
        }
    }
    ks->stats.expire_ns += (uint64_t)(now_ns - start_ns);
    ks->stats.expire_cap_reached += is_left;
    return is_left;
}

int64_t expire_next_ms(const struct keyspace *ks)
{
    int64_t next_ms = INT64_MAX;
    if (!ks->active_expire || !ks->may_expire) return next_ms;
    for (int i = 0; i < ks->db_count; i++) {
        if (db_volatile_count(&ks->dbs[i]) == 0) continue;
        int64_t its_ms = wheel_next(ks->dbs[i].wheel);
        if (its_ms < next_ms) next_ms = its_ms;
    }
    return next_ms;
}

size_t expire_overdue(const struct keyspace *ks)
{
    size_t count = 0;
    for (int i = 0; i < ks->db_count; i++)
        if (ks->dbs[i].wheel) count += wheel_overdue(ks->dbs[i].wheel, ks->now_ms, OVERDUE_LOOK);
    return count;
}

int64_t expire_next_deadline_ms(const struct keyspace *ks)
{
    int64_t next_ms = INT64_MAX;
    for (int i = 0; i < ks->db_count; i++) {
        if (db_volatile_count(&ks->dbs[i]) == 0) continue;
        int64_t its_ms = wheel_next_deadline(ks->dbs[i].wheel);
        if (its_ms < next_ms) next_ms = its_ms;
    }
    return next_ms;
}
