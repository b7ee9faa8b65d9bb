/*
 * The Lua module idv.httpd: the server, and the few things a simulated provider needs from the system.
 *
 * Only the sandbox loads it, as a process of its own: it blocks signals and raises the limit of descriptors
 * for the whole process. The client library never does.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "authority.h"
#include "binding.h"
#include "compat.h"

IDV_EXPORT int luaopen_idv_httpd(lua_State *L);

/* Random bytes in one call: enough for an identifier. */
enum { MOST_RANDOM = 64 };

/* A table of three PEM texts: ca, certificate, key. */
static int httpd_authority(lua_State *L) {
  struct httpd_authority authority;
  if (!httpd_authority_make(&authority)) {
    return luaL_error(L, "OpenSSL can not make certificates");
  }
  lua_createtable(L, 0, 3); /* nothing to give back if these raise: the texts are on the C stack */
  lua_pushstring(L, authority.ca);
  lua_setfield(L, -2, "ca");
  lua_pushstring(L, authority.certificate);
  lua_setfield(L, -2, "certificate");
  lua_pushstring(L, authority.key);
  lua_setfield(L, -2, "key");
  OPENSSL_cleanse(&authority, sizeof authority);
  return 1;
}

/* hmac_sha256(key, message): lower-case hexadecimal. */
static int httpd_hmac_sha256(lua_State *L) {
  size_t key_length, length;
  const char *key = luaL_checklstring(L, 1, &key_length);
  const char *message = luaL_checklstring(L, 2, &length);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned digest_length = 0;
  char hex[2 * EVP_MAX_MD_SIZE + 1];
  luaL_argcheck(L, key_length <= 4096, 1, "the key is too long");
  if (HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)message, length, digest,
           &digest_length) == NULL) {
    return luaL_error(L, "OpenSSL can not compute the signature");
  }
  for (size_t i = 0; i < digest_length; i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
  lua_pushlstring(L, hex, 2 * (size_t)digest_length);
  return 1;
}

/* random(count): that many unpredictable bytes. */
static int httpd_random(lua_State *L) {
  unsigned char bytes[MOST_RANDOM];
  lua_Number count = luaL_checknumber(L, 1);
  luaL_argcheck(L, count >= 1 && count <= MOST_RANDOM, 1, "out of range");
  if (RAND_bytes(bytes, (int)count) != 1) {
    return luaL_error(L, "OpenSSL has no randomness");
  }
  lua_pushlstring(L, (const char *)bytes, (size_t)count);
  return 1;
}

/* clock(): seconds of a clock that only runs forward. */
static int httpd_clock(lua_State *L) {
  lua_pushnumber(L, (lua_Number)httpd_now());
  return 1;
}

/* time(): seconds since 1970, with their fraction. */
static int httpd_time(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
  return 1;
}

static int httpd_pid(lua_State *L) {
  lidv_push_integer(L, (long long)getpid());
  return 1;
}

/* temporary_folder(): a new folder for what everybody may read and only this user may write; nil and a
 * message when there can be none. */
static int httpd_temporary_folder(lua_State *L) {
  char path[4096];
  const char *parent = getenv("TMPDIR");
  int length = snprintf(path, sizeof path, "%s/idv-sandbox-XXXXXX",
                        parent != NULL && *parent != '\0' ? parent : "/tmp");
  if (length >= (int)sizeof path || mkdtemp(path) == NULL || chmod(path, 0755) != 0) {
    lua_pushnil(L);
    lua_pushfstring(L, "cannot make a temporary folder: %s", strerror(errno));
    return 2;
  }
  lua_pushstring(L, path);
  return 1;
}

/* readable(path): lets everybody read a file, whatever the umask says. */
static int httpd_readable(lua_State *L) {
  lua_pushboolean(L, chmod(luaL_checkstring(L, 1), 0644) == 0);
  return 1;
}

int luaopen_idv_httpd(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"server", lhttpd_server},
      {"authority", httpd_authority},
      {"hmac_sha256", httpd_hmac_sha256},
      {"random", httpd_random},
      {"clock", httpd_clock},
      {"time", httpd_time},
      {"pid", httpd_pid},
      {"temporary_folder", httpd_temporary_folder},
      {"readable", httpd_readable},
      {NULL, NULL},
  };
  lhttpd_register_server(L);
  lhttpd_register_request(L);
  lua_newtable(L);
  lidv_setfuncs(L, functions, 0);
  return 1;
}
