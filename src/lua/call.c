/*
 * Calls for Lua: a request to be sent, then the answer to it.
 *
 * A call is collected like any other value; one that is still in flight is cancelled then. Whoever is sure
 * that nobody else knows a call may release it: that gives its memory back at once, and the empty userdata
 * serves the next call, which spares the collector an object with a finalizer. Methods never show credentials
 * except request(), whose reader is a transport.
 */
#include <string.h>

#include "binding.h"
#include "compat.h"
#include "head.h"

typedef struct lidv_call {
  idv_call *call; /* NULL while half made and once closed */
} lidv_call;

idv_call *lidv_check_call(lua_State *L, int index) {
  lidv_call *self = lidv_check_class(L, index, LIDV_CALL);
  luaL_argcheck(L, self->call != NULL, index, "the call is closed");
  return self->call;
}

/* Released calls that are kept. */
#define MOST_SPARES 64

/* Pushes a released call. There must be one. [-0, +1] */
static lidv_call *push_spare(lua_State *L, lidv_context *context) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, context->spares);
  lua_rawgeti(L, -1, context->spare_count);
  lua_pushnil(L);
  lua_rawseti(L, -3, context->spare_count--);
  lua_remove(L, -2);
  return lua_touserdata(L, -1);
}

/* Pushes a call that is not there yet. [-0, +1] */
static lidv_call *push_empty(lua_State *L) {
  lidv_context *context = lidv_context_of(L);
  if (context->spare_count > 0) {
    return push_spare(L, context);
  }
  lidv_call *self = lua_newuserdata(L, sizeof *self);
  self->call = NULL;
  lidv_set_class(L, LIDV_CALL);
  return self;
}

/* Leaves the call, on the top, there when it was made. */
static idv_call_problem settle(lua_State *L, idv_call_problem problem) {
  if (problem == IDV_CALL_NO_MEMORY) {
    luaL_error(L, "not enough memory");
  }
  if (problem != IDV_CALL_FINE) {
    lua_pop(L, 1);
  }
  return problem;
}

idv_call_problem lidv_push_call(lua_State *L, idv_route *route, idv_slice url, idv_slice body) {
  lidv_call *self = push_empty(L);
  return settle(L, idv_call_new(route, url, body, &self->call));
}

idv_call_problem lidv_push_call_under_base(lua_State *L, idv_route *route, idv_slice path, idv_slice query,
                                           idv_slice body) {
  lidv_call *self = push_empty(L);
  return settle(L, idv_call_new_under_base(route, path, query, body, &self->call));
}

const char *lidv_call_problem_text(idv_call_problem problem) {
  switch (problem) {
  case IDV_CALL_BAD_URL:
    return "is not an address such as https://example.com";
  case IDV_CALL_TOO_LONG:
    return "is longer than 8 KiB";
  case IDV_CALL_NOT_HTTPS:
    return "must be https (plain http only to this machine, with allow_http = true)";
  case IDV_CALL_HAS_USERINFO:
    return "must not hold a user name or password";
  case IDV_CALL_NO_MEMORY:
    return "does not fit into memory";
  case IDV_CALL_FINE:
    break;
  }
  return "is fine";
}

static int Lidv_call_close(lua_State *L) {
  lidv_call *self = lidv_check_class(L, 1, LIDV_CALL);
  idv_call_free(self->call);
  self->call = NULL;
  return 0;
}

idv_call *lidv_known_call(lua_State *L, int index) {
  return ((lidv_call *)lua_touserdata(L, index))->call;
}

void lidv_release_call(lua_State *L, int index) {
  lidv_context *context = lidv_context_of(L);
  lidv_call *self = lua_touserdata(L, index);
  bool was_there = self->call != NULL;
  idv_call_free(self->call);
  self->call = NULL;
  if (was_there && context->spare_count < MOST_SPARES) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, context->spares);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, context->spare_count + 1);
    lua_pop(L, 1);
    context->spare_count++;
  }
}

/* release(call): ends its life before the collector does. It must not be touched afterwards. */
static int Lidv_call_release(lua_State *L) {
  lidv_check_class(L, 1, LIDV_CALL);
  lidv_release_call(L, 1);
  return 0;
}

