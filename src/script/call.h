/* redis.call and redis.pcall: a command of a script, with its checks. */
#ifndef SCRIPT_CALL_H
#define SCRIPT_CALL_H

#include <lua.h>

int call_call(lua_State *L);
int call_pcall(lua_State *L);
int call_acl_check_cmd(lua_State *L);

#endif
