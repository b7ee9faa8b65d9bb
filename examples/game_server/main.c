/*
 * A game server that onboards its players while the world goes on: a fixed tick of 60 Hz with Lua in it, and
 * idv linked into the program.
 *
 *   game_server PLAYERS SECONDS
 *
 * Each tick calls the Lua function that moves the world and steps idv with idv.step(0), which never waits.
 * What a tick costs is measured around that call; the worst and the 99.9th percentile are printed in the end.
 * The C part of idv is part of this program: luaopen_idv_core stands in package.preload, so `require "idv"`
 * finds it without any shared object. Its Lua files, and lua-cjson, are found on package.path and
 * package.cpath as usual.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <idv.h>

#define TICKS_PER_SECOND 60
#define TICK_NS (1000000000L / TICKS_PER_SECOND)

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void add_ns(struct timespec *moment, long ns) {
  moment->tv_nsec += ns;
  if (moment->tv_nsec >= 1000000000L) {
    moment->tv_nsec -= 1000000000L;
    moment->tv_sec++;
  }
}

/* package.preload["idv.core"] = luaopen_idv_core */
static void preload_idv(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_idv_core);
  lua_setfield(L, -2, "idv.core");
  lua_pop(L, 2);
}

static void fail(lua_State *L, const char *what) {
  fprintf(stderr, "game_server: %s: %s\n", what, lua_tostring(L, -1));
  lua_close(L);
  exit(1);
}

/* Loads server.lua, which returns the functions `tick` and `report`, and leaves its table on the stack. */
static void load_world(lua_State *L, const char *file, int players) {
  if (luaL_loadfile(L, file) != 0) {
    fail(L, "loading");
  }
  lua_pushinteger(L, players);
  if (lua_pcall(L, 1, 1, 0) != 0) {
    fail(L, "starting");
  }
}

/* Runs one tick and returns what it cost in microseconds. Sets `*is_over` when the world has nothing more to
 * do. */
static double run_tick(lua_State *L, int world, int *is_over) {
  double began = now_us();
  lua_getfield(L, world, "tick");
  lua_pushnumber(L, 1.0 / TICKS_PER_SECOND);
  if (lua_pcall(L, 1, 1, 0) != 0) {
    fail(L, "in a tick");
  }
  *is_over = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return now_us() - began;
}

static int compare(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static void print_costs(double *costs, int ticks) {
  qsort(costs, (size_t)ticks, sizeof *costs, compare);
  printf("ticks %d  median %.0f us  p99.9 %.0f us  worst %.0f us  (a tick has %ld us)\n", ticks,
         costs[ticks / 2], costs[(int)((double)(ticks - 1) * 0.999)], costs[ticks - 1], TICK_NS / 1000);
}

/* Ticks until the world is over or the time is. Returns how many ticks there were. */
static int run(lua_State *L, int world, double *costs, int most) {
  struct timespec next;
  int ticks = 0, is_over = 0;
  clock_gettime(CLOCK_MONOTONIC, &next);
  while (ticks < most && !is_over) {
    costs[ticks++] = run_tick(L, world, &is_over);
    add_ns(&next, TICK_NS);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  return ticks;
}

int main(int count, char **arguments) {
  int players = count > 1 ? atoi(arguments[1]) : 100;
  int seconds = count > 2 ? atoi(arguments[2]) : 30;
  int most = seconds * TICKS_PER_SECOND;
  double *costs = calloc((size_t)most + 1, sizeof *costs);
  lua_State *L = luaL_newstate();
  if (costs == NULL || L == NULL || players < 1 || seconds < 1) {
    fprintf(stderr, "usage: game_server PLAYERS SECONDS\n");
    return 2;
  }
  luaL_openlibs(L);
  preload_idv(L);
  load_world(L, getenv("GAME_WORLD") != NULL ? getenv("GAME_WORLD") : "server.lua", players);
  int world = lua_gettop(L);
  int ticks = run(L, world, costs, most);
  lua_getfield(L, world, "report");
  if (lua_pcall(L, 0, 1, 0) != 0) {
    fail(L, "reporting");
  }
  int all_are_in = lua_toboolean(L, -1);
  print_costs(costs, ticks);
  free(costs);
  lua_close(L);
  return all_are_in ? 0 : 1;
}
