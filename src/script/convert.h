/* Between replies and Lua values, both protocols. */
#ifndef SCRIPT_CONVERT_H
#define SCRIPT_CONVERT_H

#include <lua.h>
#include <stdbool.h>

#include "base/slice.h"
#include "core/client.h"

/* Pushes what a reply in the form of the wire stands for; false, and nothing is
 * pushed, if it is not one whole reply. */
bool convert_to_lua(lua_State *L, struct slice reply);

/* Pushes the table that an error is to a script. Its errors are counted already. */
void convert_push_error(lua_State *L, struct slice text);

/* Answers the client with the value at the top, and pops it. Booleans are what they
 * are in the protocol that the script chose. */
void convert_to_reply(lua_State *L, struct client *c, int script_resp);

#endif
