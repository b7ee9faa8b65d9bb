/*
 * ids.c: numbers are nobody else's while they are out, come again afterwards, and stay small.
 */
#include "ids.h"

#include "allocator.h"

static void they_count_from_one(void **state) {
  (void)state;
  idv_ids ids;
  idv_ids_init(&ids);
  for (uint32_t i = 1; i <= 100; i++) {
    assert_int_equal(i, idv_ids_take(&ids));
  }
  idv_ids_free(&ids);
}

static void what_was_taken_back_last_comes_first(void **state) {
  (void)state;
  idv_ids ids;
  idv_ids_init(&ids);
  for (int i = 0; i < 5; i++) {
    idv_ids_take(&ids);
  }
  idv_ids_give_back(&ids, 2);
  idv_ids_give_back(&ids, 4);
  assert_int_equal(4, idv_ids_take(&ids));
  assert_int_equal(2, idv_ids_take(&ids));
  assert_int_equal(6, idv_ids_take(&ids));
  idv_ids_free(&ids);
}

static void none_is_out_twice_and_none_is_greater_than_the_most_that_were_out(void **state) {
  (void)state;
  enum { MOST = 40, ROUNDS = 20000 };
  idv_ids ids;
  uint32_t out[MOST];
  bool is_out[MOST + 1] = {false};
  size_t count = 0;
  unsigned dice = 1;
  idv_ids_init(&ids);
  for (int i = 0; i < ROUNDS; i++) {
    dice = dice * 1103515245U + 12345U;
    size_t place = count > 0 ? (dice >> 16) % count : 0;
    bool takes = count == 0 || (count < MOST && (dice >> 8) % 2 == 0);
    if (takes) {
      uint32_t id = idv_ids_take(&ids);
      assert_in_range(id, 1, MOST);
      assert_false(is_out[id]);
      is_out[id] = true;
      out[count++] = id;
    } else {
      is_out[out[place]] = false;
      idv_ids_give_back(&ids, out[place]);
      out[place] = out[--count];
    }
  }
  idv_ids_free(&ids);
}

static void without_memory_there_is_none_and_the_others_stay(void **state) {
  (void)state;
  idv_ids ids;
  idv_ids_init(&ids);
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_int_equal(0, idv_ids_take(&ids));
  allocator.fail_at = 0;
  uint32_t first = idv_ids_take(&ids);
  assert_int_equal(1, first);
  idv_ids_give_back(&ids, first);
  assert_int_equal(1, idv_ids_take(&ids));
  idv_ids_free(&ids);
  assert_int_equal(0, allocator.live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(they_count_from_one),
      cmocka_unit_test(what_was_taken_back_last_comes_first),
      cmocka_unit_test(none_is_out_twice_and_none_is_greater_than_the_most_that_were_out),
      cmocka_unit_test(without_memory_there_is_none_and_the_others_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
