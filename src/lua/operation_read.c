/*
 * Reading an answer: from status, head and body to a record, as the description says.
 *
 * Only successes become records here. What a refusal means differs from provider to provider and is rare, so
 * it is read in Lua (lua/idv/refusal.lua). The body stays in the record as `raw`, untouched but for the rules
 * of json.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "json.h"
#include "operation.h"
#include "record_form.h"

/* Up to here an integral float is that integer and no other. */
#define LARGEST_EXACT 9007199254740991.0

static bool is_success(const lidv_operation *operation, long status) {
  if (operation->success[0] == 0) {
    return status == 200 || status == 201;
  }
  for (int i = 0; i < LIDV_SUCCESS_MAX; i++) {
    if (operation->success[i] == status) {
      return true;
    }
  }
  return false;
}

/* What the steps of reading share. */
typedef struct reader {
  lua_State *L;
  const lidv_operation *operation;
  int anchor; /* stack index of the operation's anchor */
} reader;

/* Pushes the thing at `slot` of the anchor. [-0, +1] */
static void push_slot(const reader *r, int slot) {
  lua_rawgeti(r->L, r->anchor, slot);
}

/* ---- finding values ---- */

/* Pushes what the list of keys at stack index `keys` leads to inside the value at `from`, or nil. [-0, +1] */
static void push_at_path(lua_State *L, int from, int keys) {
  int count = (int)lidv_rawlen(L, keys);
  lua_pushvalue(L, from);
  for (int i = 1; i <= count; i++) {
    if (!lua_istable(L, -1)) {
      lua_pop(L, 1);
      lua_pushnil(L);
      return;
    }
    lua_rawgeti(L, keys, i);
    lua_rawget(L, -2);
    lua_remove(L, -2);
  }
}

/* The same for `count` keys of the anchor, inside the table at `from`. [-0, +1] */
static void push_at_keys(const reader *r, int keys, int count, int from) {
  lua_State *L = r->L;
  push_slot(r, keys);
  lua_rawget(L, from);
  for (int i = 1; i < count; i++) {
    if (!lua_istable(L, -1)) {
      lua_pop(L, 1);
      lua_pushnil(L);
      return;
    }
    push_slot(r, keys + i);
    lua_rawget(L, -2);
    lua_replace(L, -2);
  }
}

/* Pushes the first value that one of the field's paths leads to, or nil, and returns its type. [-0, +1] */
static int push_found(const reader *r, const lidv_field *field, int from) {
  int keys = field->keys;
  for (int i = 0; i < LIDV_PATHS_MAX && field->lengths[i] > 0; i++) {
    push_at_keys(r, keys, field->lengths[i], from);
    int type = lua_type(r->L, -1);
    if (type != LUA_TNIL) {
      return type;
    }
    lua_pop(r->L, 1);
    keys += field->lengths[i];
  }
  lua_pushnil(r->L);
  return LUA_TNIL;
}

/*
 * Makes the number on the top a string of its digits; returns false, with nil instead, when it is not the one
 * integer that stood in the answer. [-1, +1]
 */
static bool make_digits(lua_State *L) {
  long long integer = 0;
  lua_Number number = lua_tonumber(L, -1);
  bool is_exact = floor(number) == number && fabs(number) <= LARGEST_EXACT;
  if (lidv_is_integer_subtype(L, -1)) {
    integer = (long long)lua_tointeger(L, -1);
  } else if (is_exact) {
    integer = (long long)number;
  } else {
    lua_pop(L, 1);
    lua_pushnil(L);
    return false;
  }
  char digits[32];
  lua_pop(L, 1);
  lua_pushlstring(L, digits, (size_t)snprintf(digits, sizeof digits, "%lld", integer));
  return true;
}

