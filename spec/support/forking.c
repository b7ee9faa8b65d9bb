/*
 * Forking, for the specs: what a program does that forks with an engine open. Lua has no standard way to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

#include "compat.h"

/* fork() -> 0 in the child, the child's id in the parent */
static int forking_fork(lua_State *L) {
  lua_pushinteger(L, fork());
  return 1;
}

/* wait(pid) -> exit status, or minus the signal that ended it */
static int forking_wait(lua_State *L) {
  int status = 0;
  waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0);
  lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  return 1;
}

/*
 * exit(status): at once, without closing the state. By way of another program, so that valgrind does not
 * count what a child leaves alone on purpose: the parent's connections.
 */
static int forking_exit(lua_State *L) {
  char line[32];
  int status = (int)luaL_checkinteger(L, 1);
  snprintf(line, sizeof line, "exit %d", status);
  unsetenv("LD_PRELOAD");
  execl("/bin/sh", "sh", "-c", line, (char *)NULL);
  _exit(status);
}

static int forking_pid(lua_State *L) {
  lua_pushinteger(L, getpid());
  return 1;
}

int luaopen_forking(lua_State *L) {
  static const luaL_Reg functions[] = {{"fork", forking_fork},
                                       {"wait", forking_wait},
                                       {"exit", forking_exit},
                                       {"pid", forking_pid},
                                       {NULL, NULL}};
  lua_newtable(L);
  lidv_setfuncs(L, functions, 0);
  return 1;
}
