/*
 * How much memory this process has taken from the C library, to the byte, for specs that look for leaks. The
 * figures of the system would not do: freed memory stays with the process.
 */
#include <malloc.h>

#include <lauxlib.h>
#include <lua.h>

#include "compat.h"

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
/* in_use() -> bytes; 0 under a sanitizer */
static int heap_in_use(lua_State *L) {
  struct mallinfo2 figures = mallinfo2();
  lua_pushnumber(L, (lua_Number)(figures.uordblks + figures.hblkhd));
  return 1;
}
#else
/* in_use() -> 0: nobody knows */
static int heap_in_use(lua_State *L) {
  lua_pushnumber(L, 0);
  return 1;
}
#endif

int luaopen_heap(lua_State *L) {
  static const luaL_Reg functions[] = {{"in_use", heap_in_use}, {NULL, NULL}};
  lua_newtable(L);
  lidv_setfuncs(L, functions, 0);
  return 1;
}
