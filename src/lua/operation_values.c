/*
 * Validating the value of each parameter and writing it into the request, field by field in the order of the
 * description, so that the same parameters always give the same bytes.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"
#include "compat.h"
#include "json.h"
#include "operation_builder.h"

/* Up to here an integral float is that integer and no other. */
#define LARGEST_EXACT 9007199254740991.0

/* ---- writing ---- */

static bool is_hidden(const lidv_builder *b, const lidv_parameter *parameter) {
  return b->is_shown && parameter->is_sensitive;
}

static void write_word(lidv_builder *b, const lidv_parameter *parameter, const char *word) {
  if (parameter->place == LIDV_IN_PATH) {
    return; /* written with the path */
  }
  if (lidv_writes_json(b)) {
    lidv_write_json_key(b, parameter->json_key);
    idv_buffer_append_text(&b->scratch->body, word);
  } else {
    lidv_write_pair(b, parameter->wire, idv_slice_of(word));
  }
}

/* Writes the text at stack index `value`. */
static void write_text(lidv_builder *b, const lidv_parameter *parameter, int value) {
  if (parameter->place == LIDV_IN_PATH) {
    return;
  }
  if (is_hidden(b, parameter)) {
    write_word(b, parameter, lidv_writes_json(b) ? "\"" LIDV_HIDDEN "\"" : LIDV_HIDDEN);
  } else if (lidv_writes_json(b)) {
    lidv_write_json_key(b, parameter->json_key);
    lidv_json_append_text(lidv_slice(b->L, value), &b->scratch->body);
  } else {
    lidv_write_pair(b, parameter->wire, lidv_slice(b->L, value));
  }
}

static bool may_write(const lidv_builder *b) {
  return b->problems.count == 0;
}

/* ---- validating ---- */

static void add_type_problem(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter,
                             int value, const char *expectation) {
  lidv_problems_addf(&b->problems, at->scope, parameter->name, "is a %s; must be %s",
                     lua_typename(b->L, lua_type(b->L, value)), expectation);
}

static void take_text(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter, int value) {
  char why[IDV_RULE_WHY_MAX];
  if (lua_type(b->L, value) != LUA_TSTRING) {
    add_type_problem(b, at, parameter, value, idv_rule_expectation(parameter->rule.type));
  } else if (!idv_rule_check(&parameter->rule, lidv_slice(b->L, value), why)) {
    lidv_problems_add(&b->problems, at->scope, parameter->name, why);
  } else if (may_write(b)) {
    write_text(b, parameter, value);
  }
}

static void take_enum(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter, int value) {
  bool is_known = false;
  if (lua_type(b->L, value) == LUA_TSTRING) {
    lidv_push_anchored(b->L, b->operation, parameter->values);
    lua_pushvalue(b->L, value);
    lua_rawget(b->L, -2);
    is_known = lua_toboolean(b->L, -1) != 0;
    lua_pop(b->L, 2);
  }
  if (!is_known) {
    lidv_problems_addf(&b->problems, at->scope, parameter->name, "must be one of: %s", parameter->choices);
  } else if (may_write(b)) {
    write_text(b, parameter, value);
  }
}

static void take_boolean(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter, int value) {
  if (!lua_isboolean(b->L, value)) {
    add_type_problem(b, at, parameter, value, "true or false");
  } else if (may_write(b)) {
    write_word(b, parameter, lua_toboolean(b->L, value) ? "true" : "false");
  }
}

/* Writes an integer that has been found to be right. */
static void write_integer(lidv_builder *b, const lidv_parameter *parameter, long long number) {
  char digits[32];
  snprintf(digits, sizeof digits, "%lld", number);
  write_word(b, parameter, digits);
}

/* Reads the number at `value` if it is an integer and no other: from a float only what it holds exactly. */
static bool read_integer(lua_State *L, int value, long long *integer) {
  if (lidv_is_integer_subtype(L, value)) {
    *integer = (long long)lua_tointeger(L, value);
    return true;
  }
  lua_Number number = lua_tonumber(L, value);
  if (!isfinite(number) || floor(number) != number || fabs(number) > LARGEST_EXACT) {
    return false;
  }
  *integer = (long long)number;
  return true;
}

static void take_integer(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter, int value) {
  long long number;
  if (lua_type(b->L, value) != LUA_TNUMBER || !read_integer(b->L, value, &number)) {
    lidv_problems_add(&b->problems, at->scope, parameter->name, "must be an integer");
    return;
  }
  if ((double)number < parameter->least && parameter->most == LIDV_NO_MOST) {
    lidv_problems_addf(&b->problems, at->scope, parameter->name, "must be at least %.0f", parameter->least);
  } else if ((double)number < parameter->least || (double)number > parameter->most) {
    lidv_problems_addf(&b->problems, at->scope, parameter->name, "must be from %.0f to %.0f",
                       parameter->least, parameter->most);
  } else if (may_write(b)) {
    write_integer(b, parameter, number);
  }
}

/* Reads "5402850", or "I-5402850" where the prefix is "I-". 0 when it is neither. */
static long long number_of_id(idv_slice text, const char *prefix) {
  size_t skip = prefix != NULL ? strlen(prefix) : 0;
  if (skip > 0 && text.length > skip && memcmp(text.data, prefix, skip) == 0) {
    text.data += skip;
    text.length -= skip;
  }
  long long number = 0;
  if (text.length == 0 || text.length > 18 || text.data[0] == '0') {
    return 0;
  }
  for (size_t i = 0; i < text.length; i++) {
    if (!idv_ascii_is_digit(text.data[i])) {
      return 0;
    }
    number = number * 10 + (text.data[i] - '0');
  }
  return number;
}

