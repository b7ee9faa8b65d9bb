/*
 * The module `idv.core`: everything in C that the Lua files of idv are built on. Not a public interface;
 * programs use `require "idv"`.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "binding.h"
#include "compat.h"
#include "idv.h"
#include "libcurl.h"
#include "scratch.h"

lidv_context *lidv_context_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

idv_slice lidv_slice(lua_State *L, int index) {
  idv_slice slice;
  slice.data = lua_tolstring(L, index, &slice.length);
  return slice;
}

const char *lidv_check_text(lua_State *L, int index, const char *what) {
  size_t length;
  const char *text = luaL_checklstring(L, index, &length);
  if (strlen(text) != length) {
    luaL_error(L, "%s holds a NUL byte", what);
  }
  return text;
}

void lidv_push_slice(lua_State *L, idv_slice slice) {
  if (slice.data == NULL) {
    lua_pushnil(L);
  } else {
    lua_pushlstring(L, slice.data, slice.length);
  }
}

static const char *const class_names[LIDV_CLASSES] = {
    [LIDV_CALL] = "idv.call",   [LIDV_ENGINE] = "idv.engine",       [LIDV_SLEEPER] = "idv.sleeper",
    [LIDV_ROUTE] = "idv.route", [LIDV_OPERATION] = "idv.operation", [LIDV_SCRATCH] = "idv.scratch"};

void *lidv_check_class(lua_State *L, int index, lidv_class class) {
  void *object = lua_touserdata(L, index);
  if (object != NULL && lua_getmetatable(L, index)) {
    bool is_one = lua_topointer(L, -1) == lidv_context_of(L)->identities[class];
    lua_pop(L, 1);
    if (is_one) {
      return object;
    }
  }
  return luaL_checkudata(L, index, class_names[class]); /* which says what is wrong */
}

void lidv_set_class(lua_State *L, lidv_class class) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, lidv_context_of(L)->metatables[class]);
  lua_setmetatable(L, -2);
}

/* Remembers the metatable on the top, in the context below it, as that of a class. [-0, +0] */
static void remember_class(lua_State *L, lidv_class class) {
  lidv_context *context = lua_touserdata(L, -2);
  context->identities[class] = lua_topointer(L, -1);
  lua_pushvalue(L, -1);
  context->metatables[class] = luaL_ref(L, LUA_REGISTRYINDEX);
}

void lidv_register_class(lua_State *L, lidv_class class, const luaL_Reg *methods, lua_CFunction close) {
  const luaL_Reg ends[] = {{"__gc", close}, {"__close", close}, {NULL, NULL}};
  lidv_newmetatable(L, class_names[class]);
  remember_class(L, class);
  lua_pushvalue(L, -2);
  lidv_setfuncs(L, ends, 1);
  lua_newtable(L);
  lua_pushvalue(L, -3);
  lidv_setfuncs(L, methods, 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void lidv_register_functions(lua_State *L, const luaL_Reg *functions) {
  lua_pushvalue(L, -2);
  lua_pushvalue(L, -2);
  lidv_setfuncs(L, functions, 1);
  lua_pop(L, 1);
}

/* [-0, +1] */
static void push_context(lua_State *L) {
  lidv_context *context = lua_newuserdata(L, sizeof *context);
  *context = (lidv_context){.json_decode = LUA_NOREF};
}

/* Where libcurl looks for the authorities to trust: `ca_file` and `ca_path` of the table on the top, where
 * known. */
static void set_trust(lua_State *L, const curl_version_info_data *info) {
#if LIBCURL_VERSION_NUM >= 0x074600
  if (info->age >= CURLVERSION_SEVENTH) {
    lua_pushstring(L, info->cainfo);
    lua_setfield(L, -2, "ca_file");
    lua_pushstring(L, info->capath);
    lua_setfield(L, -2, "ca_path");
  }
#else
  (void)L, (void)info;
#endif
}

/* The versions of what is underneath, as {libcurl = "7.88.1", tls = ..., openssl = ...}. [-0, +1] */
static void push_versions(lua_State *L) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  lua_newtable(L);
  lua_pushstring(L, info->version);
  lua_setfield(L, -2, "libcurl");
  lua_pushstring(L, info->ssl_version);
  lua_setfield(L, -2, "tls");
  lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION));
  lua_setfield(L, -2, "openssl");
  lua_pushboolean(L, (info->features & CURL_VERSION_HTTP2) != 0);
  lua_setfield(L, -2, "http2");
  lua_pushboolean(L, (info->features & CURL_VERSION_LIBZ) != 0);
  lua_setfield(L, -2, "gzip");
  lua_pushboolean(L, (info->features & CURL_VERSION_BROTLI) != 0);
  lua_setfield(L, -2, "br");
  lua_pushboolean(L, (info->features & IDV_FEATURE_ZSTD) != 0);
  lua_setfield(L, -2, "zstd");
  lua_pushboolean(L, idv_libcurl_asks_first());
  lua_setfield(L, -2, "asks_first");
  set_trust(L, info);
}

/* Raises when the libcurl that was found is older than what this was compiled for may be. */
static void check_libcurl(lua_State *L) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->version_num < IDV_OLDEST_CURL) {
    lua_pushfstring(L, "idv needs libcurl 7.61.0 or newer; the one that is loaded is %s", info->version);
    lua_error(L);
  }
}

/*
 * Keeps this library, and libcurl with it, in memory for good. A Lua state that is closed unloads its
 * libraries, in Lua 5.1 and LuaJIT before it has called all finalizers; and a thread of libcurl may still be
 * looking up a name.
 */
static void stay_loaded(void) {
  Dl_info self;
  if (dladdr((void *)(uintptr_t)luaopen_idv_core, &self) != 0 && self.dli_fname != NULL) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE); /* the handle is never given back */
  }
}

IDV_EXPORT int luaopen_idv_core(lua_State *L) {
  check_libcurl(L);
  stay_loaded();
  lua_newtable(L);
  push_versions(L);
  lua_setfield(L, -2, "versions");
  lua_pushlightuserdata(L, NULL); /* null of lua-cjson and of OpenResty */
  lua_setfield(L, -2, "null");
  push_context(L);
  lidv_open_scratch(L);
  lidv_open_json(L);
  lidv_open_route(L);
  lidv_open_call(L);
  lidv_open_engine(L);
  lidv_open_operation(L);
  lidv_open_text(L);
  lidv_open_file(L);
  lidv_open_signature(L);
  lidv_open_yieldable(L);
  lua_pop(L, 1);
  return 1;
}
