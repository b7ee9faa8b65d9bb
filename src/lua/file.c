/*
 * Files for Lua: saving one whole or not at all, reading one that is nobody else's, and whether a stream is a
 * terminal.
 */
#include <unistd.h>

#include "binding.h"
#include "compat.h"
#include "private_file.h"
#include "scratch.h"
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

/* read_private(path) -> text of a file that only its owner can touch, or nil, a sentence, and whether it is
 * missing */
static int Lidv_read_private(lua_State *L) {
  const char *path = lidv_check_text(L, 1, "path");
  bool is_missing;
  lua_settop(L, 1);
  idv_buffer *text = &lidv_push_scratch(L)->body;
  const char *why = idv_private_file_read(path, text, &is_missing);
  if (why == NULL) {
    lidv_push_slice(L, idv_buffer_slice(text));
    lidv_return_scratch(L, 2);
    return 1;
  }
  lidv_return_scratch(L, 2);
  lua_pushnil(L);
  lua_pushstring(L, why);
  lua_pushboolean(L, is_missing);
  return 3;
}

/* is_terminal(descriptor) -> whether somebody looks at it */
static int Lidv_is_terminal(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

void lidv_open_file(lua_State *L) {
  static const luaL_Reg functions[] = {{"file_problem", Lidv_file_problem},
                                       {"save_file", Lidv_save_file},
                                       {"read_private", Lidv_read_private},
                                       {"is_terminal", Lidv_is_terminal},
                                       {NULL, NULL}};
  lidv_register_functions(L, functions);
}
