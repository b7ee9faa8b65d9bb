#include <math.h>
#include <string.h>

#include "compat.h"
#include "json.h"
#include "json_loose.h"

/* Up to here an integral float is that integer and no other. */
#define LARGEST_EXACT 9007199254740991.0

/* A byte that begins no text in UTF-8: what follows it was a number that a float does not hold. */
#define MARK '\xff'

/* ---- the private instance ---- */

/* Calls instance[name](value), with `value` a number or a boolean. [-0, +0] */
static void configure(lua_State *L, int instance, const char *name, int number) {
  lua_getfield(L, instance, name);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  if (number > 0) {
    lua_pushinteger(L, number);
  } else {
    lua_pushboolean(L, 0);
  }
  lua_call(L, 1, 0);
}

static int take_function(lua_State *L, int instance, const char *name) {
  lua_getfield(L, instance, name);
  luaL_checktype(L, -1, LUA_TFUNCTION);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* What identifies the thing that the module calls `name`, kept for good so that nothing else comes to lie
 * there. */
static const void *take_mark(lua_State *L, int module, const char *name) {
  lua_getfield(L, module, name);
  const void *mark = lua_islightuserdata(L, -1) ? lua_touserdata(L, -1) : lua_topointer(L, -1);
  luaL_ref(L, LUA_REGISTRYINDEX);
  return mark;
}

/* Leaves the module's stack as it was; raises lua's own message when lua-cjson is not there. */
static void open_instance(lua_State *L, lidv_context *context) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1);
  int instance = lua_gettop(L);
  configure(L, instance, "decode_invalid_numbers", 0);
  configure(L, instance, "decode_max_depth", LIDV_JSON_DEPTH);
  context->json_decode = take_function(L, instance, "decode");
  context->marks = (lidv_list_marks){
      .always = take_mark(L, instance, "array_mt"),
      .when_empty = take_mark(L, instance, "empty_array_mt"),
      .empty = take_mark(L, instance, "empty_array"),
  };
  lua_pop(L, 2);
}

static int Lidv_note_closing(lua_State *L) {
  lidv_context_of(L)->is_closing = true;
  return 0;
}

/*
 * Has the context, on the top, know when the state is closed. Lua 5.1 and LuaJIT unload libraries between two
 * finalizers, the last one first: what is made now is finalized before lua-cjson, which has been loaded, is
 * unloaded. [-0, +0]
 */
static void watch_closing(lua_State *L) {
  lua_newuserdata(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -3);
  lua_pushcclosure(L, Lidv_note_closing, 1);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- the rules for null and numbers ---- */

static bool is_integral_float(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TNUMBER || lidv_is_integer_subtype(L, index)) {
    return false;
  }
  lua_Number number = lua_tonumber(L, index);
  return floor(number) == number && fabs(number) <= LARGEST_EXACT;
}

static bool is_marked(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TSTRING && lua_tostring(L, index)[0] == MARK;
}

#if LUA_VERSION_NUM >= 503
/* Replaces the marked text on the top by the integer that it stands for, or by its digits. [-1, +1] */
static void settle_marked(lua_State *L) {
  const char *digits = lua_tostring(L, -1) + 1;
  if (lua_stringtonumber(L, digits) != 0) {
    if (lua_isinteger(L, -1)) {
      lua_remove(L, -2);
      return;
    }
    lua_pop(L, 1);
  }
  lua_pushstring(L, digits);
  lua_remove(L, -2);
}
#endif

/* What Lua versions with integers make of the value on the top. Returns whether it was replaced. [-1, +1] */
static bool settle_number(lua_State *L, bool has_marks) {
#if LUA_VERSION_NUM >= 503
  if (is_integral_float(L, -1)) {
    long long value = (long long)lua_tonumber(L, -1);
    lua_pop(L, 1);
    lidv_push_integer(L, value);
    return true;
  }
  if (has_marks && is_marked(L, -1)) {
    settle_marked(L);
    return true;
  }
#else
  (void)has_marks, (void)is_marked;
  if (is_integral_float(L, -1) && lua_tonumber(L, -1) == 0) {
    lua_pop(L, 1);
    lua_pushnumber(L, 0); /* which has no sign */
    return true;
  }
#endif
  return false;
}

