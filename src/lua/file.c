/*
 * Saving a file whole or not at all, for Lua.
 */
#include "binding.h"
#include "compat.h"
#include "sink.h"

/* file_problem(path) -> nil when a file could be saved there, else what is in the way */
static int Lidv_file_problem(lua_State *L) {
  const char *why = NULL;
  idv_sink *sink = idv_sink_open(lidv_check_text(L, 1, "path"), &why);
  idv_sink_close(sink);
  lua_pushstring(L, why); /* nil when it is NULL */
  return 1;
}

/* save_file(path, bytes) -> true, or nil and a sentence */
static int Lidv_save_file(lua_State *L) {
  const char *path = lidv_check_text(L, 1, "path");
  luaL_checktype(L, 2, LUA_TSTRING);
  idv_slice bytes = lidv_slice(L, 2);
  const char *why = NULL;
  idv_sink *sink = idv_sink_open(path, &why);
  if (sink != NULL) {
    bool is_saved = idv_sink_write(sink, bytes.data, bytes.length) && idv_sink_commit(sink);
    why = is_saved ? NULL : idv_sink_failure(sink);
    idv_sink_close(sink);
  }
  if (why == NULL) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

void lidv_open_file(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"file_problem", Lidv_file_problem}, {"save_file", Lidv_save_file}, {NULL, NULL}};
  lidv_register_functions(L, functions);
}
