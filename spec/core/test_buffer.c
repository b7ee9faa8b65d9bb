/*
 * buffer.c: growing up to the ceiling and not past it, failures that are remembered and change nothing, and
 * memory that is wiped before it is given back.
 */
#include "buffer.h"

#include "allocator.h"

static void check_content(const idv_buffer *buffer, const char *expected, size_t length) {
  idv_slice content = idv_buffer_slice(buffer);
  assert_int_equal(length, content.length);
  assert_memory_equal(expected, content.data, length);
  assert_int_equal('\0', content.data[length]);
}

static void a_new_one_is_empty_and_allocates_nothing(void **state) {
  (void)state;
  idv_buffer buffer;
  allocator_begin(NULL);
  idv_buffer_init(&buffer, 100);
  assert_int_equal(0, allocator.count);
  assert_null(buffer.data);
  assert_int_equal(IDV_BUFFER_OK, buffer.state);
  check_content(&buffer, "", 0);
  idv_buffer_free(&buffer);
}

static void every_way_of_appending_appends(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 100);
  assert_true(idv_buffer_append(&buffer, BYTES("a\0b")));
  assert_true(idv_buffer_append_text(&buffer, "cd"));
  assert_true(idv_buffer_append_slice(&buffer, (idv_slice){.data = "efg", .length = 2}));
  assert_true(idv_buffer_append_char(&buffer, '\xff'));
  check_content(&buffer, BYTES("a\0bcdef\xff"));
  idv_buffer_free(&buffer);
}

static void appending_nothing_is_fine(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 0);
  assert_true(idv_buffer_append(&buffer, NULL, 0));
  assert_true(idv_buffer_append_text(&buffer, ""));
  assert_true(idv_buffer_append_slice(&buffer, (idv_slice){.data = NULL}));
  check_content(&buffer, "", 0);
  idv_buffer_free(&buffer);
}

static void exactly_the_ceiling_fits(void **state) {
  (void)state;
  static const size_t ceilings[] = {0, 1, 2, 254, 255, 256, 257, 511, 512, 513, 5000};
  static char bytes[5001];
  memset(bytes, 'x', sizeof bytes);
  for (size_t i = 0; i < COUNT_OF(ceilings); i++) {
    idv_buffer buffer;
    idv_buffer_init(&buffer, ceilings[i]);
    assert_true(idv_buffer_append(&buffer, bytes, ceilings[i]));
    check_content(&buffer, bytes, ceilings[i]);
    assert_int_equal(IDV_BUFFER_OK, buffer.state);
    assert_false(idv_buffer_append(&buffer, bytes, 1));
    check_content(&buffer, bytes, ceilings[i]);
    assert_int_equal(IDV_BUFFER_TOO_LARGE, buffer.state);
    idv_buffer_free(&buffer);
  }
}

static void one_byte_more_than_the_ceiling_does_not_fit_at_once(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 3);
  assert_false(idv_buffer_append(&buffer, "abcd", 4));
  check_content(&buffer, "", 0);
  assert_int_equal(IDV_BUFFER_TOO_LARGE, buffer.state);
  idv_buffer_free(&buffer);
}

static void a_failure_is_remembered_until_reset(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 3);
  assert_true(idv_buffer_append_text(&buffer, "a"));
  assert_false(idv_buffer_append_text(&buffer, "bcd"));
  assert_false(idv_buffer_append_text(&buffer, "b")); /* would have fitted */
  assert_false(idv_buffer_append_text(&buffer, ""));
  assert_false(idv_buffer_reserve(&buffer, 0));
  check_content(&buffer, "a", 1);
  idv_buffer_reset(&buffer);
  assert_int_equal(IDV_BUFFER_OK, buffer.state);
  check_content(&buffer, "", 0);
  assert_true(idv_buffer_append_text(&buffer, "xyz"));
  check_content(&buffer, "xyz", 3);
  idv_buffer_free(&buffer);
}

