/*
 * private_file.c: a file of credentials is read when it is its owner's alone, and refused in words otherwise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "private_file.h"

static char path[] = "/tmp/idv-private-XXXXXX";

static int make_file(void **state) {
  (void)state;
  int fd = mkstemp(path);
  return fd >= 0 && write(fd, "A=1\n", 4) == 4 && close(fd) == 0 ? 0 : -1;
}

static int remove_file(void **state) {
  (void)state;
  return unlink(path);
}

/* Reads a file into a buffer of `ceiling` bytes and checks what is said about it, and what is in it. */
static void check_read(const char *name, size_t ceiling, const char *why, const char *content,
                       bool is_missing) {
  idv_buffer out;
  bool was_missing = !is_missing;
  idv_buffer_init(&out, ceiling);
  const char *said = idv_private_file_read(name, &out, &was_missing);
  if (why == NULL) {
    assert_null(said);
    assert_string_equal(content, out.data);
  } else {
    assert_string_equal(why, said);
  }
  assert_int_equal(is_missing, was_missing);
  idv_buffer_free(&out);
}

static void what_only_the_owner_can_touch_is_read(void **state) {
  (void)state;
  static const mode_t modes[] = {0600, 0400};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    assert_int_equal(0, chmod(path, modes[i]));
    check_read(path, 100, NULL, "A=1\n", false);
  }
}

static void what_others_can_touch_is_refused(void **state) {
  (void)state;
  static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    assert_int_equal(0, chmod(path, modes[i]));
    check_read(path, 100, "can be read or changed by others: chmod 600 it", NULL, false);
  }
  assert_int_equal(0, chmod(path, 0600));
}

static void what_is_no_plain_file_is_refused(void **state) {
  (void)state;
  check_read("/tmp", 100, "is a folder", NULL, false);
  check_read("/dev/null", 100, "is not a plain file", NULL, false);
  check_read("/nonexistent/file", 100, "does not exist", NULL, true);
  check_read("/dev/null/file", 100, "does not exist", NULL, true);
}

static void a_file_larger_than_the_ceiling_is_refused(void **state) {
  (void)state;
  check_read(path, 3, "is too large", NULL, false);
  check_read(path, 4, NULL, "A=1\n", false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_only_the_owner_can_touch_is_read),
      cmocka_unit_test(what_others_can_touch_is_refused),
      cmocka_unit_test(what_is_no_plain_file_is_refused),
      cmocka_unit_test(a_file_larger_than_the_ceiling_is_refused),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
