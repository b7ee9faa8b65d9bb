/*
 * Compiling a description (a Lua table, already checked) into an lidv_operation.
 *
 * One userdata holds the operation, its parameters and the fields of its record. Strings stay where they are,
 * in Lua, and an anchor table keeps them alive; so nothing here is malloc'd and nothing can leak when Lua
 * raises.
 */
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "json.h"
#include "operation.h"

/* What the compiler carries along. The stack holds the description and the anchor at fixed places. */
typedef struct compiler {
  lua_State *L;
  const lidv_context *context;
  int anchor; /* stack index */
  lidv_operation *operation;
  const char *whose; /* the provider's name for people, or NULL */
  int parameters_used;
} compiler;

/* ---- reading the description ---- */

/* Keeps the value on the top in the anchor and returns its slot. [-1, +0] */
static int keep(compiler *c) {
  int slot = (int)lidv_rawlen(c->L, c->anchor) + 1;
  lua_rawseti(c->L, c->anchor, slot);
  return slot;
}

/* The string in field `name` of the table at `index`, kept alive; NULL when it is nil. */
static const char *text_field(compiler *c, int index, const char *name) {
  const char *text = NULL;
  lua_getfield(c->L, index, name);
  if (lua_isnil(c->L, -1)) {
    lua_pop(c->L, 1);
    return NULL;
  }
  text = luaL_checkstring(c->L, -1);
  keep(c);
  return text;
}

static const char *need_text(compiler *c, int index, const char *name) {
  const char *text = text_field(c, index, name);
  if (text == NULL) {
    luaL_error(c->L, "description: '%s' is missing", name);
  }
  return text;
}

static bool flag_field(compiler *c, int index, const char *name) {
  lua_getfield(c->L, index, name);
  bool is_set = lua_toboolean(c->L, -1) != 0;
  lua_pop(c->L, 1);
  return is_set;
}

static double number_field(compiler *c, int index, const char *name, double otherwise) {
  lua_getfield(c->L, index, name);
  double number = lua_isnil(c->L, -1) ? otherwise : luaL_checknumber(c->L, -1);
  lua_pop(c->L, 1);
  return number;
}

/* Pushes field `name`, a table, and returns its length; pushes an empty one where there is none. [-0, +1] */
static int push_list(compiler *c, int index, const char *name) {
  lua_getfield(c->L, index, name);
  if (lua_isnil(c->L, -1)) {
    lua_pop(c->L, 1);
    lua_newtable(c->L);
  }
  luaL_checktype(c->L, -1, LUA_TTABLE);
  return (int)lidv_rawlen(c->L, -1);
}

static int choose(compiler *c, const char *what, const char *word, const char *const *words) {
  for (int i = 0; words[i] != NULL; i++) {
    if (strcmp(word, words[i]) == 0) {
      return i;
    }
  }
  return luaL_error(c->L, "description: unknown %s '%s'", what, word);
}

/* ---- parameters ---- */

static int compile_group(compiler *c, int index);

static void compile_rule(compiler *c, int index, lidv_parameter *parameter) {
  const char *type = text_field(c, index, "rule");
  if (!idv_rule_type_named(type != NULL ? type : "text", &parameter->rule.type)) {
    luaL_error(c->L, "description: unknown rule '%s'", type);
  }
  parameter->rule.min_characters = (size_t)number_field(c, index, "min", 1);
  double most = number_field(c, index, "max", -1);
  parameter->rule.max_characters = most < 0 ? IDV_RULE_NO_MAX : (size_t)most;
  parameter->rule.prefix = text_field(c, index, "prefix");
  parameter->rule.whose = c->whose;
}

/* Makes a set out of the list of values, and a text that names them. */
static void compile_values(compiler *c, int index, lidv_parameter *parameter) {
  lua_State *L = c->L;
  int count = push_list(c, index, "values");
  int list = lua_gettop(L);
  lua_newtable(L);
  luaL_Buffer text;
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    lua_pushboolean(L, 1);
    lua_rawset(L, list + 1);
  }
  parameter->values = keep(c);
  luaL_buffinit(L, &text);
  for (int i = 1; i <= count; i++) {
    if (i > 1) {
      luaL_addstring(&text, ", ");
    }
    lua_rawgeti(L, list, i);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
  parameter->choices = lua_tostring(L, -1);
  keep(c);
  lua_pop(L, 1);
}

