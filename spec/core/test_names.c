/*
 * names.c: transfers look through the names until one has ended well, then not for half a minute, and a name
 * never gets older than a minute.
 */
#include "names.h"

#include "check.h"

static void they_look_until_one_has_ended_well(void **state) {
  (void)state;
  idv_names names = {0};
  assert_int_equal(30, idv_names_seconds(&names, 1000));
  assert_int_equal(30, idv_names_seconds(&names, 1500)); /* the first is still on its way */
  idv_names_end(&names, 30, 2000);
  assert_int_equal(-1, idv_names_seconds(&names, 2000));
  assert_int_equal(-1, idv_names_seconds(&names, 31999));
  assert_int_equal(30, idv_names_seconds(&names, 32000));
  assert_int_equal(30, idv_names_seconds(&names, 9000000));
}

static void one_that_did_not_look_puts_nothing_off(void **state) {
  (void)state;
  idv_names names = {0};
  idv_names_end(&names, 30, 1000);
  idv_names_end(&names, -1, 20000);
  assert_int_equal(30, idv_names_seconds(&names, 31000));
}

/* A transfer in the test below. */
typedef struct transfer {
  bool is_on;
  bool looks;
  int name;
  int64_t ends_ms;
} transfer;

enum { NAMES = 3, TRANSFERS = 8 };

/* Does what libcurl does at the end of a transfer that looks: drops what is old. -1: not kept. */
static void end(idv_names *names, transfer *over, int64_t resolved_ms[NAMES]) {
  for (int i = 0; i < NAMES && over->looks; i++) {
    if (over->ends_ms - resolved_ms[i] >= 30000) {
      resolved_ms[i] = -1;
    }
  }
  idv_names_end(names, over->looks ? 30 : -1, over->ends_ms);
  over->is_on = false;
}

/* Several names, several transfers at once, some of which take minutes. */
static void no_name_is_older_than_a_minute_when_a_transfer_begins(void **state) {
  (void)state;
  uint64_t random = 7;
  idv_names names = {0};
  int64_t resolved_ms[NAMES] = {-1, -1, -1};
  transfer transfers[TRANSFERS] = {{0}};
  int64_t oldest_ms = 0;
  for (int64_t now = 1; now < 100000000; now += 100) {
    for (int i = 0; i < TRANSFERS; i++) {
      transfer *one = &transfers[i];
      if (one->is_on && one->ends_ms <= now) {
        end(&names, one, resolved_ms);
      } else if (!one->is_on && check_random_below(&random, 40) == 0) {
        int64_t takes_ms = (int64_t)check_random_below(&random, i == 0 ? 400000 : 3000);
        *one = (transfer){true, idv_names_seconds(&names, now) == 30, (int)check_random_below(&random, NAMES),
                          now + takes_ms};
        bool is_too_old = one->looks && now - resolved_ms[one->name] >= 30000;
        if (resolved_ms[one->name] < 0 || is_too_old) {
          resolved_ms[one->name] = now;
        }
        int64_t age_ms = now - resolved_ms[one->name];
        oldest_ms = age_ms > oldest_ms ? age_ms : oldest_ms;
      }
    }
  }
  assert_in_range(oldest_ms, 30001, 60000 + 100); /* the clock of this test goes in steps of 100 */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(they_look_until_one_has_ended_well),
      cmocka_unit_test(one_that_did_not_look_puts_nothing_off),
      cmocka_unit_test(no_name_is_older_than_a_minute_when_a_transfer_begins),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
