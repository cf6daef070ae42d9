#include "script/guard.h"

#include <lauxlib.h>
#include <lua-bitop.h>
#include <lua-cjson.h>

enum { TEXT_MAX = 1 << 29, ESCAPED_BYTES = 6, ITEM_BYTES = 32 };

/* ---- cjson ---- */

/* At most so many bytes of JSON would a value become; stops counting beyond
 * TEXT_MAX, and where nesting is too deep for cjson, too. */
static double encoded_bytes(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING) return (double)lua_objlen(L, index) * ESCAPED_BYTES + ITEM_BYTES;
    if (!lua_istable(L, index) || !lua_checkstack(L, 3)) return ITEM_BYTES;
    double bytes = ITEM_BYTES;
    lua_pushnil(L);
    while (bytes <= TEXT_MAX && lua_next(L, index)) {
        int value = lua_gettop(L);
        bytes += encoded_bytes(L, value - 1) + encoded_bytes(L, value);
        lua_pop(L, 1);
    }
    if (bytes > TEXT_MAX) lua_settop(L, index);
    return bytes;
}

static int encode(lua_State *L) /* upvalue: cjson's own */
{
    luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
    if (encoded_bytes(L, 1) > TEXT_MAX) return luaL_error(L, "the JSON text would be too large");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int decode(lua_State *L)
{
    luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
    if (lua_objlen(L, 1) > TEXT_MAX) return luaL_error(L, "the JSON text is too large");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static void wrap(lua_State *L, const char *name, lua_CFunction with)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, with, 1);
    lua_setfield(L, -2, name);
}

static int new_cjson(lua_State *L) /* upvalue: cjson's own */
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 0, 1);
    wrap(L, "encode", encode);
    wrap(L, "decode", decode);
    wrap(L, "new", new_cjson);
    return 1;
}

/* ---- bit ---- */

static int tohex(lua_State *L)
{
    enum { DIGITS = 8 };
    if (lua_gettop(L) > 1) {
        lua_Number digits = luaL_checknumber(L, 2);
        lua_settop(L, 1);
        lua_pushnumber(L, digits > DIGITS ? DIGITS : digits < -DIGITS ? -DIGITS : digits);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

void guard_open(lua_State *L)
{
    lua_pushcfunction(L, luaopen_cjson);
    lua_call(L, 0, 1);
    wrap(L, "encode", encode);
    wrap(L, "decode", decode);
    wrap(L, "new", new_cjson);
    lua_setglobal(L, "cjson");
    lua_pushcfunction(L, luaopen_bit);
    lua_call(L, 0, 1);
    wrap(L, "tohex", tohex);
    lua_setglobal(L, "bit");
}