static void compile_json_key(compiler *c, lidv_parameter *parameter) {
  lua_pushliteral(c->L, "\"");
  lua_pushstring(c->L, parameter->wire);
  lua_pushliteral(c->L, "\":");
  lua_concat(c->L, 3);
  parameter->json_key = lidv_slice(c->L, -1);
  keep(c);
}

static void compile_parameter(compiler *c, int index, lidv_parameter *parameter) {
  static const char *const kinds[] = {"text", "enum", "integer", "numeric_id", "boolean", "object", NULL};
  static const char *const places[] = {"body", "query", "path", NULL};
  *parameter = (lidv_parameter){.name = need_text(c, index, "name"), .wire = need_text(c, index, "wire")};
  parameter->kind = (lidv_kind)choose(c, "kind", need_text(c, index, "kind"), kinds);
  parameter->place = (lidv_place)choose(c, "place", need_text(c, index, "place"), places);
  parameter->is_required = flag_field(c, index, "required");
  parameter->is_sensitive = flag_field(c, index, "sensitive");
  parameter->is_nullable = flag_field(c, index, "nullable");
  parameter->position = (int)number_field(c, index, "position", 0);
  parameter->least = number_field(c, index, "min", -9007199254740991.0);
  parameter->most = number_field(c, index, "max", LIDV_NO_MOST);
  compile_json_key(c, parameter);
  if (parameter->kind == LIDV_TEXT) {
    compile_rule(c, index, parameter);
  } else if (parameter->kind == LIDV_NUMERIC_ID) {
    parameter->rule.prefix = text_field(c, index, "prefix");
  } else if (parameter->kind == LIDV_ENUM) {
    compile_values(c, index, parameter);
  } else if (parameter->kind == LIDV_OBJECT) {
    lua_getfield(c->L, index, "fields");
    parameter->group = compile_group(c, lua_gettop(c->L));
    lua_pop(c->L, 1);
  }
}

/* Adds a spelling to the look-up table on the top; see lidv_group for the code that it leads to. */
static void add_spelling(lua_State *L, const char *spelling, int place_in_group, bool is_own) {
  lua_pushinteger(L, 1 + 2 * place_in_group + is_own);
  lua_setfield(L, -2, spelling);
}

/* Fills the look-up table, on the top, with every spelling of the parameter whose table is at `index`. */
static void add_spellings(compiler *c, int index, const lidv_parameter *parameter, int place_in_group) {
  int count = push_list(c, index, "spellings");
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(c->L, -1, i);
    const char *spelling = luaL_checkstring(c->L, -1);
    lua_pushvalue(c->L, -3); /* the look-up table */
    add_spelling(c->L, spelling, place_in_group, true);
    lua_pop(c->L, 2);
  }
  lua_pop(c->L, 1);
  add_spelling(c->L, parameter->name, place_in_group, false);
}

/* Compiles the list of parameters at `index` into a new group and returns its number. */
static int compile_group(compiler *c, int index) {
  lua_State *L = c->L;
  lidv_operation *operation = c->operation;
  int count = (int)lidv_rawlen(L, index);
  if (count > LIDV_GROUP_MAX || operation->group_count == LIDV_GROUPS_MAX) {
    luaL_error(L, "description: too many parameters");
  }
  luaL_checkstack(L, 16, "deep description");
  int number = operation->group_count++;
  lidv_group *group = &operation->groups[number];
  *group = (lidv_group){.first = c->parameters_used, .count = count};
  c->parameters_used += count;
  lua_newtable(L);
  int lookup = lua_gettop(L);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, index, i + 1);
    lidv_parameter *parameter = &operation->parameters[group->first + i];
    compile_parameter(c, lua_gettop(L), parameter);
    group->required |= (uint32_t)parameter->is_required << i;
    group->positional |= (uint32_t)(parameter->position > 0) << i;
    lua_pushvalue(L, lookup);
    add_spellings(c, lookup + 1, parameter, i);
    lua_settop(L, lookup);
  }
  group->lookup = keep(c);
  return number;
}

static int count_parameters(lua_State *L, int index) {
  int count = (int)lidv_rawlen(L, index);
  int total = count;
  luaL_checkstack(L, 4, "deep description");
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, index, i);
    lua_getfield(L, -1, "fields");
    if (lua_istable(L, -1)) {
      total += count_parameters(L, lua_gettop(L));
    }
    lua_pop(L, 2);
  }
  return total;
}

