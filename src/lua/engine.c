/*
 * The engine and its sleepers for Lua.
 *
 * News is told by id: whoever waits keeps a table from id to what to do. Methods other than close and
 * is_foreign refuse an engine that was inherited through a fork.
 */
#include <math.h>

#include "binding.h"
#include "compat.h"

typedef struct lidv_engine {
  idv_engine *engine; /* NULL once closed */
} lidv_engine;

typedef struct lidv_sleeper {
  idv_sleeper sleeper;
} lidv_sleeper;

static lidv_engine *check_self(lua_State *L) {
  return lidv_check_class(L, 1, LIDV_ENGINE);
}

static bool is_usable(const lidv_engine *self) {
  return self->engine != NULL && !idv_engine_is_foreign(self->engine);
}

idv_engine *lidv_usable_engine(lua_State *L, int index) {
  const lidv_engine *self = lidv_check_class(L, index, LIDV_ENGINE);
  return is_usable(self) ? self->engine : NULL;
}

static idv_engine *check_engine(lua_State *L) {
  lidv_engine *self = check_self(L);
  luaL_argcheck(L, self->engine != NULL, 1, "the engine is closed");
  luaL_argcheck(L, !idv_engine_is_foreign(self->engine), 1, "the engine belongs to another process");
  return self->engine;
}

static int Lidv_engine_close(lua_State *L) {
  lidv_engine *self = check_self(L);
  idv_engine_close(self->engine);
  self->engine = NULL;
  return 0;
}

