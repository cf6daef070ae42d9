#include "script/api.h"

#include <lauxlib.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/version.h"
#include "core/client.h"
#include "core/propagate.h"
#include "script/call.h"
#include "script/convert.h"
#include "script/host.h"
#include "script/vm.h"

enum { REPL_NONE = 0, REPL_AOF = 1, REPL_REPLICA = 2, REPL_ALL = 3 };

static int raise(lua_State *L, const char *text)
{
    lua_createtable(L, 0, 1);
    lua_pushstring(L, text);
    lua_setfield(L, -2, "err");
    return lua_error(L);
}

static int api_log(lua_State *L)
{
    static const enum log_level levels[] = {LOG_LEVEL_DEBUG, LOG_LEVEL_VERBOSE, LOG_LEVEL_NOTICE,
                                            LOG_LEVEL_WARNING};
    int argc = lua_gettop(L);
    if (argc < 2) return raise(L, "ERR redis.log() requires two arguments or more.");
    if (!lua_isnumber(L, 1)) return raise(L, "ERR First argument must be a number (log level).");
    lua_Number level = lua_tonumber(L, 1);
    if (!(level >= 0 && level <= 3)) return raise(L, "ERR Invalid debug level.");
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (int i = 2; i <= argc; i++) {
        size_t len;
        const char *part = lua_tolstring(L, i, &len);
        if (part == NULL) continue;
        if (i > 2) luaL_addchar(&text, ' ');
        luaL_addlstring(&text, part, len);
    }
    luaL_pushresult(&text);
    log_line(levels[(int)level], "%s", lua_tostring(L, -1));
    return 0;
}

static int api_sha1hex(lua_State *L)
{
    if (lua_gettop(L) != 1) return raise(L, "ERR wrong number of arguments");
    size_t len;
    const char *text = lua_tolstring(L, 1, &len);
    uint8_t digest[20];
    char hex[2 * sizeof digest];
    hash_sha1(text ? text : "", text ? len : 0, digest);
    hash_to_hex(digest, sizeof digest, hex);
    lua_pushlstring(L, hex, sizeof hex);
    return 1;
}

static int reply_table(lua_State *L, const char *field, bool is_error)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
        convert_push_error(L, SLICE("ERR wrong number or type of arguments"));
        return 1;
    }
    const char *text = lua_tostring(L, 1);
    if (is_error && *text == '-') text++;
    lua_newtable(L);
    if (!is_error) lua_pushvalue(L, 1);
    else lua_pushfstring(L, strchr(text, ' ') ? "%s" : "ERR %s", text); /* a word alone is no code */
    lua_setfield(L, -2, field);
    return 1;
}

static int api_error_reply(lua_State *L)
{
    return reply_table(L, "err", true);
}

static int api_status_reply(lua_State *L)
{
    return reply_table(L, "ok", false);
}

static int api_setresp(lua_State *L)
{
    if (lua_gettop(L) != 1) return raise(L, "ERR redis.setresp() requires one argument.");
    lua_Number version = lua_tonumber(L, 1);
    if (version != 2 && version != 3) return raise(L, "ERR RESP version must be 2 or 3.");
    vm_of(L)->host->client->resp = (int)version;
    return 0;
}

/* The append only file and the replicas get one stream: what the file is to get. */
static int api_set_repl(lua_State *L)
{
    if (lua_gettop(L) != 1) return raise(L, "ERR redis.set_repl() requires two arguments.");
    lua_Number flags = lua_tonumber(L, 1);
    if (!(flags >= REPL_NONE && flags <= REPL_ALL))
        return raise(L, "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
    vm_of(L)->host->server->propagation->is_muted = !((int)flags & REPL_AOF);
    return 0;
}

static int api_replicate_commands(lua_State *L)
{
    lua_pushboolean(L, 1);
    return 1;
}

static int api_breakpoint(lua_State *L)
{
    lua_pushboolean(L, 0);
    return 1;
}

static int api_debug(lua_State *L)
{
    (void)L;
    return 0;
}

static const luaL_Reg functions[] = {
    {"acl_check_cmd", call_acl_check_cmd},
    {"call", call_call},
    {"error_reply", api_error_reply},
    {"log", api_log},
    {"pcall", call_pcall},
    {"set_repl", api_set_repl},
    {"setresp", api_setresp},
    {"sha1hex", api_sha1hex},
    {"status_reply", api_status_reply},
    {NULL, NULL},
};

static const luaL_Reg script_functions[] = {
    {"breakpoint", api_breakpoint},
    {"debug", api_debug},
    {"replicate_commands", api_replicate_commands},
    {NULL, NULL},
};

static const struct number {
    const char *name;
    int value;
} numbers[] = {
    {"LOG_DEBUG", 0},
    {"LOG_VERBOSE", 1},
    {"LOG_NOTICE", 2},
    {"LOG_WARNING", 3},
    {"REPL_NONE", REPL_NONE},
    {"REPL_AOF", REPL_AOF},
    {"REPL_SLAVE", REPL_REPLICA},
    {"REPL_REPLICA", REPL_REPLICA},
    {"REPL_ALL", REPL_ALL},
};

void api_open(lua_State *L)
{
    unsigned version[3] = {0};
    lua_newtable(L);
    luaL_register(L, NULL, functions);
    if (vm_of(L)->kind == VM_EVAL) luaL_register(L, NULL, script_functions);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        lua_pushinteger(L, numbers[i].value);
        lua_setfield(L, -2, numbers[i].name);
    }
    sscanf(VERSION_REDIS, "%u.%u.%u", &version[0], &version[1], &version[2]);
    lua_pushliteral(L, VERSION_REDIS);
    lua_setfield(L, -2, "REDIS_VERSION");
    lua_pushinteger(L, (lua_Integer)(version[0] << 16 | version[1] << 8 | version[2]));
    lua_setfield(L, -2, "REDIS_VERSION_NUM");
    lua_setglobal(L, "redis");
}
