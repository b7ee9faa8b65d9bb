/*
 * slice.c: comparing and trimming, with absent and empty slices told apart and no byte read outside.
 */
#include "fenced.h"

static const idv_slice absent = {.data = NULL, .length = 0};

static void a_c_string_becomes_its_bytes(void **state) {
  (void)state;
  static const char text[] = "ab";
  assert_ptr_equal(text, idv_slice_of(text).data);
  assert_int_equal(2, idv_slice_of(text).length);
  assert_non_null(idv_slice_of("").data);
  assert_int_equal(0, idv_slice_of("").length);
}

typedef struct comparison {
  const char *what;
  const char *bytes;
  size_t length;
  const char *text;
  bool equals, equals_ignoring_case, starts_ignoring_case;
} comparison;

static const comparison comparisons[] = {
    {"the same", BYTES("abc"), "abc", true, true, true},
    {"another case", BYTES("aBc"), "Abc", false, true, true},
    {"all capitals", BYTES("CONTENT-TYPE"), "content-type", false, true, true},
    {"both empty", BYTES(""), "", true, true, true},
    {"nothing against something", BYTES(""), "a", false, false, false},
    {"something against nothing", BYTES("a"), "", false, false, true},
    {"shorter than the text", BYTES("ab"), "abc", false, false, false},
    {"longer than the text", BYTES("abcd"), "abc", false, false, true},
    {"longer, other case", BYTES("HTTP/2 200"), "http/", false, false, true},
    {"last letter differs", BYTES("abd"), "abc", false, false, false},
    {"first letter differs", BYTES("xbc"), "abc", false, false, false},
    {"a NUL is a byte like others", BYTES("a\0b"), "a", false, false, true},
    {"a NUL at the end counts", BYTES("a\0"), "a", false, false, true},
    {"'[' is not a capital of '{'", BYTES("["), "{", false, false, false},
    {"'@' is not a capital of '`'", BYTES("@"), "`", false, false, false},
    {"bytes above 0x7f have no case", BYTES("\xc4"), "\xe4", false, false, false},
    {"bytes above 0x7f equal themselves", BYTES("\xc3\xa4X"), "\xc3\xa4x", false, true, true},
};

static void comparing(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
    const comparison *row = &comparisons[i];
    idv_slice slice = fenced_at(FENCED_END, row->bytes, row->length);
    CHECK(row->what, idv_slice_equals(slice, row->text) == row->equals);
    CHECK(row->what, idv_slice_equals_ignoring_case(slice, row->text) == row->equals_ignoring_case);
    CHECK(row->what, idv_slice_starts_ignoring_case(slice, row->text) == row->starts_ignoring_case);
  }
}

static void an_absent_slice_equals_nothing(void **state) {
  (void)state;
  assert_false(idv_slice_equals(absent, ""));
  assert_false(idv_slice_equals(absent, "a"));
  assert_false(idv_slice_equals_ignoring_case(absent, ""));
  assert_false(idv_slice_starts_ignoring_case(absent, ""));
  assert_false(idv_slice_starts_ignoring_case(absent, "a"));
}

static void trimming(void **state) {
  (void)state;
  static const struct {
    const char *what, *text, *trimmed;
  } rows[] = {
      {"nothing to trim", "ab", "ab"},
      {"empty", "", ""},
      {"one blank", " ", ""},
      {"only blanks", " \t \t", ""},
      {"front", " \ta", "a"},
      {"back", "a\t ", "a"},
      {"both, not inside", "  a\t b ", "a\t b"},
      {"line ends stay", "\r\na\n", "\r\na\n"},
      {"no-break space stays",
       "\xc2\xa0"
       "a",
       "\xc2\xa0"
       "a"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice text = fenced_at(side, rows[i].text, strlen(rows[i].text));
      idv_slice trimmed = idv_slice_trim(text);
      CHECK_SLICE(rows[i].what, trimmed, rows[i].trimmed);
      CHECK(rows[i].what, check_lies_within(trimmed, text));
    }
  }
  assert_null(idv_slice_trim(absent).data);
  assert_int_equal(0, idv_slice_trim(absent).length);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_c_string_becomes_its_bytes),
      cmocka_unit_test(comparing),
      cmocka_unit_test(an_absent_slice_equals_nothing),
      cmocka_unit_test(trimming),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
