/* The inside of struct config, for config.c, config_file.c and
 * config_rewrite.c alone. */
#ifndef CORE_CONFIG_REGISTRY_H
#define CORE_CONFIG_REGISTRY_H

#include "core/config.h"

struct config {
    struct directive *directives;
    int directive_count;
    char *path; /* absolute; empty: no file */
};

#endif
