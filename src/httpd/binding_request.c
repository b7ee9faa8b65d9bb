/*
 * The class "idv.httpd.request": a whole request that waits for its answer. See binding.h and exchange.h.
 */
#include <string.h>

#include "binding.h"
#include "compat.h"
#include "fields.h"

#define REQUEST_CLASS "idv.httpd.request"

/* An hour: longer than any client waits. */
static const lua_Number longest_delay = 3600;
/* Four gibibytes of filler, and as many bytes before a cut. */
static const lua_Number most_bytes = 4294967296.0;
/* Headers an answer may have, so that a list without end is no loop without end. */
static const int most_headers = 256;

struct handle {
  struct httpd_exchange *exchange; /* NULL once answered */
};

/* The exchange of the request at 1, which waits for its answer. */
static struct httpd_exchange *check_exchange(lua_State *L) {
  const struct handle *handle = luaL_checkudata(L, 1, REQUEST_CLASS);
  luaL_argcheck(L, handle->exchange != NULL, 1, "the request was answered already");
  luaL_argcheck(L, handle->exchange->stage != HTTPD_ENDED, 1, "the server is closed");
  return handle->exchange;
}

/* Empties the request at 1: what it pointed to is the caller's to answer or release. */
static struct httpd_exchange *take_exchange(lua_State *L) {
  struct handle *handle = lua_touserdata(L, 1);
  struct httpd_exchange *exchange = handle->exchange;
  handle->exchange = NULL;
  return exchange;
}

void lhttpd_push_next(lua_State *L, struct httpd_traffic *traffic) {
  if (traffic->first_ready == NULL) {
    lua_pushnil(L);
    return;
  }
  struct handle *handle = lua_newuserdata(L, sizeof *handle);
  handle->exchange = NULL;
  luaL_getmetatable(L, REQUEST_CLASS);
  lua_setmetatable(L, -2);
  handle->exchange = httpd_exchange_take(traffic); /* last, for nothing raises from here on */
}

/* ---- what came in ---- */

/* A list of {name, value}, as sent and in that order. [-0, +1] */
static void push_headers(lua_State *L, const struct httpd_bytes *headers) {
  lua_newtable(L);
  const char *at = headers->data;
  const char *end = headers->data + headers->length;
  for (int i = 1; at < end; i++) {
    const char *value = at + strlen(at) + 1;
    lua_createtable(L, 2, 0);
    lua_pushstring(L, at);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, value);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, i);
    at = value + strlen(value) + 1;
  }
}

/* Splits the target at its first question mark. [-0, +0] */
static void set_target(lua_State *L, const char *target) {
  const char *mark = strchr(target, '?');
  if (mark == NULL) {
    lua_pushstring(L, target);
  } else {
    lua_pushlstring(L, target, (size_t)(mark - target));
    lua_pushstring(L, mark + 1);
    lua_setfield(L, -3, "query");
  }
  lua_setfield(L, -2, "path");
}

static int request_facts(lua_State *L) {
  const struct httpd_exchange *exchange = check_exchange(L);
  lua_createtable(L, 0, 9);
  set_target(L, exchange->target);
  lua_pushstring(L, exchange->method);
  lua_setfield(L, -2, "method");
  push_headers(L, &exchange->headers);
  lua_setfield(L, -2, "headers");
  lua_pushlstring(L, exchange->body.length > 0 ? exchange->body.data : "", exchange->body.length);
  lua_setfield(L, -2, "body");
  lua_pushboolean(L, exchange->body_cut);
  lua_setfield(L, -2, "too_large");
  lua_pushstring(L, exchange->entrance->secure ? "https" : "http");
  lua_setfield(L, -2, "scheme");
  lidv_push_integer(L, exchange->entrance->port);
  lua_setfield(L, -2, "port");
  lidv_push_integer(L, (long long)exchange->connection_serial);
  lua_setfield(L, -2, "connection");
  return 1;
}

/* ---- what goes out ---- */

