#include "fields.h"

#include <lauxlib.h>

lua_Number lhttpd_number_field(lua_State *L, int table, const char *name, lua_Number absent, lua_Number least,
                               lua_Number most) {
  lua_getfield(L, table, name);
  lua_Number value = absent;
  if (!lua_isnil(L, -1)) {
    if (lua_type(L, -1) != LUA_TNUMBER) {
      luaL_error(L, "'%s' must be a number, not a %s", name, luaL_typename(L, -1));
    }
    value = lua_tonumber(L, -1);
    if (!(value >= least && value <= most)) { /* so that a NaN is refused, too */
      luaL_error(L, "'%s' must be between %f and %f", name, least, most);
    }
  }
  lua_pop(L, 1);
  return value;
}

bool lhttpd_flag_field(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  bool value = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return value;
}

const char *lhttpd_text_field(lua_State *L, int table, const char *name, size_t *length) {
  lua_getfield(L, table, name);
  if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING) {
    luaL_error(L, "'%s' must be a string, not a %s", name, luaL_typename(L, -1));
  }
  return lua_tolstring(L, -1, length); /* NULL for nil, and the length 0 */
}
