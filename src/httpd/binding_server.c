/*
 * The class "idv.httpd.server": what Lua can do with a server. See binding.h and server.h.
 */
#include "binding.h"
#include "compat.h"
#include "fields.h"
#include "server.h"

#define SERVER_CLASS "idv.httpd.server"

/* Body bytes kept by default, and what may be asked for at most. */
static const lua_Number usual_body = 1024 * 1024;
static const lua_Number largest_body = 256 * 1024 * 1024;

struct handle {
  struct httpd_server *server; /* NULL when closed, or never opened */
};

static struct httpd_server *check_server(lua_State *L) {
  const struct handle *handle = luaL_checkudata(L, 1, SERVER_CLASS);
  luaL_argcheck(L, handle->server != NULL, 1, "the server is closed");
  return handle->server;
}

int lhttpd_server(lua_State *L) {
  char problem[256];
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  struct httpd_server_options options = {
      .port = (uint16_t)lhttpd_number_field(L, 1, "port", 0, 0, UINT16_MAX),
      .tls_port = (uint16_t)lhttpd_number_field(L, 1, "tls_port", 0, 0, UINT16_MAX),
      .max_body = (size_t)lhttpd_number_field(L, 1, "max_body", usual_body, 0, largest_body),
      .certificate = lhttpd_text_field(L, 1, "certificate", NULL), /* stays on the stack, */
      .key = lhttpd_text_field(L, 1, "key", NULL),                 /* and so does this */
      .follow_parent = lhttpd_flag_field(L, 1, "follow_parent"),
  };
  struct handle *handle = lua_newuserdata(L, sizeof *handle);
  handle->server = NULL;
  luaL_getmetatable(L, SERVER_CLASS);
  lua_setmetatable(L, -2);
  handle->server = httpd_server_open(&options, problem, sizeof problem);
  if (handle->server == NULL) {
    lua_pushnil(L);
    lua_pushstring(L, problem);
    return 2;
  }
  return 1;
}

static int server_close(lua_State *L) {
  struct handle *handle = luaL_checkudata(L, 1, SERVER_CLASS);
  struct httpd_server *server = handle->server;
  handle->server = NULL;
  if (server != NULL) {
    httpd_server_close(server);
  }
  return 0;
}

static int server_step(lua_State *L) {
  struct httpd_server *server = check_server(L);
  httpd_server_step(server, (double)luaL_checknumber(L, 2));
  return 0;
}

static int server_next(lua_State *L) {
  lhttpd_push_next(L, &check_server(L)->traffic);
  return 1;
}

static int server_stopping(lua_State *L) {
  lua_pushboolean(L, check_server(L)->stopping);
  return 1;
}

/* The plain port and the TLS port; nil for one that is not served. */
static int server_ports(lua_State *L) {
  struct httpd_server *server = check_server(L);
  lidv_push_integer(L, server->plain.port);
  if (server->secure.daemon != NULL) {
    lidv_push_integer(L, server->secure.port);
  } else {
    lua_pushnil(L);
  }
  return 2;
}

void lhttpd_register_server(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"close", server_close},       {"step", server_step},   {"next", server_next},
      {"stopping", server_stopping}, {"ports", server_ports}, {NULL, NULL},
  };
  static const luaL_Reg metamethods[] = {{"__gc", server_close}, {"__close", server_close}, {NULL, NULL}};
  lidv_newmetatable(L, SERVER_CLASS);
  lidv_setfuncs(L, metamethods, 0);
  lua_newtable(L);
  lidv_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
