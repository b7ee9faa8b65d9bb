/*
 * rush.c: what there was at once lately, and the one time that it is over.
 */
#include "rush.h"

#include "check.h"

static void begin(idv_rush *rush, int count, int64_t now_ms) {
  for (int i = 0; i < count; i++) {
    idv_rush_begin(rush, now_ms);
  }
}

static void end(idv_rush *rush, int count, int64_t now_ms) {
  for (int i = 0; i < count; i++) {
    idv_rush_end(rush, now_ms);
  }
}

static void it_rises_at_once_and_outlasts_a_dip(void **state) {
  (void)state;
  idv_rush rush;
  idv_rush_init(&rush);
  assert_int_equal(0, idv_rush_lately(&rush));
  begin(&rush, 500, 10000);
  assert_int_equal(500, idv_rush_lately(&rush));
  end(&rush, 480, 10020);
  assert_int_equal(500, idv_rush_lately(&rush));
  begin(&rush, 480, 10030);
  assert_int_equal(500, idv_rush_lately(&rush));
}

static void it_falls_when_a_whole_second_has_seen_less(void **state) {
  (void)state;
  idv_rush rush;
  idv_rush_init(&rush);
  begin(&rush, 100, 10000);
  end(&rush, 90, 10100);
  for (int64_t now = 10200; now <= 12500; now += 100) { /* ten at once from now on */
    end(&rush, 1, now);
    begin(&rush, 1, now);
    if (now < 11900) {
      assert_int_equal(100, idv_rush_lately(&rush));
    }
  }
  assert_int_equal(10, idv_rush_lately(&rush));
}

static void nothing_for_long_forgets_both_windows(void **state) {
  (void)state;
  idv_rush rush;
  idv_rush_init(&rush);
  begin(&rush, 100, 10000);
  end(&rush, 100, 10100);
  begin(&rush, 1, 60000);
  assert_int_equal(1, idv_rush_lately(&rush));
}

static void it_is_over_once_and_only_when_it_has_been_quiet(void **state) {
  (void)state;
  idv_rush rush;
  idv_rush_init(&rush);
  assert_false(idv_rush_is_over(&rush, 10000));
  begin(&rush, 2, 10000);
  assert_false(idv_rush_is_over(&rush, 90000)); /* something goes on */
  end(&rush, 1, 90000);
  assert_false(idv_rush_is_over(&rush, 190000));
  end(&rush, 1, 190000);
  int64_t over_ms = rush.over_ms;
  assert_true(over_ms > 190000);
  assert_false(idv_rush_is_over(&rush, over_ms - 1));
  begin(&rush, 1, over_ms - 1); /* something begins in time */
  assert_false(idv_rush_is_over(&rush, over_ms));
  end(&rush, 1, over_ms);
  assert_true(idv_rush_is_over(&rush, rush.over_ms));
  assert_false(idv_rush_is_over(&rush, over_ms + 100000));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_rises_at_once_and_outlasts_a_dip),
      cmocka_unit_test(it_falls_when_a_whole_second_has_seen_less),
      cmocka_unit_test(nothing_for_long_forgets_both_windows),
      cmocka_unit_test(it_is_over_once_and_only_when_it_has_been_quiet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
