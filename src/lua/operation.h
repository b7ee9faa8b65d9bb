/*
 * An operation: the description of one endpoint, compiled once.
 *
 * It builds a request out of parameters (validating every one of them) and reads an answer into a record.
 * Neither does any I/O. The compiled form is one userdata; strings and look-up tables that it points to are
 * held by an anchor table in the registry. What a description may say is documented in docs/descriptions.md
 * and checked in lua/idv/description.lua; the compiler here expects it to be right and raises when it is not.
 */
#ifndef IDV_LUA_OPERATION_H
#define IDV_LUA_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "binding.h"
#include "problems.h"
#include "rule.h"

#pragma GCC visibility push(hidden)

/* The parameters of one table, at most: a bit of a mask each. */
#define LIDV_GROUP_MAX 32

/* Parameters that are objects, the top level included. */
#define LIDV_GROUPS_MAX 8

/* Statuses that a description can list as success. */
#define LIDV_SUCCESS_MAX 4

/* Places in an answer where one field may be found. */
#define LIDV_PATHS_MAX 6

typedef enum lidv_place { LIDV_IN_BODY, LIDV_IN_QUERY, LIDV_IN_PATH } lidv_place;

typedef enum lidv_encoding { LIDV_NO_BODY, LIDV_JSON, LIDV_FORM } lidv_encoding;

typedef enum lidv_kind {
  LIDV_TEXT,       /* a string that obeys a rule */
  LIDV_ENUM,       /* one of a few strings */
  LIDV_INTEGER,    /* an integer within limits */
  LIDV_NUMERIC_ID, /* an integer, or its digits as text, perhaps after a prefix */
  LIDV_BOOLEAN,
  LIDV_OBJECT /* a table with parameters of its own */
} lidv_kind;

/* The largest value of an integer that its description does not limit: 2^53 - 1. */
#define LIDV_NO_MOST 9007199254740991.0

typedef struct lidv_parameter {
  const char *name;
  const char *wire;   /* the provider's name */
  idv_slice json_key; /* the provider's name as JSON, with the colon after it */
  lidv_kind kind;
  lidv_place place;
  idv_rule rule;       /* texts */
  const char *choices; /* enums: "CODE, LINK" for messages */
  int values;          /* enums: anchor slot of the set */
  double least, most;  /* integers; LIDV_NO_MOST where nothing limits them */
  int group;           /* objects */
  int position;        /* 1 for the first positional argument, 0 for a field of the table */
  bool is_required;
  bool is_sensitive;
  bool is_nullable; /* null is one of its values */
} lidv_parameter;

typedef struct lidv_group {
  int first; /* index of its first parameter; they are neighbours */
  int count;
  int lookup; /* anchor slot: spelling -> 1 + 2 * place in the group, + 1 when it is the provider's own */
  uint32_t required, positional; /* bits of their places */
} lidv_group;

/* What a field of a record has to be, beyond a text. */
typedef enum lidv_form { LIDV_ANY_FORM, LIDV_ID, LIDV_URL } lidv_form;

/* One field of a record: its name and the places in the answer where it may be found, in order. */
typedef struct lidv_field {
  const char *name;
  int name_slot; /* anchor slots: its name, and the keys of all paths, one after the other */
  int keys;
  unsigned char lengths[LIDV_PATHS_MAX]; /* keys in each path; 0 ends the list */
  bool is_text;                          /* becomes a string */
  bool is_status;                        /* goes through the table of statuses */
  bool is_required;                      /* has to be there... */
  const char *prefix;                    /* ... and to begin with this, unless NULL, ... */
  int expected;                          /* ... or to be the thing at this anchor slot, unless 0 */
  lidv_form form;
} lidv_field;

typedef struct lidv_answer {
  bool is_described; /* false: a hook reads the answer */
  int provider_key;  /* anchor slots; 0 where there is none */
  int provider;
  int raw_key;
  int metatable;
  int statuses;
  int finals;
  int list; /* keys of the list of items */
  int fields_count;
  const lidv_field *fields;
  int extra_count; /* fields of a list's frame, after those of its items */
} lidv_answer;

typedef struct lidv_operation {
  int anchor; /* registry reference */
  const char *name;
  const char *path;
  lidv_encoding encoding;
  int success[LIDV_SUCCESS_MAX]; /* 0 ends the list; empty: 200 and 201 */
  int choice_count;              /* exactly one of these top-level parameters, ... */
  uint32_t choice;
  int choice_unless; /* ... or none when this one (index, -1: no such) is there */
  const char *choice_text;
  int group_count;
  lidv_group groups[LIDV_GROUPS_MAX];
  int parameter_count;
  lidv_parameter *parameters; /* behind this structure, in the same block */
  lidv_answer answer;
} lidv_operation;

/* The operation at `index`. Raises unless it is one. */
lidv_operation *lidv_check_operation(lua_State *L, int index);

/* Compiles the description at `index` and pushes the operation. [-0, +1] */
void lidv_push_operation(lua_State *L, int index);

/* operation:prepare(route, is_shown, params, ...positional) -> call, or nil and problems; see
 * operation_build.c */
int Lidv_operation_prepare(lua_State *L);

/* operation:read(call) -> record, or nil and a reason; see operation_read.c */
int Lidv_operation_read(lua_State *L);

/* operation:perform(route, engine, keeps_call, params, ...positional); see operation_perform.c */
int Lidv_operation_perform(lua_State *L);

/*
 * Makes a request of the parameters at stack index `params` (nil: none) and the positional arguments above
 * them. Pushes the call and returns true, or the list of problems and false. [-0, +?]
 */
bool lidv_prepare(lua_State *L, const lidv_operation *operation, idv_route *route, bool is_shown, int params);

/* Pushes what Lidv_operation_read returns for a finished call, and returns how many values that are. */
int lidv_read(lua_State *L, const lidv_operation *operation, const idv_call *call);

/* Pushes the thing at `slot` of the operation's anchor. [-0, +1] */
void lidv_push_anchored(lua_State *L, const lidv_operation *operation, int slot);

#pragma GCC visibility pop

#endif
