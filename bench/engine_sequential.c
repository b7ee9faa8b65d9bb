/*
 * idv's engine without Lua: the calls of reference_sequential.c by src/core alone, with its deadlines, its
 * retries and its rule that nothing is sent twice. What idv costs beyond this is validation, JSON and Lua.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "engine.h"

#define PATH "/v1/sessions"

typedef struct loop {
  idv_engine *engine;
  idv_route *route;
} loop;

static void give_up(const char *why) {
  fprintf(stderr, "engine: %s\n", why);
  exit(1);
}

static void perform(const loop *self) {
  idv_call *call = NULL;
  idv_slice none = {.data = NULL};
  if (idv_call_new_under_base(self->route, idv_slice_of(PATH), none, idv_slice_of(CONTENDER_BODY), &call) !=
          IDV_CALL_FINE ||
      !idv_engine_submit(self->engine, call)) {
    give_up("no call");
  }
  while (call->state != IDV_CALL_FINISHED) {
    idv_engine_step(self->engine, -1);
  }
  idv_engine_drop_news(self->engine, &call->waitable);
  if (call->status != 201 || call->content.length < 2) {
    give_up("no session");
  }
  idv_call_free(call);
}

static void run(void *state, long calls) {
  for (long i = 0; i < calls; i++) {
    perform(state);
  }
}

/* The headers of contender_headers, as a route has them. */
static bool add_headers(idv_route *route) {
  const char *headers[][2] = {{"User-Agent", contender_setting("BENCH_AGENT")},
                              {"Accept", "application/json"},
                              {"Content-Type", "application/json"},
                              {"x-api-key", "live_bench"}};
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    if (!idv_route_add_header(route, idv_slice_of(headers[i][0]), idv_slice_of(headers[i][1]))) {
      return false;
    }
  }
  return true;
}

static idv_route *open_route(void) {
  idv_route *route = idv_route_new("POST");
  char *base = strdup(contender_setting("BENCH_URL"));
  if (route == NULL || base == NULL) {
    give_up("no memory");
  }
  base[strlen(base) - strlen(PATH)] = '\0';
  route->allows_http = true;
  if (!idv_route_set_base(route, base) || idv_call_check_base(route) != IDV_CALL_FINE ||
      !idv_route_set_ca_file(route, contender_setting("BENCH_CA")) || !add_headers(route)) {
    give_up("no route");
  }
  free(base);
  return route;
}

int main(void) {
  const char *why = NULL;
  loop self = {.engine = idv_engine_open(0, &why), .route = open_route()};
  if (self.engine == NULL) {
    give_up(why);
  }
  int status = contender_serve(run, &self);
  idv_engine_close(self.engine);
  idv_route_release(self.route);
  return status;
}
