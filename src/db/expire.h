/* Active expiry: removes keys, and fields of hashes, the moment they are due,
 * in order of their deadlines, in slices between which clients are served. */
#ifndef DB_EXPIRE_H
#define DB_EXPIRE_H

#include "db/keyspace.h"

/* Works off what is due at ks->now_ms, for about budget_us; now_us is the
 * precise wall clock, for the lag. Returns true when work is left. */
bool expire_slice(struct keyspace *ks, int64_t now_us, int64_t budget_us);

/* When expire_slice will next have something to do, in wall-clock ms;
 * INT64_MAX: never, as things are. */
int64_t expire_next_ms(const struct keyspace *ks);

/* For INFO: keys due and still there, hashes with such fields (both look at a
 * bounded number), and the earliest deadline of all keys and fields, INT64_MAX
 * when there is none. */
size_t expire_overdue(const struct keyspace *ks);
size_t expire_overdue_fields(const struct keyspace *ks);
int64_t expire_next_deadline_ms(const struct keyspace *ks);

#endif
