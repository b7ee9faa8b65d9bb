/*
 * For programs that link idv in (libidv.a) instead of loading idv/core.so. Put the function below into
 * package.preload["idv.core"]; then `require "idv"` works as ever, as long as idv's Lua files and lua-cjson
 * are found on package.path and package.cpath. examples/game_server shows it whole.
 */
#ifndef IDV_H
#define IDV_H

#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The C part of idv, a lua_CFunction. Built for one Lua: `pkg-config --variable=lua idv` says for which. [-1,
 * +1] */
int luaopen_idv_core(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
