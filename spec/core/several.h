/*
 * Several calls at once, to the server of answering.h.
 */
#ifndef IDV_SPEC_SEVERAL_H
#define IDV_SPEC_SEVERAL_H

#include "answering.h"
#include "engine.h"

/* Most calls at once. */
enum { SEVERAL_MOST = 60 };

static inline idv_engine *several_open_engine(void) {
  const char *why = NULL;
  idv_engine *engine = idv_engine_open(7, &why);
  assert_non_null(engine);
  return engine;
}

static inline idv_route *several_new_route(void) {
  idv_route *route = idv_route_new("POST");
  assert_non_null(route);
  route->allows_http = true;
  route->max_connections = SEVERAL_MOST;
  return route;
}

/* Makes `count` calls at the same time and runs them to their ends, which must be good. Returns how many of
 * them used a connection again. */
static inline unsigned several_perform(idv_engine *engine, idv_route *route, int count) {
  char url[64];
  idv_call *calls[SEVERAL_MOST];
  unsigned reused = 0;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/sessions/1", answering_port);
  for (int i = 0; i < count; i++) {
    assert_int_equal(IDV_CALL_FINE,
                     idv_call_new(route, idv_slice_of(url), idv_slice_of("{\"a\":1}"), &calls[i]));
    assert_true(idv_engine_submit(engine, calls[i]));
  }
  while (idv_engine_in_flight(engine) > 0) {
    idv_engine_step(engine, 1000);
    while (idv_engine_next_news(engine) != NULL) {
    }
  }
  for (int i = 0; i < count; i++) {
    assert_int_equal(201, calls[i]->status);
    reused += calls[i]->reused_connection;
    idv_call_free(calls[i]);
  }
  return reused;
}

#endif
