/*
 * create_session from Lua when memory runs out, from opening the state to reading the answer.
 *
 * Two allocators can fail. Lua's own is walked with every allocation from the n-th on failing until the step
 * under test is over, because Lua collects garbage and tries again when only one fails. C's (the core, the
 * binding and libcurl) is walked with the n-th alone failing. A step ends with what it was to do, with Lua's
 * memory error, or with an error record; nothing else may be thrown, nothing is lost, and the same step then
 * succeeds in the same state.
 *
 * The steps are walked one by one, each in a state in which those before it have succeeded; walking the whole
 * way from the start for each n would load the Lua files ten thousand times. Loading them is itself walked at
 * some places only, opening idv.core at all of them. LUA_PATH and LUA_CPATH are the specs'.
 */
#include <curl/curl.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "allocator.h"
#include "answering.h"

int luaopen_idv_core(lua_State *L);

/* lua-cjson loses a buffer when Lua has no memory for what it reads; nothing that calls it can help that. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void) {
  return "leak:cjson";
}

/* ---- Lua's allocator ---- */

static struct {
  size_t count;   /* allocations since the walk set it to 0 */
  size_t fail_at; /* this one and all after it fail; 0: none */
  long live;      /* bytes */
} hunger;

static bool refuses(void) {
  hunger.count++;
  return hunger.fail_at > 0 && hunger.count >= hunger.fail_at;
}

/* Goes around the allocator of the core, whose blocks are counted apart. Taking a block back, or a part,
 * never fails. */
static void *feed_lua(void *data, void *block, size_t old_size, size_t size) {
  (void)data;
  size_t held = block != NULL ? old_size : 0;
  if (size > held && refuses()) {
    return NULL;
  }
  hunger.live += (long)size - (long)held;
  if (size == 0) {
    allocator_system_free(block);
    return NULL;
  }
  return allocator_system_realloc(block, size);
}

/* ---- C's allocator, for libcurl ---- */

static void *give(size_t size) {
  return malloc(size);
}

static void take_back(void *block) {
  free(block);
}

static void *give_again(void *block, size_t size) {
  return realloc(block, size);
}

static char *give_copy(const char *text) {
  return strdup(text);
}

static void *give_zeros(size_t count, size_t size) {
  return calloc(count, size);
}

/* ---- the steps, as Lua ---- */

static const char open_core[] = "package.loaded['idv.core'] = nil; require 'idv.core'";

static const char load_idv[] = "for name in pairs(package.loaded) do\n"
                               "  if name:find '^idv' then package.loaded[name] = nil end\n"
                               "end\n"
                               "require 'idv'";

static const char make_provider[] =
    "local idv = require 'idv'\n"
    "provider = idv.deepidv { api_key = 'key', base_url = BASE, allow_http = true, max_retries = 0 }";

/* A record of an error comes out as nothing, an answer as true, and anything else is thrown. */
static const char create_session[] =
    "local session, err = provider:create_session {\n"
    "  first_name = 'Ada', last_name = 'Example', email = 'ada@example.com', phone = '+15192223333',\n"
    "}\n"
    "if session then assert(session.id == 'sess_1') return true end\n"
    "assert(require('idv.error').is(err), 'neither a session nor an error')\n"
    "assert(err.outcome and err.message and tostring(err))";

/* The same with an engine that is opened for it. */
static const char open_engine_and_create_session[] =
    "local host = require 'idv.host'\n"
    "if host.present_engine() then host.present_engine():close() end\n"
    "return CREATE_SESSION()";

/* ---- walking ---- */

typedef enum ending { DONE, REFUSED, OUT_OF_MEMORY } ending;

static int run_chunk(lua_State *L) {
  const char *chunk = lua_touserdata(L, 1);
  if (luaL_loadstring(L, chunk) != LUA_OK) {
    return lua_error(L);
  }
  lua_call(L, 0, 1);
  return 1;
}

/* Protected from its first allocation on. Fails the test for anything thrown but a memory error. */
static ending run(lua_State *L, const char *chunk) {
  lua_pushcfunction(L, run_chunk);
  lua_pushlightuserdata(L, (void *)(uintptr_t)chunk);
  int status = lua_pcall(L, 1, 1, 0);
  const char *thrown = status != LUA_OK && lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  bool is_memory = status == LUA_ERRMEM || strstr(thrown, "not enough memory") != NULL;
  hunger.fail_at = 0;
  allocator.fail_at = 0;
  if (status != LUA_OK && !is_memory) {
    fail_msg("thrown: %s", thrown);
  }
  ending how = status != LUA_OK ? OUT_OF_MEMORY : lua_toboolean(L, -1) != 0 ? DONE : REFUSED;
  lua_settop(L, 0);
  return how;
}

