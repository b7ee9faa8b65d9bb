/*
 * JSON: written here, read by lua-cjson.
 *
 * Writing walks a value once, in one go in which no Lua runs, so that what is checked is what is written. It
 * refuses what would not arrive as it was meant: invalid UTF-8, NaN, infinity, floats too large to be exact,
 * tables that are neither lists nor objects, cycles. The escapes are those of lua-cjson.
 *
 * Reading goes through a private instance of lua-cjson, so no setting leaks in from or out to other modules,
 * after json_loose.h has made good what servers write loosely. Integral numbers become integers, null is
 * dropped from objects, the last of several members with one name counts, and what is nested deeper than 64
 * levels is refused.
 */
#ifndef IDV_LUA_JSON_H
#define IDV_LUA_JSON_H

#include <stdbool.h>

#include "binding.h"

#pragma GCC visibility push(hidden)

/* How deep tables and answers may be nested. */
#define LIDV_JSON_DEPTH 64

/* The room that a number takes, the NUL included. */
#define LIDV_JSON_NUMBER 40

/* ---- writing: json_write.c ---- */

/* Whether the value at `index` is what lua-cjson, and what goes by its rules, has for null. */
bool lidv_is_null(lua_State *L, int index);

/* Appends the text as a JSON string. It must be UTF-8 already. */
void lidv_json_append_text(idv_slice text, idv_buffer *out);

/* Writes the number at `index`. Returns NULL, or a static sentence that says what is wrong with it. */
const char *lidv_json_number(lua_State *L, int index, char out[LIDV_JSON_NUMBER]);

/*
 * Appends any value. Returns NULL, or a static sentence that says what is wrong with it, with nothing
 * appended. Raises only when the stack can not grow.
 */
const char *lidv_json_append_value(lua_State *L, int index, idv_buffer *out);

/* Registers json_encode; see lidv_open_json. */
void lidv_open_json_write(lua_State *L);

/* ---- reading: json_read.c ---- */

/*
 * Reads `text` and pushes the value. Returns NULL, or a static sentence that says what is wrong, with nothing
 * pushed then. The value may be lua-cjson's null. `list` is the stack index of a path (a list of keys) under
 * which null stands for an empty list, or 0.
 */
const char *lidv_json_push(lua_State *L, idv_slice text, int list);

#pragma GCC visibility pop

#endif
