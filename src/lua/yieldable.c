/*
 * Whether a function that Lua has called may yield, where Lua itself does not say so.
 *
 * Lua 5.3 and newer have coroutine.isyieldable. LuaJIT 2.1 has it too, but nginx's Lua module puts a table
 * without it in place of coroutine, so the function of the C API is asked. Lua 5.1 and 5.2 have neither. Both
 * count the calls of C that stand in the way of a yield, in a field of lua_State that no function shows. The
 * layouts below are those of Lua 5.1 and 5.2, whose last releases are final. The field is read only after it
 * has been seen to count on a coroutine of this file's own; where it does not, the answer is always no.
 */
#include <string.h>

#include <lualib.h>

#include "binding.h"

#if LUA_VERSION_NUM >= 503

void lidv_open_yieldable(lua_State *L) {
  (void)L;
}

#elif defined(LUA_JITLIBNAME) /* by LuaJIT's lualib.h */

/* is_yieldable() -> whether the running function may yield */
static int Lidv_is_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

void lidv_open_yieldable(lua_State *L) {
  lua_pushcfunction(L, Lidv_is_yieldable);
  lua_setfield(L, -3, "is_yieldable");
}

#else

#if LUA_VERSION_NUM == 501

/* The beginning of lua_State in Lua 5.1. */
typedef struct lidv_state {
  void *next;
  unsigned char type, marked, status;
  void *top, *base, *global, *call, *saved_instruction, *stack_last, *stack, *end_call, *base_call;
  int stack_size, calls_size;
  unsigned short c_calls, c_calls_at_resume;
} lidv_state;

static int obstacles(const lidv_state *state) {
  return state->c_calls - state->c_calls_at_resume;
}

#else

/* The beginning of lua_State in Lua 5.2. */
typedef struct lidv_state {
  void *next;
  unsigned char type, marked, status;
  void *top, *global, *call, *old_instruction, *stack_last, *stack;
  int stack_size;
  unsigned short calls_without_yield, c_calls;
} lidv_state;

static int obstacles(const lidv_state *state) {
  return state->calls_without_yield;
}

#endif

/* How many calls of C stand between the running function and its resumer. */
static int count_obstacles(lua_State *L) {
  lidv_state state;
  memcpy(&state, L, sizeof state);
  return obstacles(&state);
}

/* count_calls(depth) -> the obstacles that are counted below `depth` more calls of C */
static int count_calls(lua_State *L) {
  lua_Integer depth = lua_tointeger(L, 1);
  if (depth == 0) {
    lua_pushinteger(L, count_obstacles(L));
    return 1;
  }
  lua_pushcfunction(L, count_calls);
  lua_pushinteger(L, depth - 1);
  lua_call(L, 1, 1);
  return 1;
}

/* The obstacles that are counted below `depth` calls of C in a coroutine of its own. */
static lua_Integer count_in_coroutine(lua_State *L, int depth) {
  lua_State *thread = lua_newthread(L);
  lua_pushcfunction(thread, count_calls);
  lua_pushinteger(thread, depth);
#if LUA_VERSION_NUM == 501
  int status = lua_resume(thread, 1);
#else
  int status = lua_resume(thread, L, 1);
#endif
  lua_Integer counted = status == 0 ? lua_tointeger(thread, -1) : -1;
  lua_pop(L, 1);
  return counted;
}

#define MOST_TRIED 3

/* Whether the field counts as it should. */
static bool field_counts(lua_State *L) {
  for (int depth = 0; depth <= MOST_TRIED; depth++) {
    if (count_in_coroutine(L, depth) != depth) {
      return false;
    }
  }
  return true;
}

/* is_yieldable() -> whether the running function may yield; false where that cannot be told */
static int Lidv_is_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_toboolean(L, lua_upvalueindex(1)) && count_obstacles(L) == 0);
  return 1;
}

void lidv_open_yieldable(lua_State *L) {
  lua_pushboolean(L, field_counts(L));
  lua_pushcclosure(L, Lidv_is_yieldable, 1);
  lua_setfield(L, -3, "is_yieldable");
}

#endif
