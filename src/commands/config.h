/* CONFIG GET, SET, REWRITE, RESETSTAT, HELP. */
#ifndef COMMANDS_CONFIG_H
#define COMMANDS_CONFIG_H

#include "core/command.h"

extern const struct command config_commands[];

#endif
