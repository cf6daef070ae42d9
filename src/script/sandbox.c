#include "script/sandbox.h"

#include <lauxlib.h>
#include <limits.h>
#include <lualib.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "script/guard.h"
#include "script/host.h"
#include "script/vm.h"

enum {
    PATTERN_MAX = 8192,    /* bytes; what is longer could need more stack than there is */
    RESUME_DEPTH_MAX = 150 /* coroutines that wait for each other; each takes some stack */
};

/* Keys that no script can have: addresses. proxy_key in a metatable: the real
 * table. The others in the registry. */
static const char proxy_key, globals_key;

static void set_registry(lua_State *L, const char *key) /* pops the value */
{
    lua_pushlightuserdata(L, (void *)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

static void push_registry(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

void sandbox_push_globals(lua_State *L)
{
    push_registry(L, &globals_key);
}

/* ---- proxies ---- */

static int refuse_write(lua_State *L)
{
    return luaL_error(L, "Attempt to modify a readonly table");
}

static int refuse_unknown(lua_State *L)
{
    const char *name = lua_tostring(L, 2);
    return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", name ? name : "?");
}

/* Pushes the real table behind a proxy; false, and nothing, if it is none. */
static bool push_real(lua_State *L, int index)
{
    if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
    lua_pushlightuserdata(L, (void *)&proxy_key);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_isnil(L, -1)) return true;
    lua_pop(L, 1);
    return false;
}

static bool is_proxy(lua_State *L, int index)
{
    if (!push_real(L, index)) return false;
    lua_pop(L, 1);
    return true;
}

/* Replaces the table at the top by its proxy and the proxy's metatable. */
static void make_proxy(lua_State *L)
{
    lua_newtable(L); /* the proxy */
    lua_newtable(L); /* its metatable */
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushlightuserdata(L, (void *)&proxy_key);
    lua_pushvalue(L, -4);
    lua_rawset(L, -3);
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -3);
    lua_remove(L, -3);
}

void sandbox_protect(lua_State *L)
{
    make_proxy(L);
    lua_pop(L, 1);
}

/* ---- functions that would get past a proxy ---- */

static int safe_rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (is_proxy(L, 1)) {
        lua_pushliteral(L, "Attempt to modify a readonly table");
        return lua_error(L);
    }
    lua_rawset(L, 1);
    return 1;
}

static int safe_rawget(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    if (push_real(L, 1)) lua_replace(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int safe_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (push_real(L, 1)) lua_replace(L, 1);
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

static int safe_pairs(lua_State *L) /* upvalue: next */
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int safe_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    bool proxy = is_proxy(L, 1);
    if (!lua_getmetatable(L, 1)) lua_pushnil(L);
    else luaL_getmetafield(L, 1, "__metatable");
    if (proxy && !lua_istable(L, -1)) lua_pushnil(L);
    return 1;
}

/* ---- functions that are called behind a check: upvalue 1 is Lua's own ---- */

static int call_original(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int call_on_writable(lua_State *L)
{
    if (is_proxy(L, 1)) {
        lua_pushliteral(L, "Attempt to modify a readonly table");
        return lua_error(L);
    }
    return call_original(L);
}

/* The matcher calls itself for each ( and each repetition. */
static int call_with_pattern(lua_State *L)
{
    static const char recursive[] = "(*+-?";
    size_t len = 0;
    const char *pattern = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &len) : "";
    for (size_t i = 0; len > PATTERN_MAX && i < len; i++)
        if (memchr(recursive, pattern[i], sizeof recursive - 1)) return luaL_error(L, "pattern too complex");
    return call_original(L);
}

static int call_find(lua_State *L)
{
    bool is_plain = lua_toboolean(L, 4);
    return is_plain ? call_original(L) : call_with_pattern(L);
}

static int call_collector(lua_State *L)
{
    vm_of(L)->gc_was_tuned = true;
    return call_original(L);
}

/* ---- functions of our own in the place of Lua's ---- */

/* An error that is a table with a text is that text to a script. */
static int safe_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    lua_pushboolean(L, status == 0);
    lua_insert(L, 1);
    if (status && lua_istable(L, 2)) {
        lua_pushliteral(L, "err");
        lua_rawget(L, 2);
        if (lua_isstring(L, -1)) lua_replace(L, 2);
        else lua_pop(L, 1);
    }
    return lua_gettop(L);
}

