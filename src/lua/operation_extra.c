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

/* Collects the keys of the table at `extra`, sorted. Returns how many, or -1 after adding a problem. */
static int sort_keys(lidv_builder *b, int extra, const char *keys[MOST_EXTRAS]) {
  int count = 0;
  for (lua_pushnil(b->L); lua_next(b->L, extra) != 0; lua_pop(b->L, 1)) {
    bool is_name = lua_type(b->L, -2) == LUA_TSTRING && lidv_is_plain_name(lidv_slice(b->L, -2));
    if (!is_name || count == MOST_EXTRAS) {
      lidv_problems_add(&b->problems, NULL, "extra", "must have at most 64 fields, each with a plain name");
      lua_pop(b->L, 2);
      return -1;
    }
    keys[count++] = lua_tostring(b->L, -2); /* stays alive: the table holds it */
  }
  qsort(keys, (size_t)count, sizeof *keys, compare_texts);
  return count;
}

/* Whether a parameter goes by this name, in any spelling, or is sent under it. */
static bool is_taken(const lidv_builder *b, const lidv_level *at, const char *key) {
  lidv_push_anchored(b->L, b->operation, at->group->lookup);
  lua_getfield(b->L, -1, key);
  bool taken = !lua_isnil(b->L, -1);
  lua_pop(b->L, 2);
  return taken;
}

/* Writes the value on the top of the stack under `key`. Returns NULL, or what is wrong with it. */
static const char *write_pair(lidv_builder *b, const char *key) {
  if (!lua_isstring(b->L, -1) || !idv_utf8_is_valid(lidv_slice(b->L, -1))) {
    return "holds a value that a form can not carry";
  }
  lidv_write_pair(b, key, b->is_shown ? idv_slice_of(LIDV_HIDDEN) : lidv_slice(b->L, -1));
  return NULL;
}

static const char *write_json(lidv_builder *b, const char *key) {
  lua_pushfstring(b->L, "\"%s\":", key);
  lidv_write_json_key(b, lidv_slice(b->L, -1));
  lua_pop(b->L, 1);
  idv_buffer *body = &b->context->body;
  size_t before = body->length;
  const char *why = lidv_json_append_value(b->L, b->context, -1, body);
  if (b->is_shown) { /* what can not be sent can not be shown either */
    idv_buffer_truncate(body, before);
    idv_buffer_append_text(body, "\"" LIDV_HIDDEN "\"");
  }
  return why;
}

void lidv_take_extra(lidv_builder *b, const lidv_level *at, int extra) {
  const char *keys[MOST_EXTRAS];
  if (lua_isnil(b->L, extra)) {
    return;
  }
  if (!lua_istable(b->L, extra)) {
    lidv_problems_add(&b->problems, NULL, "extra", "must be a table of fields to pass through");
    return;
  }
  lidv_scope scope = {.name = "extra"};
  int count = sort_keys(b, extra, keys);
  for (int i = 0; i < count; i++) {
    if (is_taken(b, at, keys[i])) {
      lidv_problems_add(&b->problems, &scope, keys[i], "is a parameter of its own; pass it outside extra");
      continue;
    }
    lua_getfield(b->L, extra, keys[i]);
    const char *why = lidv_writes_json(b) ? write_json(b, keys[i]) : write_pair(b, keys[i]);
    lua_pop(b->L, 1);
    if (why != NULL) {
      lidv_problems_add(&b->problems, &scope, keys[i], why);
    }
  }
}