/* engine(seed) -> engine, or nil and a sentence */
static int Lidv_engine(lua_State *L) {
  const char *why = NULL;
  uint64_t seed = (uint64_t)luaL_optnumber(L, 1, 0);
  lidv_engine *self = lua_newuserdata(L, sizeof *self);
  self->engine = NULL;
  lidv_set_class(L, LIDV_ENGINE);
  self->engine = idv_engine_open(seed, &why);
  if (self->engine != NULL) {
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* engine:is_usable() -> false once it is closed or inherited through a fork */
static int Lidv_engine_is_usable(lua_State *L) {
  lua_pushboolean(L, is_usable(check_self(L)));
  return 1;
}

void lidv_submit(lua_State *L, idv_engine *engine, idv_call *call) {
  if (!idv_engine_submit(engine, call)) {
    luaL_error(L, "not enough memory");
  }
}

/* engine:submit(call) -> id of the call; nil, with nothing done, where the engine is not usable */
static int Lidv_engine_submit(lua_State *L) {
  idv_engine *engine = lidv_usable_engine(L, 1);
  idv_call *call = lidv_check_call(L, 2);
  luaL_argcheck(L, call->state == IDV_CALL_PREPARED, 2, "the call has been used before");
  if (engine == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lidv_submit(L, engine, call);
  lidv_push_integer(L, (long long)call->waitable.id);
  return 1;
}

static int64_t milliseconds(lua_State *L, int index) {
  lua_Number seconds = luaL_optnumber(L, index, -1);
  if (!(seconds >= 0) || seconds > 1e9) {
    return -1;
  }
  return (int64_t)ceil(seconds * 1000);
}

/* engine:step(seconds or nil) -> whether there is news; nil waits as long as it takes */
static int Lidv_engine_step(lua_State *L) {
  lua_pushboolean(L, idv_engine_step(check_engine(L), milliseconds(L, 2)));
  return 1;
}

/* Longest wait without a look at the hooks: a signal that comes just before it does not end it. */
#define PATIENCE_MS 500

/* Lets a hook run that is to throw as soon as Lua runs. Returns whether it threw. */
static bool hook_throws(lua_State *L) {
  bool throws = luaL_loadstring(L, "") != 0 || lua_pcall(L, 0, 0, 0) != 0;
  if (throws) {
    lua_pop(L, 1);
  }
  return throws;
}

void lidv_wait(lua_State *L, idv_engine *engine) {
  lua_Hook before = lua_gethook(L);
  idv_engine_step(engine, PATIENCE_MS);
  if (lua_gethook(L) != before && hook_throws(L)) {
    lidv_context_of(L)->was_interrupted = true;
  }
}

static bool take_interruption(lua_State *L) {
  lidv_context *context = lidv_context_of(L);
  bool was_interrupted = context->was_interrupted;
  context->was_interrupted = false;
  return was_interrupted;
}

/* take_interruption() -> whether the program was interrupted while it waited, once for each time */
static int Lidv_take_interruption(lua_State *L) {
  lua_pushboolean(L, take_interruption(L));
  return 1;
}

/*
 * engine:wait() -> whether there is news, and whether the program has been interrupted: waits for a moment at
 * most
 */
static int Lidv_engine_wait(lua_State *L) {
  idv_engine *engine = check_engine(L);
  lidv_wait(L, engine);
  lua_pushboolean(L, idv_engine_has_news(engine));
  lua_pushboolean(L, lidv_context_of(L)->was_interrupted);
  return 2;
}

bool lidv_step_for(lua_State *L, idv_engine *engine, idv_call *call) {
  if (call->state != IDV_CALL_FINISHED) {
    lidv_wait(L, engine);
    if (call->state != IDV_CALL_FINISHED && take_interruption(L)) {
      lidv_interrupt(call);
    }
  }
  bool is_alone = idv_engine_drop_news(engine, &call->waitable);
  return is_alone && call->state == IDV_CALL_FINISHED;
}

/* engine:has_leftovers() -> whether stepping will give something back though nothing is in flight */
static int Lidv_engine_has_leftovers(lua_State *L) {
  lua_pushboolean(L, idv_engine_has_leftovers(check_engine(L)));
  return 1;
}

/* engine:is_pressed() -> whether the last step left something that can be done at once */
static int Lidv_engine_is_pressed(lua_State *L) {
  lua_pushboolean(L, idv_engine_is_pressed(check_engine(L)));
  return 1;
}

/*
 * engine:step_for(call) -> whether the call is finished and there is no news but its own, which is dropped
 * then. Waits for a moment where that is not so yet.
 */
static int Lidv_engine_step_for(lua_State *L) {
  idv_engine *engine = check_engine(L);
  lua_pushboolean(L, lidv_step_for(L, engine, lidv_check_call(L, 2)));
  return 1;
}

/* engine:next_news() -> id, or nil when there is none */
static int Lidv_engine_next_news(lua_State *L) {
  const idv_waitable *waitable = idv_engine_next_news(check_engine(L));
  if (waitable == NULL) {
    lua_pushnil(L);
  } else {
    lidv_push_integer(L, (long long)waitable->id);
  }
  return 1;
}

static int Lidv_engine_fd(lua_State *L) {
  lua_pushinteger(L, idv_engine_fd(check_engine(L)));
  return 1;
}

static int Lidv_engine_in_flight(lua_State *L) {
  lidv_push_integer(L, (long long)idv_engine_in_flight(check_engine(L)));
  return 1;
}

/* ---- sleepers ---- */

static lidv_sleeper *check_sleeper(lua_State *L) {
  return lidv_check_class(L, 1, LIDV_SLEEPER);
}

static int Lidv_sleeper_close(lua_State *L) {
  idv_engine_forget(&check_sleeper(L)->sleeper.waitable);
  return 0;
}

static int Lidv_sleeper_id(lua_State *L) {
  lidv_push_integer(L, (long long)check_sleeper(L)->sleeper.waitable.id);
  return 1;
}

static int Lidv_sleeper_wake(lua_State *L) {
  idv_engine_wake(&check_sleeper(L)->sleeper);
  return 0;
}

/* engine:sleeper(seconds or nil) -> sleeper that is news after that time, or only when it is woken */
static int Lidv_engine_sleeper(lua_State *L) {
  idv_engine *engine = check_engine(L);
  lidv_sleeper *self = lua_newuserdata(L, sizeof *self);
  *self = (lidv_sleeper){0};
  lidv_set_class(L, LIDV_SLEEPER);
  if (!idv_engine_sleep(engine, &self->sleeper, milliseconds(L, 2))) {
    return luaL_error(L, "not enough memory");
  }
  return 1;
}

void lidv_open_engine(lua_State *L) {
  static const luaL_Reg engine_methods[] = {
      {"is_usable", Lidv_engine_is_usable},
      {"submit", Lidv_engine_submit},
      {"step", Lidv_engine_step},
      {"step_for", Lidv_engine_step_for},
      {"wait", Lidv_engine_wait},
      {"next_news", Lidv_engine_next_news},
      {"fd", Lidv_engine_fd},
      {"in_flight", Lidv_engine_in_flight},
      {"sleeper", Lidv_engine_sleeper},
      {"is_pressed", Lidv_engine_is_pressed},
      {"has_leftovers", Lidv_engine_has_leftovers},
      {"close", Lidv_engine_close},
      {NULL, NULL},
  };
  static const luaL_Reg sleeper_methods[] = {
      {"id", Lidv_sleeper_id}, {"wake", Lidv_sleeper_wake}, {"close", Lidv_sleeper_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"engine", Lidv_engine}, {"take_interruption", Lidv_take_interruption}, {NULL, NULL}};
  lidv_register_class(L, LIDV_ENGINE, engine_methods, Lidv_engine_close);
  lidv_register_class(L, LIDV_SLEEPER, sleeper_methods, Lidv_sleeper_close);
  lidv_register_functions(L, functions);
}