/* call:id() -> small integer that is its own while it is in its engine, 0 before it is submitted */
static int Lidv_call_id(lua_State *L) {
  lidv_push_integer(L, (long long)lidv_check_call(L, 1)->waitable.id);
  return 1;
}

static int Lidv_call_is_finished(lua_State *L) {
  lua_pushboolean(L, lidv_check_call(L, 1)->state == IDV_CALL_FINISHED);
  return 1;
}

static int Lidv_call_cancel(lua_State *L) {
  idv_engine_cancel(lidv_check_call(L, 1));
  return 0;
}

void lidv_interrupt(idv_call *call) {
  idv_engine_cancel(call);
  if (call->failure.kind == IDV_FAILURE_CANCELLED) {
    call->failure.reason = "the program was interrupted";
  }
}

/* call:interrupt(): cancels it, and says that the program was interrupted */
static int Lidv_call_interrupt(lua_State *L) {
  lidv_interrupt(lidv_check_call(L, 1));
  return 0;
}

/* ---- before it is sent ---- */

/*
 * call:limit(timeout, connect_timeout, max_retries, max_response_bytes): nil leaves what the route says.
 * Seconds and bytes.
 */
static int Lidv_call_limit(lua_State *L) {
  idv_call *call = lidv_check_call(L, 1);
  idv_limits *limits = &call->limits;
  limits->timeout_ms = (int64_t)(luaL_optnumber(L, 2, (lua_Number)limits->timeout_ms / 1000) * 1000);
  limits->connect_timeout_ms =
      (int64_t)(luaL_optnumber(L, 3, (lua_Number)limits->connect_timeout_ms / 1000) * 1000);
  limits->max_retries = (unsigned)luaL_optnumber(L, 4, limits->max_retries);
  limits->max_response_bytes = (size_t)luaL_optnumber(L, 5, (lua_Number)limits->max_response_bytes);
  return 0;
}

/* call:limits() -> timeout in seconds, max_response_bytes */
static int Lidv_call_limits(lua_State *L) {
  const idv_call *call = lidv_check_call(L, 1);
  lua_pushnumber(L, (lua_Number)call->limits.timeout_ms / 1000);
  lidv_push_integer(L, (long long)call->limits.max_response_bytes);
  return 2;
}

/* call:save_to(path) -> true, or nil and what is wrong: where a file goes, which is what does not begin as
 * JSON */
static int Lidv_call_save_to(lua_State *L) {
  idv_call *call = lidv_check_call(L, 1);
  const char *path = lidv_check_text(L, 2, "path");
  const char *why = NULL;
  idv_sink_close(call->sink);
  call->sink = idv_sink_open(path, &why);
  if (call->sink != NULL) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* call:tell_progress(): the call is news from time to time while its body comes in */
static int Lidv_call_tell_progress(lua_State *L) {
  lidv_check_call(L, 1)->tells_progress = true;
  return 0;
}

/* Adds the header line to the list of {name, value} on the top. */
static void add_header_line(lua_State *L, idv_slice line, int position) {
  const char *colon = memchr(line.data, ':', line.length);
  size_t name = (size_t)(colon - line.data);
  idv_slice value = idv_slice_trim((idv_slice){.data = colon + 1, .length = line.length - name - 1});
  lua_createtable(L, 2, 0);
  lua_pushlstring(L, line.data, name);
  lua_rawseti(L, -2, 1);
  lidv_push_slice(L, value);
  lua_rawseti(L, -2, 2);
  lua_rawseti(L, -2, position);
}

/* call:request() -> {method=, url=, headers={{name, value}, ...}, body=}, credentials included */
static int Lidv_call_request(lua_State *L) {
  const idv_call *call = lidv_check_call(L, 1);
  int count = 0;
  lua_createtable(L, 0, 4);
  lua_pushstring(L, call->route->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, call->url);
  lua_setfield(L, -2, "url");
  if (call->body != NULL) {
    lua_pushlstring(L, call->body, call->body_length);
    lua_setfield(L, -2, "body");
  }
  lua_newtable(L);
  for (const struct curl_slist *line = call->route->headers; line != NULL; line = line->next) {
    idv_slice text = idv_slice_of(line->data);
    bool has_value = strchr(text.data, ':')[1] != '\0'; /* one without takes libcurl's own header away */
    if (has_value) {
      add_header_line(L, text, ++count);
    }
  }
  lua_setfield(L, -2, "headers");
  return 1;
}

/* ---- an answer that came by another way ---- */

/* call:answer(status, head, content): `head` is raw header lines */
static int Lidv_call_answer(lua_State *L) {
  idv_call *call = lidv_check_call(L, 1);
  long status = (long)luaL_checknumber(L, 2);
  luaL_checktype(L, 3, LUA_TSTRING);
  luaL_checktype(L, 4, LUA_TSTRING);
  idv_call_answer(call, status, lidv_slice(L, 3), lidv_slice(L, 4));
  return 0;
}

/* ---- the answer ---- */

static int Lidv_call_status(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)lidv_check_call(L, 1)->status);
  return 1;
}

