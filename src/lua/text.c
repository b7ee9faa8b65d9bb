/*
 * The small functions of the core for Lua: addresses, queries, texts, the clock. No state, no I/O.
 */
#include <openssl/evp.h>

#include "binding.h"
#include "clock.h"
#include "compat.h"
#include "nearest.h"
#include "permits.h"
#include "proxy.h"
#include "query.h"
#include "record_form.h"
#include "retry.h"
#include "rule.h"
#include "scratch.h"
#include "template.h"
#include "uri.h"
#include "utf8.h"
#include "wipe.h"

/* Pushes what was written, or nil when it could not be, and forgets it. [-0, +1] */
static void push_written(lua_State *L, idv_buffer *out, bool was_written) {
  if (was_written && out->state == IDV_BUFFER_OK) {
    lidv_push_slice(L, idv_buffer_slice(out));
  } else {
    lua_pushnil(L);
  }
  idv_buffer_reset(out);
}

/* The same for the scratch below the top of the stack, which is handed back: what a function returns. */
static int return_written(lua_State *L, idv_buffer *out, bool was_written) {
  push_written(L, out, was_written);
  lidv_return_scratch(L, -2);
  return 1;
}

static idv_slice check_slice(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TSTRING);
  return lidv_slice(L, index);
}

/* uri_encode(text) -> text with everything but unreserved characters percent-encoded */
static int Lidv_uri_encode(lua_State *L) {
  idv_slice text = check_slice(L, 1);
  idv_buffer *out = &lidv_push_scratch(L)->target;
  return return_written(L, out, idv_uri_append_encoded(out, text));
}

/* uri_resolve(base, reference) -> address, or nil when either can not be one */
static int Lidv_uri_resolve(lua_State *L) {
  idv_slice base = check_slice(L, 1), reference = check_slice(L, 2);
  idv_buffer *out = &lidv_push_scratch(L)->target;
  return return_written(L, out, idv_uri_append_resolved(out, base, reference));
}

static void set_part(lua_State *L, const char *name, idv_slice part) {
  lidv_push_slice(L, part);
  lua_setfield(L, -2, name);
}

/* Pushes a table of the parts. [-0, +1] */
static void push_parts(lua_State *L, const idv_uri *parts) {
  lua_createtable(L, 0, 8);
  set_part(L, "scheme", parts->scheme);
  set_part(L, "userinfo", parts->userinfo);
  set_part(L, "host", parts->host);
  set_part(L, "port", parts->port);
  set_part(L, "path", parts->path);
  set_part(L, "query", parts->query);
  set_part(L, "fragment", parts->fragment);
}

/* uri_split(text) -> {scheme=, userinfo=, host=, port=, path=, query=, fragment=}, or nil */
static int Lidv_uri_split(lua_State *L) {
  idv_uri parts;
  if (!idv_uri_split(check_slice(L, 1), &parts)) {
    lua_pushnil(L);
    return 1;
  }
  push_parts(L, &parts);
  return 1;
}

/* uri_problem(url, allow_http) -> nil when a request may go there, else what is wrong with it */
static int Lidv_uri_problem(lua_State *L) {
  idv_call_problem problem = idv_call_check_url(check_slice(L, 1), lua_toboolean(L, 2) != 0);
  if (problem == IDV_CALL_FINE) {
    lua_pushnil(L);
  } else {
    lua_pushstring(L, lidv_call_problem_text(problem));
  }
  return 1;
}

/*
 * uri_locate(base, location) -> what uri_split returns for the place that a Location header leads to from
 * there, with `origin`, scheme://host:port; or nil when it leads nowhere
 */
static int Lidv_uri_locate(lua_State *L) {
  enum { BASE = 1, LOCATION, SCRATCH, PLACE };
  idv_slice base = check_slice(L, BASE), location = check_slice(L, LOCATION);
  idv_uri parts;
  lua_settop(L, LOCATION);
  idv_buffer *out = &lidv_push_scratch(L)->target;
  push_written(L, out, idv_uri_append_located(out, base, location));
  if (lua_isnil(L, PLACE) || !idv_uri_split_loosely(lidv_slice(L, PLACE), &parts) ||
      parts.host.data == NULL) {
    lidv_return_scratch(L, SCRATCH);
    lua_pushnil(L);
    return 1;
  }
  push_written(L, out, idv_uri_append_origin(&parts, out));
  lidv_return_scratch(L, SCRATCH);
  push_parts(L, &parts);
  lua_insert(L, -2);
  lua_setfield(L, -2, "origin");
  return 1;
}

/* uri_is_local(url) -> whether its host is this machine */
static int Lidv_uri_is_local(lua_State *L) {
  idv_uri parts;
  lua_pushboolean(L, idv_uri_split(check_slice(L, 1), &parts) && idv_uri_is_loopback(&parts));
  return 1;
}

/* proxy_problem(address) -> nil when it can be used, else what is wrong with it; whether it is on this
 * machine */
static int Lidv_proxy_problem(lua_State *L) {
  const char *address = lidv_check_text(L, 1, "proxy");
  lua_pushstring(L, idv_proxy_problem(address));
  lua_pushboolean(L, idv_proxy_is_local(address));
  return 2;
}

/* is_permit(text) -> whether it is a host, an address or a network such as 10.0.0.0/8 */
static int Lidv_is_permit(lua_State *L) {
  lua_pushboolean(L, idv_permits_can_hold(check_slice(L, 1)));
  return 1;
}

