/*
 * Routes for Lua: made from a table, then only used.
 *
 * route{method=, base=, safe=, headers={{name, value}, ...}, ca_file=, proxy=, allow_http=, http_version=,
 * download=, handed_out=, this_machine=, permits={...}, timeout=, connect_timeout=, max_retries=,
 * max_response_bytes=, max_connections=, tls_key_log=}. Times are seconds. Values have been validated above;
 * what is wrong here raises.
 */
#include <string.h>

#include "binding.h"
#include "compat.h"

typedef struct lidv_route {
  idv_route *route; /* NULL once closed */
} lidv_route;

idv_route *lidv_check_route(lua_State *L, int index) {
  lidv_route *self = lidv_check_class(L, index, LIDV_ROUTE);
  luaL_argcheck(L, self->route != NULL, index, "the route is closed");
  return self->route;
}

static int Lidv_route_close(lua_State *L) {
  lidv_route *self = lidv_check_class(L, 1, LIDV_ROUTE);
  idv_route_release(self->route);
  self->route = NULL;
  return 0;
}

static const char *text_option(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  const char *text = lua_isnil(L, -1) ? NULL : lidv_check_text(L, -1, name);
  lua_pop(L, 1); /* the table goes on holding it */
  return text;
}

static bool flag_option(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  bool is_set = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return is_set;
}

static double number_option(lua_State *L, const char *name, double otherwise) {
  lua_getfield(L, 1, name);
  double number = lua_isnil(L, -1) ? otherwise : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return number;
}

static void set_limits(lua_State *L, idv_route *route) {
  idv_limits *limits = &route->limits;
  limits->timeout_ms = (int64_t)(number_option(L, "timeout", (double)limits->timeout_ms / 1000) * 1000);
  limits->connect_timeout_ms =
      (int64_t)(number_option(L, "connect_timeout", (double)limits->connect_timeout_ms / 1000) * 1000);
  limits->max_retries = (unsigned)number_option(L, "max_retries", limits->max_retries);
  limits->max_response_bytes =
      (size_t)number_option(L, "max_response_bytes", (double)limits->max_response_bytes);
  route->max_connections = (unsigned)number_option(L, "max_connections", route->max_connections);
}

static void add_headers(lua_State *L, idv_route *route) {
  lua_getfield(L, 1, "headers");
  int list = lua_gettop(L);
  int count = lua_istable(L, list) ? (int)lidv_rawlen(L, list) : 0;
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    luaL_checktype(L, -2, LUA_TSTRING);
    luaL_checktype(L, -1, LUA_TSTRING);
    if (!idv_route_add_header(route, lidv_slice(L, -2), lidv_slice(L, -1))) {
      luaL_error(L, "header %d can not be sent as it is", i);
    }
    lua_settop(L, list);
  }
  lua_pop(L, 1);
}

/* The hosts that addresses from answers may lead to besides public ones. */
static void add_permits(lua_State *L, idv_route *route) {
  route->is_handed_out = flag_option(L, "handed_out");
  route->permits.this_machine = flag_option(L, "this_machine");
  lua_getfield(L, 1, "permits");
  int list = lua_gettop(L);
  int count = lua_istable(L, list) ? (int)lidv_rawlen(L, list) : 0;
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    luaL_checktype(L, -1, LUA_TSTRING);
    if (!idv_permits_add(&route->permits, lidv_slice(L, -1))) {
      luaL_error(L, "permit %d can not be kept", i);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void set_texts(lua_State *L, idv_route *route) {
  if (!idv_route_set_ca_file(route, text_option(L, "ca_file")) ||
      !idv_route_set_proxy(route, text_option(L, "proxy"))) {
    luaL_error(L, "not enough memory");
  }
  const char *base = text_option(L, "base");
  if (base != NULL) {
    if (!idv_route_set_base(route, base)) {
      luaL_error(L, "not enough memory");
    }
    idv_call_problem problem = idv_call_check_base(route);
    if (problem != IDV_CALL_FINE) {
      luaL_error(L, "base_url %s", lidv_call_problem_text(problem));
    }
  }
}

/* route(settings) -> route */
static int Lidv_route(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *method = text_option(L, "method");
  luaL_argcheck(L, method != NULL, 1, "a route needs a method");
  lidv_route *self = lua_newuserdata(L, sizeof *self);
  self->route = NULL;
  lidv_set_class(L, LIDV_ROUTE);
  self->route = idv_route_new(method);
  if (self->route == NULL) {
    return luaL_error(L, "not enough memory");
  }
  self->route->is_safe = flag_option(L, "safe");
  self->route->allows_http = flag_option(L, "allow_http");
  self->route->is_download = flag_option(L, "download");
  self->route->logs_keys = flag_option(L, "tls_key_log");
  const char *version = text_option(L, "http_version");
  self->route->http_version = version != NULL && strcmp(version, "2") == 0 ? IDV_HTTP_2 : IDV_HTTP_1_1;
  set_texts(L, self->route);
  set_limits(L, self->route);
  add_headers(L, self->route);
  add_permits(L, self->route);
  return 1;
}

/*
 * route:call(url, body) -> call for a whole address; or nil and what is wrong with it; or nil, nil and where
 * it leads, when that is no place for an address from an answer
 */
static int Lidv_route_call(lua_State *L) {
  idv_route *route = lidv_check_route(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  idv_slice body = {.data = NULL};
  if (lua_type(L, 3) == LUA_TSTRING) {
    body = lidv_slice(L, 3);
  }
  idv_reach reach = idv_route_objection_to_url(route, lidv_slice(L, 2));
  if (reach != IDV_REACH_PUBLIC) {
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushstring(L, idv_reach_name(reach));
    return 3;
  }
  idv_call_problem problem = lidv_push_call(L, route, lidv_slice(L, 2), body);
  if (problem == IDV_CALL_FINE) {
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, lidv_call_problem_text(problem));
  return 2;
}

void lidv_open_route(lua_State *L) {
  static const luaL_Reg methods[] = {{"call", Lidv_route_call}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"route", Lidv_route}, {NULL, NULL}};
  lidv_register_class(L, LIDV_ROUTE, methods, Lidv_route_close);
  lidv_register_functions(L, functions);
}
