/* The watchdog: work that takes longer than allowed gets its stack written
 * to the log, by SIGALRM, while it goes on. One for the process. */
#ifndef BASE_WATCHDOG_H
#define BASE_WATCHDOG_H

#include <stdint.h>

/* Work begins; unless watchdog_stop follows within period_ms, it is told
 * once. Both calls are for the main thread. */
void watchdog_start(int64_t period_ms);
void watchdog_stop(void);

#endif
