/* --notify fanout: how many messages a second reach many subscribers, and what
 * one costs the server. */
#ifndef APP_BENCHMARK_NOTIFY_FANOUT_H
#define APP_BENCHMARK_NOTIFY_FANOUT_H

#include "app/benchmark/notify_session.h"

void notify_fanout_run(struct notify_session *s);

#endif
