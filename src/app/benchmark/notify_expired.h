/* --notify expired: how long after its deadline is a key announced as expired,
 * among many others that are volatile too (--background) or due at the same
 * time (--mass). With --fields the probes are fields of hashes, whose names the
 * subkey channel of `hexpired` tells.
 *
 * A key is gone when the clock, in whole milliseconds, is past its deadline;
 * so its first possible moment is deadline + 1 ms. The lag is counted from the
 * deadline on the machine's wall clock, which the server must share. An
 * announcement is early when it is read while the clock is not yet past. */
#ifndef APP_BENCHMARK_NOTIFY_EXPIRED_H
#define APP_BENCHMARK_NOTIFY_EXPIRED_H

#include "app/benchmark/notify_session.h"

void notify_expired_run(struct notify_session *s);

#endif