/* call:header(name) -> the first value or nil, and how many there are */
static int Lidv_call_header(lua_State *L) {
  const idv_call *call = lidv_check_call(L, 1);
  const char *wanted = luaL_checkstring(L, 2);
  idv_slice rest = idv_buffer_slice(&call->head), name, value;
  int count = 0;
  lidv_push_slice(L, idv_head_find(rest, wanted));
  while (idv_head_next(&rest, &name, &value)) {
    count += idv_slice_equals_ignoring_case(name, wanted);
  }
  lua_pushinteger(L, count);
  return 2;
}

static int Lidv_call_content(lua_State *L) {
  lidv_push_slice(L, idv_buffer_slice(&lidv_check_call(L, 1)->content));
  return 1;
}

/* call:progress() -> bytes so far, bytes in all or nil */
static int Lidv_call_progress(lua_State *L) {
  idv_call *call = lidv_check_call(L, 1);
  call->told_bytes = call->bytes_received;
  lidv_push_integer(L, (long long)call->bytes_received);
  if (call->bytes_expected < 0) {
    return 1;
  }
  lidv_push_integer(L, (long long)call->bytes_expected);
  return 2;
}

/* A call whose body is in a file that has no name yet. */
static idv_call *check_saved(lua_State *L) {
  idv_call *call = lidv_check_call(L, 1);
  luaL_argcheck(L, call->sink != NULL && call->content_is_in_sink, 1, "nothing was saved");
  return call;
}

/* call:saved() -> the first KiB of the saved body, its last KiB, and its length */
static int Lidv_call_saved(lua_State *L) {
  const idv_call *call = check_saved(L);
  char edge[IDV_SINK_EDGE];
  lua_pushlstring(L, edge, idv_sink_first(call->sink, edge));
  lua_pushlstring(L, edge, idv_sink_last(call->sink, edge));
  lidv_push_integer(L, (long long)idv_sink_length(call->sink));
  return 3;
}

