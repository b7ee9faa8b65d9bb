#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "json.h"
#include "scratch.h"
#include "utf8.h"

/* Up to here an integral float is that integer and no other. */
#define LARGEST_EXACT 9007199254740991.0

/* ---- texts ---- */

/* What stands for a byte after a backslash; 'u' for its number, 0 for the byte itself. */
static const char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b',         't',         'n',           'u',
    'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u',         'u',         'u',           'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['/'] = '/', ['\\'] = '\\', [127] = 'u',
};

static void append_escape(unsigned char byte, idv_buffer *out) {
  char text[8] = {'\\', escapes[byte]};
  if (escapes[byte] == 'u') {
    snprintf(text, sizeof text, "\\u%04x", byte);
  }
  idv_buffer_append_text(out, text);
}

void lidv_json_append_text(idv_slice text, idv_buffer *out) {
  size_t written = 0;
  idv_buffer_append_char(out, '"');
  for (size_t i = 0; i < text.length; i++) {
    unsigned char byte = (unsigned char)text.data[i];
    if (escapes[byte] != 0) {
      idv_buffer_append(out, text.data + written, i - written);
      append_escape(byte, out);
      written = i + 1;
    }
  }
  idv_buffer_append(out, text.data + written, text.length - written);
  idv_buffer_append_char(out, '"');
}

/* ---- numbers ---- */

/* Writes a number that is no integer with as few digits as bring it back, whatever the locale's point is. */
static void write_fraction(double number, char out[LIDV_JSON_NUMBER]) {
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(out, LIDV_JSON_NUMBER, "%.*g", digits, number);
    if (strtod(out, NULL) == number) {
      break;
    }
  }
  char *point = out + strcspn(out, "0123456789");
  point += strspn(point, "0123456789");
  if (*point != '\0' && *point != 'e') {
    *point = '.';
  }
}

const char *lidv_json_number(lua_State *L, int index, char out[LIDV_JSON_NUMBER]) {
  if (lidv_is_integer_subtype(L, index)) {
    snprintf(out, LIDV_JSON_NUMBER, "%lld", (long long)lua_tointeger(L, index));
    return NULL;
  }
  double number = (double)lua_tonumber(L, index);
  if (!isfinite(number)) {
    return "holds a number that is not finite";
  }
  if (floor(number) != number) {
    write_fraction(number, out);
  } else if (fabs(number) <= LARGEST_EXACT) {
    snprintf(out, LIDV_JSON_NUMBER, "%lld", (long long)number);
  } else {
    return "holds an integer that is a float too large to be exact; from Lua 5.3 on, integers are exact";
  }
  return NULL;
}

/* ---- any value ---- */

typedef struct writer {
  lua_State *L;
  const lidv_list_marks *marks;
  idv_buffer *out;
  const void *above[LIDV_JSON_DEPTH]; /* the tables that the present one lies in */
  int depth;
} writer;

static const char *write_value(writer *w, int index);

bool lidv_is_null(lua_State *L, int index) {
  return lua_islightuserdata(L, index) && lua_touserdata(L, index) == NULL;
}

static const char *write_text(writer *w, int index) {
  idv_slice text = lidv_slice(w->L, index);
  if (!idv_utf8_is_valid(text)) {
    return "holds text that is not valid UTF-8";
  }
  lidv_json_append_text(text, w->out);
  return NULL;
}

static const char *write_number(writer *w, int index) {
  char digits[LIDV_JSON_NUMBER];
  const char *why = lidv_json_number(w->L, index, digits);
  if (why == NULL) {
    idv_buffer_append_text(w->out, digits);
  }
  return why;
}

/* Whether the value at `index` is one of the numbers 1 to `length`. */
static bool is_position(lua_State *L, int index, size_t length) {
  lua_Number number = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : 0;
  return number >= 1 && number <= (lua_Number)length && floor(number) == number;
}

/* What kinds of keys a table has. */
typedef struct key_count {
  size_t texts, positions, others;
  bool has_strange; /* neither texts nor numbers */
} key_count;

static key_count count_keys(lua_State *L, int index, size_t length) {
  key_count count = {0};
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      count.texts++;
    } else if (is_position(L, -2, length)) {
      count.positions++;
    } else {
      count.others++;
      count.has_strange = count.has_strange || lua_type(L, -2) != LUA_TNUMBER;
    }
  }
  return count;
}

/* Whether lua-cjson would write the table as a list, though it may be empty. */
static bool is_marked_list(const writer *w, int index, bool is_empty) {
  if (!lua_getmetatable(w->L, index)) {
    return false;
  }
  const void *metatable = lua_topointer(w->L, -1);
  lua_pop(w->L, 1);
  return metatable == w->marks->always || (is_empty && metatable == w->marks->when_empty);
}

