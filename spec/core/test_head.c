/*
 * head.c: walking over the raw lines of an answer's head, well formed or not, and finding a header in them.
 */
#include "head.h"

#include "fenced.h"

typedef struct walk {
  const char *what;
  const char *text;
  const char *headers[8]; /* name, value, ... */
} walk;

static const walk walks[] = {
    {"nothing", "", {NULL}},
    {"only a status line", "HTTP/1.1 200 OK\r\n\r\n", {NULL}},
    {"an answer", "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n", {"A", "1", "B", "2"}},
    {"HTTP/2 in lower case", "http/2 200\r\na: 1\r\n\r\n", {"a", "1"}},
    {"a status line with a colon", "HTTP/1.1 500 Error: x\r\nA: 1\r\n", {"A", "1"}},
    {"bare line feeds", "A: 1\nB: 2\n", {"A", "1", "B", "2"}},
    {"the last line not ended", "A: 1\r\nB: 2", {"A", "1", "B", "2"}},
    {"no blank behind the colon", "A:1\r\n", {"A", "1"}},
    {"blanks around the value", "A: \t x y \t\r\n", {"A", "x y"}},
    {"no value", "A:\r\n", {"A", ""}},
    {"only blanks as a value", "A:  \t \r\n", {"A", ""}},
    {"colons in the value", "A: b:c::\r\n", {"A", "b:c::"}},
    {"the name ends the head", "A:", {"A", ""}},
    {"a line without a colon", "garbage\r\nA: 1\r\n", {"A", "1"}},
    {"a line without a name", ": x\r\nA: 1\r\n", {"A", "1"}},
    {"only a colon", ":", {NULL}},
    {"empty lines", "\r\n\r\n\n\nA: 1\r\n\r\n", {"A", "1"}},
    {"a folded line is not joined", "A: 1\r\n more\r\nB: 2\r\n", {"A", "1", "B", "2"}},
    {"a folded line with a colon keeps its blank", "A: 1\r\n B: 2\r\n", {"A", "1", " B", "2"}},
    {"a blank before the colon belongs to the name", "A : 1\r\n", {"A ", "1"}},
    {"a carriage return inside stays", "A: x\ry\r\n", {"A", "x\ry"}},
    {"only one carriage return is taken", "A: x\r\r\n", {"A", "x\r"}},
    {"a lone carriage return is an empty line", "\r", {NULL}},
    {"bytes above 0x7f", "A: \xc3\xa9\xff\r\n", {"A", "\xc3\xa9\xff"}},
    {"two answers", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\n\r\n", {"A", "1"}},
};

static void check_walk(const walk *row, idv_slice head) {
  idv_slice rest = head, name, value;
  const char *const *expected = row->headers;
  while (idv_head_next(&rest, &name, &value)) {
    CHECK(row->what, *expected != NULL);
    CHECK_SLICE(row->what, name, expected[0]);
    CHECK_SLICE(row->what, value, expected[1]);
    CHECK(row->what, check_lies_within(name, head) && check_lies_within(value, head));
    expected += 2;
  }
  CHECK(row->what, *expected == NULL);
  CHECK(row->what, rest.length == 0);
}

static void walking(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(walks); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      check_walk(&walks[i], fenced_at(side, walks[i].text, strlen(walks[i].text)));
    }
  }
}

static void finding(void **state) {
  (void)state;
  static const char head[] = "HTTP/1.1 429 Too Many Requests\r\n"
                             "Content-Type: application/json\r\n"
                             "Retry-After: 5\r\n"
                             "retry-after: 6\r\n"
                             "X-Retry-After: 7\r\n"
                             "Retry-After-Not: 8\r\n"
                             "Empty:\r\n"
                             "Spaced : 9\r\n"
                             "Folded: a\r\n"
                             " Inner: b\r\n"
                             "\r\n";
  static const struct {
    const char *name, *value;
  } rows[] = {
      {"Retry-After", "5"}, {"RETRY-AFTER", "5"},     {"content-type", "application/json"},
      {"Empty", ""},        {"retry-after-not", "8"}, {"x-retry-after", "7"},
      {"Retry", NULL},      {"Retry-After: 5", NULL}, {"HTTP/1.1 429 Too Many Requests", NULL},
      {"", NULL},           {"Spaced", NULL},         {"Inner", NULL},
      {"Location", NULL},
  };
  idv_slice text = fenced(head);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_slice value = idv_head_find(text, rows[i].name);
    CHECK_SLICE(rows[i].name, value, rows[i].value);
    CHECK(rows[i].name, check_lies_within(value, text));
  }
}

