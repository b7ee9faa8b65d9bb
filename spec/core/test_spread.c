/*
 * spread.c: which lane a call gets, row by row and over random operations.
 */
#include "spread.h"

#include "check.h"

static void the_first_lanes_come_first(void **state) {
  (void)state;
  static const struct {
    const char *name;
    unsigned connections, streams;
    unsigned calls;      /* that have entered before */
    unsigned lane_of_it; /* that the next one gets */
  } rows[] = {
      {"the first call", 64, 1, 0, 0},
      {"the default has one lane for itself", 64, 1, 63, 0},
      {"more are allowed, but not needed yet", 1000, 1, 63, 0},
      {"the first lane is full", 1000, 1, 64, 1},
      {"the second lane is full", 1000, 1, 128, 2},
      {"what does not divide evenly: the last lane has less", 65, 1, 64, 1},
      {"as much as the lanes have room for", 1024, 1, 1023, 15},
      {"more than that: the lanes have more room", 1025, 1, 64, 0},
      {"... of which each has the same", 1025, 1, 65, 1},
      {"... but the last, which has what is left", 1025, 1, 1024, 15},
      {"the most there can be", 100000, 1, 99999, 15},
      {"over HTTP/2 a connection has many calls", 64, 100, 6399, 0},
      {"... and a lane as many connections", 65, 100, 6400, 1},
      {"one connection, many calls", 1, 100, 99, 0},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_spread spread = {.taken = {0}};
    for (unsigned call = 0; call < rows[i].calls; call++) {
      idv_spread_enter(&spread, rows[i].connections, rows[i].streams);
    }
    CHECK(rows[i].name,
          idv_spread_enter(&spread, rows[i].connections, rows[i].streams) == rows[i].lane_of_it);
  }
}

static void who_leaves_gives_room_in_that_lane(void **state) {
  (void)state;
  idv_spread spread = {.taken = {0}};
  for (int i = 0; i < 300; i++) {
    idv_spread_enter(&spread, 1000, 1);
  }
  assert_int_equal(64, spread.taken[0]);
  assert_int_equal(300 - 4 * 64, spread.taken[4]);
  idv_spread_leave(&spread, 2);
  assert_int_equal(2, idv_spread_enter(&spread, 1000, 1));
  assert_int_equal(4, idv_spread_enter(&spread, 1000, 1));
}

/* Calls of different routes to the same origin may allow it different numbers. */
static void without_room_the_first_lane_takes_it(void **state) {
  (void)state;
  idv_spread spread = {.taken = {0}};
  for (int i = 0; i < 100; i++) {
    idv_spread_enter(&spread, 2000, 1);
  }
  assert_int_equal(100, spread.taken[0]);
  assert_int_equal(1, idv_spread_enter(&spread, 101, 1));
  spread.taken[1] = 37;
  assert_int_equal(0, idv_spread_enter(&spread, 101, 1));
  assert_int_equal(101, spread.taken[0]);
}

enum { MOST_CALLS = 1500, OPERATIONS = 20000 };

/* The lanes of calls that come and go, and how many an origin may have. */
typedef struct traffic {
  idv_spread spread;
  unsigned places;
  unsigned active;
  unsigned lanes[MOST_CALLS];
} traffic;

static void come_or_go(traffic *t, uint64_t *random) {
  bool comes = t->active == 0 || (t->active < t->places && check_random_below(random, 3) > 0);
  if (comes) {
    t->lanes[t->active++] = idv_spread_enter(&t->spread, t->places, 1);
  } else {
    size_t gone = check_random_below(random, t->active);
    idv_spread_leave(&t->spread, t->lanes[gone]);
    t->lanes[gone] = t->lanes[--t->active];
  }
}

static void check_rooms(const traffic *t) {
  unsigned even = (t->places + IDV_LANES - 1) / IDV_LANES, sum = 0, rooms = t->places;
  unsigned share = even > IDV_SPREAD_CONNECTIONS ? even : IDV_SPREAD_CONNECTIONS;
  for (int lane = 0; lane < IDV_LANES; lane++) {
    unsigned room = rooms < share ? rooms : share;
    assert_true(t->spread.taken[lane] <= room);
    sum += t->spread.taken[lane];
    rooms -= room;
  }
  assert_int_equal(t->active, sum);
}

static void random_operations_keep_every_lane_within_its_room(void **state) {
  (void)state;
  static const unsigned limits[] = {1, 3, 64, 100, 500, 1024, MOST_CALLS};
  uint64_t random = 11;
  for (size_t i = 0; i < COUNT_OF(limits); i++) {
    traffic t = {.places = limits[i]};
    for (int operation = 0; operation < OPERATIONS; operation++) {
      come_or_go(&t, &random);
      check_rooms(&t);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_lanes_come_first),
      cmocka_unit_test(who_leaves_gives_room_in_that_lane),
      cmocka_unit_test(without_room_the_first_lane_takes_it),
      cmocka_unit_test(random_operations_keep_every_lane_within_its_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
