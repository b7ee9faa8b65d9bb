/*
 * Putting the values of a caller's table into the order of the description.
 *
 * A value may come under any spelling of its parameter; the provider's own wins over ours. What stands for
 * nothing, as
 * "" does in a form and null in JSON, is left out. Names that no parameter has are problems, with the nearest
 * known name. The table is the caller's, and Lua that runs meanwhile may change it, so it is read in one go.
 */
#include <stdint.h>
#include <string.h>

#include "ascii.h"
#include "compat.h"
#include "json.h"
#include "nearest.h"
#include "operation_builder.h"

bool lidv_is_plain_name(idv_slice name) {
  for (size_t i = 0; i < name.length; i++) {
    if (!idv_ascii_is_alnum(name.data[i]) && name.data[i] != '_') {
      return false;
    }
  }
  return name.length > 0 && name.length <= IDV_NEAREST_MAX;
}

/* The known parameter of this table whose name is nearest, or NULL when none is near. */
static const lidv_parameter *find_nearest(const lidv_builder *b, const lidv_level *at, idv_slice name) {
  const lidv_parameter *nearest = NULL;
  size_t least = SIZE_MAX;
  for (int i = 0; i < at->group->count; i++) {
    const lidv_parameter *parameter = lidv_parameter_at(b, at, i);
    size_t distance = idv_nearest_distance(idv_slice_of(parameter->name), name);
    if (parameter->position == 0 && distance < least) {
      least = distance;
      nearest = parameter;
    }
  }
  return nearest != NULL && idv_nearest_is_near(idv_slice_of(nearest->name), least) ? nearest : NULL;
}

/* The key is at the given stack index. */
static void add_unknown(lidv_builder *b, const lidv_level *at, int key) {
  if (lua_type(b->L, key) != LUA_TSTRING) {
    lidv_problems_add(&b->problems, at->scope, "?", "a parameter without a name; pass them as name = value");
    return;
  }
  idv_slice name = lidv_slice(b->L, key);
  if (!lidv_is_plain_name(name)) {
    lidv_problems_add(&b->problems, at->scope, "?", "is not the name of a parameter");
    return;
  }
  const lidv_parameter *nearest = find_nearest(b, at, name);
  if (nearest != NULL) {
    lidv_problems_addf(&b->problems, at->scope, name.data, "is not a parameter (did you mean %s?)",
                       nearest->name);
  } else {
    lidv_problems_add(&b->problems, at->scope, name.data,
                      "is not a parameter; fields that the provider added later go into extra");
  }
}

/* The code of the spelling at stack index `key`; 0 when no parameter is spelled so. */
static int find_code(lidv_builder *b, int lookup, int key) {
  lua_pushvalue(b->L, key);
  lua_rawget(b->L, lookup);
  int code = (int)lua_tointeger(b->L, -1);
  lua_pop(b->L, 1);
  return code;
}

/* Whether the value on the top is "", which is what a form has for nothing. */
static bool is_blank(lua_State *L) {
  return lua_type(L, -1) == LUA_TSTRING && lidv_rawlen(L, -1) == 0;
}

/* Whether the value on the top stands for nothing, so that the parameter is as good as left out. */
static bool is_left_out(lua_State *L, const lidv_parameter *parameter) {
  return lua_isnil(L, -1) || (is_blank(L) && !parameter->is_required) ||
         (lidv_is_null(L, -1) && !parameter->is_nullable);
}

void lidv_give(lidv_builder *b, lidv_level *at, int place) {
  uint32_t bit = UINT32_C(1) << place;
  at->given &= ~bit;
  at->blank &= ~bit;
  if (is_left_out(b->L, lidv_parameter_at(b, at, place))) {
    lua_pop(b->L, 1);
    return;
  }
  at->given |= bit;
  at->blank |= is_blank(b->L) ? bit : 0;
  lua_replace(b->L, at->first_value + place);
}

/* Puts the value on the top into the place that the code names, if no better spelling has been there. [-1,
 * +0] */
static void settle(lidv_builder *b, lidv_level *at, int code) {
  int place = (code - 1) / 2;
  bool is_own_spelling = (code & 1) == 0;
  uint32_t bit = UINT32_C(1) << place;
  if ((at->settled & bit) != 0 || is_left_out(b->L, lidv_parameter_at(b, at, place))) {
    lua_pop(b->L, 1);
    return;
  }
  lidv_give(b, at, place);
  at->settled |= is_own_spelling ? bit : 0;
}

static bool is_extra(const lidv_builder *b, int key) {
  return lua_type(b->L, key) == LUA_TSTRING && idv_slice_equals(lidv_slice(b->L, key), "extra");
}

/* Keeps the value on the top as what is to be passed through, unless it stands for nothing. [-1, +0] */
static void keep_extra(lua_State *L, const lidv_level *at) {
  if (is_blank(L) || lidv_is_null(L, -1)) {
    lua_pop(L, 1);
  } else {
    lua_replace(L, at->extra);
  }
}

/* Whether the code is that of a parameter that a table can hold, rather than of an argument. */
static bool is_field(const lidv_builder *b, const lidv_level *at, int code) {
  return code > 0 && lidv_parameter_at(b, at, (code - 1) / 2)->position == 0;
}

/*
 * Puts the values of the table into their places. Returns whether it has keys besides. No Lua runs meanwhile,
 * so the table stays what it is.
 */
static bool settle_all(lidv_builder *b, lidv_level *at, int table, int lookup) {
  lua_State *L = b->L;
  int key = lookup + 1;
  bool has_others = false;
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    int code = find_code(b, lookup, key);
    if (is_field(b, at, code)) {
      settle(b, at, code);
    } else if (code == 0 && is_extra(b, key)) {
      keep_extra(L, at);
    } else {
      has_others = true;
      lua_pop(L, 1);
    }
  }
  return has_others;
}

/* Adds a problem for each key of the table that is none of a parameter. */
static void add_others(lidv_builder *b, const lidv_level *at, int table, int lookup) {
  lua_State *L = b->L;
  int problems_before = b->problems.count;
  lidv_push_copy(L, table);
  int own = lua_gettop(L), key = own + 1;
  for (lua_pushnil(L); lua_next(L, own) != 0; lua_pop(L, 1)) {
    int code = find_code(b, lookup, key);
    if (code == 0 && !is_extra(b, key)) {
      add_unknown(b, at, key);
    } else if (code > 0 && !is_field(b, at, code)) {
      const lidv_parameter *parameter = lidv_parameter_at(b, at, (code - 1) / 2);
      lidv_problems_addf(&b->problems, at->scope, parameter->name,
                         "is argument %d of the method, not a field of its table", parameter->position);
    }
  }
  lidv_problems_sort(&b->problems, problems_before);
}

void lidv_push_copy(lua_State *L, int table) {
  lua_newtable(L);
  int copy = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, copy);
  }
}

void lidv_gather(lidv_builder *b, lidv_level *at, int table) {
  lua_State *L = b->L;
  luaL_checkstack(L, at->group->count + 16, "too many parameters");
  at->first_value = lua_gettop(L) + 1;
  at->extra = at->first_value + at->group->count;
  lua_settop(L, at->extra);
  if (table == 0) {
    return;
  }
  lidv_push_anchored(L, b->operation, at->group->lookup);
  int lookup = lua_gettop(L);
  if (settle_all(b, at, table, lookup)) {
    add_others(b, at, table, lookup);
  }
  lua_settop(L, at->extra);
}
