/*
 * Building a request, inside: what the steps of it share.
 *
 * Gathering puts the caller's values in the order of the description (operation_gather.c), taking validates
 * and writes each of them (operation_values.c), extra fields are passed through (operation_extra.c), and
 * operation_build.c makes a request out of it all. Every problem is collected before anything is given up.
 */
#ifndef IDV_LUA_OPERATION_BUILDER_H
#define IDV_LUA_OPERATION_BUILDER_H

#include "operation.h"
#include "scratch.h"

#pragma GCC visibility push(hidden)

/* What stands where a sensitive value would, in a request that is only shown. */
#define LIDV_HIDDEN "[hidden]"

typedef struct lidv_builder {
  lua_State *L;
  lidv_scratch *scratch; /* its body receives the body or, for a request without one, the query */
  const lidv_operation *operation;
  bool is_shown; /* the request is for eyes, not for sending */
  lidv_problems problems;
} lidv_builder;

/* The parameters of one table: where their values are on the stack, and what surrounds them. */
typedef struct lidv_level {
  const lidv_group *group;
  const lidv_scope *scope; /* NULL at the top */
  int first_value;         /* stack index of the value of the group's first parameter */
  int extra;               /* stack index of what is to be passed through, nil when there is nothing */
  uint32_t given;          /* bits of the places that have a value */
  uint32_t blank;          /* those whose value is "", where something is required */
  uint32_t settled;        /* those given in the provider's own spelling, which wins */
} lidv_level;

/* The parameter at `place` of the level's group. */
static inline const lidv_parameter *lidv_parameter_at(const lidv_builder *b, const lidv_level *at,
                                                      int place) {
  return &b->operation->parameters[at->group->first + place];
}

/* The lowest place of a mask, which is not empty. */
static inline int lidv_first_place(uint32_t mask) {
  return __builtin_ctz(mask);
}

/* Whether a key may be shown in a message: a name, not something that slipped in. */
bool lidv_is_plain_name(idv_slice name);

/*
 * Pushes one value for each parameter of the group, nil where the table at `table` (0: no table) has none,
 * and what is to be passed through. The table is read once, without metamethods. [-0, +count + 1]
 */
void lidv_gather(lidv_builder *b, lidv_level *at, int table);

/*
 * Gives the value on the top to the parameter at `place`. Where it stands for nothing, "" or null, the
 * parameter is left out instead, unless it is required (then "" is wrong) or null is one of its values. [-1,
 * +0]
 */
void lidv_give(lidv_builder *b, lidv_level *at, int place);

/* Pushes a copy of the table at `table` that is the caller's alone, without its metatable. [-0, +1] */
void lidv_push_copy(lua_State *L, int table);

/* Validates and writes every parameter of the group, in the order of the description. */
void lidv_take_group(lidv_builder *b, const lidv_level *at);

/* Checks the rule "exactly one of these". */
void lidv_check_choice(lidv_builder *b, const lidv_level *at);

/* Writes what is to be passed through at this level, if anything, sorted by name. */
void lidv_take_extra(lidv_builder *b, const lidv_level *at);

/* Writes what comes before the value named `key` (as JSON, with its colon) in a JSON body. */
void lidv_write_json_key(lidv_builder *b, idv_slice key);

/* Writes name=value into the query or the form. */
void lidv_write_pair(lidv_builder *b, const char *name, idv_slice value);

/* Whether values go into a JSON body rather than into pairs. */
bool lidv_writes_json(const lidv_builder *b);

#pragma GCC visibility pop

#endif
