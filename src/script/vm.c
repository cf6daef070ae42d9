#include "script/vm.h"

#include <lauxlib.h>

#include "base/assert.h"
#include "base/mem.h"
#include "script/api.h"
#include "script/run.h"
#include "script/sandbox.h"

/* Lua promises that what shrinks cannot fail. */
static void *allocate(void *ud, void *ptr, size_t old_bytes, size_t new_bytes)
{
    struct vm *vm = ud;
    if (new_bytes == 0) {
        if (ptr) mem_free_sized(ptr, old_bytes);
        vm->bytes -= old_bytes;
        return NULL;
    }
    if (new_bytes > old_bytes && new_bytes - old_bytes > vm->limit_bytes - vm->bytes) return NULL;
    void *moved = mem_realloc_try(ptr, new_bytes);
    if (moved == NULL) return new_bytes <= old_bytes ? ptr : NULL;
    vm->bytes += new_bytes - old_bytes;
    return moved;
}

static int died(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    panic("a Lua error outside of any protected call: %s", message ? message : "not a text");
}

static int build(lua_State *L)
{
    sandbox_open(L);
    api_open(L);
    sandbox_close(L);
    return 0;
}

struct vm *vm_new(struct script_host *host, enum vm_kind kind)
{
    struct vm *vm = mem_calloc(1, sizeof *vm);
    vm->host = host;
    vm->kind = kind;
    vm->limit_bytes = mem_machine_bytes() / 2;
    vm->L = lua_newstate(allocate, vm);
    if (vm->L) lua_atpanic(vm->L, died);
    if (vm->L && vm_protected(vm, build, NULL) && run_open(vm)) return vm;
    vm_free(vm);
    return NULL;
}

/* Collecting first leaves nothing that closing could come upon half-way. */
void vm_free(struct vm *vm)
{
    if (vm == NULL) return;
    if (vm->L) {
        lua_gc(vm->L, LUA_GCCOLLECT, 0);
        lua_close(vm->L);
    }
    ASSERT(vm->bytes == 0);
    mem_free(vm);
}

struct vm *vm_of(lua_State *L)
{
    void *vm;
    lua_getallocf(L, &vm);
    return vm;
}

bool vm_protected(struct vm *vm, lua_CFunction body, void *arg)
{
    if (lua_cpcall(vm->L, body, arg) == 0) return true;
    lua_pop(vm->L, 1);
    return false;
}

/* What begins like bytecode gets a blank in front: to the parser it is then the
 * text that it cannot be. */
bool vm_compile(lua_State *L, const char *text, size_t len, const char *chunk_name)
{
    if (len == 0 || text[0] != LUA_SIGNATURE[0]) return luaL_loadbuffer(L, text, len, chunk_name) == 0;
    lua_pushliteral(L, " ");
    lua_pushlstring(L, text, len);
    lua_concat(L, 2);
    const char *blunted = lua_tolstring(L, -1, &len);
    bool ok = luaL_loadbuffer(L, blunted, len, chunk_name) == 0;
    lua_remove(L, -2);
    return ok;
}
