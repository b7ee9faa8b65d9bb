/*
 * Fields that the provider added after this release: passed through as they are, after a check that they can
 * be written at all.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "operation_builder.h"
#include "utf8.h"

static int compare_texts(const void *one, const void *other) {
  return strcmp(*(const char *const *)one, *(const char *const *)other);
}

#define MOST_EXTRAS 64

/*
 * Collects the keys of the table at `extra`, sorted. Returns how many, or -1 after adding a problem. They
 * live as long as the table holds them, which must be nobody else's.
 */
static int sort_keys(lidv_builder *b, const lidv_level *at, int extra, const char *keys[MOST_EXTRAS]) {
  int count = 0;
  for (lua_pushnil(b->L); lua_next(b->L, extra) != 0; lua_pop(b->L, 1)) {
    bool is_name = lua_type(b->L, -2) == LUA_TSTRING && lidv_is_plain_name(lidv_slice(b->L, -2));
    if (!is_name || count == MOST_EXTRAS) {
      lidv_problems_add(&b->problems, at->scope, "extra",
                        "must have at most 64 fields, each with a plain name");
      lua_pop(b->L, 2);
      return -1;
    }
    keys[count++] = lua_tostring(b->L, -2);
  }
  qsort(keys, (size_t)count, sizeof *keys, compare_texts);
  return count;
}

/* The parameter that goes by this name, in any spelling, or is sent under it; NULL when there is none. */
static const lidv_parameter *find_parameter(const lidv_builder *b, const lidv_level *at, const char *key) {
  lidv_push_anchored(b->L, b->operation, at->group->lookup);
  lua_getfield(b->L, -1, key);
  int code = (int)lua_tointeger(b->L, -1);
  lua_pop(b->L, 2);
  return code > 0 ? lidv_parameter_at(b, at, (code - 1) / 2) : NULL;
}

/* The text that the value on the top is in a form, `room` for its digits; absent where it can not be in one.
 */
static idv_slice form_text(lua_State *L, char room[LIDV_JSON_NUMBER]) {
  idv_slice none = {.data = NULL};
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
    return idv_utf8_is_valid(lidv_slice(L, -1)) ? lidv_slice(L, -1) : none;
  case LUA_TNUMBER:
    return lidv_json_number(L, -1, room) == NULL ? idv_slice_of(room) : none;
  case LUA_TBOOLEAN:
    return idv_slice_of(lua_toboolean(L, -1) ? "true" : "false");
  default:
    return none;
  }
}

/* Writes the value on the top of the stack under `key`. Returns NULL, or what is wrong with it. */
static const char *write_pair(lidv_builder *b, const char *key) {
  char room[LIDV_JSON_NUMBER];
  if (lidv_is_null(b->L, -1)) {
    return NULL; /* left out: a form has no null */
  }
  idv_slice text = form_text(b->L, room);
  if (text.data == NULL) {
    return "holds a value that a form can not carry";
  }
  lidv_write_pair(b, key, b->is_shown ? idv_slice_of(LIDV_HIDDEN) : text);
  return NULL;
}

/* null goes out as it is: it was written to go out. */
static const char *write_json(lidv_builder *b, const char *key) {
  idv_buffer *body = &b->scratch->body;
  lidv_write_json_key(b, (idv_slice){.data = "\"", .length = 1});
  idv_buffer_append_text(body, key);
  idv_buffer_append_text(body, "\":");
  size_t before = body->length;
  const char *why = lidv_json_append_value(b->L, -1, body);
  if (b->is_shown) { /* what can not be sent can not be shown either */
    idv_buffer_truncate(body, before);
    idv_buffer_append_text(body, "\"" LIDV_HIDDEN "\"");
  }
  return why;
}

/* Writes the field `key` of the table at `extra`. */
static void take_field(lidv_builder *b, const lidv_level *at, int extra, const char *key) {
  lidv_scope scope = {.name = "extra", .outer = at->scope};
  const lidv_parameter *parameter = find_parameter(b, at, key);
  if (parameter != NULL) {
    lidv_problems_add(&b->problems, &scope, key,
                      parameter->position > 0 ? "is an argument of the method"
                                              : "is a parameter of its own; pass it outside extra");
    return;
  }
  lua_getfield(b->L, extra, key);
  const char *why = lidv_writes_json(b) ? write_json(b, key) : write_pair(b, key);
  lua_pop(b->L, 1);
  if (why != NULL) {
    lidv_problems_add(&b->problems, &scope, key, why);
  }
}

void lidv_take_extra(lidv_builder *b, const lidv_level *at) {
  const char *keys[MOST_EXTRAS];
  if (lua_isnil(b->L, at->extra)) {
    return;
  }
  if (!lua_istable(b->L, at->extra)) {
    lidv_problems_add(&b->problems, at->scope, "extra", "must be a table of fields to pass through");
    return;
  }
  lidv_push_copy(b->L, at->extra);
  int own = lua_gettop(b->L);
  int count = sort_keys(b, at, own, keys);
  for (int i = 0; i < count; i++) {
    take_field(b, at, own, keys[i]);
  }
  lua_pop(b->L, 1);
}
