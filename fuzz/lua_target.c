/*
 * A fuzz target that is written in Lua: fuzz/<name>.lua returns a function of the input, and whatever that
 * throws is a finding. TARGET is its name.
 *
 * idv.core is linked in with the fuzzer's instrumentation; the Lua files of idv are those of the repository,
 * in which the program lies two folders deep. Lines of Lua are counted for the fuzzer like edges of C, so
 * that it also looks for inputs that reach new Lua code. The state is made once and made anew from time to
 * time: what it has lost track of by then is a leak, which the sanitizer reports.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* Inputs after which the state is made anew. */
#define INPUTS_PER_STATE 20000

int luaopen_idv_core(lua_State *L);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lua_State
    *state; /* the target's function is on its stack, below it the function that explains an error */

/* ---- counting lines ---- */

enum { COUNTERS = 1 << 14 };
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static void on_line(lua_State *L, lua_Debug *at) {
  uint32_t place =
      2166136261u; /* FNV-1a over the end of the file's name, which is the same in every process */
  lua_getinfo(L, "Sl", at);
  size_t length = strlen(at->short_src);
  for (size_t i = length > 16 ? length - 16 : 0; i < length; i++) {
    place = (place ^ (uint8_t)at->short_src[i]) * 16777619u;
  }
  place = (place ^ (uint32_t)at->currentline) * 16777619u;
  counters[(place >> 7) % COUNTERS]++;
}

/* ---- the state ---- */

/* Ends the program the way the fuzzer recognises as a finding. */
static void give_up(const char *message) {
  fprintf(stderr, "%s: %s\n", TARGET, message != NULL ? message : "an error that is not a text");
  abort();
}

static int explain(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

/* Pushes the root of the repository: the folder two above the program's. */
static void push_root(lua_State *L) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  path[length > 0 ? length : 0] = '\0';
  for (int i = 0; i < 3; i++) {
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
      give_up("does not know where it is");
    }
    *slash = '\0';
  }
  lua_pushstring(L, path);
}

static void set_path(lua_State *L) {
  push_root(L);
  const char *root = lua_tostring(L, -1);
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua", root, root, root);
  lua_setfield(L, -2, "path");
  lua_pop(L, 2);
}

static lua_State *new_state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_idv_core);
  lua_setfield(L, -2, "idv.core");
  set_path(L);
  lua_settop(L, 0);
  lua_pushcfunction(L, explain);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "fuzz." TARGET);
  if (lua_pcall(L, 1, 1, 1) != LUA_OK) {
    give_up(lua_tostring(L, -1));
  }
  lua_sethook(L, on_line, LUA_MASKLINE, 0);
  return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static unsigned inputs;
  if (state != NULL && ++inputs % INPUTS_PER_STATE == 0) {
    lua_close(state);
    state = NULL;
  }
  if (state == NULL) {
    state = new_state();
  }
  lua_pushvalue(state, 2);
  lua_pushlstring(state, (const char *)data, size);
  if (lua_pcall(state, 1, 0, 1) != LUA_OK) {
    give_up(lua_tostring(state, -1));
  }
  return 0;
}
