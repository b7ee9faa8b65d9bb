/*
 * The least that a call from Lua can be: the module `bench.bare`, which does what reference_sequential.c does
 * for a body that Lua hands over.
 *
 *   post(body)   the answer's body, a text; ends the program when there is none
 *
 * Where to post to comes by the environment, as for every contender in C.
 */
#include <lauxlib.h>
#include <lua.h>

#include "compat.h"
#include "contender.h"

typedef struct bare {
  CURL *easy;
  struct curl_slist *headers;
  contender_answer answer;
} bare;

static int post(lua_State *L) {
  bare *self = lua_touserdata(L, lua_upvalueindex(1));
  size_t length;
  const char *body = luaL_checklstring(L, 1, &length);
  self->answer.length = 0;
  curl_easy_setopt(self->easy, CURLOPT_POSTFIELDSIZE, (long)length);
  curl_easy_setopt(self->easy, CURLOPT_POSTFIELDS, body);
  CURLcode code = curl_easy_perform(self->easy);
  contender_check(self->easy, code, &self->answer);
  lua_pushlstring(L, self->answer.bytes, self->answer.length);
  return 1;
}

static int close_handle(lua_State *L) {
  bare *self = lua_touserdata(L, 1);
  curl_easy_cleanup(self->easy);
  curl_slist_free_all(self->headers);
  return 0;
}

IDV_EXPORT int luaopen_bench_bare(lua_State *L) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  lua_newtable(L);
  bare *self = lua_newuserdata(L, sizeof *self);
  *self = (bare){.headers = NULL};
  lua_newtable(L);
  lua_pushcfunction(L, close_handle);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  self->headers = contender_headers();
  self->easy = contender_handle(contender_setting("BENCH_URL"), self->headers, &self->answer);
  lua_pushcclosure(L, post, 1);
  lua_setfield(L, -2, "post");
  return 1;
}
