/*
 * The whole way of a call in one go, for a program that has nothing else to wait for: prepare, carry, read.
 *
 * Whatever does not end well, or does not end at once, is left to Lua, which knows all the other ways.
 */
#include "operation.h"

/*
 * operation:perform(route, engine, params or nil, ...) -> record and call, or
 *   nil, nil and the list of problems: the parameters are wrong, and nothing was sent;
 *   nil and a call: it may not be finished yet, because other things had news meanwhile, nor even submitted,
 *   where the engine is not usable; else it is to be read for what went wrong.
 */
int Lidv_operation_perform(lua_State *L) {
  enum { SELF = 1, ROUTE, ENGINE, PARAMS };
  const lidv_operation *operation = lidv_check_operation(L, SELF);
  idv_engine *engine = lidv_usable_engine(L, ENGINE);
  if (!lidv_prepare(L, operation, lidv_check_route(L, ROUTE), false, PARAMS)) {
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, -3);
    return 3;
  }
  int at = lua_gettop(L);
  idv_call *call = lidv_check_call(L, at);
  if (engine != NULL) {
    lidv_submit(L, engine, call);
  }
  bool is_over = engine != NULL && lidv_step_for(engine, call);
  if (!is_over || lidv_read(L, operation, call) != 1) {
    lua_pushnil(L);
  }
  lua_pushvalue(L, at);
  return 2;
}
