/* The interactive mode: reads lines, runs commands until the user leaves. */
#ifndef APP_CLI_REPL_H
#define APP_CLI_REPL_H

#include "app/cli/session.h"

/* Returns the exit status. */
int repl_run(struct session *session);

#endif
