/*
 * What a rush of calls leaves behind: kept for the next ones, given back when none follow.
 */
#include "engine.h"

#include "answering.h"

enum { RUSH = 60 };

static idv_route *new_route(void) {
  idv_route *route = idv_route_new("POST");
  assert_non_null(route);
  route->allows_http = true;
  route->max_connections = RUSH;
  return route;
}

/* Makes `count` calls at the same time. Returns how many of them used a connection again. */
static unsigned perform(idv_engine *engine, idv_route *route, int count) {
  char url[64];
  idv_call *calls[RUSH];
  unsigned reused = 0;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/sessions/1", answering_port);
  for (int i = 0; i < count; i++) {
    assert_int_equal(IDV_CALL_FINE, idv_call_new(route, idv_slice_of(url), idv_slice_of("{}"), &calls[i]));
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

static void the_next_rush_uses_what_the_last_one_opened(void **state) {
  (void)state;
  const char *why = NULL;
  idv_engine *engine = idv_engine_open(7, &why);
  idv_route *route = new_route();
  perform(engine, route, RUSH);
  assert_true(idv_engine_has_leftovers(engine));
  for (int i = 0; i < 3; i++) {
    assert_true(perform(engine, route, RUSH) > RUSH * 9 / 10);
  }
  idv_route_release(route);
  idv_engine_close(engine);
}

static void when_none_follows_all_of_it_is_given_back(void **state) {
  (void)state;
  const char *why = NULL;
  idv_engine *engine = idv_engine_open(7, &why);
  idv_route *route = new_route();
  perform(engine, route, RUSH);
  int steps = 0;
  for (; idv_engine_has_leftovers(engine); steps++) { /* with nothing in flight a step waits for that */
    idv_engine_step(engine, 10000);
  }
  assert_in_range(steps, 1, 3);
  assert_int_equal(0, perform(engine, route, 1));
  assert_int_equal(1, perform(engine, route, 1));
  assert_false(idv_engine_has_leftovers(engine));
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_few_calls_leave_nothing_that_is_worth_it(void **state) {
  (void)state;
  const char *why = NULL;
  idv_engine *engine = idv_engine_open(7, &why);
  idv_route *route = new_route();
  perform(engine, route, 8);
  assert_false(idv_engine_has_leftovers(engine));
  idv_route_release(route);
  idv_engine_close(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_next_rush_uses_what_the_last_one_opened),
      cmocka_unit_test(when_none_follows_all_of_it_is_given_back),
      cmocka_unit_test(a_few_calls_leave_nothing_that_is_worth_it),
  };
  return cmocka_run_group_tests(tests, answering_start, NULL);
}
