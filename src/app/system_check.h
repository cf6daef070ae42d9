/* What about this machine keeps a server from doing well: said at start, and
 * by --check-system. */
#ifndef APP_SYSTEM_CHECK_H
#define APP_SYSTEM_CHECK_H

#include <stdint.h>

/* Logs a warning for each thing that is amiss. */
void system_check_at_start(int64_t tcp_backlog);

/* Prints all checks and their outcome; returns how many found something. */
int system_check_print(void);

#endif