static int finish_load(lua_State *L, int text, const char *chunk_name)
{
    size_t len;
    const char *source = lua_tolstring(L, text, &len);
    if (vm_compile(L, source, len, chunk_name)) return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int safe_loadstring(lua_State *L)
{
    luaL_checkstring(L, 1);
    return finish_load(L, 1, luaL_optstring(L, 2, lua_tostring(L, 1)));
}

/* All pieces are read before the parser sees the first: while it works, no code of
 * the script runs. */
static int safe_load(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_pushliteral(L, "=(load)");
        lua_replace(L, 2);
    }
    const char *chunk_name = luaL_checkstring(L, 2);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (;;) {
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        if (!lua_isnil(L, -1) && !lua_isstring(L, -1))
            return luaL_error(L, "reader function must return a string");
        if (lua_isnil(L, -1) || lua_objlen(L, -1) == 0) break;
        luaL_addvalue(&text);
    }
    lua_pop(L, 1);
    luaL_pushresult(&text);
    return finish_load(L, lua_gettop(L), chunk_name);
}

static int safe_unpack(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int from = luaL_optint(L, 2, 1);
    int to = lua_isnoneornil(L, 3) ? (int)lua_objlen(L, 1) : luaL_checkint(L, 3);
    if (from > to) return 0;
    int64_t count = (int64_t)to - from + 1;
    if (count >= INT_MAX || !lua_checkstack(L, (int)count))
        return luaL_error(L, "too many results to unpack");
    for (int i = 0; i < (int)count; i++) lua_rawgeti(L, 1, from + i);
    return (int)count;
}

static int safe_rep(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Number count = luaL_checknumber(L, 2);
    luaL_Buffer result;
    luaL_buffinit(L, &result);
    if (len && count * (double)len > INT_MAX) return luaL_error(L, "resulting string too large");
    for (int i = 0; len && i < (int)count; i++) luaL_addlstring(&result, text, len);
    luaL_pushresult(&result);
    return 1;
}

static int safe_random(lua_State *L)
{
    double r = host_random(vm_of(L)->host);
    switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, r); return 1;
    case 1:
        lua_pushinteger(L, 1);
        lua_insert(L, 1);
        break;
    case 2: break;
    default: return luaL_error(L, "wrong number of arguments");
    }
    int low = luaL_checkint(L, 1), high = luaL_checkint(L, 2);
    luaL_argcheck(L, low <= high, 2, "interval is empty");
    lua_pushnumber(L, (double)(int64_t)(r * ((double)high - low + 1)) + low);
    return 1;
}

static int safe_randomseed(lua_State *L)
{
    host_seed(vm_of(L)->host, luaL_checkint(L, 1));
    return 0;
}

/* ---- coroutines ---- */

/* Why a coroutine cannot be resumed from L; NULL: it can. */
static const char *why_not_resume(lua_State *L, lua_State *coroutine)
{
    lua_Debug frame;
    int status = lua_status(coroutine);
    if (coroutine == L) return "cannot resume running coroutine";
    if (status == LUA_YIELD) return NULL;
    if (status != 0) return "cannot resume dead coroutine";
    if (lua_getstack(coroutine, 0, &frame)) return "cannot resume normal coroutine";
    return lua_gettop(coroutine) ? NULL : "cannot resume dead coroutine";
}

/* Moves count values to the coroutine and lets it run. Returns how many it gave,
 * moved here; or -1, with the error on top. */
static int resume(lua_State *L, lua_State *coroutine, int count)
{
    struct vm *vm = vm_of(L);
    const char *refusal = why_not_resume(L, coroutine);
    if (refusal == NULL && vm->resume_depth >= RESUME_DEPTH_MAX) refusal = "C stack overflow";
    if (refusal == NULL && !lua_checkstack(coroutine, count)) refusal = "too many arguments to resume";
    if (refusal) {
        lua_pushstring(L, refusal);
        return -1;
    }
    lua_xmove(L, coroutine, count);
    vm->resume_depth++;
    int status = lua_resume(coroutine, count);
    vm->resume_depth--;
    count = status == 0 || status == LUA_YIELD ? lua_gettop(coroutine) : -1;
    if (count >= 0 && !lua_checkstack(L, count + 1)) return luaL_error(L, "too many results to resume");
    lua_xmove(coroutine, L, count >= 0 ? count : 1);
    return count;
}

static int safe_resume(lua_State *L)
{
    lua_State *coroutine = lua_tothread(L, 1);
    luaL_argcheck(L, coroutine, 1, "coroutine expected");
    int count = resume(L, coroutine, lua_gettop(L) - 1);
    lua_pushboolean(L, count >= 0);
    if (count < 0) count = 1;
    lua_insert(L, -1 - count);
    return count + 1;
}

static int run_wrapped(lua_State *L) /* upvalue: the coroutine */
{
    int count = resume(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L));
    if (count >= 0) return count;
    if (lua_isstring(L, -1)) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int safe_wrap(lua_State *L)
{
    luaL_argcheck(L, lua_isfunction(L, 1) && !lua_iscfunction(L, 1), 1, "Lua function expected");
    lua_State *coroutine = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    lua_pushcclosure(L, run_wrapped, 1);
    return 1;
}

