#include "db/expire.h"

#include "base/clock.h"
#include "db/fields.h"

enum {
    BATCH = 16,           /* keys whose memory is asked for together */
    BUDGET_STEPS = 64,    /* wheel steps between looks at the clock */
    FIELDS_AT_ONCE = 256, /* of one hash, between looks at the clock */
    OVERDUE_LOOK = 10000, /* nodes that INFO may look at per database */
};

/* What a wheel has due, up to a batch: all pops first, each of which asks for
 * the next node's memory. */
static unsigned pop_batch(struct keyspace *ks, struct wheel *wheel, int64_t now_us,
                          struct wheel_node *due[BATCH])
{
    unsigned steps = BUDGET_STEPS, count = 0;
    while (count < BATCH) {
        struct wheel_node *node = wheel_pop(wheel, ks->now_ms, &steps);
        if (node == NULL) break;
        int64_t lag_us = now_us - node->deadline_ms * 1000;
        histogram_record(ks->expire_lag_us, lag_us > 0 ? (uint64_t)lag_us : 0);
        due[count++] = node;
    }
    return count;
}

/* First the buckets are asked for, then the keys removed. */
static void expire_keys(struct db *db, int64_t now_us)
{
    struct wheel_node *due[BATCH];
    unsigned count = pop_batch(db->keyspace, db->wheel, now_us, due);
    for (unsigned i = 0; i < count; i++)
        hashtable_prefetch(&db->keys, db_hash(entry_key(entry_of_node(due[i]))));
    for (unsigned i = 0; i < count; i++) db_expire_entry(db, entry_of_node(due[i]));
}

/* The same for the fields of some hashes. One with more of them than may go at
 * once returns to the wheel and comes up again first; one whose own time has
 * come, too, goes as a whole. */
static void expire_fields(struct db *db, int64_t now_us)
{
    struct wheel_node *due[BATCH];
    unsigned count = pop_batch(db->keyspace, db->fields_wheel, now_us, due);
    for (unsigned i = 0; i < count; i++)
        hashtable_prefetch(&db->keys, db_hash(fields_key(fields_record_of(due[i]))));
    for (unsigned i = 0; i < count; i++) {
        struct entry *e = fields_entry(db, fields_record_of(due[i]));
        if (entry_is_overdue(db->keyspace, e)) db_expire_entry(db, e);
        else db_expire_fields(db, e, FIELDS_AT_ONCE);
    }
}

static int64_t next_of(const struct wheel *wheel)
{
    return wheel && wheel_count(wheel) ? wheel_next(wheel) : INT64_MAX;
}

/* Works on the wheel whose turn it is; false when neither has anything to do. */
static bool expire_some(struct db *db, int64_t now_us)
{
    int64_t keys_ms = next_of(db->wheel), fields_ms = next_of(db->fields_wheel);
    if (keys_ms > db->keyspace->now_ms && fields_ms > db->keyspace->now_ms) return false;
    if (keys_ms <= fields_ms) expire_keys(db, now_us);
    else expire_fields(db, now_us);
    return true;
}

bool expire_slice(struct keyspace *ks, int64_t now_us, int64_t budget_us)
{
    if (!ks->active_expire || !ks->may_expire || expire_next_ms(ks) > ks->now_ms) return false;
    int64_t start_ns = clock_monotonic_ns(), now_ns = start_ns;
    bool is_left = false;
    for (int i = 0; i < ks->db_count && !is_left; i++) {
        while (!is_left && expire_some(&ks->dbs[i], now_us)) {
            now_ns = clock_monotonic_ns();
            is_left = now_ns - start_ns > budget_us * 1000;
        }
    }
    ks->stats.expire_ns += (uint64_t)(now_ns - start_ns);
    ks->stats.expire_cap_reached += is_left;
    return is_left;
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t expire_next_ms(const struct keyspace *ks)
{
    int64_t next_ms = INT64_MAX;
    if (!ks->active_expire || !ks->may_expire) return next_ms;
    for (int i = 0; i < ks->db_count; i++) {
        const struct db *db = &ks->dbs[i];
        next_ms = earlier(next_ms, earlier(next_of(db->wheel), next_of(db->fields_wheel)));
    }
    return next_ms;
}

static size_t overdue(const struct keyspace *ks, const struct wheel *wheel)
{
    return wheel ? wheel_overdue(wheel, ks->now_ms, OVERDUE_LOOK) : 0;
}

size_t expire_overdue(const struct keyspace *ks)
{
    size_t count = 0;
    for (int i = 0; i < ks->db_count; i++) count += overdue(ks, ks->dbs[i].wheel);
    return count;
}

size_t expire_overdue_fields(const struct keyspace *ks)
{
    size_t count = 0;
    for (int i = 0; i < ks->db_count; i++) count += overdue(ks, ks->dbs[i].fields_wheel);
    return count;
}

static int64_t first_deadline_of(const struct wheel *wheel)
{
    return wheel ? wheel_next_deadline(wheel) : INT64_MAX;
}

int64_t expire_next_deadline_ms(const struct keyspace *ks)
{
    int64_t next_ms = INT64_MAX;
    for (int i = 0; i < ks->db_count; i++) {
        const struct db *db = &ks->dbs[i];
        next_ms = earlier(next_ms,
                          earlier(first_deadline_of(db->wheel), first_deadline_of(db->fields_wheel)));
    }
    return next_ms;
}
