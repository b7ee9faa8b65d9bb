/*
 * What a rush of calls leaves behind: kept for the next ones, given back when none follow.
 */
#include "several.h"

static void the_next_rush_uses_what_the_last_one_opened(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform(engine, route, SEVERAL_MOST);
  assert_true(idv_engine_has_leftovers(engine));
  for (int i = 0; i < 3; i++) {
    assert_true(several_perform(engine, route, SEVERAL_MOST) > SEVERAL_MOST * 9 / 10);
  }
  idv_route_release(route);
  idv_engine_close(engine);
}

static void when_none_follows_all_of_it_is_given_back(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform(engine, route, SEVERAL_MOST);
  int steps = 0;
  for (; idv_engine_has_leftovers(engine); steps++) { /* with nothing in flight a step waits for that */
    idv_engine_step(engine, 10000);
  }
  assert_in_range(steps, 1, 3);
  assert_int_equal(0, several_perform(engine, route, 1));
  assert_int_equal(1, several_perform(engine, route, 1));
  assert_false(idv_engine_has_leftovers(engine));
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_few_calls_leave_nothing_that_is_worth_it(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform(engine, route, 8);
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
