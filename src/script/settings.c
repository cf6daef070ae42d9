#include "script/settings.h"

#define OPTION_SETTINGS struct script_settings

const struct option script_options[] = {
    {"lua-enable-deprecated-api", NULL, BOOL_AT(lua_enable_deprecated_api), "no", 0, 0,
     OPTION_IMMUTABLE | OPTION_HIDDEN},
    {0},
};
