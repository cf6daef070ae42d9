/* The `help` of the interactive mode. */
#ifndef APP_CLI_HELP_H
#define APP_CLI_HELP_H

#include "app/cli/docs.h"

/* Prints about the words after `help`: none, "@group", or a command. */
void help_print(const struct docs *docs, int argc, const struct slice *argv, bool colours);

#endif
