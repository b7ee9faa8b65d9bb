/*
 * query.c: writing pairs, walking over any bytes at all, and both together.
 */
#include "query.h"

#include "fenced.h"
#include "uri.h"

/* ---- writing ---- */

static void writing_encodes_both_and_separates(void **state) {
  (void)state;
  idv_buffer out;
  idv_buffer_init(&out, 1000);
  assert_true(idv_query_append(&out, true, fenced("a"), fenced("1")));
  assert_true(idv_query_append(&out, false, fenced("b c"), fenced("&=+%/?#")));
  assert_true(idv_query_append(&out, false, fenced("empty"), fenced("")));
  assert_true(idv_query_append(&out, false, fenced("\xc3\xa9"), fenced_at(FENCED_END, BYTES("\0"))));
  CHECK_SLICE("pairs", idv_buffer_slice(&out), "a=1&b%20c=%26%3D%2B%25%2F%3F%23&empty=&%C3%A9=%00");
  idv_buffer_free(&out);
}

static void writing_says_when_there_is_no_room(void **state) {
  (void)state;
  static const char written[] = "x&ab=%20d"; /* all of it needs 9 bytes, the first of which is there before */
  for (size_t ceiling = 1; ceiling < sizeof written; ceiling++) {
    idv_buffer out;
    idv_buffer_init(&out, ceiling);
    assert_true(idv_buffer_append_char(&out, 'x'));
    bool fits = ceiling == sizeof written - 1;
    assert_int_equal(fits, idv_query_append(&out, false, fenced("ab"), fenced(" d")));
    assert_int_equal(fits ? IDV_BUFFER_OK : IDV_BUFFER_TOO_LARGE, out.state);
    idv_buffer_free(&out);
  }
}

/* ---- walking ---- */

typedef struct walk {
  const char *what;
  const char *text;
  const char *pairs[8]; /* name, value, name, value, ..., NULL */
} walk;

static const walk walks[] = {
    {"nothing", "", {NULL}},
    {"one", "a=1", {"a", "1"}},
    {"several", "a=1&b=2&a=3", {"a", "1", "b", "2", "a", "3"}},
    {"no '=' is an empty value", "a&b=2", {"a", "", "b", "2"}},
    {"empty value", "a=", {"a", ""}},
    {"empty name", "=v", {"", "v"}},
    {"only '='", "=", {"", ""}},
    {"the value may hold '='", "a=b=c==", {"a", "b=c=="}},
    {"empty pairs are passed over", "&&a=1&&&b=2&&", {"a", "1", "b", "2"}},
    {"only empty pairs", "&&&", {NULL}},
    {"parts stay encoded", "a%20b=c+d%zz", {"a%20b", "c+d%zz"}},
    {"any bytes", "\x80\xff=\x01", {"\x80\xff", "\x01"}},
    {"';' does not separate", "a=1;b=2", {"a", "1;b=2"}},
    {"'?' is a letter like others", "?a=1", {"?a", "1"}},
};

static void check_walk(const walk *row, idv_slice text) {
  idv_slice rest = text, name, value;
  const char *const *expected = row->pairs;
  while (idv_query_next(&rest, &name, &value)) {
    CHECK(row->what, *expected != NULL);
    CHECK_SLICE(row->what, name, expected[0]);
    CHECK_SLICE(row->what, value, expected[1]);
    CHECK(row->what, check_lies_within(name, text) && check_lies_within(value, text));
    expected += 2;
  }
  CHECK(row->what, *expected == NULL);
  CHECK(row->what, rest.length == 0);
  CHECK(row->what, !idv_query_next(&rest, &name, &value)); /* the end stays the end */
}

static void walking(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(walks); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      check_walk(&walks[i], fenced_at(side, walks[i].text, strlen(walks[i].text)));
    }
  }
}

static void an_absent_query_has_no_pairs(void **state) {
  (void)state;
  idv_slice rest = {.data = NULL}, name, value;
  assert_false(idv_query_next(&rest, &name, &value));
}

static void random_bytes_are_walked_within_their_fence(void **state) {
  (void)state;
  uint64_t random = 7;
  char bytes[40];
  for (int i = 0; i < 20000; i++) {
    size_t length = check_random_below(&random, sizeof bytes), seen = 0;
    check_random_bytes(&random, i % 2 == 0 ? "a&=" : NULL, bytes, length);
    idv_slice text = fenced_at(FENCED_END, bytes, length), rest = text, name, value;
    while (idv_query_next(&rest, &name, &value)) {
      seen++;
      assert_true(seen <= length); /* each pair takes a byte at least, so it ends */
      assert_true(check_lies_within(name, text) && check_lies_within(value, text));
      assert_null(memchr(name.data, '=', name.length));
      assert_null(memchr(name.data, '&', name.length));
      assert_null(memchr(value.data, '&', value.length));
    }
  }
}

/* ---- both ---- */

static void check_decoded(idv_slice encoded, const char *expected, size_t length) {
  idv_buffer decoded;
  idv_buffer_init(&decoded, 1000);
  assert_true(idv_uri_append_decoded(&decoded, encoded, true));
  assert_int_equal(length, decoded.length);
  assert_memory_equal(expected, idv_buffer_slice(&decoded).data, length);
  idv_buffer_free(&decoded);
}

static void what_was_written_is_read(void **state) {
  (void)state;
  enum { PAIRS = 5, LONGEST = 12 };
  uint64_t random = 99;
  for (int round = 0; round < 2000; round++) {
    char texts[2 * PAIRS][LONGEST];
    size_t lengths[2 * PAIRS];
    idv_buffer out;
    idv_buffer_init(&out, 10000);
    for (int i = 0; i < 2 * PAIRS; i++) {
      lengths[i] = check_random_below(&random, LONGEST);
      check_random_bytes(&random, NULL, texts[i], lengths[i]);
    }
    for (int i = 0; i < PAIRS; i++) {
      assert_true(idv_query_append(&out, i == 0, (idv_slice){texts[2 * i], lengths[2 * i]},
                                   (idv_slice){texts[2 * i + 1], lengths[2 * i + 1]}));
    }
    idv_slice rest = idv_buffer_slice(&out), name, value;
    for (int i = 0; i < PAIRS; i++) {
      assert_true(idv_query_next(&rest, &name, &value));
      check_decoded(name, texts[2 * i], lengths[2 * i]);
      check_decoded(value, texts[2 * i + 1], lengths[2 * i + 1]);
    }
    assert_false(idv_query_next(&rest, &name, &value));
    idv_buffer_free(&out);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writing_encodes_both_and_separates),
      cmocka_unit_test(writing_says_when_there_is_no_room),
      cmocka_unit_test(walking),
      cmocka_unit_test(an_absent_query_has_no_pairs),
      cmocka_unit_test(random_bytes_are_walked_within_their_fence),
      cmocka_unit_test(what_was_written_is_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