static void sums_of_lengths_do_not_wrap(void **state) {
  (void)state;
  static const struct {
    const char *what;
    size_t ceiling, more;
    idv_buffer_state state;
  } rows[] = {
      {"more than there is", 100, SIZE_MAX, IDV_BUFFER_TOO_LARGE},
      {"the last size", 100, SIZE_MAX - 1, IDV_BUFFER_TOO_LARGE},
      {"no room for the NUL", SIZE_MAX, SIZE_MAX, IDV_BUFFER_TOO_LARGE},
      {"more than memory", SIZE_MAX - 1, SIZE_MAX - 2, IDV_BUFFER_NO_MEMORY},
      {"half of everything", SIZE_MAX - 1, SIZE_MAX / 2 + 2, IDV_BUFFER_NO_MEMORY},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_buffer buffer;
    idv_buffer_init(&buffer, rows[i].ceiling);
    CHECK(rows[i].what, !idv_buffer_reserve(&buffer, rows[i].more));
    CHECK(rows[i].what, buffer.state == rows[i].state);
    idv_buffer_free(&buffer);
  }
}

static void room_that_was_reserved_is_there(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 10000);
  assert_true(idv_buffer_append_text(&buffer, "a"));
  assert_true(idv_buffer_reserve(&buffer, 9999));
  check_content(&buffer, "a", 1);
  allocator_begin(NULL);
  for (int i = 0; i < 9999; i++) {
    assert_true(idv_buffer_append_char(&buffer, 'x'));
  }
  assert_int_equal(0, allocator.count);
  assert_int_equal(10000, buffer.length);
  idv_buffer_free(&buffer);
}

static void there_is_a_nul_behind_the_content_whatever_was_there_before(void **state) {
  (void)state;
  idv_buffer buffer;
  allocator_begin(NULL);
  allocator.is_dirty = true;
  idv_buffer_init(&buffer, 1000);
  assert_true(idv_buffer_reserve(&buffer, 10));
  check_content(&buffer, "", 0);
  assert_true(idv_buffer_append_text(&buffer, "abc"));
  check_content(&buffer, "abc", 3);
  assert_true(idv_buffer_reserve(&buffer, 900));
  check_content(&buffer, "abc", 3);
  idv_buffer_reset(&buffer);
  check_content(&buffer, "", 0);
  idv_buffer_free(&buffer);
  allocator_begin(NULL);
}

static void no_memory_is_remembered_and_changes_nothing(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 1000);
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_false(idv_buffer_append_text(&buffer, "abc"));
  assert_int_equal(IDV_BUFFER_NO_MEMORY, buffer.state);
  check_content(&buffer, "", 0);
  idv_buffer_reset(&buffer);
  assert_true(idv_buffer_append_text(&buffer, "abc"));
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_false(idv_buffer_reserve(&buffer, 900));
  assert_int_equal(IDV_BUFFER_NO_MEMORY, buffer.state);
  check_content(&buffer, "abc", 3);
  assert_false(idv_buffer_reserve(&buffer, 5000)); /* the first failure is the one that is kept */
  assert_int_equal(IDV_BUFFER_NO_MEMORY, buffer.state);
  idv_buffer_free(&buffer);
}

static void no_more_is_allocated_than_the_ceiling_can_use(void **state) {
  (void)state;
  for (size_t ceiling = 300; ceiling < 3000; ceiling += 77) {
    idv_buffer buffer;
    idv_buffer_init(&buffer, ceiling);
    for (size_t i = 0; i < ceiling; i++) {
      assert_true(idv_buffer_append_char(&buffer, 'x'));
      assert_true(buffer.capacity <= ceiling + 1);
    }
    idv_buffer_free(&buffer);
  }
}

static void growth_is_by_doubling(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, (size_t)1 << 20);
  allocator_begin(NULL);
  for (int i = 0; i < 1 << 20; i++) {
    assert_true(idv_buffer_append_char(&buffer, 'x'));
  }
  assert_in_range(allocator.count, 1, 14); /* 256 bytes to 1 MiB and the NUL */
  idv_buffer_free(&buffer);
}

