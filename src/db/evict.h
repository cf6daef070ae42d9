/* Eviction: how recently or often a key was used, and whom to remove when
 * memory is short.
 *
 * The 24 bits of an entry's access field hold, under an LFU policy, 16 bits of
 * minutes (when the count was last lowered) and a logarithmic count of 8 bits;
 * otherwise the second of the last access, modulo 2^24. */
#ifndef DB_EVICT_H
#define DB_EVICT_H

#include "db/keyspace.h"

enum evict_result {
    EVICT_FITS,    /* memory is below the limit */
    EVICT_RUNNING, /* still above; time is up, call again soon */
    EVICT_FAILED,  /* still above, and nothing more can be evicted */
};

/* Counts a use of the entry under LFU. */
void evict_count_use(struct keyspace *ks, struct entry *e);

static inline void evict_touch(struct keyspace *ks, struct entry *e)
{
    if (__builtin_expect(ks->settings.maxmemory_policy & EVICT_LFU, 0)) evict_count_use(ks, e);
    else e->access = ks->access_clock & 0xffffff;
}

/* The access field of a new entry. */
uint32_t evict_initial_access(const struct keyspace *ks);

/* What the field says, as OBJECT IDLETIME and FREQ answer. */
int64_t evict_idle_s(const struct keyspace *ks, const struct entry *e);
unsigned evict_frequency(const struct keyspace *ks, const struct entry *e);

/* Sets them, as what another server knew of a key. */
void evict_set_idle_s(const struct keyspace *ks, struct entry *e, int64_t idle_s);
void evict_set_frequency(const struct keyspace *ks, struct entry *e, unsigned frequency);

/* Memory that counts against maxmemory. */
size_t evict_memory_used(const struct keyspace *ks);

/* Evicts until memory fits, at most for the time that the tenacity setting
 * allows. Tells `evicted` for each key. */
enum evict_result evict_run(struct keyspace *ks);

#endif
