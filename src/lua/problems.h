/*
 * The list of everything that is wrong with the parameters of one call.
 *
 * Filled while a request is validated, so that a caller hears of all bad fields at once. Lives on the Lua
 * stack as a list of {field = ..., message = ...}; the table is only made when there is a problem. No message
 * shows a value.
 */
#ifndef IDV_LUA_PROBLEMS_H
#define IDV_LUA_PROBLEMS_H

#include <stdbool.h>

#include "binding.h"

#pragma GCC visibility push(hidden)

/* Where in nested parameters one is: "declared_data", then "phone_number". */
typedef struct lidv_scope {
  const char *name;
  const struct lidv_scope *outer; /* NULL at the top */
} lidv_scope;

typedef struct lidv_problems {
  lua_State *L;
  int slot; /* stack index that holds nil or the list */
  int count;
} lidv_problems;

/* Takes a place on the stack for the list. [-0, +1] */
void lidv_problems_init(lidv_problems *problems, lua_State *L);

/*
 * Sorts the problems after the first `settled` by their field, for those that were found in no particular
 * order.
 */
void lidv_problems_sort(lidv_problems *problems, int settled);

/* Adds a problem with the field `name` inside `scope` (NULL: at the top). */
void lidv_problems_add(lidv_problems *problems, const lidv_scope *scope, const char *name,
                       const char *message);

/* The same with a message made as by printf; %s only for texts that are no data of the caller. */
void lidv_problems_addf(lidv_problems *problems, const lidv_scope *scope, const char *name,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

#pragma GCC visibility pop

#endif