static void random_appends_agree_with_an_array(void **state) {
  (void)state;
  enum { CEILING = 3000 };
  uint64_t random = 42;
  char expected[CEILING], piece[200];
  for (int round = 0; round < 300; round++) {
    size_t length = 0;
    idv_buffer buffer;
    idv_buffer_init(&buffer, CEILING);
    while (buffer.state == IDV_BUFFER_OK) {
      size_t more = check_random_below(&random, sizeof piece);
      bool fits = more <= CEILING - length;
      check_random_bytes(&random, NULL, piece, more);
      assert_int_equal(fits, idv_buffer_append(&buffer, piece, more));
      if (fits) {
        memcpy(expected + length, piece, more);
        length += more;
      }
      check_content(&buffer, expected, length);
    }
    idv_buffer_free(&buffer);
  }
}

static void reset_wipes_and_keeps_the_memory(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 100);
  assert_true(idv_buffer_append_text(&buffer, "secret"));
  const char *memory = buffer.data;
  idv_buffer_reset(&buffer);
  check_content(&buffer, "", 0);
  assert_memory_equal("\0\0\0\0\0\0\0", memory, 7);
  allocator_begin(NULL);
  assert_true(idv_buffer_append_text(&buffer, "x"));
  assert_int_equal(0, allocator.count);
  assert_ptr_equal(memory, buffer.data);
  idv_buffer_free(&buffer);
}

static void nothing_secret_is_in_memory_that_is_given_back(void **state) {
  (void)state;
  static const char secret[] = "correct horse battery staple";
  static char padding[5000];
  memset(padding, 'x', sizeof padding);
  idv_buffer buffer;
  idv_buffer_init(&buffer, 100000);
  allocator_begin(secret);
  assert_true(idv_buffer_append_text(&buffer, secret));
  for (int i = 0; i < 10; i++) { /* grows a few times */
    assert_true(idv_buffer_append(&buffer, padding, sizeof padding));
  }
  assert_true(allocator.count > 1);
  assert_int_equal(0, allocator.betrayals);
  idv_buffer_free(&buffer);
  assert_int_equal(0, allocator.betrayals);
  assert_int_equal(0, allocator.live);
}

static void after_free_it_is_as_new(void **state) {
  (void)state;
  idv_buffer buffer;
  idv_buffer_init(&buffer, 2);
  assert_true(idv_buffer_append_text(&buffer, "ab"));
  assert_false(idv_buffer_append_text(&buffer, "c"));
  idv_buffer_free(&buffer);
  assert_null(buffer.data);
  assert_int_equal(0, buffer.capacity);
  assert_int_equal(2, buffer.ceiling);
  assert_int_equal(IDV_BUFFER_OK, buffer.state);
  assert_true(idv_buffer_append_text(&buffer, "xy"));
  idv_buffer_free(&buffer);
  idv_buffer_free(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_one_is_empty_and_allocates_nothing),
      cmocka_unit_test(every_way_of_appending_appends),
      cmocka_unit_test(appending_nothing_is_fine),
      cmocka_unit_test(exactly_the_ceiling_fits),
      cmocka_unit_test(one_byte_more_than_the_ceiling_does_not_fit_at_once),
      cmocka_unit_test(a_failure_is_remembered_until_reset),
      cmocka_unit_test(sums_of_lengths_do_not_wrap),
      cmocka_unit_test(room_that_was_reserved_is_there),
      cmocka_unit_test(there_is_a_nul_behind_the_content_whatever_was_there_before),
      cmocka_unit_test(no_memory_is_remembered_and_changes_nothing),
      cmocka_unit_test(no_more_is_allocated_than_the_ceiling_can_use),
      cmocka_unit_test(growth_is_by_doubling),
      cmocka_unit_test(random_appends_agree_with_an_array),
      cmocka_unit_test(reset_wipes_and_keeps_the_memory),
      cmocka_unit_test(nothing_secret_is_in_memory_that_is_given_back),
      cmocka_unit_test(after_free_it_is_as_new),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
