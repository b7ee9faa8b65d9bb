/*
 * wipe.c: that exactly the bytes asked for become zero, and do so before their block is given back.
 */
#include "wipe.h"

#include "allocator.h"

#define SECRET "hunter2-hunter2"

static void wipes_the_bytes_asked_for_and_no_others(void **state) {
  (void)state;
  for (size_t length = 0; length <= 16; length++) {
    unsigned char bytes[18];
    memset(bytes, 0xee, sizeof bytes);
    idv_wipe(bytes + 1, length);
    for (size_t i = 0; i < sizeof bytes; i++) {
      assert_int_equal(i >= 1 && i <= length ? 0 : 0xee, bytes[i]);
    }
  }
  idv_wipe(NULL, 0);
}

static void wipes_a_block_before_it_is_given_back(void **state) {
  (void)state;
  allocator_begin(SECRET);
  idv_wipe_and_free(strdup(SECRET), strlen(SECRET));
  idv_wipe_and_free(NULL, 0);
  assert_int_equal(0, allocator.betrayals);
  assert_int_equal(0, allocator.live);
}

static void wipes_a_text_before_it_is_given_back(void **state) {
  (void)state;
  allocator_begin(SECRET);
  idv_wipe_and_free_text(strdup(SECRET));
  idv_wipe_and_free_text(strdup(""));
  idv_wipe_and_free_text(NULL);
  assert_int_equal(0, allocator.betrayals);
  assert_int_equal(0, allocator.live);
}

static void the_allocator_of_this_test_sees_what_is_not_wiped(void **state) {
  (void)state;
  void (*volatile give_back)(void *) = free; /* else the compiler leaves out what is written just before */
  allocator_begin(SECRET);
  give_back(strdup(SECRET));
  assert_int_equal(1, allocator.betrayals);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wipes_the_bytes_asked_for_and_no_others),
      cmocka_unit_test(wipes_a_block_before_it_is_given_back),
      cmocka_unit_test(wipes_a_text_before_it_is_given_back),
      cmocka_unit_test(the_allocator_of_this_test_sees_what_is_not_wiped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
