/*
 * names.c: one transfer in half a minute looks through the names, and a name never gets older than a minute.
 */
#include "names.h"

#include "check.h"

static void the_first_looks_and_then_one_in_half_a_minute(void **state) {
  (void)state;
  idv_names names = {0};
  assert_int_equal(30, idv_names_seconds(&names, 5));
  int looked = 0;
  for (int64_t now = 15; now <= 300005; now += 10) {
    looked += idv_names_seconds(&names, now) == 30;
  }
  assert_int_equal(10, looked);
}

static void whoever_comes_after_a_pause_looks(void **state) {
  (void)state;
  idv_names names = {0};
  idv_names_seconds(&names, 1000);
  assert_int_equal(-1, idv_names_seconds(&names, 30999));
  assert_int_equal(30, idv_names_seconds(&names, 31000));
  assert_int_equal(30, idv_names_seconds(&names, 9000000));
  assert_int_equal(-1, idv_names_seconds(&names, 9000001));
}

/* What libcurl does: a transfer that looks drops what is older than it says, one that does not uses it. */
static void no_name_is_used_when_it_is_older_than_a_minute(void **state) {
  (void)state;
  uint64_t random = 7;
  idv_names names = {0};
  int64_t resolved_ms = -1;
  for (int64_t now = 1; now < 10000000; now += 1 + (int64_t)check_random_below(&random, 45000)) {
    long seconds = idv_names_seconds(&names, now);
    if (resolved_ms < 0 || (seconds >= 0 && now - resolved_ms >= seconds * 1000)) {
      resolved_ms = now;
    }
    assert_true(now - resolved_ms <= 60000);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_looks_and_then_one_in_half_a_minute),
      cmocka_unit_test(whoever_comes_after_a_pause_looks),
      cmocka_unit_test(no_name_is_used_when_it_is_older_than_a_minute),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
