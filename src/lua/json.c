#include "json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "utf8.h"

/* Up to here lua-cjson's 14 significant digits are exact for every integer. */
#define ALWAYS_EXACT 99999999999999.0

/* Up to here every integral float is that integer and no other. */
#define EXACT_FLOAT 9007199254740992.0

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

/* Leaves the module's stack as it was; raises lua's own message when lua-cjson is not there. */
static void open_instance(lua_State *L, lidv_context *context) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1);
  int instance = lua_gettop(L);
  configure(L, instance, "decode_invalid_numbers", 0);
  configure(L, instance, "encode_invalid_numbers", 0);
  configure(L, instance, "encode_keep_buffer", 0); /* it would go on holding what was last written */
  configure(L, instance, "decode_max_depth", LIDV_JSON_DEPTH);
  configure(L, instance, "encode_max_depth", LIDV_JSON_DEPTH + 1);
  context->json_encode = take_function(L, instance, "encode");
  context->json_decode = take_function(L, instance, "decode");
  lua_pop(L, 2);
}

/* ---- writing ---- */

/* Pushes what lua-cjson makes of the value at `index`. [-0, +1] */
static void push_encoded(lua_State *L, const lidv_context *context, int index) {
  int at = lidv_absindex(L, index);
  lua_rawgeti(L, LUA_REGISTRYINDEX, context->json_encode);
  lua_pushvalue(L, at);
  lua_call(L, 1, 1);
}

/* Bits of the bytes from 32 times the index on: those of which every writer of JSON makes themselves. */
static const uint32_t plain_bytes[8] = {
    [1] = ~(UINT32_C(1) << ('"' - 32) | UINT32_C(1) << ('/' - 32)),
    [2] = ~(UINT32_C(1) << ('\\' - 64)),
    [3] = ~(UINT32_C(1) << (127 - 96)),
};

/* Whether the text is ASCII of which every writer of JSON makes itself, between quotes. */
static bool is_plain(idv_slice text) {
  for (size_t i = 0; i < text.length; i++) {
    unsigned byte = (unsigned char)text.data[i];
    if ((plain_bytes[byte / 32] >> byte % 32 & 1) == 0) {
      return false;
    }
  }
  return true;
}

void lidv_json_append_text(lua_State *L, const lidv_context *context, int index, idv_buffer *out) {
  idv_slice text = lidv_slice(L, index);
  if (is_plain(text)) {
    idv_buffer_append_char(out, '"');
    idv_buffer_append_slice(out, text);
    idv_buffer_append_char(out, '"');
    return;
  }
  push_encoded(L, context, index);
  idv_buffer_append_slice(out, lidv_slice(L, -1));
  lua_pop(L, 1);
}

const char *lidv_json_append_integer(lua_State *L, const lidv_context *context, long long value,
                                     idv_buffer *out) {
  char digits[32];
  snprintf(digits, sizeof digits, "%lld", value);
  lidv_push_integer(L, value);
  push_encoded(L, context, -1);
  bool is_exact = strcmp(lua_tostring(L, -1), digits) == 0;
  lua_pop(L, 2);
  if (!is_exact) {
    return "is an integer that the installed lua-cjson would round; it writes at most 14 digits exactly";
  }
  idv_buffer_append_text(out, digits);
  return NULL;
}

typedef struct tree_check {
  lua_State *L;
  const lidv_context *context;
  const void *above[LIDV_JSON_DEPTH]; /* the tables that the present one lies in */
  int depth;
} tree_check;

static const char *check_value(tree_check *check, int index);

static const char *check_number(tree_check *check, int index) {
  lua_Number number = lua_tonumber(check->L, index);
  if (isnan(number) || isinf(number)) {
    return "holds a number that is not finite";
  }
  bool is_integral = lidv_is_integer_subtype(check->L, index) || floor(number) == number;
  if (!is_integral || fabs(number) <= ALWAYS_EXACT) {
    return NULL;
  }
  char digits[64];
  if (lidv_is_integer_subtype(check->L, index)) {
    snprintf(digits, sizeof digits, "%lld", (long long)lua_tointeger(check->L, index));
  } else if (fabs(number) <= EXACT_FLOAT) {
    snprintf(digits, sizeof digits, "%.0f", number);
  } else {
    return "holds an integer too large to be exact";
  }
  push_encoded(check->L, check->context, index);
  bool is_exact = strcmp(lua_tostring(check->L, -1), digits) == 0;
  lua_pop(check->L, 1);
  return is_exact ? NULL : "holds an integer that the installed lua-cjson would round";
}

