/*
 * Several Lua states, each in a thread of its own, that make calls at the same time; a state that goes from
 * thread to thread; and a process that forks while other threads have calls in flight.
 *
 * A state is used by one thread at a time, as Lua wants it. What the states share is this process: libcurl,
 * the C part of idv, the server of answering.h. LUA_PATH and LUA_CPATH are the specs'. Built with
 * PROFILE=tsan it is ThreadSanitizer that looks for what they share unguarded.
 */
#include <sys/wait.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "answering.h"

int luaopen_idv_core(lua_State *L);

enum { THREADS = 8, ROUNDS = 5, CALLS = 20, FORKS = 5 };

/* Makes calls, as many as it is told at the same time, and says how many were answered. */
static const char program[] =
    "local port, count = ...\n"
    "local idv = require 'idv'\n"
    "deepidv = deepidv or idv.deepidv {\n"
    "  api_key = 'k', base_url = 'http://127.0.0.1:' .. port, allow_http = true, on_event = function() end,\n"
    "}\n"
    "local ada = { first_name = 'Ada', last_name = 'Example', email = 'ada@example.com', phone = "
    "'+15192223333' }\n"
    "local list, good = {}, 0\n"
    "for i = 1, count do\n"
    "  list[i] = function() return deepidv:create_session(ada) end\n"
    "end\n"
    "local sessions = idv.all(list)\n"
    "for i = 1, count do\n"
    "  good = good + (sessions[i] and sessions[i].id == 'sess_1' and 1 or 0)\n"
    "end\n"
    "return good\n";

static lua_State *open_state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_idv_core);
  lua_setfield(L, -2, "idv.core");
  lua_pop(L, 2);
  return L;
}

/* Makes so many calls at once; returns how many were answered. */
static int make_calls(lua_State *L, int count) {
  int good = -1;
  if (luaL_loadstring(L, program) == 0) {
    lua_pushinteger(L, answering_port);
    lua_pushinteger(L, count);
    if (lua_pcall(L, 2, 1, 0) == 0) {
      good = (int)lua_tointeger(L, -1);
    } else {
      fprintf(stderr, "%s\n", lua_tostring(L, -1));
    }
  }
  lua_pop(L, 1);
  return good;
}

static pthread_barrier_t beginning;

/* The life of a state, from opening to closing, beside others that do the same. Returns the calls that were
 * answered. */
static void *live(void *unused) {
  (void)unused;
  intptr_t good = 0;
  pthread_barrier_wait(&beginning);
  lua_State *L = open_state();
  for (int round = 0; round < ROUNDS; round++) {
    good += make_calls(L, CALLS);
  }
  lua_close(L);
  return (void *)good;
}

static void states_in_threads_of_their_own_make_calls_at_the_same_time(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  unsigned before = atomic_load(&answering_requests[0]);
  pthread_barrier_init(&beginning, NULL, THREADS);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(0, pthread_create(&threads[i], NULL, live, NULL));
  }
  for (int i = 0; i < THREADS; i++) {
    void *good = NULL;
    assert_int_equal(0, pthread_join(threads[i], &good));
    assert_int_equal(ROUNDS * CALLS, (int)(intptr_t)good);
  }
  pthread_barrier_destroy(&beginning);
  assert_int_equal(THREADS * ROUNDS * CALLS, atomic_load(&answering_requests[0]) - before);
}

static void *make_calls_in_it(void *L) {
  return (void *)(intptr_t)make_calls(L, CALLS);
}

static void a_state_may_go_from_thread_to_thread(void **state) {
  (void)state;
  lua_State *L = open_state();
  for (int i = 0; i < THREADS; i++) {
    pthread_t thread;
    void *good = NULL;
    assert_int_equal(0, pthread_create(&thread, NULL, make_calls_in_it, L));
    assert_int_equal(0, pthread_join(thread, &good));
    assert_int_equal(CALLS, (int)(intptr_t)good);
  }
  assert_int_equal(CALLS, make_calls(L, CALLS));
  lua_close(L);
}

/* Forks once; the child makes calls in the state that this thread has. Returns the child's exit code. */
static int fork_and_call(lua_State *L) {
  int status = -1;
  pid_t child = fork();
  if (child == 0) {
    _exit(make_calls(L, CALLS) == CALLS ? 0 : 1);
  }
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_child_of_one_thread_makes_calls_while_other_threads_go_on(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  lua_State *L = open_state();
  assert_int_equal(CALLS, make_calls(L, CALLS)); /* leaves connections that the children must not touch */
  pthread_barrier_init(&beginning, NULL, THREADS);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(0, pthread_create(&threads[i], NULL, live, NULL));
  }
  for (int i = 0; i < FORKS; i++) {
    assert_int_equal(0, fork_and_call(L));
    assert_int_equal(CALLS, make_calls(L, CALLS));
  }
  for (int i = 0; i < THREADS; i++) {
    void *good = NULL;
    assert_int_equal(0, pthread_join(threads[i], &good));
    assert_int_equal(ROUNDS * CALLS, (int)(intptr_t)good);
  }
  pthread_barrier_destroy(&beginning);
  lua_close(L);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(states_in_threads_of_their_own_make_calls_at_the_same_time),
      cmocka_unit_test(a_state_may_go_from_thread_to_thread),
      cmocka_unit_test(a_child_of_one_thread_makes_calls_while_other_threads_go_on),
  };
  return cmocka_run_group_tests(tests, answering_start, NULL);
}
