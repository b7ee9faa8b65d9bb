/*
 * Checking signatures, for Lua. All comparisons take constant time.
 */
#include "signature.h"

#include "binding.h"

static idv_slice check_slice(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TSTRING);
  return lidv_slice(L, index);
}

/* is_hmac_sha256(key, message, hex) -> whether hex, in either letter case, is the HMAC of the message */
static int Lidv_is_hmac_sha256(lua_State *L) {
  lua_pushboolean(L, idv_signature_is_hmac_sha256(check_slice(L, 1), check_slice(L, 2), check_slice(L, 3)));
  return 1;
}

/* is_same(one, other) -> whether two secrets are equal */
static int Lidv_is_same(lua_State *L) {
  lua_pushboolean(L, idv_signature_same(check_slice(L, 1), check_slice(L, 2)));
  return 1;
}

/* sha256(text) -> hexadecimal */
static int Lidv_sha256(lua_State *L) {
  char hex[IDV_SIGNATURE_HEX];
  if (!idv_signature_digest(check_slice(L, 1), hex)) {
    return luaL_error(L, "OpenSSL has no SHA-256");
  }
  lua_pushlstring(L, hex, sizeof hex);
  return 1;
}

void lidv_open_signature(lua_State *L) {
  static const luaL_Reg functions[] = {{"is_hmac_sha256", Lidv_is_hmac_sha256},
                                       {"is_same", Lidv_is_same},
                                       {"sha256", Lidv_sha256},
                                       {NULL, NULL}};
  lidv_register_functions(L, functions);
}