static void check_step(lua_State *L, const char *chunk, bool has_answer) {
  ending how = run(L, chunk);
  assert_true(how != OUT_OF_MEMORY);
  assert_true(!has_answer || how == DONE);
}

/* Keeps lua-cjson in the process, so that what it loses has its name beside it. */
static void keep_cjson(lua_State *L) {
  static const char find[] = "return package.searchpath('cjson', package.cpath)";
  if (luaL_dostring(L, find) == LUA_OK) {
    assert_non_null(dlopen(lua_tostring(L, -1), RTLD_NOW | RTLD_NODELETE));
  }
}

static lua_State *new_state(void) {
  char base[64];
  lua_State *L = lua_newstate(feed_lua, NULL);
  assert_non_null(L);
  luaL_openlibs(L);
  keep_cjson(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_idv_core);
  lua_setfield(L, -2, "idv.core");
  snprintf(base, sizeof base, "http://127.0.0.1:%d", answering_port);
  lua_pushstring(L, base);
  lua_setglobal(L, "BASE");
  assert_int_equal(LUA_OK, luaL_loadstring(L, create_session));
  lua_setglobal(L, "CREATE_SESSION");
  lua_settop(L, 0);
  return L;
}

typedef struct step {
  const char *before; /* what has succeeded before it, or NULL */
  const char *chunk;
  size_t stride; /* every n-th place */
  bool has_answer;
} step;

/* Walks one step, with Lua's memory or with C's running out. */
static void walk(const step *what, bool is_lua) {
  size_t fail_at = 1, refused = 0, survived = 0;
  bool was_starved = true;
  allocator_begin(NULL);
  hunger.live = 0;
  lua_State *L = new_state();
  if (what->before != NULL) {
    check_step(L, what->before, false);
  }
  while (was_starved) {
    hunger.count = allocator.count = 0;
    *(is_lua ? &hunger.fail_at : &allocator.fail_at) = fail_at;
    ending how = run(L, what->chunk);
    was_starved = (is_lua ? hunger.count : allocator.count) >= fail_at;
    refused += how == REFUSED && what->has_answer;
    survived += was_starved && how == DONE;
    assert_true(was_starved || !what->has_answer || how == DONE);
    fail_at += what->stride;
    if (what->has_answer || fail_at % 16 == 1) {
      check_step(L, what->chunk, what->has_answer);
    }
  }
  lua_close(L);
  print_message("%zu allocations; %zu error records, %zu answers all the same\n", fail_at - 1, refused,
                survived);
  assert_int_equal(0, hunger.live);
  assert_true(fail_at > 4 * what->stride);
}

/* ---- tests ---- */

static void opening_the_core(void **state) {
  (void)state;
  walk(&(step){.chunk = open_core, .stride = 1}, true);
}

static void loading_the_lua_files(void **state) {
  (void)state;
  walk(&(step){.chunk = load_idv, .stride = 11}, true);
}

static void making_a_provider(void **state) {
  (void)state;
  walk(&(step){.before = load_idv, .chunk = make_provider, .stride = 1}, true);
}

static void creating_a_session(void **state) {
  (void)state;
  walk(&(step){.before = make_provider, .chunk = create_session, .stride = 1, .has_answer = true}, true);
  walk(&(step){.before = make_provider, .chunk = create_session, .stride = 1, .has_answer = true}, false);
}

static void creating_a_session_with_a_new_engine(void **state) {
  (void)state;
  step what = {
      .before = make_provider, .chunk = open_engine_and_create_session, .stride = 1, .has_answer = true};
  walk(&what, true);
  walk(&what, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opening_the_core),
      cmocka_unit_test(loading_the_lua_files),
      cmocka_unit_test(making_a_provider),
      cmocka_unit_test(creating_a_session),
      cmocka_unit_test(creating_a_session_with_a_new_engine),
  };
  alarm(240); /* a walk that hangs is a failure too */
  if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, give, take_back, give_again, give_copy, give_zeros) != 0) {
    return 1;
  }
  return cmocka_run_group_tests_name("create_session, starved", tests, answering_start, NULL);
}
