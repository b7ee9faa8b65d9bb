/*
 * Reads the fields of a table that Lua code gives as named arguments.
 *
 * A field of the wrong type or out of bounds raises an error that names it; an absent one takes a default.
 * `table` is the table's place on the stack and must be absolute.
 */
#ifndef IDV_HTTPD_FIELDS_H
#define IDV_HTTPD_FIELDS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The number in field `name`, or `absent`; it has to be in [least, most]. [-0, +0] */
lua_Number lhttpd_number_field(lua_State *L, int table, const char *name, lua_Number absent, lua_Number least,
                               lua_Number most);

/* Whether field `name` is neither nil nor false. [-0, +0] */
bool lhttpd_flag_field(lua_State *L, int table, const char *name);

/*
 * The string in field `name`, or NULL; `length` may be NULL. The string (or nil) stays on the stack, so that
 * it lives as long as the caller needs it. [-0, +1]
 */
const char *lhttpd_text_field(lua_State *L, int table, const char *name, size_t *length);

#pragma GCC visibility pop

#endif
