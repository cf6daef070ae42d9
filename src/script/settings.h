/* The settings of scripting. script/settings.c has the rows (script_options). */
#ifndef SCRIPT_SETTINGS_H
#define SCRIPT_SETTINGS_H

#include <stdbool.h>

#include "base/option.h"

struct script_settings {
    bool lua_enable_deprecated_api;
};

extern const struct option script_options[];

#endif
