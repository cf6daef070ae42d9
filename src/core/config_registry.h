/* The inside of struct config, for config.c, config_file.c and
 * config_rewrite.c alone. */
#ifndef CORE_CONFIG_REGISTRY_H
#define CORE_CONFIG_REGISTRY_H

#include "core/config.h"

struct config_reset {
    void (*reset)(void *module);
    void *module;
};

struct config {
    struct directive *directives;
    int directive_count;
    struct config_reset *resets;
    int reset_count;
    char *path; /* absolute; empty: no file */
};

#endif
