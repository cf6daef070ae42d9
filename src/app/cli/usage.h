/* What --help and --version say. */
#ifndef APP_CLI_USAGE_H
#define APP_CLI_USAGE_H

#include <stdio.h>

/* The version of Redis whose behaviour this program has. */
#define USAGE_VERSION "7.2.4"

void usage_print(FILE *to);

#endif
