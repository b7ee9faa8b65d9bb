/*
 * nearest.c: distances between names, row by row and against the plain recursive definition.
 */
#include "nearest.h"

#include "fenced.h"

static void distances(void **state) {
  (void)state;
  static const struct {
    const char *one, *other;
    size_t distance;
  } rows[] = {
      {"", "", 0},
      {"email", "email", 0},
      {"email", "", 5},
      {"email", "Email", 0},
      {"first_name", "firstName", 0},
      {"first_name", "first-name", 0},
      {"first_name", "FIRSTNAME", 0},
      {"___", "", 0},
      {"email", "emai", 1},
      {"email", "mail", 1},
      {"email", "emaill", 1},
      {"email", "emeil", 1},
      {"email", "emial", 1},
      {"email", "meail", 1},
      {"email", "emali", 1},
      {"first_name", "frist_nam", 2},
      {"abcd", "badc", 2},
      {"phone", "email", 5},
      {"kitten", "sitting", 3},
      {"a", "b", 1},
      {"ab", "ba", 1},
      {"\xc3\xa9", "e", 2},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_slice one = fenced(rows[i].one), other = fenced(rows[i].other);
    CHECK(rows[i].other, idv_nearest_distance(one, other) == rows[i].distance);
    CHECK(rows[i].other, idv_nearest_distance(other, one) == rows[i].distance);
  }
}

static idv_slice letters(char letter, size_t length) {
  char bytes[2 * IDV_NEAREST_MAX];
  memset(bytes, letter, sizeof bytes);
  return fenced_at(FENCED_END, bytes, length);
}

static void the_longest_names(void **state) {
  (void)state;
  idv_slice most = letters('a', IDV_NEAREST_MAX), more = letters('a', IDV_NEAREST_MAX + 1);
  idv_slice others = letters('b', IDV_NEAREST_MAX), blank = letters('_', IDV_NEAREST_MAX + 1);
  assert_int_equal(0, idv_nearest_distance(most, most));
  assert_int_equal(IDV_NEAREST_MAX, idv_nearest_distance(most, others));
  assert_true(idv_nearest_distance(most, more) == SIZE_MAX);
  assert_true(idv_nearest_distance(more, most) == SIZE_MAX);
  assert_true(idv_nearest_distance(more, more) == SIZE_MAX);
  assert_true(idv_nearest_distance(blank, most) == SIZE_MAX);
}

static void an_absent_name_is_empty(void **state) {
  (void)state;
  static const idv_slice absent = {.data = NULL};
  assert_int_equal(0, idv_nearest_distance(absent, absent));
  assert_int_equal(3, idv_nearest_distance(absent, fenced("abc")));
}

/* By the definition: what turning the first `a` letters of one into the first `b` of the other costs. */
static size_t recursive_distance(const char *one, size_t a, const char *other, size_t b) {
  if (a == 0 || b == 0) {
    return a + b;
  }
  size_t changed = recursive_distance(one, a - 1, other, b - 1) + (one[a - 1] != other[b - 1]);
  size_t dropped = recursive_distance(one, a - 1, other, b) + 1;
  size_t added = recursive_distance(one, a, other, b - 1) + 1;
  size_t least = changed < dropped ? changed : dropped;
  least = least < added ? least : added;
  if (a > 1 && b > 1 && one[a - 1] == other[b - 2] && one[a - 2] == other[b - 1]) {
    size_t swapped = recursive_distance(one, a - 2, other, b - 2) + 1;
    least = least < swapped ? least : swapped;
  }
  return least;
}

static void random_names_agree_with_the_definition(void **state) {
  (void)state;
  uint64_t random = 19;
  for (int i = 0; i < 2000; i++) {
    char one[6], other[6];
    size_t a = check_random_below(&random, sizeof one + 1), b = check_random_below(&random, sizeof other + 1);
    check_random_bytes(&random, "abc", one, a);
    check_random_bytes(&random, "abc", other, b);
    size_t distance = idv_nearest_distance(fenced_at(FENCED_END, one, a), fenced_at(FENCED_END, other, b));
    if (distance != recursive_distance(one, a, other, b)) {
      fail_msg("\"%.*s\" and \"%.*s\": %zu", (int)a, one, (int)b, other, distance);
    }
  }
}

static void being_near_enough(void **state) {
  (void)state;
  static const struct {
    const char *candidate;
    size_t distance;
    bool is_near;
  } rows[] = {
      {"id", 0, true},
      {"id", 1, true},
      {"id", 2, false},
      {"url", 1, true},
      {"url", 2, false},
      {"name", 2, true},
      {"name", 3, false},
      {"country", 2, true},
      {"country", 3, false},
      {"language", 3, true},
      {"language", 4, false},
      {"id", SIZE_MAX, false},
      {"first_name", SIZE_MAX, false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    CHECK(rows[i].candidate,
          (idv_nearest_is_near(fenced(rows[i].candidate), rows[i].distance)) == rows[i].is_near);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances),
      cmocka_unit_test(the_longest_names),
      cmocka_unit_test(an_absent_name_is_empty),
      cmocka_unit_test(random_names_agree_with_the_definition),
      cmocka_unit_test(being_near_enough),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
