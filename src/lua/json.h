/*
 * JSON through lua-cjson, with the gaps of its version 2.1.0 closed.
 *
 * The functions called are those of a private instance, so no setting leaks in from or out to other modules.
 * Writing refuses what would not arrive as it was meant: invalid UTF-8, NaN, infinity, integers that the
 * loaded lua-cjson rounds, tables that are neither lists nor objects, cycles. Reading turns integral numbers
 * into integers, drops null from objects, and refuses what is nested deeper than 64 levels.
 */
#ifndef IDV_LUA_JSON_H
#define IDV_LUA_JSON_H

#include <stdbool.h>

#include "binding.h"

#pragma GCC visibility push(hidden)

/* How deep tables and answers may be nested. */
#define LIDV_JSON_DEPTH 64

/* Appends the string at `index` as a JSON string. It must be UTF-8 already. May raise when memory is short.
 */
void lidv_json_append_text(lua_State *L, const lidv_context *context, int index, idv_buffer *out);

/*
 * Appends any value. Returns NULL, or a static sentence that says what is wrong with it, with nothing
 * appended.
 */
const char *lidv_json_append_value(lua_State *L, const lidv_context *context, int index, idv_buffer *out);

/*
 * Appends the integer `value` if the loaded lua-cjson writes it exactly; returns NULL, or what is wrong.
 */
const char *lidv_json_append_integer(lua_State *L, const lidv_context *context, long long value,
                                     idv_buffer *out);

/*
 * Reads `text` and pushes the value. Returns NULL, or a static sentence that says what is wrong, with nothing
 * pushed then. The value may be lua-cjson's null.
 */
const char *lidv_json_push(lua_State *L, const lidv_context *context, idv_slice text);

#pragma GCC visibility pop

#endif
