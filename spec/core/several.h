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

/* Begins `count` calls. */
static inline void several_begin(idv_engine *engine, idv_route *route, int count, idv_call **calls) {
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/sessions/1", answering_port);
  for (int i = 0; i < count; i++) {
    assert_int_equal(IDV_CALL_FINE,
                     idv_call_new(route, idv_slice_of(url), idv_slice_of("{\"a\":1}"), &calls[i]));
    assert_true(idv_engine_submit(engine, calls[i]));
  }
}

/* Runs calls to their ends, which must be good. Returns how many of them used a connection again. */
static inline unsigned several_end(idv_engine *engine, int count, idv_call **calls) {
  unsigned reused = 0;
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

/* Makes `count` calls, as many at the same time as the machine is fast enough for. Returns how many of them
 * used a connection again. */
static inline unsigned several_perform(idv_engine *engine, idv_route *route, int count) {
  idv_call *calls[SEVERAL_MOST];
  several_begin(engine, route, count, calls);
  return several_end(engine, count, calls);
}

/* The same, with all of them at the same time however fast the machine is: the server answers none before it
 * has read all. */
static inline unsigned several_perform_at_once(idv_engine *engine, idv_route *route, int count) {
  idv_call *calls[SEVERAL_MOST];
  unsigned before = atomic_load(&answering_requests[1]);
  atomic_store(&answering_waits, true);
  several_begin(engine, route, count, calls);
  while (atomic_load(&answering_requests[1]) - before < (unsigned)count) {
    idv_engine_step(engine, 0);
    usleep(1000);
  }
  atomic_store(&answering_waits, false);
  return several_end(engine, count, calls);
}

#endif
