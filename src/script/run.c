#include "script/run.h"

#include <lauxlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/client.h"
#include "core/dispatch.h"
#include "core/monitor.h"
#include "core/network.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "script/convert.h"
#include "script/host.h"
#include "script/sandbox.h"

enum { CLIENT_OF_USER = CLIENT_RESTRICTED | CLIENT_READS_SOME };
enum { HOOK_INSTRUCTIONS = 100000 };

/* Where the state's own stack holds what every run needs. */
enum { SLOT_HANDLER = 1, SLOT_RUNNER };

/* ---- errors ---- */

/* The frame that the error is in: not a C function's, if there is another. */
static bool find_frame(lua_State *L, lua_Debug *frame)
{
    if (!lua_getstack(L, 1, frame)) return false;
    lua_getinfo(L, "Sl", frame);
    if (*frame->what != 'C' || !lua_getstack(L, 2, frame)) return true;
    lua_getinfo(L, "Sl", frame);
    return true;
}

/* Puts the error at index 1 into words, in host->error. An error in a table that a
 * command gave is counted already; what is left is whether this one was. */
static int describe(lua_State *L)
{
    struct script_host *h = vm_of(L)->host;
    struct buffer *to = &h->error;
    lua_Debug frame;
    bool has_frame = find_frame(L, &frame), is_counted = false;
    buffer_clear(to);
    if (lua_istable(L, 1)) {
        lua_pushliteral(L, "ignore_error_stats_update");
        lua_rawget(L, 1);
        is_counted = lua_toboolean(L, -1);
        lua_pushliteral(L, "err");
        lua_rawget(L, 1);
        const char *text = lua_tostring(L, -1);
        buffer_append_text(to, text ? text : "ERR unknown error");
    } else {
        lua_settop(L, 1);
        lua_getglobal(L, "tostring");
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
        buffer_printf(to, "ERR %s", lua_tostring(L, -1));
    }
    buffer_printf(to, " script: %s", h->run->name);
    if (has_frame) buffer_printf(to, ", on %s:%d.", frame.source, frame.currentline);
    lua_pushboolean(L, is_counted);
    return 1;
}

static void reply_failure(struct run *run, int status)
{
    struct script_host *h = run->vm->host;
    struct client *c = run->call->client;
    lua_State *L = run->vm->L;
    bool is_described = status == LUA_ERRRUN && lua_isboolean(L, -1);
    if (!is_described) {
        buffer_clear(&h->error);
        buffer_printf(&h->error, "ERR %s script: %s",
                      status == LUA_ERRMEM ? "not enough memory" : "error in error handling", run->name);
    }
    if (is_described && lua_toboolean(L, -1)) reply_error_again(c, h->error.data);
    else reply_error(c, h->error.data);
}

/* ---- time ---- */

int64_t run_duration_ms(const struct run *run)
{
    return (int64_t)(clock_ticks_to_ns(clock_ticks() - run->start_ticks) / 1000000);
}

const char *run_busy_error(enum vm_kind kind)
{
    return kind == VM_EVAL ? "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN "
                             "NOSAVE."
                           : "BUSY Redis is busy running a script. You can only call FUNCTION KILL or "
                             "SHUTDOWN NOSAVE.";
}

static void become_busy(struct run *run)
{
    struct server *server = run->vm->host->server;
    log_warning("Slow script detected: still in execution after %lld milliseconds. You can try killing the "
                "script using the %s command. Script name is: %s.",
                (long long)run_duration_ms(run), run->vm->kind == VM_EVAL ? "SCRIPT KILL" : "FUNCTION KILL",
                run->name);
    run->is_busy = true;
    server->busy_error = run_busy_error(run->vm->kind);
    dispatch_refresh_checks(server);
}

/* While a run is to end, each instruction fails, so that no pcall holds it up. */
static int end_run(lua_State *L)
{
    lua_sethook(L, lua_gethook(L), LUA_MASKCOUNT, 1);
    convert_push_error(L, SLICE("ERR Script killed by user with SCRIPT KILL..."));
    lua_pushnil(L);
    lua_setfield(L, -2, "ignore_error_stats_update");
    return lua_error(L);
}

static void count_hook(lua_State *L, lua_Debug *event)
{
    struct script_host *h = vm_of(L)->host;
    struct run *run = h->run;
    (void)event;
    if (run && run->is_killed) end_run(L);
    if (lua_gethookcount(L) != HOOK_INSTRUCTIONS)
        lua_sethook(L, count_hook, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    if (run == NULL) return;
    int64_t threshold_ms = h->server->settings->busy_reply_threshold_ms;
    if (!run->is_busy && (threshold_ms <= 0 || run_duration_ms(run) < threshold_ms)) return;
    if (!run->is_busy) become_busy(run);
    network_serve_aside(h->server, h->server->clients->current);
    if (loop_is_stopping(h->server->loop)) {
        run->is_killed = true;
        client_close(run->call->client, "shutdown");
    }
    if (run->is_killed) end_run(L);
}

void run_kill(struct call *call, enum vm_kind kind)
{
    struct client *c = call->client;
    struct run *run = call->server->script->run;
    if (run == NULL) {
        reply_error(c, "NOTBUSY No scripts in execution right now.");
    } else if (run->has_written) {
        reply_error(
            c, "UNKILLABLE Sorry the script already executed write commands against the dataset. You can "
               "either wait the script termination or kill the server in a hard way using the SHUTDOWN "
               "NOSAVE command.");
    } else if (run->vm->kind != kind) {
        reply_error(c, run_busy_error(run->vm->kind));
    } else {
        run->is_killed = true;
        reply_ok(c);
    }
}

/* ---- running ---- */

static void push_words(lua_State *L, const struct slice *words, int count)
{
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushlstring(L, words[i].ptr, words[i].len);
        lua_rawseti(L, -2, i + 1);
    }
}

