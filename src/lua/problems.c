#include "problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Problems that are told; a caller who passes a thousand wrong fields hears of the first hundred. */
#define MOST_PROBLEMS 100

/* A message names at most a few fields. */
#define MESSAGE_ROOM 512

void lidv_problems_init(lidv_problems *problems, lua_State *L) {
  lua_pushnil(L);
  *problems = (lidv_problems){.L = L, .slot = lua_gettop(L)};
}

/* Pushes "outer.inner." for what lies around a field. [-0, +1] */
static void push_path(lua_State *L, const lidv_scope *scope) {
  if (scope == NULL) {
    lua_pushliteral(L, "");
    return;
  }
  push_path(L, scope->outer);
  lua_pushstring(L, scope->name);
  lua_pushliteral(L, ".");
  lua_concat(L, 3);
}

void lidv_problems_add(lidv_problems *problems, const lidv_scope *scope, const char *name,
                       const char *message) {
  lua_State *L = problems->L;
  if (problems->count == MOST_PROBLEMS) {
    return;
  }
  luaL_checkstack(L, 8, "too many problems");
  if (problems->count == 0) {
    lua_newtable(L);
    lua_replace(L, problems->slot);
  }
  lua_newtable(L);
  push_path(L, scope);
  lua_pushstring(L, name);
  lua_concat(L, 2);
  lua_setfield(L, -2, "field");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  lua_rawseti(L, problems->slot, ++problems->count);
}

void lidv_problems_addf(lidv_problems *problems, const lidv_scope *scope, const char *name,
                        const char *format, ...) {
  char message[MESSAGE_ROOM];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  lidv_problems_add(problems, scope, name, message);
}

/* Whether the field of problem `one` comes after that of problem `other`. */
static bool comes_after(lua_State *L, int slot, int one, int other) {
  lua_rawgeti(L, slot, one);
  lua_getfield(L, -1, "field");
  lua_rawgeti(L, slot, other);
  lua_getfield(L, -1, "field");
  bool after = strcmp(lua_tostring(L, -3), lua_tostring(L, -1)) > 0;
  lua_pop(L, 4);
  return after;
}

static void swap(lua_State *L, int slot, int one, int other) {
  lua_rawgeti(L, slot, one);
  lua_rawgeti(L, slot, other);
  lua_rawseti(L, slot, one);
  lua_rawseti(L, slot, other);
}

void lidv_problems_sort(lidv_problems *problems, int settled) {
  for (int i = settled + 2; i <= problems->count; i++) {
    for (int j = i; j > settled + 1 && comes_after(problems->L, problems->slot, j - 1, j); j--) {
      swap(problems->L, problems->slot, j - 1, j);
    }
  }
}