static void nothing_is_found_in_nothing(void **state) {
  (void)state;
  assert_null(idv_head_find((idv_slice){.data = NULL}, "A").data);
  assert_null(idv_head_find(fenced(""), "A").data);
}

static void a_nul_is_a_byte_like_others(void **state) {
  (void)state;
  idv_slice head = fenced_at(FENCED_END, BYTES("A\0: 1\r\nB: x\0y\r\n"));
  assert_null(idv_head_find(head, "A").data);
  idv_slice value = idv_head_find(head, "B");
  assert_int_equal(3, value.length);
  assert_memory_equal("x\0y", value.data, 3);
}

static void random_bytes_are_walked_within_their_fence(void **state) {
  (void)state;
  static const char *const alphabets[] = {NULL, "a: \r\n", "HTTP/:\n", "\r\n:"};
  uint64_t random = 29;
  char bytes[40];
  for (int i = 0; i < 40000; i++) {
    size_t length = check_random_below(&random, sizeof bytes), seen = 0;
    check_random_bytes(&random, alphabets[i % (int)COUNT_OF(alphabets)], bytes, length);
    idv_slice head = fenced_at(FENCED_END, bytes, length), rest = head, name, value;
    while (idv_head_next(&rest, &name, &value)) {
      assert_true(++seen <= length);
      assert_true(check_lies_within(name, head) && check_lies_within(value, head));
      assert_true(name.length > 0 && memchr(name.data, ':', name.length) == NULL);
      assert_null(memchr(name.data, '\n', name.length));
      assert_null(memchr(value.data, '\n', value.length));
      assert_true(value.data > name.data);
    }
    assert_int_equal(0, rest.length);
  }
}

static void packing(void **state) {
  (void)state;
  static const struct {
    const char *head;
    bool is_encoded;
  } rows[] = {
      {"", false},
      {"HTTP/1.1 200 OK\r\nContent-Type: gzip\r\n\r\n", false},
      {"Content-Encoding: gzip\r\n", true},
      {"content-encoding:br\r\n", true},
      {"Content-Encoding: Identity\r\n", false},
      {"Content-Encoding: \r\n", false},
      {"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", true},
      {"Content-Encoding: identity, gzip\r\n", true},
      {"Transfer-Encoding: chunked\r\n", false},
      {"Transfer-Encoding: gzip, chunked\r\n", true},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    CHECK(rows[i].head, idv_head_is_encoded(idv_slice_of(rows[i].head)) == rows[i].is_encoded);
  }
}

static void the_first_byte_says_whether_it_is_json(void **state) {
  (void)state;
  static const char says_json[] = "Content-Type: application/json; charset=utf-8\r\n";
  static const char says_pdf[] = "Content-Type: application/pdf\r\n";
  static const struct {
    const char *head, *bytes;
    bool is_json;
  } rows[] = {
      {says_pdf, "{\"a\":1}", true},
      {"", "{", true},
      {says_pdf, " \t\r\n[1]", true},
      {"", "\xEF\xBB\xBF{}", true},
      {"", "\xEF\xBB\xBF\n {}", true},
      {says_json, "%PDF-1.7", false},
      {says_json, "\n%PDF-1.7 {}", false},
      {says_json, "<html>", false},
      {says_json, "", true},
      {says_pdf, "", false},
      {says_json, " \r\n", true},
      {"", " \r\n", false},
      {says_json, "\xEF\xBB\xBF", true},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice bytes = fenced_at(side, rows[i].bytes, strlen(rows[i].bytes));
      CHECK(rows[i].bytes, idv_head_is_of_json(idv_slice_of(rows[i].head), bytes) == rows[i].is_json);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walking),
      cmocka_unit_test(finding),
      cmocka_unit_test(nothing_is_found_in_nothing),
      cmocka_unit_test(packing),
      cmocka_unit_test(the_first_byte_says_whether_it_is_json),
      cmocka_unit_test(a_nul_is_a_byte_like_others),
      cmocka_unit_test(random_bytes_are_walked_within_their_fence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
