/*
 * The two classes that Lua sees, server and request, and how the module's parts find each other.
 *
 * Everything else under src/httpd is plain C; only module.c, fields.c and binding_*.c include lua.h. Both are
 * userdata with one pointer to what C has allocated, which outlives them if need be: when there is no memory
 * left Lua may drop a userdata without its __gc, and that must cost a leak and never a wild pointer. A
 * request that is kept too long is an error to use.
 */
#ifndef IDV_HTTPD_BINDING_H
#define IDV_HTTPD_BINDING_H

#include <lua.h>

#include "exchange.h"

#pragma GCC visibility push(hidden)

/* Registers the metatable of each class; once per Lua state. [-0, +0] */
void lhttpd_register_server(lua_State *L);
void lhttpd_register_request(lua_State *L);

/* httpd.server{...}: opens a server. [Lua-callable] */
int lhttpd_server(lua_State *L);

/* Pushes the oldest waiting request of `traffic`, or nil. [-0, +1] */
void lhttpd_push_next(lua_State *L, struct httpd_traffic *traffic);

#pragma GCC visibility pop

#endif
