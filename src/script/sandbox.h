/* The sandbox: what of Lua's own libraries a script may use, and how it is kept
 * from changing anything that outlives it.
 *
 * Lua 5.1 knows no read-only tables. What scripts see of the globals and of each
 * library is therefore a proxy: an empty table whose metatable finds everything in
 * the real one and refuses to write. The few functions that could get at a table
 * past its metatable (rawset, next, table.insert, ...) are replaced by ones that
 * know proxies.
 *
 * Also replaced is what could crash, or never come back: loading (bytecode is
 * refused), patterns that recurse once for each of their characters, coroutines
 * that resume coroutines without end, counts that overflow. */
#ifndef SCRIPT_SANDBOX_H
#define SCRIPT_SANDBOX_H

#include <lua.h>

/* Opens the libraries; then come ours; then it is closed: from now on the global
 * table is a proxy. */
void sandbox_open(lua_State *L);
void sandbox_close(lua_State *L);

/* Replaces the table at the top by a proxy of it. */
void sandbox_protect(lua_State *L);

/* Pushes the real global table. */
void sandbox_push_globals(lua_State *L);

#endif
