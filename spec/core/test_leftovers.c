/*
 * What a rush of calls leaves behind: kept for the next ones, given back when none follow.
 */
#include <sys/epoll.h>

#include "several.h"
#include "steered_clock.h"

/* Stands in for the C library's. While this is set nothing is waited for: the clock moves on instead. */
static bool clock_moves_instead;

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms) {
  if (clock_moves_instead && timeout_ms > 0) {
    seconds_ahead += (timeout_ms + 999) / 1000;
    timeout_ms = 0;
  }
  return epoll_pwait(epoll, events, most, timeout_ms, NULL);
}

static void the_next_rush_uses_what_the_last_one_opened(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform_at_once(engine, route, SEVERAL_MOST);
  assert_true(idv_engine_has_leftovers(engine));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(SEVERAL_MOST, several_perform_at_once(engine, route, SEVERAL_MOST));
  }
  idv_route_release(route);
  idv_engine_close(engine);
}

static void when_none_follows_all_of_it_is_given_back(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform_at_once(engine, route, SEVERAL_MOST);
  for (int second = 0; second < 3; second++) {
    idv_engine_step(engine, 0);
    assert_true(idv_engine_has_leftovers(engine));
    seconds_ahead++;
  }
  idv_engine_step(engine, 0);
  assert_false(idv_engine_has_leftovers(engine));
  assert_int_equal(0, several_perform(engine, route, 1));
  assert_int_equal(1, several_perform(engine, route, 1));
  assert_false(idv_engine_has_leftovers(engine));
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_step_that_may_wait_waits_for_that(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform_at_once(engine, route, SEVERAL_MOST);
  long before = seconds_ahead;
  clock_moves_instead = true;
  int steps = 0;
  for (; idv_engine_has_leftovers(engine); steps++) {
    idv_engine_step(engine, -1);
  }
  clock_moves_instead = false;
  assert_int_equal(3, seconds_ahead - before);
  assert_in_range(steps, 1, 3);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_few_calls_leave_nothing_that_is_worth_it(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform_at_once(engine, route, 8);
  assert_false(idv_engine_has_leftovers(engine));
  idv_route_release(route);
  idv_engine_close(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_next_rush_uses_what_the_last_one_opened),
      cmocka_unit_test(when_none_follows_all_of_it_is_given_back),
      cmocka_unit_test(a_step_that_may_wait_waits_for_that),
      cmocka_unit_test(a_few_calls_leave_nothing_that_is_worth_it),
  };
  return cmocka_run_group_tests(tests, answering_start, NULL);
}