/* call:commit() -> true, or nil and a sentence: gives the saved body its name */
static int Lidv_call_commit(lua_State *L) {
  idv_call *call = check_saved(L);
  bool is_committed = idv_sink_commit(call->sink);
  const char *why = idv_sink_failure(call->sink);
  idv_sink_close(call->sink);
  call->sink = NULL;
  if (is_committed) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, (lua_Number)value);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, long long value) {
  lidv_push_integer(L, value);
  lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

/*
 * Pushes {kind=, reason=, status=, delay=, duration=, bytes_sent=, bytes_received=, reused=} for an attempt
 * that was followed by another.
 */
static void push_note(lua_State *L, const idv_attempt_note *note) {
  lua_createtable(L, 0, 8);
  set_integer(L, "status", note->status);
  set_number(L, "delay", (double)note->delay_ms / 1000);
  set_number(L, "duration", (double)note->duration_us / 1e6);
  set_integer(L, "bytes_sent", (long long)note->bytes_sent);
  set_integer(L, "bytes_received", (long long)note->bytes_received);
  set_flag(L, "reused", note->reused_connection);
  if (note->failure.kind != IDV_FAILURE_NONE) {
    set_text(L, "kind", idv_failure_kind_name(note->failure.kind));
    set_text(L, "reason", note->failure.reason);
  }
}

/* call:attempts() -> how many so far, and the list of those that were followed by another */
static int Lidv_call_attempts(lua_State *L) {
  const idv_call *call = lidv_check_call(L, 1);
  lua_pushinteger(L, (lua_Integer)call->attempts);
  lua_createtable(L, (int)call->noted, 0);
  for (size_t i = 0; i < call->noted; i++) {
    push_note(L, &call->notes[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 2;
}

/*
 * call:facts() -> everything but data: {kind=, reason=, outcome=, status=, attempts=, retry_after=,
 * duration=, bytes_sent=, bytes_received=, reused=, saved=, safe=, undecodable=, http_version=,
 * proxy_status=, leads_to=}. Seconds and bytes. The last two say what kept a request from its server: the
 * status with which a proxy refused, and what its address leads to.
 */
static int Lidv_call_facts(lua_State *L) {
  idv_call *call = lidv_check_call(L, 1);
  if (call->status > 0 && call->status < 400) {
    idv_call_read_head(call); /* which the engine only does for refusals */
  }
  lua_createtable(L, 0, 14);
  if (call->failure.kind != IDV_FAILURE_NONE) {
    set_text(L, "kind", idv_failure_kind_name(call->failure.kind));
    set_text(L, "reason", call->failure.reason);
    set_flag(L, "permanent", call->failure.is_permanent);
    set_flag(L, "undecodable", strcmp(call->failure.reason, idv_failure_undecodable.reason) == 0);
  }
  if (call->proxy_status != 0) {
    set_integer(L, "proxy_status", call->proxy_status);
  }
  if (call->refused != IDV_REACH_PUBLIC) {
    set_text(L, "leads_to", idv_reach_name(call->refused));
  }
  if (call->status != 0) {
    set_integer(L, "status", call->status);
  }
  if (call->retry_after_ms >= 0) {
    set_number(L, "retry_after", (double)call->retry_after_ms / 1000);
  }
  set_text(L, "outcome", idv_outcome_name(call->outcome));
  set_integer(L, "attempts", call->attempts);
  set_number(L, "duration", (double)call->duration_us / 1e6);
  set_integer(L, "bytes_sent", (long long)call->bytes_sent);
  set_integer(L, "bytes_received", (long long)call->bytes_received);
  set_integer(L, "http_version", call->http_version);
  set_flag(L, "reused", call->reused_connection);
  set_flag(L, "saved", call->content_is_in_sink);
  set_flag(L, "safe", call->route->is_safe);
  return 1;
}

void lidv_open_call(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"id", Lidv_call_id},
      {"is_finished", Lidv_call_is_finished},
      {"cancel", Lidv_call_cancel},
      {"interrupt", Lidv_call_interrupt},
      {"limit", Lidv_call_limit},
      {"limits", Lidv_call_limits},
      {"save_to", Lidv_call_save_to},
      {"tell_progress", Lidv_call_tell_progress},
      {"request", Lidv_call_request},
      {"answer", Lidv_call_answer},
      {"status", Lidv_call_status},
      {"header", Lidv_call_header},
      {"content", Lidv_call_content},
      {"progress", Lidv_call_progress},
      {"saved", Lidv_call_saved},
      {"commit", Lidv_call_commit},
      {"attempts", Lidv_call_attempts},
      {"facts", Lidv_call_facts},
      {NULL, NULL},
  };
  static const luaL_Reg functions[] = {{"release", Lidv_call_release}, {NULL, NULL}};
  lidv_context *context = lua_touserdata(L, -1);
  lua_createtable(L, MOST_SPARES, 0);
  context->spares = luaL_ref(L, LUA_REGISTRYINDEX);
  lidv_register_class(L, LIDV_CALL, methods, Lidv_call_close);
  lidv_register_functions(L, functions);
}