/* ---- the rest ---- */

static int index_of(const lidv_operation *operation, const char *name) {
  for (int i = 0; i < operation->groups[0].count; i++) {
    if (strcmp(operation->parameters[i].name, name) == 0) {
      return i;
    }
  }
  return -1;
}

/* The bit of the top-level parameter that the name on the top of the stack is of. */
static uint32_t bit_of(const compiler *c) {
  int place = index_of(c->operation, luaL_checkstring(c->L, -1));
  if (place < 0) {
    return (uint32_t)luaL_error(c->L, "description: a choice names something that is not a parameter");
  }
  return UINT32_C(1) << place;
}

static void compile_choice(compiler *c, int index) {
  lidv_operation *operation = c->operation;
  operation->choice_unless = -1;
  lua_getfield(c->L, index, "choice");
  if (lua_istable(c->L, -1)) {
    int choice = lua_gettop(c->L);
    int count = (int)lidv_rawlen(c->L, choice);
    for (int i = 1; i <= count; i++) {
      lua_rawgeti(c->L, choice, i);
      operation->choice |= bit_of(c);
      lua_pop(c->L, 1);
    }
    operation->choice_count = count;
    operation->choice_text = need_text(c, choice, "text");
    const char *unless = text_field(c, choice, "unless");
    operation->choice_unless = unless != NULL ? index_of(operation, unless) : -1;
  }
  lua_pop(c->L, 1);
}