/* ---- opening ---- */

static const struct replacement {
    const char *library; /* NULL: a global function */
    const char *name;
    lua_CFunction function;
    bool wraps; /* gets Lua's own as its upvalue */
} replacements[] = {
    {NULL, "collectgarbage", call_collector, true},
    {NULL, "getmetatable", safe_getmetatable, false},
    {NULL, "load", safe_load, false},
    {NULL, "loadstring", safe_loadstring, false},
    {NULL, "next", safe_next, false},
    {NULL, "pcall", safe_pcall, false},
    {NULL, "rawget", safe_rawget, false},
    {NULL, "rawset", safe_rawset, false},
    {NULL, "setmetatable", call_on_writable, true},
    {NULL, "unpack", safe_unpack, false},
    {LUA_COLIBNAME, "resume", safe_resume, false},
    {LUA_COLIBNAME, "wrap", safe_wrap, false},
    {LUA_MATHLIBNAME, "random", safe_random, false},
    {LUA_MATHLIBNAME, "randomseed", safe_randomseed, false},
    {LUA_STRLIBNAME, "find", call_find, true},
    {LUA_STRLIBNAME, "gfind", call_with_pattern, true},
    {LUA_STRLIBNAME, "gmatch", call_with_pattern, true},
    {LUA_STRLIBNAME, "gsub", call_with_pattern, true},
    {LUA_STRLIBNAME, "match", call_with_pattern, true},
    {LUA_STRLIBNAME, "rep", safe_rep, false},
    {LUA_TABLIBNAME, "insert", call_on_writable, true},
};

static void replace(lua_State *L, const struct replacement *r)
{
    if (r->library) lua_getglobal(L, r->library);
    else lua_pushvalue(L, LUA_GLOBALSINDEX);
    if (r->wraps) lua_getfield(L, -1, r->name);
    lua_pushcclosure(L, r->function, r->wraps);
    lua_setfield(L, -2, r->name);
    lua_pop(L, 1);
}

static void open_library(lua_State *L, lua_CFunction open, const char *name)
{
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 0);
}

void sandbox_open(lua_State *L)
{
    static const char *const absent[] = {"dofile", "loadfile", "print"};
    static const char *const deprecated[] = {"getfenv", "newproxy", "setfenv"};
    open_library(L, luaopen_base, "");
    open_library(L, luaopen_table, LUA_TABLIBNAME);
    open_library(L, luaopen_string, LUA_STRLIBNAME);
    open_library(L, luaopen_math, LUA_MATHLIBNAME);
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++) replace(L, &replacements[i]);
    lua_getglobal(L, "next");
    lua_pushcclosure(L, safe_pairs, 1);
    lua_setglobal(L, "pairs");
    guard_open(L);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        lua_pushnil(L);
        lua_setglobal(L, absent[i]);
    }
    bool keeps = vm_of(L)->host->settings->lua_enable_deprecated_api;
    for (size_t i = 0; !keeps && i < sizeof deprecated / sizeof *deprecated; i++) {
        lua_pushnil(L);
        lua_setglobal(L, deprecated[i]);
    }
}

/* Strings have one metatable: they go on finding the real library, a script that
 * asks for the metatable sees the proxy's. Library: the proxy, at the top. */
static void protect_strings(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_newtable(L);
    lua_pushvalue(L, -4);
    lua_setfield(L, -2, "__index");
    sandbox_protect(L);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

static void protect_libraries(lua_State *L)
{
    static const char *const libraries[] = {"bit",   "cjson",        LUA_COLIBNAME, LUA_MATHLIBNAME,
                                            "redis", LUA_TABLIBNAME, LUA_STRLIBNAME};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        lua_getglobal(L, libraries[i]);
        sandbox_protect(L);
        if (strcmp(libraries[i], LUA_STRLIBNAME) == 0) protect_strings(L);
        lua_setglobal(L, libraries[i]);
    }
}

/* Gives the table at the top a metatable that finds nothing. */
static void refuse_unknown_in(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, refuse_unknown);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

void sandbox_close(lua_State *L)
{
    protect_libraries(L);
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    set_registry(L, &globals_key);
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    refuse_unknown_in(L);
    make_proxy(L);
    lua_newtable(L); /* what getmetatable(_G) shows */
    lua_pushcfunction(L, refuse_unknown);
    lua_setfield(L, -2, "__index");
    sandbox_protect(L);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_setglobal(L, "_G");
    lua_replace(L, LUA_GLOBALSINDEX);
}