/* uri_decode(text, plus_is_space) -> text with %XX undone */
static int Lidv_uri_decode(lua_State *L) {
  idv_slice text = check_slice(L, 1);
  bool plus_is_space = lua_toboolean(L, 2) != 0;
  idv_buffer *out = &lidv_push_scratch(L)->target;
  return return_written(L, out, idv_uri_append_decoded(out, text, plus_is_space));
}

/* query_pairs(text) -> list of {name, value}, both still encoded; any bytes will do */
static int Lidv_query_pairs(lua_State *L) {
  idv_slice rest = check_slice(L, 1), name, value;
  int count = 0;
  lua_settop(L, 1);
  lua_newtable(L);
  while (idv_query_next(&rest, &name, &value)) {
    lua_createtable(L, 2, 0);
    lidv_push_slice(L, name);
    lua_rawseti(L, -2, 1);
    lidv_push_slice(L, value);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, 2, ++count);
  }
  return 1;
}

/* is_id(text) -> whether it is what a record may name as an id */
static int Lidv_is_id(lua_State *L) {
  lua_pushboolean(L, idv_record_is_id(check_slice(L, 1)));
  return 1;
}

/* is_url(text) -> whether it is what a record may name as the address of a page */
static int Lidv_is_url(lua_State *L) {
  lua_pushboolean(L, idv_record_is_url(check_slice(L, 1)));
  return 1;
}

/* template_names(template) -> list of the names in it, or nil when it is malformed */
static int Lidv_template_names(lua_State *L) {
  idv_slice rest = check_slice(L, 1), literal, name;
  int count = 0;
  if (!idv_template_is_valid(rest)) {
    lua_pushnil(L);
    return 1;
  }
  lua_newtable(L);
  while (idv_template_next(&rest, &literal, &name)) {
    if (name.data != NULL) {
      lidv_push_slice(L, name);
      lua_rawseti(L, -2, ++count);
    }
  }
  return 1;
}

/* template_segment(value) -> the value as one segment of a path, or nil */
static int Lidv_template_segment(lua_State *L) {
  idv_slice value = check_slice(L, 1);
  idv_buffer *out = &lidv_push_scratch(L)->target;
  return return_written(L, out, idv_template_append_segment(out, value));
}

/* nearest(word, list) -> the name in the list that was probably meant, or nil */
static int Lidv_nearest(lua_State *L) {
  idv_slice word = check_slice(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t least = SIZE_MAX;
  int nearest = 0, count = (int)lidv_rawlen(L, 2);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    size_t distance = idv_nearest_distance(check_slice(L, -1), word);
    if (distance < least && idv_nearest_is_near(lidv_slice(L, -1), distance)) {
      least = distance;
      nearest = i;
    }
    lua_pop(L, 1);
  }
  if (nearest == 0) {
    lua_pushnil(L);
  } else {
    lua_rawgeti(L, 2, nearest);
  }
  return 1;
}

/* rule_problem(type, text) -> nil when the text obeys the rule of that type, else what is wrong with it */
static int Lidv_rule_problem(lua_State *L) {
  char why[IDV_RULE_WHY_MAX];
  idv_rule rule = {.min_characters = 1, .max_characters = IDV_RULE_NO_MAX};
  luaL_argcheck(L, idv_rule_type_named(luaL_checkstring(L, 1), &rule.type), 1, "unknown type");
  if (idv_rule_check(&rule, check_slice(L, 2), why)) {
    lua_pushnil(L);
  } else {
    lua_pushstring(L, why);
  }
  return 1;
}

static int Lidv_is_rule(lua_State *L) {
  idv_rule_type type;
  lua_pushboolean(L, idv_rule_type_named(luaL_checkstring(L, 1), &type));
  return 1;
}

static int Lidv_is_utf8(lua_State *L) {
  lua_pushboolean(L, idv_utf8_is_valid(check_slice(L, 1)));
  return 1;
}

/* base64(text) -> text; at most 256 KiB, which is more than two options together have */
static int Lidv_base64(lua_State *L) {
  enum { LONGEST = 256 * 1024 };
  idv_slice text = check_slice(L, 1);
  luaL_argcheck(L, text.length <= LONGEST, 1, "is too long");
  size_t room = (text.length + 2) / 3 * 4 + 1;
  unsigned char *encoded = lua_newuserdata(L, room);
  int length = EVP_EncodeBlock(encoded, (const unsigned char *)text.data, (int)text.length);
  lua_pushlstring(L, (const char *)encoded, (size_t)length);
  idv_wipe(encoded, room);
  return 1;
}

/* clock() -> seconds, monotonic, from an arbitrary start */
static int Lidv_clock(lua_State *L) {
  lua_pushnumber(L, (lua_Number)idv_clock_us() / 1e6);
  return 1;
}

void lidv_open_text(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"uri_encode", Lidv_uri_encode},
      {"uri_resolve", Lidv_uri_resolve},
      {"uri_split", Lidv_uri_split},
      {"uri_problem", Lidv_uri_problem},
      {"uri_locate", Lidv_uri_locate},
      {"uri_decode", Lidv_uri_decode},
      {"query_pairs", Lidv_query_pairs},
      {"is_id", Lidv_is_id},
      {"is_url", Lidv_is_url},
      {"uri_is_local", Lidv_uri_is_local},
      {"proxy_problem", Lidv_proxy_problem},
      {"is_permit", Lidv_is_permit},
      {"template_names", Lidv_template_names},
      {"template_segment", Lidv_template_segment},
      {"nearest", Lidv_nearest},
      {"rule_problem", Lidv_rule_problem},
      {"is_rule", Lidv_is_rule},
      {"is_utf8", Lidv_is_utf8},
      {"base64", Lidv_base64},
      {"clock", Lidv_clock},
      {NULL, NULL},
  };
  lidv_register_functions(L, functions);
}
