/* cjson and bit, the libraries of others, with checks in front of what they do not
 * check themselves: sizes beyond an int, which end the process, and a count of
 * digits that overflows. */
#ifndef SCRIPT_GUARD_H
#define SCRIPT_GUARD_H

#include <lua.h>

void guard_open(lua_State *L); /* sets the globals cjson and bit */

#endif
