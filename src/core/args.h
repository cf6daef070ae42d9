/* Reading arguments: each function answers the client with the reference's
 * error and returns false when the argument is not what it should be. */
#ifndef CORE_ARGS_H
#define CORE_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "core/client.h"

/* error: what to answer; NULL: "ERR value is not an integer or out of range". */
bool args_int(struct client *c, struct slice arg, int64_t *value, const char *error);

/* An integer between min and max, both inclusive. */
bool args_int_between(struct client *c, struct slice arg, int64_t min, int64_t max, int64_t *value,
                      const char *error);

/* NULL: "ERR value is not a valid float". */
bool args_double(struct client *c, struct slice arg, double *value, const char *error);
bool args_long_double(struct client *c, struct slice arg, long double *value, const char *error);

/* The arguments of the commands that pop from the first of several keys: from
 * argument `at` on numkeys and so many keys, behind which one word at least is to
 * follow; [COUNT count] to the end, which leaves *count as it is where absent. */
bool args_pop_keys(struct call *call, int at, int *key_count);
bool args_pop_count(struct call *call, int at, int64_t *count);

/* How long to wait: seconds with a fraction, 0 for ever; to whole ms, rounded up. */
bool args_timeout(struct client *c, struct slice arg, int64_t *timeout_ms);

/* The database of this number. */
bool args_db(struct client *c, struct slice arg, struct db **db, const char *error);

/* A relative or absolute time in s or ms as a deadline in ms since the
 * epoch. Overflow is "invalid expire time in 'name' command". */
bool args_deadline(struct call *call, struct slice arg, bool in_seconds, bool relative, int64_t *deadline_ms);

/* The same, but only what is positive will do. */
bool args_deadline_positive(struct call *call, struct slice arg, bool in_seconds, bool relative,
                            int64_t *deadline_ms);

#endif
