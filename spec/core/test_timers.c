/*
 * timers.c: the heap against an array that is searched from end to end, and room that is there when promised.
 */
#include "timers.h"

#include "allocator.h"

static void nothing_is_due_in_a_new_one(void **state) {
  (void)state;
  idv_timers timers;
  allocator_begin(NULL);
  idv_timers_init(&timers);
  assert_null(idv_timers_first(&timers));
  assert_int_equal(0, allocator.count);
  idv_timers_free(&timers);
  idv_timers_free(&timers);
}

static void room_that_was_reserved_needs_no_memory_later(void **state) {
  (void)state;
  static const size_t owners[] = {1, 2, 15, 16, 17, 31, 32, 33, 100, 1000};
  static idv_timer timer[1000];
  for (size_t i = 0; i < COUNT_OF(owners); i++) {
    idv_timers timers;
    memset(timer, 0, sizeof timer);
    idv_timers_init(&timers);
    assert_true(idv_timers_reserve(&timers, owners[i]));
    assert_true(timers.capacity >= owners[i]);
    allocator_begin(NULL);
    for (size_t j = 0; j < owners[i]; j++) {
      idv_timers_set(&timers, &timer[j], (int64_t)(1000 - j));
      assert_ptr_equal(&timer[j], idv_timers_first(&timers));
    }
    assert_int_equal(0, allocator.count);
    idv_timers_free(&timers);
  }
}

static void reserving_one_after_another_does_not_allocate_each_time(void **state) {
  (void)state;
  idv_timers timers;
  idv_timers_init(&timers);
  allocator_begin(NULL);
  for (size_t owners = 0; owners <= 10000; owners++) {
    assert_true(idv_timers_reserve(&timers, owners));
    assert_true(timers.capacity >= owners);
  }
  assert_in_range(allocator.count, 1, 12);
  idv_timers_free(&timers);
}

static void short_memory_leaves_everything_as_it_was(void **state) {
  (void)state;
  idv_timers timers;
  idv_timer one = {0};
  idv_timers_init(&timers);
  assert_true(idv_timers_reserve(&timers, 1));
  idv_timers_set(&timers, &one, 5);
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_false(idv_timers_reserve(&timers, 1000));
  assert_ptr_equal(&one, idv_timers_first(&timers));
  assert_false(idv_timers_reserve(&timers, (size_t)1 << 50));
  assert_ptr_equal(&one, idv_timers_first(&timers));
  assert_true(idv_timers_reserve(&timers, 1000));
  assert_ptr_equal(&one, idv_timers_first(&timers));
  idv_timers_free(&timers);
}

static void after_free_it_is_as_new(void **state) {
  (void)state;
  idv_timers timers;
  idv_timer one = {0};
  idv_timers_init(&timers);
  allocator_begin(NULL);
  assert_true(idv_timers_reserve(&timers, 1));
  idv_timers_set(&timers, &one, 5);
  idv_timers_free(&timers);
  assert_int_equal(0, allocator.live);
  assert_null(idv_timers_first(&timers));
  assert_int_equal(0, timers.capacity);
}

static void a_timer_that_is_set_again_moves(void **state) {
  (void)state;
  idv_timers timers;
  idv_timer one = {0}, two = {0};
  idv_timers_init(&timers);
  assert_true(idv_timers_reserve(&timers, 2));
  idv_timers_set(&timers, &one, 10);
  idv_timers_set(&timers, &two, 20);
  idv_timers_set(&timers, &one, 30);
  assert_ptr_equal(&two, idv_timers_first(&timers));
  idv_timers_set(&timers, &one, 20 - 1);
  assert_ptr_equal(&one, idv_timers_first(&timers));
  assert_int_equal(2, timers.count);
  idv_timers_free(&timers);
}

static void removing_one_that_is_not_set_does_nothing(void **state) {
  (void)state;
  idv_timers timers;
  idv_timer one = {0}, two = {0};
  idv_timers_init(&timers);
  idv_timers_remove(&timers, &one);
  assert_true(idv_timers_reserve(&timers, 2));
  idv_timers_set(&timers, &one, 10);
  idv_timers_remove(&timers, &two);
  assert_ptr_equal(&one, idv_timers_first(&timers));
  idv_timers_remove(&timers, &one);
  idv_timers_remove(&timers, &one);
  assert_null(idv_timers_first(&timers));
  assert_int_equal(0, one.place);
  idv_timers_free(&timers);
}

