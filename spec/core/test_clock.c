/*
 * clock.c: the monotonic clock of the system, in the units that are promised.
 */
#include "clock.h"

#include <time.h>

#include "check.h"

static int64_t system_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void reads_the_monotonic_clock(void **state) {
  (void)state;
  for (int i = 0; i < 1000; i++) {
    int64_t before = system_us(), us = idv_clock_us(), ms = idv_clock_ms(), after = system_us();
    assert_true(before <= us && us <= after);
    assert_true(us / 1000 <= ms && ms <= after / 1000);
  }
}

static void never_is_later_than_any_moment(void **state) {
  (void)state;
  static const int64_t rows[][3] = {{-1, -1, -1}, {-1, 5, 5}, {5, -1, 5}, {0, 5, 0},
                                    {5, 0, 0},    {5, 5, 5},  {4, 5, 4}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    assert_int_equal(rows[i][2], idv_clock_earlier(rows[i][0], rows[i][1]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_the_monotonic_clock),
      cmocka_unit_test(never_is_later_than_any_moment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
