/* --notify expired: how long after its deadline is a key announced as expired,
 * among many others that are volatile too (--background) or due at the same
 * time (--mass).
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