static const char *check_text(tree_check *check, int index) {
  return idv_utf8_is_valid(lidv_slice(check->L, index)) ? NULL : "holds text that is not valid UTF-8";
}

/* Whether the value at `index` is one of the numbers 1 to `length`. */
static bool is_position(lua_State *L, int index, size_t length) {
  lua_Number number = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : 0;
  return number >= 1 && number <= (lua_Number)length && floor(number) == number;
}

/* A table is a list (keys 1 to n and nothing else) or an object (texts and nothing else). */
static const char *check_keys(lua_State *L, int index) {
  size_t texts = 0, positions = 0, others = 0, length = lidv_rawlen(L, index);
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      texts++;
    } else if (is_position(L, -2, length)) {
      positions++;
    } else if (lua_type(L, -2) == LUA_TNUMBER) {
      others++;
    } else {
      lua_pop(L, 2);
      return "holds a table whose keys are neither names nor positions";
    }
  }
  bool is_list_or_object = others == 0 && (positions == 0 || (texts == 0 && positions == length));
  return is_list_or_object ? NULL : "holds a table that is neither a list without gaps nor an object";
}

static const char *check_members(tree_check *check, int index) {
  lua_State *L = check->L;
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    const char *why = lua_type(L, -2) == LUA_TSTRING ? check_text(check, lua_gettop(L) - 1) : NULL;
    if (why == NULL) {
      why = check_value(check, lua_gettop(L));
    }
    if (why != NULL) {
      lua_pop(L, 2);
      return why;
    }
  }
  return NULL;
}

static const char *check_table(tree_check *check, int index) {
  const void *table = lua_topointer(check->L, index);
  for (int i = 0; i < check->depth; i++) {
    if (check->above[i] == table) {
      return "holds a table that contains itself";
    }
  }
  if (check->depth == LIDV_JSON_DEPTH) {
    return "is nested deeper than 64 levels";
  }
  luaL_checkstack(check->L, 8, "deep table");
  check->above[check->depth++] = table;
  const char *why = check_keys(check->L, index);
  if (why == NULL) {
    why = check_members(check, index);
  }
  check->depth--;
  return why;
}

/* `index` is absolute. */
static const char *check_value(tree_check *check, int index) {
  switch (lua_type(check->L, index)) {
  case LUA_TSTRING:
    return check_text(check, index);
  case LUA_TNUMBER:
    return check_number(check, index);
  case LUA_TBOOLEAN:
    return NULL;
  case LUA_TTABLE:
    return check_table(check, index);
  case LUA_TLIGHTUSERDATA:
    return lua_touserdata(check->L, index) == NULL ? NULL : "holds a value that JSON does not have";
  default:
    return "holds a value that JSON does not have";
  }
}

const char *lidv_json_append_value(lua_State *L, const lidv_context *context, int index, idv_buffer *out) {
  tree_check check = {.L = L, .context = context};
  const char *why = check_value(&check, lidv_absindex(L, index));
  if (why == NULL) {
    push_encoded(L, context, index);
    idv_buffer_append_slice(out, lidv_slice(L, -1));
    lua_pop(L, 1);
  }
  return why;
}

/* ---- reading ---- */

static bool is_null(lua_State *L, int index) {
  return lua_islightuserdata(L, index) && lua_touserdata(L, index) == NULL;
}

static bool is_integral_float(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TNUMBER || lidv_is_integer_subtype(L, index)) {
    return false;
  }
  lua_Number number = lua_tonumber(L, index);
  return floor(number) == number && fabs(number) <= EXACT_FLOAT;
}

/* Pops the value on the top and, when it is one to replace, leaves its replacement: true with one value
 * pushed. */
static bool push_replacement(lua_State *L, bool is_in_object) {
  if (is_in_object && is_null(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return true;
  }
#if LUA_VERSION_NUM >= 503
  if (is_integral_float(L, -1)) {
    long long value = (long long)lua_tonumber(L, -1);
    lua_pop(L, 1);
    lidv_push_integer(L, value);
    return true;
  }
#endif
  lua_pop(L, 1);
  return false;
}

/* Applies the rules for null and integers to the table on the top and all below it. The depth is bounded.
 * [-0, +0] */
static void tidy(lua_State *L) {
  int table = lua_gettop(L);
  luaL_checkstack(L, 8, "deep answer");
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    if (lua_istable(L, -1)) {
      tidy(L);
      lua_pop(L, 1);
    } else if (push_replacement(L, lua_type(L, -2) == LUA_TSTRING)) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, table); /* an existing field may be changed while it is walked over */
    }
  }
}