/* Makes the value on the top, which has this type, a string or nil, and returns its new type. [-1, +1] */
static int make_text(lua_State *L, int type) {
  if (type == LUA_TSTRING) {
    return type;
  }
  if (type == LUA_TNUMBER) {
    return make_digits(L) ? LUA_TSTRING : LUA_TNIL;
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  return LUA_TNIL;
}

/* ---- records ---- */

/* Replaces the provider's status on the top by ours; sets `final` in the record. [-1, +1] */
static void translate_status(const reader *r, int record) {
  lua_State *L = r->L;
  if (!lua_isnil(L, -1)) {
    push_slot(r, r->operation->answer.statuses);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_pushliteral(L, "unknown");
    }
  }
  bool is_final = false;
  if (!lua_isnil(L, -1)) {
    push_slot(r, r->operation->answer.finals);
    lua_pushvalue(L, -2);
    lua_rawget(L, -2);
    is_final = lua_toboolean(L, -1) != 0;
    lua_pop(L, 2);
  }
  lua_pushliteral(L, "final");
  lua_pushboolean(L, is_final);
  lua_rawset(L, record);
}

static bool has_form(idv_slice text, lidv_form form) {
  return form == LIDV_ANY_FORM || (form == LIDV_ID ? idv_record_is_id(text) : idv_record_is_url(text));
}

static bool begins_with(idv_slice text, const char *prefix) {
  size_t length = strlen(prefix);
  return text.length > length && memcmp(text.data, prefix, length) == 0;
}

/* Whether the value on the top, which has this type, is what the field has to be. */
static bool is_usable(const reader *r, const lidv_field *field, int type) {
  lua_State *L = r->L;
  if (field->expected != 0) {
    push_slot(r, field->expected);
    bool is_expected = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 1);
    return is_expected;
  }
  if (type != LUA_TSTRING) {
    return type != LUA_TNIL || !field->is_required;
  }
  idv_slice text = lidv_slice(L, -1);
  if (text.length == 0) {
    return !field->is_required;
  }
  return has_form(text, field->form) && (field->prefix == NULL || begins_with(text, field->prefix));
}

/* Makes an empty text on the top nil where an id or an address belongs, and returns the new type. [-1, +1] */
static int drop_empty(lua_State *L, const lidv_field *field, int type) {
  if (type != LUA_TSTRING || field->form == LIDV_ANY_FORM || lidv_rawlen(L, -1) > 0) {
    return type;
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  return LUA_TNIL;
}

/* Sets the fields of the record at `record` from the value at `from`. Returns the one that is missing or that
 * is not what it has to be. */
static const char *fill(const reader *r, const lidv_field *fields, int count, int record, int from) {
  lua_State *L = r->L;
  for (int i = 0; i < count; i++) {
    push_slot(r, fields[i].name_slot);
    int type = push_found(r, &fields[i], from);
    if (fields[i].is_text || fields[i].is_status) {
      type = drop_empty(L, &fields[i], make_text(L, type));
    }
    if (!is_usable(r, &fields[i], type)) {
      lua_pop(L, 2);
      return fields[i].name;
    }
    if (fields[i].is_status) {
      translate_status(r, record);
    }
    if (type != LUA_TNIL) {
      lua_rawset(L, record);
    } else {
      lua_pop(L, 2);
    }
  }
  return NULL;
}

/* Pushes an empty record with its provider, metatable and `raw`, the value at `raw`. [-0, +1] */
static void push_bare_record(const reader *r, int raw) {
  lua_State *L = r->L;
  const lidv_answer *answer = &r->operation->answer;
  lua_createtable(L, 0, 8);
  push_slot(r, answer->provider_key);
  push_slot(r, answer->provider);
  lua_rawset(L, -3);
  push_slot(r, answer->raw_key);
  lua_pushvalue(L, raw);
  lua_rawset(L, -3);
  if (answer->metatable != 0) {
    push_slot(r, answer->metatable);
    lua_setmetatable(L, -2);
  }
}

/* Pushes the record of the table at `raw`. Returns the required field that is missing, with the record
 * pushed. */
static const char *push_record(const reader *r, int raw) {
  const lidv_answer *answer = &r->operation->answer;
  push_bare_record(r, raw);
  return fill(r, answer->fields, answer->fields_count, lua_gettop(r->L), raw);
}

/* Whether the table at `index` holds nothing but the items of a list. What it holds was JSON, so its keys are
 * positions or names. */
static bool is_list(lua_State *L, int index) {
  if (lidv_rawlen(L, index) > 0) {
    return true;
  }
  lua_pushnil(L);
  if (lua_next(L, index) == 0) {
    return true;
  }
  lua_pop(L, 2);
  return false;
}

/* What the provider calls the list: the last key of its path. The anchor keeps the text. [-0, +0] */
static const char *name_of_list(const reader *r) {
  lua_State *L = r->L;
  push_slot(r, r->operation->answer.list);
  lua_rawgeti(L, -1, (int)lidv_rawlen(L, -1));
  const char *name = lua_tostring(L, -1);
  lua_pop(L, 2);
  return name;
}

/* Pushes the list of records of the list at `items`. Returns what is missing, with the list pushed. */
static const char *push_records(const reader *r, int items) {
  lua_State *L = r->L;
  int count = (int)lidv_rawlen(L, items);
  lua_createtable(L, count, 0);
  int list = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, items, i);
    const char *missing = lua_istable(L, -1) ? push_record(r, list + 1) : name_of_list(r);
    if (missing != NULL) {
      lua_settop(L, list);
      return missing;
    }
    lua_rawseti(L, list, i);
    lua_pop(L, 1);
  }
  return NULL;
}

