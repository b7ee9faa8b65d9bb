#include "scratch.h"

static int Lidv_scratch_close(lua_State *L) {
  lidv_scratch *scratch = lidv_check_class(L, 1, LIDV_SCRATCH);
  idv_buffer_free(&scratch->target);
  idv_buffer_free(&scratch->body);
  return 0;
}

/* [-0, +1] */
static lidv_scratch *push_new(lua_State *L) {
  lidv_scratch *scratch = lua_newuserdata(L, sizeof *scratch);
  idv_buffer_init(&scratch->target, LIDV_REQUEST_CEILING);
  idv_buffer_init(&scratch->body, LIDV_REQUEST_CEILING);
  lidv_set_class(L, LIDV_SCRATCH);
  return scratch;
}

lidv_scratch *lidv_push_scratch(lua_State *L) {
  int place = lidv_context_of(L)->scratch;
  lua_rawgeti(L, LUA_REGISTRYINDEX, place);
  lidv_scratch *spare = lua_touserdata(L, -1);
  if (spare == NULL) {
    lua_pop(L, 1);
    return push_new(L);
  }
  lua_pushboolean(L, 0);
  lua_rawseti(L, LUA_REGISTRYINDEX, place); /* an existing field: nothing is allocated, nothing runs */
  return spare;
}

void lidv_return_scratch(lua_State *L, int index) {
  lidv_scratch *scratch = lua_touserdata(L, index);
  idv_buffer_reset(&scratch->target);
  idv_buffer_reset(&scratch->body);
  lua_pushvalue(L, index);
  lua_rawseti(L, LUA_REGISTRYINDEX, lidv_context_of(L)->scratch);
}

void lidv_open_scratch(lua_State *L) {
  static const luaL_Reg methods[] = {{NULL, NULL}};
  lidv_context *context = lua_touserdata(L, -1);
  lua_pushboolean(L, 0);
  context->scratch = luaL_ref(L, LUA_REGISTRYINDEX);
  lidv_register_class(L, LIDV_SCRATCH, methods, Lidv_scratch_close);
}
