/*
 * The few places where the Lua versions differ, under one set of names.
 *
 * Covers Lua 5.1, LuaJIT 2.1, 5.2, 5.3, 5.4 and 5.5. Every function here is prefixed, so that nothing
 * collides with a compatibility layer that the host may link in. Only what this project uses is covered;
 * it is not a general compatibility library.
 */
#ifndef IDV_LUA_COMPAT_H
#define IDV_LUA_COMPAT_H

#include <stdbool.h>
#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

/* The one attribute that makes a symbol leave the shared object; everything else is hidden. */
#define IDV_EXPORT __attribute__((visibility("default")))

/* Length of a string (bytes), table (border) or userdata (bytes) without metamethods. */
size_t lidv_rawlen(lua_State *L, int index);

/* An absolute form of `index`, which stays valid while the stack grows. */
int lidv_absindex(lua_State *L, int index);

/*
 * Registers `functions` (ended by {NULL, NULL}) into the table below `upvalues` values on the top of the
 * stack; each function gets its own copies of those values as upvalues. Pops the values. [-upvalues, +0]
 */
void lidv_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues);

/* Whether the value is a number with the integer subtype (always false before Lua 5.3). */
bool lidv_is_integer_subtype(lua_State *L, int index);

/*
 * Pushes `value` as the integer that the running Lua prints without a fraction: the integer subtype from
 * 5.3 on, a float before. Exact for every magnitude up to 2^53. [-0, +1]
 */
void lidv_push_integer(lua_State *L, long long value);

/*
 * Makes `name` a metatable in the registry with `__name` set (5.1 and 5.2 do not do that), pushes it, and
 * returns false if it was there before. [-0, +1]
 */
bool lidv_newmetatable(lua_State *L, const char *name);

#pragma GCC visibility pop

#endif
