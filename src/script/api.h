/* The table `redis` of scripts. */
#ifndef SCRIPT_API_H
#define SCRIPT_API_H

#include <lua.h>

void api_open(lua_State *L); /* sets the global */

#endif
