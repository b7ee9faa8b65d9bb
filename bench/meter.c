/*
 * What a benchmark in Lua measures with: the module `bench.meter`.
 *
 *   wall() and cpu()   seconds; the CPU's are of this process alone, by getrusage
 *   children()         seconds of CPU of the processes that this one has waited for
 *   memory()           bytes of this process that are in memory now
 *   most_memory()      the most since this was last called; the first call begins to watch
 *   allocations()      calls of malloc and the like so far, where bench/allocations.c is loaded before
 *   give_back()        makes the C library give free memory back to the system
 *   allow_descriptors() lets this process have as many descriptors as the system allows
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

#include "compat.h"

static int wall(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
  return 1;
}

static lua_Number seconds_of(struct timeval time) {
  return (lua_Number)time.tv_sec + (lua_Number)time.tv_usec / 1e6;
}

static int push_usage(lua_State *L, int whose) {
  struct rusage usage;
  getrusage(whose, &usage);
  lua_pushnumber(L, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  return 1;
}

static int cpu(lua_State *L) {
  return push_usage(L, RUSAGE_SELF);
}

static int children(lua_State *L) {
  return push_usage(L, RUSAGE_CHILDREN);
}

static int memory(lua_State *L) {
  long all = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &all, &resident) != 2) {
    return luaL_error(L, "/proc/self/statm can not be read");
  }
  fclose(file);
  lua_pushnumber(L, (lua_Number)resident * (lua_Number)sysconf(_SC_PAGESIZE));
  return 1;
}

static int most_memory(lua_State *L) {
  char line[256];
  double kibibytes = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    sscanf(line, "VmHWM: %lf", &kibibytes);
  }
  FILE *references = fopen("/proc/self/clear_refs", "w");
  if (status == NULL || references == NULL || fputs("5", references) < 0) {
    return luaL_error(L, "/proc/self can not be used");
  }
  fclose(status);
  fclose(references);
  lua_pushnumber(L, (lua_Number)kibibytes * 1024);
  return 1;
}

static int allocations(lua_State *L) {
  unsigned long (*count)(void);
  *(void **)&count = dlsym(RTLD_DEFAULT, "bench_allocations");
  if (count == NULL) {
    return 0;
  }
  lua_pushnumber(L, (lua_Number)count());
  return 1;
}

static int give_back(lua_State *L) {
  (void)L;
  malloc_trim(0);
  return 0;
}

static int allow_descriptors(lua_State *L) {
  struct rlimit limit;
  (void)L;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return 0;
}

IDV_EXPORT int luaopen_bench_meter(lua_State *L) {
  static const luaL_Reg functions[] = {{"wall", wall},
                                       {"cpu", cpu},
                                       {"children", children},
                                       {"memory", memory},
                                       {"most_memory", most_memory},
                                       {"allocations", allocations},
                                       {"give_back", give_back},
                                       {"allow_descriptors", allow_descriptors},
                                       {NULL, NULL}};
  lua_newtable(L);
  lidv_setfuncs(L, functions, 0);
  return 1;
}
