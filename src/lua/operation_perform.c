/*
 * The whole way of a call in one go, for a program that has nothing else to wait for: prepare, carry, read.
 *
 * Whatever does not end well, or does not end at once, is left to Lua, which knows all the other ways.
 */
#include "operation.h"

/*
 * Carries the call at stack index `at` by the engine at `engine_at` and pushes its record. False, with
 * nothing that counts pushed, when it did not come to that.
 */
static bool push_record_of(lua_State *L, const lidv_operation *operation, int engine_at, int at) {
  idv_engine *engine = lidv_usable_engine(L, engine_at);
  idv_call *call = lidv_known_call(L, at);
  if (engine == NULL || lidv_context_of(L)->was_interrupted) {
    return false;
  }
  lidv_submit(L, engine, call);
  return lidv_step_for(L, engine, call) && lidv_read(L, operation, call) == 1;
}

/*
 * operation:perform(route, engine, keeps_call, params or nil, ...) -> one of
 *   record, and the call where it is to be kept, else released;
 *   nil, nil and the list of problems: the parameters are wrong, and nothing was sent;
 *   nil and a call: it may not be finished yet, because other things had news meanwhile, nor even submitted,
 *   where the engine is not usable or the program has been interrupted; else it is to be read for what went
 * wrong.
 */
int Lidv_operation_perform(lua_State *L) {
  enum { SELF = 1, ROUTE, ENGINE, KEEPS_CALL, PARAMS };
  const lidv_operation *operation = lidv_check_operation(L, SELF);
  if (!lidv_prepare(L, operation, lidv_check_route(L, ROUTE), false, PARAMS)) {
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, -3);
    return 3;
  }
  int at = lua_gettop(L);
  bool is_good = push_record_of(L, operation, ENGINE, at);
  if (is_good && !lua_toboolean(L, KEEPS_CALL)) {
    lidv_release_call(L, at);
    return 1;
  }
  if (!is_good) {
    lua_pushnil(L);
  }
  lua_pushvalue(L, at);
  return 2;
}
