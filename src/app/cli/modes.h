/* The modes beside running commands: transfers, surveys, measurements. Each
 * connects by itself and returns the exit status. */
#ifndef APP_CLI_MODES_H
#define APP_CLI_MODES_H

#include "app/cli/session.h"

/* Runs the mode that the options chose. */
int modes_run(struct session *s);

#endif