/* Pushes the record of a list: its items and what frames them. */
static const char *push_list_record(const reader *r, int raw) {
  lua_State *L = r->L;
  const lidv_answer *answer = &r->operation->answer;
  push_slot(r, answer->list);
  push_at_path(L, raw, lua_gettop(L));
  int items = lua_gettop(L);
  if (!lua_istable(L, items) || !is_list(L, items)) {
    return name_of_list(r);
  }
  push_bare_record(r, raw);
  int record = lua_gettop(L);
  const char *missing = push_records(r, items);
  if (missing == NULL) {
    lua_setfield(L, record, "items");
    missing = fill(r, answer->fields + answer->fields_count, answer->extra_count, record, raw);
  }
  lua_settop(L, record);
  return missing;
}

/* ---- for Lua ---- */

static int push_refusal(lua_State *L, const char *stage, const char *reason) {
  lua_pushnil(L);
  lua_pushstring(L, stage);
  lua_pushstring(L, reason);
  return 3;
}

/* Pushes the anchor and says where it is. [-0, +1] */
static reader begin(lua_State *L, const lidv_operation *operation) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, operation->anchor);
  return (reader){.L = L, .operation = operation, .anchor = lua_gettop(L)};
}

static int read_content(lua_State *L, const lidv_operation *operation, const idv_call *call) {
  idv_slice content = idv_buffer_slice(&call->content);
  if (content.length == 0) {
    return push_refusal(L, "unreadable", "the answer has no body");
  }
  reader r = begin(L, operation);
  push_slot(&r, operation->answer.list);
  const char *why = lidv_json_push(L, content, operation->answer.list != 0 ? lua_gettop(L) : 0);
  if (why != NULL) {
    lua_pushfstring(L, "the answer %s", why);
    return push_refusal(L, "unreadable", lua_tostring(L, -1));
  }
  int raw = lua_gettop(L);
  if (!lua_istable(L, raw)) {
    return push_refusal(L, "unreadable", "the answer is JSON, but not an object");
  }
  const char *missing = operation->answer.list != 0 ? push_list_record(&r, raw) : push_record(&r, raw);
  if (missing != NULL) {
    lua_pushfstring(L, "the answer has no usable '%s'", missing);
    return push_refusal(L, "unreadable", lua_tostring(L, -1));
  }
  return 1;
}

int lidv_read(lua_State *L, const lidv_operation *operation, const idv_call *call) {
  if (call->failure.kind != IDV_FAILURE_NONE) {
    return push_refusal(L, "failed", call->failure.reason);
  }
  if (!is_success(operation, call->status)) {
    return push_refusal(L, "refused", "");
  }
  if (!operation->answer.is_described) {
    return push_refusal(L, "hook", "");
  }
  return read_content(L, operation, call);
}

/*
 * operation:read(call) -> record, or nil, a stage and a sentence. The stage is "failed" when there was no
 * answer (the call knows why), "refused" for a status that is no success, "unreadable" for an answer that can
 * not be right, and "hook" when the description leaves reading to a hook.
 */
int Lidv_operation_read(lua_State *L) {
  const lidv_operation *operation = lidv_check_operation(L, 1);
  const idv_call *call = lidv_check_call(L, 2);
  luaL_argcheck(L, call->state == IDV_CALL_FINISHED, 2, "the call is not finished");
  return lidv_read(L, operation, call);
}
