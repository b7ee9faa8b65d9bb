/*
 * Building a request out of parameters: the order of the steps, the path, and the call that comes out.
 */
#include <string.h>

#include "json.h"
#include "operation_builder.h"
#include "query.h"
#include "template.h"

bool lidv_writes_json(const lidv_builder *b) {
  return b->operation->encoding == LIDV_JSON;
}

void lidv_write_json_key(lidv_builder *b, idv_slice key) {
  idv_buffer *body = &b->scratch->body;
  if (body->length > 0 && body->data[body->length - 1] != '{') {
    idv_buffer_append_char(body, ',');
  }
  idv_buffer_append_slice(body, key);
}

void lidv_write_pair(lidv_builder *b, const char *name, idv_slice value) {
  idv_buffer *pairs = &b->scratch->body;
  idv_query_append(pairs, pairs->length == 0, idv_slice_of(name), value);
}

/* The place in the group of the parameter that a placeholder names. */
static int place_of(const lidv_builder *b, const lidv_level *at, idv_slice name) {
  int place = 0;
  while (place < at->group->count && !idv_slice_equals(name, lidv_parameter_at(b, at, place)->name)) {
    place++;
  }
  return place;
}

/* Writes the path with the values of its placeholders, which have been validated. */
static void write_path(lidv_builder *b, const lidv_level *at) {
  idv_slice rest = idv_slice_of(b->operation->path), literal, name;
  idv_buffer *target = &b->scratch->target;
  while (idv_template_next(&rest, &literal, &name)) {
    idv_buffer_append_slice(target, literal);
    if (name.data != NULL) {
      int place = place_of(b, at, name);
      if (!idv_template_append_segment(target, lidv_slice(b->L, at->first_value + place))) {
        lidv_problems_add(&b->problems, NULL, lidv_parameter_at(b, at, place)->name,
                          "can not be part of a path");
      }
    }
  }
}

/* Puts positional arguments, which begin at stack index `first`, into the places of their parameters. */
static void take_positional(lidv_builder *b, lidv_level *at, int first, int last) {
  for (uint32_t rest = at->group->positional; rest != 0; rest &= rest - 1) {
    int place = lidv_first_place(rest);
    int argument = first + lidv_parameter_at(b, at, place)->position - 1;
    if (argument <= last) {
      lua_pushvalue(b->L, argument);
      lidv_give(b, at, place);
    }
  }
}

/* Only what fits and was written whole becomes a request. */
static void check_buffers(lidv_builder *b) {
  const idv_buffer *body = &b->scratch->body, *target = &b->scratch->target;
  if (body->state == IDV_BUFFER_NO_MEMORY || target->state == IDV_BUFFER_NO_MEMORY) {
    luaL_error(b->L, "not enough memory");
  }
  if (body->state != IDV_BUFFER_OK || target->state != IDV_BUFFER_OK) {
    lidv_problems_add(&b->problems, NULL, "?", "the request would be larger than 1 MiB");
  }
}

/* Fills the scratch. `params` is a stack index or 0; positional arguments are at `first` to `last`. */
static void build(lidv_builder *b, int params, int first, int last) {
  lidv_level top = {.group = &b->operation->groups[0]};
  if (lidv_writes_json(b)) {
    idv_buffer_append_char(&b->scratch->body, '{');
  }
  lidv_gather(b, &top, params);
  take_positional(b, &top, first, last);
  lidv_check_choice(b, &top);
  lidv_take_group(b, &top);
  lidv_take_extra(b, &top);
  if (lidv_writes_json(b)) {
    idv_buffer_append_char(&b->scratch->body, '}');
  }
  if (b->problems.count == 0) {
    write_path(b, &top);
  }
  check_buffers(b);
}

/*
 * Pushes the call for what has been built; without a body, what was written is the query. False, with nothing
 * pushed and a problem added, when the parameters make the address too long. [-0, +(0|1)]
 */
static bool push_request(lidv_builder *b, idv_route *route) {
  idv_slice body = idv_buffer_slice(&b->scratch->body), none = {.data = NULL};
  bool has_body = b->operation->encoding != LIDV_NO_BODY;
  bool has_query = !has_body && body.length > 0;
  idv_call_problem problem = lidv_push_call_under_base(b->L, route, idv_buffer_slice(&b->scratch->target),
                                                       has_query ? body : none, has_body ? body : none);
  if (problem == IDV_CALL_TOO_LONG) {
    lidv_problems_add(&b->problems, NULL, "?", "the address of the request would be longer than 8 KiB");
  } else if (problem != IDV_CALL_FINE) {
    luaL_error(b->L, "the address of this operation %s", lidv_call_problem_text(problem));
  }
  return problem == IDV_CALL_FINE;
}

/* The stack index of the table of parameters, or 0; something else there is a problem. */
static int find_params(lidv_builder *b, int index, int last) {
  if (last < index || lua_isnil(b->L, index) || lidv_is_null(b->L, index)) {
    return 0;
  }
  if (lua_istable(b->L, index)) {
    return index;
  }
  lidv_problems_addf(&b->problems, NULL, "?", "parameters must be a table, not a %s",
                     lua_typename(b->L, lua_type(b->L, index)));
  return 0;
}

bool lidv_prepare(lua_State *L, const lidv_operation *operation, idv_route *route, bool is_shown,
                  int params) {
  int last = lua_gettop(L);
  lidv_builder b = {.L = L, .scratch = lidv_push_scratch(L), .operation = operation, .is_shown = is_shown};
  lidv_problems_init(&b.problems, L);
  build(&b, find_params(&b, params, last), params + 1, last);
  bool is_right = b.problems.count == 0 && push_request(&b, route);
  if (!is_right) {
    lua_pushvalue(L, b.problems.slot);
  }
  lidv_return_scratch(L, last + 1);
  return is_right;
}

/*
 * operation:prepare(route, is_shown, params or nil, ...) -> call, or nil and the list of problems. What
 * follows the parameters are positional arguments. A call made with is_shown has its sensitive values hidden
 * and is not to be sent.
 */
int Lidv_operation_prepare(lua_State *L) {
  enum { SELF = 1, ROUTE, IS_SHOWN, PARAMS };
  const lidv_operation *operation = lidv_check_operation(L, SELF);
  if (lidv_prepare(L, operation, lidv_check_route(L, ROUTE), lua_toboolean(L, IS_SHOWN) != 0, PARAMS)) {
    return 1;
  }
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}