static void check_names(lua_State *L, int table) {
  static const char *const known[] = {"status", "headers", "body",    "filler", "tail",    "delay",
                                      "slow",   "reset",   "garbage", "close",  "truncate"};
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "(no name)";
    size_t i = 0;
    while (i < sizeof known / sizeof *known && strcmp(known[i], name) != 0) {
      i++;
    }
    if (i == sizeof known / sizeof *known) {
      luaL_error(L, "an answer has no field '%s'", name);
    }
  }
}

static enum httpd_ending ending_of(lua_State *L, int table) {
  if (lhttpd_flag_field(L, table, "reset")) {
    return HTTPD_RESET;
  }
  if (lhttpd_flag_field(L, table, "close")) {
    return HTTPD_CLOSE;
  }
  return lhttpd_flag_field(L, table, "garbage") ? HTTPD_GARBAGE : HTTPD_ANSWER;
}

static struct httpd_plan read_plan(lua_State *L, int table) {
  lua_Number truncate = lhttpd_number_field(L, table, "truncate", -1, 0, most_bytes);
  struct httpd_plan plan = {
      .ending = ending_of(L, table),
      .status = (unsigned)lhttpd_number_field(L, table, "status", 200, 200, 599),
      .delay = (double)lhttpd_number_field(L, table, "delay", 0, 0, longest_delay),
      .pace = (double)lhttpd_number_field(L, table, "slow", 0, 0, longest_delay),
      .truncate = truncate < 0 ? UINT64_MAX : (uint64_t)truncate,
  };
  return plan;
}

static void set_content(lua_State *L, int table, struct httpd_body *content) {
  struct httpd_body_parts parts = {.filler =
                                       (uint64_t)lhttpd_number_field(L, table, "filler", 0, 0, most_bytes)};
  parts.head = lhttpd_text_field(L, table, "body", &parts.head_length);
  parts.tail = lhttpd_text_field(L, table, "tail", &parts.tail_length);
  bool set = httpd_body_set(content, &parts);
  lua_pop(L, 2);
  if (!set) {
    luaL_error(L, "no memory for the body");
  }
}

/* Adds the header {name, value} on the top of the stack. [-0, +0] */
static void add_header(lua_State *L, struct MHD_Response *response) {
  if (!lua_istable(L, -1)) {
    luaL_error(L, "a header must be a table of name and value");
  }
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  const char *name = lua_tostring(L, -2);
  const char *value = lua_tostring(L, -1);
  if (name == NULL || value == NULL || MHD_add_response_header(response, name, value) != MHD_YES) {
    luaL_error(L, "a header can not be sent: '%s'", name != NULL ? name : "(no name)");
  }
  lua_pop(L, 2);
}

static void add_headers(lua_State *L, int table, struct MHD_Response *response) {
  lua_getfield(L, table, "headers");
  if (lua_istable(L, -1)) {
    for (int i = 1; i <= most_headers; i++) {
      lua_rawgeti(L, -1, i);
      if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        break;
      }
      add_header(L, response);
      lua_pop(L, 1);
    }
  } else if (!lua_isnil(L, -1)) {
    luaL_error(L, "'headers' must be a list");
  }
  lua_pop(L, 1);
}

/* Whatever was built when something raises belongs to the exchange, which may be answered once more. */
static int request_respond(lua_State *L) {
  struct httpd_exchange *exchange = check_exchange(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  check_names(L, 2);
  exchange->plan = read_plan(L, 2);
  set_content(L, 2, &exchange->content);
  if (!httpd_exchange_prepare(exchange)) {
    return luaL_error(L, "no memory for the answer");
  }
  add_headers(L, 2, exchange->response);
  httpd_exchange_answer(take_exchange(L));
  return 0;
}

/* A request that nobody answered is closed, so that its client does not wait for ever. */
static int request_gc(lua_State *L) {
  luaL_checkudata(L, 1, REQUEST_CLASS);
  struct httpd_exchange *exchange = take_exchange(L);
  if (exchange != NULL) {
    httpd_exchange_release(exchange);
  }
  return 0;
}

void lhttpd_register_request(lua_State *L) {
  static const luaL_Reg methods[] = {{"facts", request_facts}, {"respond", request_respond}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", request_gc}, {NULL, NULL}};
  lidv_newmetatable(L, REQUEST_CLASS);
  lidv_setfuncs(L, metamethods, 0);
  lua_newtable(L);
  lidv_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