/* Applies the rules to the table on the top and all below it. The depth is bounded. [-0, +0] */
static void tidy(lua_State *L, bool has_marks) {
  int table = lua_gettop(L);
  luaL_checkstack(L, 8, "deep answer");
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_settop(L, table + 1)) {
    bool is_changed = false;
    if (lua_istable(L, -1)) {
      tidy(L, has_marks);
    } else if (lidv_is_null(L, -1) && lua_type(L, -2) == LUA_TSTRING) {
      lua_pop(L, 1);
      lua_pushnil(L);
      is_changed = true;
    } else {
      is_changed = settle_number(L, has_marks);
    }
    if (is_changed) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, table); /* an existing field may be changed while it is walked over */
    }
  }
}

/* Puts an empty list where the path at stack index `keys` leads to null in the table on the top. [-0, +0] */
static void fill_list(lua_State *L, int keys) {
  int before = lua_gettop(L), count = (int)lidv_rawlen(L, keys);
  lua_pushvalue(L, -1);
  for (int i = 1; i <= count && lua_istable(L, -1); i++) {
    lua_rawgeti(L, keys, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (i == count && lidv_is_null(L, -1)) {
      lua_pop(L, 1);
      lua_newtable(L);
      lua_rawset(L, -3);
      break;
    }
  }
  lua_settop(L, before);
}

/* ---- reading ---- */

/*
 * Pushes what lua-cjson is given: the text, with what is loose in it made good. `has_marks` says whether
 * numbers in it became marked texts, which is not so where the text has the mark itself. [-0, +1]
 */
static lidv_loose push_strict(lua_State *L, idv_slice text, bool *has_marks) {
  lidv_loose found = lidv_loose_scan(text, NULL, '\0');
  *has_marks = false;
  if (found.numbers == 0 && !found.has_halves) {
    lua_pushlstring(L, text.data, text.length);
    return found;
  }
  *has_marks = LUA_VERSION_NUM >= 503 && memchr(text.data, (unsigned char)MARK, text.length) == NULL;
  char *strict = lua_newuserdata(L, text.length + (3 * found.numbers));
  lidv_loose_scan(text, strict, *has_marks ? MARK : '\0');
  size_t length = text.length + ((*has_marks ? 3 : 2) * found.numbers);
  lua_pushlstring(L, strict, length);
  lua_remove(L, -2);
  return found;
}

/* Pushes the value of the JSON text on the top, or returns what is wrong. [-1, +1] or [-1, +0] */
static const char *decode(lua_State *L) {
  if (lidv_context_of(L)->is_closing) {
    luaL_error(L, "idv: this Lua is being closed");
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, lidv_context_of(L)->json_decode);
  lua_insert(L, -2);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_ERRMEM) {
    lua_error(L);
  }
  if (status == 0) {
    return NULL;
  }
  const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  bool is_too_deep = strstr(message, "nested") != NULL;
  lua_pop(L, 1);
  return is_too_deep ? "is nested deeper than 64 levels" : "is not JSON";
}

const char *lidv_json_push(lua_State *L, idv_slice text, int list) {
  text = lidv_loose_begin(text);
  if (text.length == 0) {
    return "is empty";
  }
  if (memchr(text.data, '\0', text.length) != NULL) {
    return "is not JSON"; /* lua-cjson would take it for the end */
  }
  bool has_marks;
  lidv_loose found = push_strict(L, text, &has_marks);
  const char *why = decode(L);
  if (why != NULL) {
    return why;
  }
  if (!lua_istable(L, -1)) {
    settle_number(L, has_marks);
  } else if (found.needs_tidying) {
    if (list != 0) {
      fill_list(L, list);
    }
    tidy(L, has_marks);
  }
  return NULL;
}

/* json_decode(text) -> value, or nil and a sentence */
static int Lidv_json_decode(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *why = lidv_json_push(L, lidv_slice(L, 1), 0);
  if (why == NULL) {
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

void lidv_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"json_decode", Lidv_json_decode}, {NULL, NULL}};
  open_instance(L, lua_touserdata(L, -1));
  watch_closing(L);
  lidv_register_functions(L, functions);
  lidv_open_json_write(L);
}