static void take_numeric_id(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter,
                            int value) {
  long long number = 0;
  if (lua_type(b->L, value) == LUA_TSTRING) {
    number = number_of_id(lidv_slice(b->L, value), parameter->rule.prefix);
  } else if (lua_type(b->L, value) != LUA_TNUMBER || !read_integer(b->L, value, &number)) {
    number = 0;
  }
  if (lua_type(b->L, value) == LUA_TNUMBER && lua_tonumber(b->L, value) > LARGEST_EXACT && number == 0) {
    lidv_problems_add(&b->problems, at->scope, parameter->name,
                      "is a number that may have been rounded; pass its digits as text");
  } else if (number <= 0) {
    lidv_problems_addf(&b->problems, at->scope, parameter->name,
                       "must be a numeric id: a positive integer, its digits as text, or the digits after %s",
                       parameter->rule.prefix != NULL ? parameter->rule.prefix : "nothing");
  } else if (may_write(b)) {
    write_integer(b, parameter, number);
  }
}

static bool has_fields(lua_State *L, int table) {
  lua_pushnil(L);
  bool has_some = lua_next(L, table) != 0;
  lua_pop(L, has_some ? 2 : 0);
  return has_some;
}

/* Whether all that was given of the object is "". */
static bool is_blank(const lidv_builder *b, const lidv_level *inner) {
  return (inner->given & ~inner->blank) == 0 && lua_isnil(b->L, inner->extra);
}

/* Writes the object. Returns whether anything is in it. */
static bool write_object(lidv_builder *b, const lidv_parameter *parameter, const lidv_level *inner) {
  idv_buffer *body = &b->scratch->body;
  if (may_write(b)) {
    lidv_write_json_key(b, parameter->json_key);
    idv_buffer_append_char(body, '{');
  }
  size_t before = body->length;
  lidv_take_group(b, inner);
  lidv_take_extra(b, inner);
  bool has_content = body->length > before;
  idv_buffer_append_char(body, '}');
  return has_content;
}

/* An optional object that was filled in with nothing, as by a form that was left empty, is left out. */
static void take_object(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter, int value) {
  if (!lua_istable(b->L, value)) {
    add_type_problem(b, at, parameter, value, "a table");
    return;
  }
  int top = lua_gettop(b->L), problems = b->problems.count;
  size_t before = b->scratch->body.length;
  lidv_scope scope = {.name = parameter->name, .outer = at->scope};
  lidv_level inner = {.group = &b->operation->groups[parameter->group], .scope = &scope};
  lidv_gather(b, &inner, value);
  bool may_be_left_out = !parameter->is_required && b->problems.count == problems && has_fields(b->L, value);
  if (may_be_left_out && is_blank(b, &inner)) {
    lua_settop(b->L, top);
    return;
  }
  if (!write_object(b, parameter, &inner) && may_be_left_out) {
    idv_buffer_truncate(&b->scratch->body, before);
  }
  lua_settop(b->L, top);
}

static void take_value(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter, int value) {
  if (lidv_is_null(b->L, value)) { /* which only a parameter that takes it was given */
    if (may_write(b)) {
      write_word(b, parameter, "null");
    }
    return;
  }
  switch (parameter->kind) {
  case LIDV_TEXT:
    take_text(b, at, parameter, value);
    break;
  case LIDV_ENUM:
    take_enum(b, at, parameter, value);
    break;
  case LIDV_INTEGER:
    take_integer(b, at, parameter, value);
    break;
  case LIDV_NUMERIC_ID:
    take_numeric_id(b, at, parameter, value);
    break;
  case LIDV_BOOLEAN:
    take_boolean(b, at, parameter, value);
    break;
  case LIDV_OBJECT:
    take_object(b, at, parameter, value);
    break;
  }
}

static const char *expectation_of(const lidv_parameter *parameter) {
  return parameter->kind == LIDV_TEXT ? idv_rule_expectation(parameter->rule.type) : NULL;
}

static void add_missing(lidv_builder *b, const lidv_level *at, const lidv_parameter *parameter) {
  const char *expectation = expectation_of(parameter);
  if (expectation != NULL && parameter->rule.type != IDV_RULE_TEXT) {
    lidv_problems_addf(&b->problems, at->scope, parameter->name, "is required: %s", expectation);
  } else {
    lidv_problems_add(&b->problems, at->scope, parameter->name, "is required");
  }
}

void lidv_take_group(lidv_builder *b, const lidv_level *at) {
  for (uint32_t rest = at->given | at->group->required; rest != 0; rest &= rest - 1) {
    int place = lidv_first_place(rest);
    const lidv_parameter *parameter = lidv_parameter_at(b, at, place);
    if ((at->given >> place & 1) != 0) {
      take_value(b, at, parameter, at->first_value + place);
    } else {
      add_missing(b, at, parameter);
    }
  }
}

void lidv_check_choice(lidv_builder *b, const lidv_level *at) {
  const lidv_operation *operation = b->operation;
  if (operation->choice_count == 0) {
    return;
  }
  int given = __builtin_popcount(at->given & operation->choice);
  bool may_be_none = operation->choice_unless >= 0 && (at->given >> operation->choice_unless & 1) != 0;
  if (given > 1 || (given == 0 && !may_be_none)) {
    lidv_problems_addf(
        &b->problems, NULL, operation->choice_text, "exactly one of them is needed%s%s; %d were given",
        operation->choice_unless >= 0 ? ", or none with " : "",
        operation->choice_unless >= 0 ? lidv_parameter_at(b, at, operation->choice_unless)->name : "", given);
  }
}
