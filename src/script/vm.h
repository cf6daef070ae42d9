/* A Lua state with the sandbox around it, its memory counted. There are two: one
 * for scripts (EVAL), one for libraries of functions.
 *
 * Whatever may fail in a state is called by vm_protected or by script/run.c, so
 * that neither a script's error nor running out of memory gets past them. A state
 * may hold a part of the machine's memory at most. */
#ifndef SCRIPT_VM_H
#define SCRIPT_VM_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct script_host;

enum vm_kind { VM_EVAL, VM_FUNCTIONS };

struct vm {
    struct script_host *host;
    enum vm_kind kind;
    lua_State *L;
    size_t bytes, limit_bytes;
    int resume_depth;  /* of coroutines that wait for coroutines */
    bool gc_was_tuned; /* by a script: to be undone behind it */
};

/* NULL when there is no memory for it. */
struct vm *vm_new(struct script_host *host, enum vm_kind kind);
void vm_free(struct vm *vm);

/* The vm of a Lua state, also of a coroutine's. */
struct vm *vm_of(lua_State *L);

/* Calls body with arg, a light userdata, as its one argument. False: it failed,
 * or there was no memory. */
bool vm_protected(struct vm *vm, lua_CFunction body, void *arg);

/* Compiles a text, never bytecode: pushes a function (true), or a message. The
 * name must be a string that is held by the state. */
bool vm_compile(lua_State *L, const char *text, size_t len, const char *chunk_name);

/* The chunks' names as vm_compile is given them: as Lua shows them in messages. */
#define VM_SCRIPT_CHUNK   "@user_script"
#define VM_FUNCTION_CHUNK "@user_function"

#endif