static void compile_success(compiler *c, int index) {
  int count = push_list(c, index, "success");
  for (int i = 0; i < count && i < LIDV_SUCCESS_MAX; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    c->operation->success[i] = (int)luaL_checkinteger(c->L, -1);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}

/* Keeps the text in a slot of its own. */
static int keep_text(compiler *c, const char *text) {
  lua_pushstring(c->L, text);
  return keep(c);
}

static int keep_field(compiler *c, int index, const char *name) {
  lua_getfield(c->L, index, name);
  if (lua_isnil(c->L, -1)) {
    lua_pop(c->L, 1);
    return 0;
  }
  return keep(c);
}

/* Keeps the keys of the list of lists on the top one after the other. [-1, +0] */
static void compile_paths(compiler *c, lidv_field *field) {
  int paths = lua_gettop(c->L);
  int count = (int)lidv_rawlen(c->L, paths);
  if (count > LIDV_PATHS_MAX) {
    luaL_error(c->L, "description: '%s' has too many places", field->name);
  }
  field->keys = (int)lidv_rawlen(c->L, c->anchor) + 1;
  for (int i = 0; i < count; i++) {
    lua_rawgeti(c->L, paths, i + 1);
    field->lengths[i] = (unsigned char)lidv_rawlen(c->L, -1);
    for (int key = 1; key <= field->lengths[i]; key++) {
      lua_rawgeti(c->L, paths + 1, key);
      keep(c);
    }
    lua_settop(c->L, paths);
  }
  lua_pop(c->L, 1);
}

/* The form that the field at `index` has to have. */
static lidv_form form_of(compiler *c, int index) {
  static const char *const forms[] = {"", "id", "url", NULL};
  const char *form = text_field(c, index, "form");
  return form != NULL ? (lidv_form)choose(c, "form", form, forms) : LIDV_ANY_FORM;
}

static void compile_fields(compiler *c, int index, const char *name, lidv_field *out) {
  int count = push_list(c, index, name);
  int list = lua_gettop(c->L);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(c->L, list, i + 1);
    int field = lua_gettop(c->L);
    out[i] = (lidv_field){
        .name = need_text(c, field, "name"),
        .name_slot = keep_field(c, field, "name"),
        .is_text = flag_field(c, field, "text"),
        .is_status = flag_field(c, field, "status"),
        .is_required = flag_field(c, field, "required"),
        .prefix = text_field(c, field, "prefix"),
        .expected = keep_field(c, field, "expected"),
        .form = form_of(c, field),
    };
    push_list(c, field, "paths");
    compile_paths(c, &out[i]);
    if (out[i].is_status && (c->operation->answer.statuses == 0 || c->operation->answer.finals == 0)) {
      luaL_error(c->L, "description: a status needs 'statuses' and 'finals'");
    }
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
}

static int count_fields(compiler *c, int index, const char *name) {
  lua_getfield(c->L, index, "answer");
  int count = 0;
  if (lua_istable(c->L, -1)) {
    count = push_list(c, lua_gettop(c->L), name);
    lua_pop(c->L, 1);
  }
  lua_pop(c->L, 1);
  return count;
}

static void compile_answer(compiler *c, int index, lidv_field *fields) {
  lidv_answer *answer = &c->operation->answer;
  lua_getfield(c->L, index, "answer");
  if (lua_istable(c->L, -1)) {
    int at = lua_gettop(c->L);
    *answer = (lidv_answer){
        .is_described = true,
        .provider_key = keep_text(c, "provider"),
        .provider = keep_text(c, need_text(c, index, "provider")),
        .raw_key = keep_text(c, "raw"),
        .metatable = keep_field(c, at, "metatable"),
        .statuses = keep_field(c, at, "statuses"),
        .finals = keep_field(c, at, "finals"),
        .list = keep_field(c, at, "list"),
        .fields = fields,
        .fields_count = count_fields(c, index, "fields"),
        .extra_count = count_fields(c, index, "frame"),
    };
    compile_fields(c, at, "fields", fields);
    compile_fields(c, at, "frame", fields + answer->fields_count);
  }
  lua_pop(c->L, 1);
}

static int Lidv_operation_close(lua_State *L) {
  lidv_operation *operation = lua_touserdata(L, 1);
  luaL_unref(L, LUA_REGISTRYINDEX, operation->anchor);
  operation->anchor = LUA_NOREF;
  return 0;
}

/* Pushes an empty operation with room for its parameters and fields behind it. [-0, +1] */
static lidv_operation *push_empty(lua_State *L, int parameters, int fields) {
  size_t size = sizeof(lidv_operation) + (size_t)parameters * sizeof(lidv_parameter);
  lidv_operation *operation = lua_newuserdata(L, size + (size_t)fields * sizeof(lidv_field));
  memset(operation, 0, size);
  operation->anchor = LUA_NOREF;
  operation->parameters = (lidv_parameter *)(void *)(operation + 1);
  operation->parameter_count = parameters;
  lidv_set_class(L, LIDV_OPERATION);
  return operation;
}

void lidv_push_operation(lua_State *L, int index) {
  static const char *const encodings[] = {"none", "json", "form", NULL};
  index = lidv_absindex(L, index);
  compiler c = {.L = L, .context = lidv_context_of(L)};
  lua_getfield(L, index, "parameters");
  int parameters = count_parameters(L, lua_gettop(L));
  int fields = count_fields(&c, index, "fields") + count_fields(&c, index, "frame");
  c.operation = push_empty(L, parameters, fields);
  lua_newtable(L);
  c.anchor = lua_gettop(L);
  lua_pushvalue(L, c.anchor);
  c.operation->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
  c.operation->name = need_text(&c, index, "name");
  c.operation->path = need_text(&c, index, "path");
  c.whose = text_field(&c, index, "title");
  c.operation->encoding = (lidv_encoding)choose(&c, "encoding", need_text(&c, index, "encoding"), encodings);
  compile_group(&c, c.anchor - 2);
  compile_success(&c, index);
  compile_choice(&c, index);
  compile_answer(&c, index, (lidv_field *)(void *)(c.operation->parameters + parameters));
  lua_pop(L, 1);
  lua_remove(L, -2);
}

lidv_operation *lidv_check_operation(lua_State *L, int index) {
  lidv_operation *operation = lidv_check_class(L, index, LIDV_OPERATION);
  luaL_argcheck(L, operation->anchor != LUA_NOREF, index, "the operation is closed");
  return operation;
}

void lidv_push_anchored(lua_State *L, const lidv_operation *operation, int slot) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, operation->anchor);
  lua_rawgeti(L, -1, slot);
  lua_remove(L, -2);
}

/* operation(description) -> operation */
static int Lidv_operation(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lidv_push_operation(L, 1);
  return 1;
}

void lidv_open_operation(lua_State *L) {
  static const luaL_Reg methods[] = {{"prepare", Lidv_operation_prepare},
                                     {"perform", Lidv_operation_perform},
                                     {"read", Lidv_operation_read},
                                     {NULL, NULL}};
  static const luaL_Reg functions[] = {{"operation", Lidv_operation}, {NULL, NULL}};
  lidv_register_class(L, LIDV_OPERATION, methods, Lidv_operation_close);
  lidv_register_functions(L, functions);
}
