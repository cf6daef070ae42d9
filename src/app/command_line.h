/* The options of redis-server that are answered without a server. */
#ifndef APP_COMMAND_LINE_H
#define APP_COMMAND_LINE_H

#include <stdbool.h>

/* Whether the arguments ask for the version, help or a test: then it has been
 * answered, and *status is the exit status. */
bool command_line_answer(int argc, char *const *argv, int *status);

#endif
