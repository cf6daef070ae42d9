/* What the notification benchmarks share: the server's setting, changed for
 * the time of the run, and its process. */
#ifndef APP_BENCHMARK_NOTIFY_SESSION_H
#define APP_BENCHMARK_NOTIFY_SESSION_H

#include <stdint.h>
#include <sys/types.h>

#include "app/benchmark/link.h"
#include "app/benchmark/options.h"

struct notify_session {
    const struct options *options;
    struct link *link;
    struct link *restoring; /* kept for the end, however it comes */
    char *before;           /* the setting as it was */
    pid_t pid;              /* the server's; 0 when unknown or elsewhere */
};

/* Remembers the setting; it is put back at notify_session_end, and also when
 * the program ends by exit, SIGINT or SIGTERM, for which the session itself
 * lives until then. */
struct notify_session *notify_session_begin(const struct options *o);
void notify_session_set(struct notify_session *s, const char *letters);
void notify_session_end(struct notify_session *s);

#endif
