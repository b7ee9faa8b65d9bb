/*
 * What the files of the binding share: the context of one Lua state and the classes of userdata.
 *
 * Every function of the module carries the context as its first upvalue, so two Lua states never share
 * anything and nothing is looked up by name. A class has one accessor that checks both the type and that the
 * object is usable. Prefixes tell the layer: idv_ is the core, lidv_ helps in C, Lidv_ is called from Lua.
 */
#ifndef IDV_LUA_BINDING_H
#define IDV_LUA_BINDING_H

#include <lauxlib.h>
#include <lua.h>

#include "buffer.h"
#include "call.h"
#include "engine.h"
#include "route.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/* The classes of userdata. */
typedef enum lidv_class {
  LIDV_CALL,
  LIDV_ENGINE,
  LIDV_SLEEPER,
  LIDV_ROUTE,
  LIDV_OPERATION,
  LIDV_SCRATCH,
  LIDV_CLASSES
} lidv_class;

/* A request is never larger than this, whatever is put into `extra`. */
#define LIDV_REQUEST_CEILING ((size_t)1024 * 1024)

/* How the loaded lua-cjson marks a table as a list, where it does; NULL elsewhere. Compared with only. */
typedef struct lidv_list_marks {
  const void *always;     /* the metatable of a list */
  const void *when_empty; /* the metatable of an empty table that is a list */
  const void *empty;      /* the light userdata that stands for an empty list */
} lidv_list_marks;

/* What one Lua state has of its own. */
typedef struct lidv_context {
  int json_decode; /* registry reference to the function of a private lua-cjson */
  lidv_list_marks marks;
  bool is_closing;                      /* lua-cjson may be gone */
  int metatables[LIDV_CLASSES];         /* registry references */
  const void *identities[LIDV_CLASSES]; /* the same metatables by address, to compare with */
  int spares;                           /* registry reference to a list of released calls, ... */
  int spare_count;                      /* ... so many of them */
  bool was_interrupted;                 /* and no wait has been told */
  int scratch;                          /* registry reference to a scratch that is free, or false */
} lidv_context;

/* The context of the running function. */
lidv_context *lidv_context_of(lua_State *L);

/* The userdata of that class at `index`. Raises unless it is one. */
void *lidv_check_class(lua_State *L, int index, lidv_class class);

/* Makes the userdata on the top one of that class. [-0, +0] */
void lidv_set_class(lua_State *L, lidv_class class);

/* The string at `index`, which must be one, as a slice. Lives as long as the value. */
idv_slice lidv_slice(lua_State *L, int index);

/* A C string without NUL inside, for what goes to the operating system or libcurl; raises otherwise. */
const char *lidv_check_text(lua_State *L, int index, const char *what);

/* Pushes the bytes of a slice, or nil when it is absent. [-0, +1] */
void lidv_push_slice(lua_State *L, idv_slice slice);

/* The call at `index`. Raises unless it is one. */
idv_call *lidv_check_call(lua_State *L, int index);

/* The call at `index`, where nothing else can be: the functions below pushed it, and it was not closed since.
 */
idv_call *lidv_known_call(lua_State *L, int index);

/* Ends the life of the call at `index`, which is absolute; its userdata serves the next one. [-0, +0] */
void lidv_release_call(lua_State *L, int index);

/* Makes a call for the route and pushes it. Returns what is wrong with the address, with nothing pushed then.
 */
idv_call_problem lidv_push_call(lua_State *L, idv_route *route, idv_slice url, idv_slice body);

/* The same for the route's base with a path and a query after it. */
idv_call_problem lidv_push_call_under_base(lua_State *L, idv_route *route, idv_slice path, idv_slice query,
                                           idv_slice body);

/* The words for such a problem, to follow the name of an address. Static. */
const char *lidv_call_problem_text(idv_call_problem problem);

/* The engine at `index`, NULL when it is closed or another process's. Raises unless it is one. */
idv_engine *lidv_usable_engine(lua_State *L, int index);

/* Hands a call that has not been used to the engine. Raises when memory is short. */
void lidv_submit(lua_State *L, idv_engine *engine, idv_call *call);

/*
 * Waits for news for a moment, and lets the hook of a signal that came run. A hook that throws, as the one
 * behind Ctrl-C does, throws nothing out of here: it sets `was_interrupted` in the context.
 */
void lidv_wait(lua_State *L, idv_engine *engine);

/*
 * Waits for a moment where the call is not finished, and drops its news. An interruption cancels it. Returns
 * whether it is finished and there is no other news.
 */
bool lidv_step_for(lua_State *L, idv_engine *engine, idv_call *call);

/* Cancels a call because the program is interrupted. */
void lidv_interrupt(idv_call *call);

/* The route at `index`. Raises unless it is one. */
idv_route *lidv_check_route(lua_State *L, int index);

/* Each registers one class or group of functions into the module table on the top of the stack. [-0, +0] */
void lidv_open_json(lua_State *L);
void lidv_open_route(lua_State *L);
void lidv_open_call(lua_State *L);
void lidv_open_engine(lua_State *L);
void lidv_open_operation(lua_State *L);
void lidv_open_text(lua_State *L);
void lidv_open_file(lua_State *L);
void lidv_open_signature(lua_State *L);
void lidv_open_yieldable(lua_State *L);

/*
 * Registers a class: a metatable with `methods` as __index and `close` as __gc and __close. Every function
 * gets the context, which is on the top of the stack, as its upvalue. [-0, +0]
 */
void lidv_register_class(lua_State *L, lidv_class class, const luaL_Reg *methods, lua_CFunction close);

/* Adds `functions` to the module table below the context, which is on the top of the stack. [-0, +0] */
void lidv_register_functions(lua_State *L, const luaL_Reg *functions);

#pragma GCC visibility pop

#endif
