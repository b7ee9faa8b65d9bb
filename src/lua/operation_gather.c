/*
 * Putting the values of a caller's table into the order of the description.
 *
 * A value may come under any spelling of its parameter; the provider's own wins over ours. Names that no
 * parameter has are problems, with the nearest known name.
 */
#include <stdint.h>
#include <string.h>

#include "ascii.h"
#include "compat.h"
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

/* Puts the value on the top into the place that the code names. [-1, +0] */
static void settle(lidv_builder *b, lidv_level *at, int code) {
  int place = (code - 1) / 2;
  bool is_own_spelling = (code & 1) == 0;
  uint32_t bit = UINT32_C(1) << place;
  at->given |= bit;
  if (is_own_spelling || (at->settled & bit) == 0) {
    lua_replace(b->L, at->first_value + place);
  } else {
    lua_pop(b->L, 1);
  }
  if (is_own_spelling) {
    at->settled |= bit;
  }
}

static bool is_extra(const lidv_builder *b, const lidv_level *at, int key) {
  return at->scope == NULL && lua_type(b->L, key) == LUA_TSTRING &&
         idv_slice_equals(lidv_slice(b->L, key), "extra");
}

void lidv_gather(lidv_builder *b, lidv_level *at, int table, int extra) {
  lua_State *L = b->L;
  luaL_checkstack(L, at->group->count + 16, "too many parameters");
  at->first_value = lua_gettop(L) + 1;
  lua_settop(L, lua_gettop(L) + at->group->count);
  if (table == 0) {
    return;
  }
  int problems_before = b->problems.count;
  lidv_push_anchored(L, b->operation, at->group->lookup);
  int lookup = lua_gettop(L);
  int key = lookup + 1;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    int code = find_code(b, lookup, key);
    if (code > 0) {
      settle(b, at, code);
    } else if (is_extra(b, at, key)) {
      lua_replace(L, extra);
    } else {
      add_unknown(b, at, key);
      lua_pop(L, 1);
    }
  }
  lua_settop(L, lookup - 1);
  lidv_problems_sort(&b->problems, problems_before);
}