/* What does not fit is not walked over either: a few tables that share members may stand for millions. The
 * buffer remembers that it was too much. */
static bool has_room(const writer *w) {
  return w->out->state == IDV_BUFFER_OK;
}

static const char *write_list(writer *w, int index, size_t length) {
  const char *why = NULL;
  idv_buffer_append_char(w->out, '[');
  for (size_t i = 1; i <= length && why == NULL && has_room(w); i++) {
    if (i > 1) {
      idv_buffer_append_char(w->out, ',');
    }
    lua_rawgeti(w->L, index, (int)i);
    why = write_value(w, lua_gettop(w->L));
    lua_pop(w->L, 1);
  }
  idv_buffer_append_char(w->out, ']');
  return why;
}

static const char *write_object(writer *w, int index) {
  lua_State *L = w->L;
  char before = '{';
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (!has_room(w)) {
      lua_pop(L, 2);
      return NULL;
    }
    idv_buffer_append_char(w->out, before);
    before = ',';
    const char *why = write_text(w, lua_gettop(L) - 1);
    if (why == NULL) {
      idv_buffer_append_char(w->out, ':');
      why = write_value(w, lua_gettop(L));
    }
    if (why != NULL) {
      lua_pop(L, 2);
      return why;
    }
  }
  idv_buffer_append_text(w->out, before == '{' ? "{}" : "}");
  return NULL;
}

/* A table is a list (keys 1 to n and nothing else) or an object (texts and nothing else). */
static const char *write_members(writer *w, int index) {
  size_t length = lidv_rawlen(w->L, index);
  key_count count = count_keys(w->L, index, length);
  if (count.has_strange) {
    return "holds a table whose keys are neither names nor positions";
  }
  bool is_empty = count.texts == 0 && count.positions == 0;
  bool is_list = count.positions > 0 || is_marked_list(w, index, is_empty);
  if (count.others > 0 || (is_list && (count.texts > 0 || count.positions != length))) {
    return "holds a table that is neither a list without gaps nor an object";
  }
  return is_list ? write_list(w, index, length) : write_object(w, index);
}

static const char *write_table(writer *w, int index) {
  const void *table = lua_topointer(w->L, index);
  for (int i = 0; i < w->depth; i++) {
    if (w->above[i] == table) {
      return "holds a table that contains itself";
    }
  }
  if (w->depth == LIDV_JSON_DEPTH) {
    return "is nested deeper than 64 levels";
  }
  luaL_checkstack(w->L, 8, "deep table");
  w->above[w->depth++] = table;
  const char *why = write_members(w, index);
  w->depth--;
  return why;
}

static const char *write_light_userdata(writer *w, int index) {
  const void *mark = lua_touserdata(w->L, index);
  if (mark != NULL && mark != w->marks->empty) {
    return "holds a value that JSON does not have";
  }
  idv_buffer_append_text(w->out, mark == NULL ? "null" : "[]");
  return NULL;
}

/* `index` is absolute. */
static const char *write_value(writer *w, int index) {
  switch (lua_type(w->L, index)) {
  case LUA_TSTRING:
    return write_text(w, index);
  case LUA_TNUMBER:
    return write_number(w, index);
  case LUA_TBOOLEAN:
    idv_buffer_append_text(w->out, lua_toboolean(w->L, index) ? "true" : "false");
    return NULL;
  case LUA_TTABLE:
    return write_table(w, index);
  case LUA_TLIGHTUSERDATA:
    return write_light_userdata(w, index);
  default:
    return "holds a value that JSON does not have";
  }
}

const char *lidv_json_append_value(lua_State *L, int index, idv_buffer *out) {
  writer w = {.L = L, .marks = &lidv_context_of(L)->marks, .out = out};
  size_t before = out->length;
  const char *why = write_value(&w, lidv_absindex(L, index));
  if (why != NULL) {
    idv_buffer_truncate(out, before);
  }
  return why;
}

/* ---- for Lua ---- */

/* json_encode(value) -> text, or nil and a sentence */
static int Lidv_json_encode(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  idv_buffer *out = &lidv_push_scratch(L)->body;
  const char *why = lidv_json_append_value(L, 1, out);
  if (why == NULL && out->state != IDV_BUFFER_OK) {
    why = "is too large";
  }
  if (why == NULL) {
    lidv_push_slice(L, idv_buffer_slice(out));
    lidv_return_scratch(L, 2);
    return 1;
  }
  lidv_return_scratch(L, 2);
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

void lidv_open_json_write(lua_State *L) {
  static const luaL_Reg functions[] = {{"json_encode", Lidv_json_encode}, {NULL, NULL}};
  lidv_register_functions(L, functions);
}