static void any_moment_is_fine(void **state) {
  (void)state;
  static const int64_t moments[] = {INT64_MAX, 0, INT64_MIN, -1, 1, INT64_MAX - 1, INT64_MIN + 1};
  static const size_t order[] = {2, 6, 3, 1, 4, 5, 0};
  idv_timer timer[COUNT_OF(moments)] = {{0}};
  idv_timers timers;
  idv_timers_init(&timers);
  assert_true(idv_timers_reserve(&timers, COUNT_OF(moments)));
  for (size_t i = 0; i < COUNT_OF(moments); i++) {
    idv_timers_set(&timers, &timer[i], moments[i]);
  }
  for (size_t i = 0; i < COUNT_OF(order); i++) {
    assert_ptr_equal(&timer[order[i]], idv_timers_first(&timers));
    idv_timers_remove(&timers, &timer[order[i]]);
  }
  idv_timers_free(&timers);
}

/* ---- random operations against an array ---- */

enum { TIMERS = 40, OPERATIONS = 50000 };

typedef struct model {
  bool is_set[TIMERS];
  int64_t due_ms[TIMERS];
} model;

static void check_against(const idv_timers *timers, const idv_timer *timer, const model *expected) {
  size_t set = 0;
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < TIMERS; i++) {
    assert_int_equal(expected->is_set[i], timer[i].place != 0);
    if (expected->is_set[i]) {
      set++;
      least = expected->due_ms[i] < least ? expected->due_ms[i] : least;
      assert_int_equal(expected->due_ms[i], timer[i].due_ms);
      assert_ptr_equal(&timer[i], timers->heap[timer[i].place - 1]);
    }
  }
  const idv_timer *first = idv_timers_first(timers);
  assert_int_equal(set, timers->count);
  assert_int_equal(set > 0, first != NULL);
  assert_true(first == NULL || first->due_ms == least);
}

static void random_operations_agree_with_an_array(void **state) {
  (void)state;
  uint64_t random = 43;
  idv_timer timer[TIMERS] = {{0}};
  model expected = {.is_set = {false}};
  idv_timers timers;
  idv_timers_init(&timers);
  assert_true(idv_timers_reserve(&timers, TIMERS));
  for (int i = 0; i < OPERATIONS; i++) {
    size_t chosen = check_random_below(&random, TIMERS);
    size_t operation = check_random_below(&random, 10);
    if (operation == 0 && idv_timers_first(&timers) != NULL) {
      chosen = (size_t)(idv_timers_first(&timers) - timer);
    }
    if (operation < 4) {
      idv_timers_remove(&timers, &timer[chosen]);
      expected.is_set[chosen] = false;
    } else {
      expected.is_set[chosen] = true;
      expected.due_ms[chosen] = (int64_t)check_random_below(&random, 30); /* many are due at once */
      idv_timers_set(&timers, &timer[chosen], expected.due_ms[chosen]);
    }
    check_against(&timers, timer, &expected);
  }
  idv_timers_free(&timers);
}

static void taking_the_first_again_and_again_sorts(void **state) {
  (void)state;
  static idv_timer timer[5000];
  uint64_t random = 47;
  int64_t last = INT64_MIN;
  idv_timers timers;
  idv_timers_init(&timers);
  memset(timer, 0, sizeof timer);
  assert_true(idv_timers_reserve(&timers, COUNT_OF(timer)));
  for (size_t i = 0; i < COUNT_OF(timer); i++) {
    idv_timers_set(&timers, &timer[i], (int64_t)check_random(&random));
  }
  for (size_t i = 0; i < COUNT_OF(timer); i++) {
    idv_timer *first = idv_timers_first(&timers);
    assert_non_null(first);
    assert_true(first->due_ms >= last);
    last = first->due_ms;
    idv_timers_remove(&timers, first);
  }
  assert_null(idv_timers_first(&timers));
  idv_timers_free(&timers);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_due_in_a_new_one),
      cmocka_unit_test(room_that_was_reserved_needs_no_memory_later),
      cmocka_unit_test(reserving_one_after_another_does_not_allocate_each_time),
      cmocka_unit_test(short_memory_leaves_everything_as_it_was),
      cmocka_unit_test(after_free_it_is_as_new),
      cmocka_unit_test(a_timer_that_is_set_again_moves),
      cmocka_unit_test(removing_one_that_is_not_set_does_nothing),
      cmocka_unit_test(any_moment_is_fine),
      cmocka_unit_test(random_operations_agree_with_an_array),
      cmocka_unit_test(taking_the_first_again_and_again_sorts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
