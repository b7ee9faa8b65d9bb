/*
 * Buffers that one function has to itself while it writes.
 *
 * Lua may run wherever the binding makes a string or a table: a finalizer, a debug hook, a metamethod. What
 * runs there may call idv again, so nothing that is being written lies where that call writes too. A scratch
 * is a userdata on the stack of the function that took it; what is raised meanwhile leaves it to the
 * collector. One that was handed back serves the next function.
 */
#ifndef IDV_LUA_SCRATCH_H
#define IDV_LUA_SCRATCH_H

#include "binding.h"

#pragma GCC visibility push(hidden)

typedef struct lidv_scratch {
  idv_buffer target; /* path and query of a request */
  idv_buffer body;   /* its body; anything else that is written */
} lidv_scratch;

/* Pushes a scratch, empty, that no other function has. [-0, +1] */
lidv_scratch *lidv_push_scratch(lua_State *L);

/* Hands back the scratch at `index`, wiped; its content is not to be looked at any more. [-0, +0] */
void lidv_return_scratch(lua_State *L, int index);

/* Registers the class. The context is on the top of the stack. [-0, +0] */
void lidv_open_scratch(lua_State *L);

#pragma GCC visibility pop

#endif