/* A number that stands alone, not in a table. [-1, +1] */
static void tidy_number(lua_State *L) {
  if (is_integral_float(L, -1)) {
    long long value = (long long)lua_tonumber(L, -1);
    lua_pop(L, 1);
    lidv_push_integer(L, value);
  }
}

enum { BEGINS = 1, COMES_BEFORE = 2 };

/* What begins a null or a number, and what can stand right before one in a list or an object. */
static const unsigned char roles[256] = {
    ['n'] = BEGINS,        ['-'] = BEGINS,        ['0'] = BEGINS,        ['1'] = BEGINS,
    ['2'] = BEGINS,        ['3'] = BEGINS,        ['4'] = BEGINS,        ['5'] = BEGINS,
    ['6'] = BEGINS,        ['7'] = BEGINS,        ['8'] = BEGINS,        ['9'] = BEGINS,
    [':'] = COMES_BEFORE,  [','] = COMES_BEFORE,  ['['] = COMES_BEFORE,  [' '] = COMES_BEFORE,
    ['\n'] = COMES_BEFORE, ['\t'] = COMES_BEFORE, ['\r'] = COMES_BEFORE,
};

/* Whether the backslash at `at` is itself escaped by the one before it: an odd number of them comes before.
 */
static bool is_escaped_backslash(const char *at) {
  bool is_escaped = false;
  while (*--at == '\\') {
    is_escaped = !is_escaped;
  }
  return is_escaped;
}

/* The end of the string that begins at `at` with a quote: its other quote, or `end` when there is none. */
static const char *end_of_string(const char *at, const char *end) {
  do {
    const char *quote = memchr(at + 1, '"', (size_t)(end - at) - 1);
    at = quote != NULL ? quote : end;
  } while (at < end && at[-1] == '\\' && !is_escaped_backslash(at - 1));
  return at;
}

/*
 * Whether a value that tidying replaces may be in the text, which is JSON. What is in strings does not count,
 * and most of an answer is.
 */
static bool may_need_tidying(idv_slice text) {
  const char *end = text.data + text.length;
  unsigned before = 0;
  for (const char *at = text.data; at < end; at++) {
    if (*at == '"') {
      at = end_of_string(at, end);
      before = 0;
      continue;
    }
    unsigned role = roles[(unsigned char)*at];
    if ((role & before & BEGINS) != 0) {
      return true;
    }
    before = role >> 1; /* COMES_BEFORE becomes BEGINS: what may follow */
  }
  return false;
}

const char *lidv_json_push(lua_State *L, const lidv_context *context, idv_slice text) {
  if (text.length == 0) {
    return "is empty";
  }
  if (memchr(text.data, '\0', text.length) != NULL) {
    return "is not JSON"; /* lua-cjson would take it for the end */
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, context->json_decode);
  lua_pushlstring(L, text.data, text.length);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_ERRMEM) {
    lua_error(L);
  }
  if (status != 0) {
    const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    bool is_too_deep = strstr(message, "nested") != NULL;
    lua_pop(L, 1);
    return is_too_deep ? "is nested deeper than 64 levels" : "is not JSON";
  }
  if (lua_istable(L, -1)) {
    if (may_need_tidying(text)) {
      tidy(L);
    }
  } else {
    tidy_number(L);
  }
  return NULL;
}

/* ---- for Lua ---- */

/* json_decode(text) -> value, or nil and a sentence */
static int Lidv_json_decode(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *why = lidv_json_push(L, lidv_context_of(L), lidv_slice(L, 1));
  if (why == NULL) {
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* json_encode(value) -> text, or nil and a sentence */
static int Lidv_json_encode(lua_State *L) {
  lidv_context *context = lidv_context_of(L);
  luaL_checkany(L, 1);
  idv_buffer_reset(&context->body);
  const char *why = lidv_json_append_value(L, context, 1, &context->body);
  if (why == NULL && context->body.state != IDV_BUFFER_OK) {
    why = "is too large";
  }
  if (why == NULL) {
    lidv_push_slice(L, idv_buffer_slice(&context->body));
  } else {
    lua_pushnil(L);
    lua_pushstring(L, why);
  }
  idv_buffer_reset(&context->body);
  return why == NULL ? 1 : 2;
}

void lidv_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"json_decode", Lidv_json_decode}, {"json_encode", Lidv_json_encode}, {NULL, NULL}};
  open_instance(L, lua_touserdata(L, -1));
  lidv_register_functions(L, functions);
}
