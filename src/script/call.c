#include "script/call.h"

#include <lauxlib.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/number.h"
#include "core/acl_check.h"
#include "core/client.h"
#include "core/dispatch.h"
#include "core/errorstats.h"
#include "core/server.h"
#include "script/convert.h"
#include "script/host.h"
#include "script/run.h"
#include "script/vm.h"

enum { REPLY_ROOM_KEPT = 64 * 1024 };

/* ---- the words ---- */

static void reserve(struct script_host *h, int argc)
{
    if (argc <= h->argv_capacity) return;
    h->argv_capacity = argc + 8;
    h->argv = mem_realloc(h->argv, (size_t)h->argv_capacity * sizeof *h->argv);
}

/* A whole number in full, any other with all its digits. */
static void number_to_text(lua_State *L, int index)
{
    char text[64];
    lua_Number number = lua_tonumber(L, index);
    bool is_whole = number > -1e18 && number < 1e18 && number == (lua_Number)(int64_t)number;
    size_t len = is_whole ? number_print(text, (int64_t)number)
                          : (size_t)snprintf(text, sizeof text, "%.17g", number);
    lua_pushlstring(L, text, len);
    lua_replace(L, index);
}

/* The words stay on the stack while the command runs. */
static bool gather(lua_State *L, struct script_host *h, int argc)
{
    reserve(h, argc);
    for (int i = 0; i < argc; i++) {
        int type = lua_type(L, i + 1);
        if (type == LUA_TNUMBER) number_to_text(L, i + 1);
        else if (type != LUA_TSTRING) return false;
        h->argv[i].ptr = lua_tolstring(L, i + 1, &h->argv[i].len);
    }
    return true;
}

/* ---- the checks ---- */

static const char *why_not(const struct script_host *h, const struct command_state *command, int argc)
{
    const struct run *run = h->run;
    const struct command *row = command ? command->row : NULL;
    if (row == NULL || (row->run == NULL && argc > 1)) return "ERR Unknown Redis command called from script";
    if (!command_arity_fits(row, argc) || row->run == NULL)
        return "ERR Wrong number of args calling Redis command from script";
    if (row->flags & CMD_NOSCRIPT) return "ERR This Redis command is not allowed from script";
    if (run->is_readonly && row->flags & (CMD_WRITE | CMD_MAY_REPLICATE))
        return "ERR Write commands are not allowed from read-only scripts.";
    if (row->flags & CMD_WRITE && h->server->write_refusal) return h->server->write_refusal;
    if (run->is_short_of_memory && !run->has_written && row->flags & CMD_DENYOOM)
        return "OOM command not allowed when used memory > 'maxmemory'.";
    return NULL;
}

/* Whether the user whose script it is may do this; else pushes the error. */
static bool is_permitted(lua_State *L, struct script_host *h, const struct command_state *command, int argc)
{
    struct client *caller = h->run->call->client;
    struct buffer why = {0};
    if (!(caller->flags & CLIENT_RESTRICTED) || dispatch_permits(caller, command, argc, h->argv, &why))
        return true;
    static const char prefix[] = "NOPERM ";
    buffer_consume(&why, sizeof prefix - 1);
    buffer_clear(&h->error);
    buffer_printf(&h->error, "ERR ACL failure in script: %s", why.data);
    buffer_fini(&why);
    errorstats_count(h->server->errorstats, buffer_slice(&h->error));
    convert_push_error(L, buffer_slice(&h->error));
    return false;
}

/* ---- the call ---- */

/* Pushes what the command answers; true: an error. */
static bool execute(lua_State *L, struct script_host *h, struct command_state *command, int argc)
{
    struct client *c = h->client;
    output_clear(&c->out);
    if (command->row->flags & CMD_WRITE) h->run->has_written = true;
    dispatch_run(c, command, argc, h->argv);
    struct slice reply = output_peek(&c->out, &h->reply);
    bool is_error = reply.len && reply.ptr[0] == '-';
    if (!convert_to_lua(L, reply)) lua_pushboolean(L, 0);
    output_clear(&c->out);
    if (h->reply.cap > REPLY_ROOM_KEPT) buffer_fini(&h->reply);
    return is_error;
}

static int call(lua_State *L, bool raises)
{
    struct script_host *h = vm_of(L)->host;
    int argc = lua_gettop(L);
    struct command_state *command = NULL;
    const char *refusal = NULL;
    if (h->run == NULL)
        return luaL_error(L, "redis.call/pcall can only be called inside a script invocation");
    if (argc == 0) {
        refusal = "ERR Please specify at least one argument for this redis lib call";
    } else if (!gather(L, h, argc)) {
        refusal = "ERR Lua redis lib command arguments must be strings or integers";
    } else {
        command = dispatch_find(h->client, argc, h->argv);
        refusal = why_not(h, command, argc);
    }
    bool is_error = true;
    if (refusal) {
        errorstats_count(h->server->errorstats, slice_of(refusal));
        convert_push_error(L, slice_of(refusal));
    } else if (is_permitted(L, h, command, argc)) {
        is_error = execute(L, h, command, argc);
    }
    return is_error && raises ? lua_error(L) : 1;
}

int call_call(lua_State *L)
{
    return call(L, true);
}

int call_pcall(lua_State *L)
{
    return call(L, false);
}

/* Whether the user who runs the script may run the command. */
int call_acl_check_cmd(lua_State *L)
{
    struct script_host *h = vm_of(L)->host;
    int argc = lua_gettop(L);
    const char *refusal = NULL;
    const struct command_state *command = NULL;
    if (h->run == NULL)
        return luaL_error(L, "redis.acl_check_cmd can only be called inside a script invocation");
    if (argc == 0) refusal = "ERR Please specify at least one argument for this redis lib call";
    else if (!gather(L, h, argc)) refusal = "ERR Lua redis lib command arguments must be strings or integers";
    else if ((command = command_find(h->server->commands, argc, h->argv)) == NULL)
        refusal = "ERR Invalid command passed to redis.acl_check_cmd()";
    if (refusal) {
        convert_push_error(L, slice_of(refusal));
        return lua_error(L);
    }
    int argument;
    const struct acl_user *user = h->run->call->client->user;
    lua_pushboolean(L, acl_check_command(h->server->acl, user, command, argc, h->argv, &argument) ==
                           ACL_ALLOWED);
    return 1;
}