/* Upvalues: the globals, "KEYS", "ARGV". */
static int runner(lua_State *L)
{
    struct script_host *h = vm_of(L)->host;
    struct run *run = h->run;
    const struct slice *keys = run->call->argv + 3, *args = keys + run->key_count;
    int arg_count = run->call->argc - 3 - run->key_count;
    bool is_function = run->vm->kind == VM_FUNCTIONS;
    lua_rawgeti(L, LUA_REGISTRYINDEX, run->function);
    if (is_function) {
        push_words(L, keys, run->key_count);
        push_words(L, args, arg_count);
    } else {
        lua_pushvalue(L, lua_upvalueindex(2));
        push_words(L, keys, run->key_count);
        lua_rawset(L, lua_upvalueindex(1));
        lua_pushvalue(L, lua_upvalueindex(3));
        push_words(L, args, arg_count);
        lua_rawset(L, lua_upvalueindex(1));
    }
    lua_call(L, is_function ? 2 : 0, 1);
    run->is_done = true;
    convert_to_reply(L, run->call->client, h->client->resp);
    return 0;
}

static int prepare(lua_State *L)
{
    sandbox_push_globals(L);
    lua_pushliteral(L, "KEYS");
    lua_pushliteral(L, "ARGV");
    lua_pushcclosure(L, runner, 3);
    lua_setfield(L, LUA_REGISTRYINDEX, "runner");
    lua_pushcfunction(L, describe);
    lua_setfield(L, LUA_REGISTRYINDEX, "handler");
    lua_pushliteral(L, VM_SCRIPT_CHUNK); /* the names of chunks: held, see vm_compile */
    lua_setfield(L, LUA_REGISTRYINDEX, "script chunk");
    lua_pushliteral(L, VM_FUNCTION_CHUNK);
    lua_setfield(L, LUA_REGISTRYINDEX, "function chunk");
    return 0;
}

bool run_open(struct vm *vm)
{
    lua_State *L = vm->L;
    if (!vm_protected(vm, prepare, NULL)) return false;
    lua_getfield(L, LUA_REGISTRYINDEX, "handler");
    lua_getfield(L, LUA_REGISTRYINDEX, "runner");
    lua_sethook(L, count_hook, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    return true;
}

static const char *why_not(struct run *run, bool readonly)
{
    struct server *server = run->vm->host->server;
    bool out_of_memory = server->checks & CHECK_MEMORY && server->is_out_of_memory;
    if (!(run->flags & SCRIPT_SAYS_NOTHING)) {
        if (readonly && !(run->flags & SCRIPT_NO_WRITES))
            return "ERR Can not execute a script with write flag using *_ro command.";
        if (out_of_memory && !(run->flags & (SCRIPT_ALLOW_OOM | SCRIPT_NO_WRITES)))
            return "OOM command not allowed when used memory > 'maxmemory'.";
    }
    run->is_readonly = readonly || run->flags & SCRIPT_NO_WRITES;
    run->is_short_of_memory = out_of_memory && !(run->flags & SCRIPT_ALLOW_OOM);
    return NULL;
}

static void finish(struct run *run)
{
    struct server *server = run->vm->host->server;
    lua_State *L = run->vm->L;
    if (run->is_busy) {
        server->busy_error = NULL;
        dispatch_refresh_checks(server);
        network_end_aside(server, server->clients->current);
    }
    if (run->is_killed) lua_sethook(L, count_hook, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    if (run->vm->gc_was_tuned) {
        run->vm->gc_was_tuned = false;
        lua_gc(L, LUA_GCSETPAUSE, 200);
        lua_gc(L, LUA_GCSETSTEPMUL, 200);
        lua_gc(L, LUA_GCRESTART, 0);
    }
    server->propagation->is_muted = false;
}

void run_script(struct run *run, bool readonly)
{
    struct script_host *h = run->vm->host;
    struct client *c = run->call->client;
    lua_State *L = run->vm->L;
    const char *refusal = why_not(run, readonly);
    if (refusal) {
        reply_error(c, refusal);
        return;
    }
    if (h->server->checks & CHECK_MONITORS) monitor_feed(run->call);
    h->client->db = run->call->db;
    h->client->resp = 2;
    h->client->user = c->user;
    h->client->flags = (h->client->flags & ~(unsigned)CLIENT_OF_USER) | (c->flags & CLIENT_OF_USER);
    run->start_ticks = clock_ticks();
    run->vm->resume_depth = 0;
    h->run = run;
    struct output_mark mark = output_mark(&c->out);
    lua_pushvalue(L, SLOT_RUNNER);
    int status = lua_pcall(L, 0, 0, SLOT_HANDLER);
    if (status && run->is_done) output_truncate(&c->out, mark);
    if (status) reply_failure(run, status);
    lua_settop(L, SLOT_RUNNER);
    finish(run);
    h->run = NULL;
    if (h->server->propagating) propagate_nothing(run->call);
}
