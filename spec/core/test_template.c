/*
 * template.c: taking path templates apart, and values that fill one segment and can not leave it.
 */
#include "template.h"

#include "fenced.h"
#include "uri.h"

typedef struct walk {
  const char *what;
  const char *text;
  const char *pieces[8]; /* literal, name (NULL: none), ... */
  size_t count;          /* of pairs */
  bool is_whole;         /* ends because the template did */
} walk;

static const walk walks[] = {
    {"nothing", "", {NULL}, 0, true},
    {"only literal", "/v1/sessions", {"/v1/sessions", NULL}, 1, true},
    {"a name at the end", "/a/{id}", {"/a/", "id"}, 1, true},
    {"a name inside", "/a/{id}/b", {"/a/", "id", "/b", NULL}, 2, true},
    {"a name at the front", "{id}/b", {"", "id", "/b", NULL}, 2, true},
    {"only a name", "{id}", {"", "id"}, 1, true},
    {"two names side by side", "/{a}{b}", {"/", "a", "", "b"}, 2, true},
    {"an empty name", "/{}", {"/", ""}, 1, true},
    {"a brace in a name", "/{a{b}", {"/", "a{b"}, 1, true},
    {"never closed", "/{a", {NULL}, 0, false},
    {"never closed, at the end", "/a/{", {NULL}, 0, false},
    {"the second never closed", "/{a}/{b", {"/", "a"}, 1, false},
    {"closed before it is opened", "/}/{", {NULL}, 0, false},
};

static void check_walk(const walk *row, idv_slice text) {
  idv_slice rest = text, literal, name;
  size_t count = 0;
  while (idv_template_next(&rest, &literal, &name)) {
    CHECK(row->what, count < row->count);
    CHECK_SLICE(row->what, literal, row->pieces[2 * count]);
    CHECK_SLICE(row->what, name, row->pieces[2 * count + 1]);
    CHECK(row->what, check_lies_within(literal, text) && check_lies_within(name, text));
    count++;
  }
  CHECK(row->what, count == row->count);
  CHECK(row->what, (rest.length == 0) == row->is_whole);
}

static void walking(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(walks); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      check_walk(&walks[i], fenced_at(side, walks[i].text, strlen(walks[i].text)));
    }
  }
}

typedef struct verdict {
  const char *what;
  const char *text;
  bool is_valid;
} verdict;

static const verdict verdicts[] = {
    {"a slash", "/", true},
    {"literal", "/v1/sessions", true},
    {"names", "/identity-verifications/{id}/attempts/{attempt_id}", true},
    {"all that a name may hold", "/{az_09}", true},
    {"an underscore in a name", "/{_}", true},
    {"nothing", "", false},
    {"no slash", "v1", false},
    {"a name before the slash", "{id}/", false},
    {"an empty name", "/{}", false},
    {"a capital in a name", "/{Id}", false},
    {"a dash in a name", "/{a-b}", false},
    {"a blank in a name", "/{ id }", false},
    {"a byte above 0x7f in a name", "/{\xc3\xa9}", false},
    {"never closed", "/{id", false},
    {"never opened", "/id}", false},
    {"never opened, after a name", "/{id}}", false},
    {"opened twice", "/{{id}}", false},
    {"opened within a name", "/{a{b}", false},
    {"closed before it is opened", "/}{", false},
    {"the second never closed", "/{a}/{b", false},
};

static void telling_a_valid_one(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice text = fenced_at(side, verdicts[i].text, strlen(verdicts[i].text));
      CHECK(verdicts[i].what, idv_template_is_valid(text) == verdicts[i].is_valid);
    }
  }
  assert_false(idv_template_is_valid((idv_slice){.data = NULL}));
  assert_false(idv_template_is_valid(fenced_at(FENCED_END, BYTES("/{a\0}"))));
}

static void random_templates_are_read_within_their_fence(void **state) {
  (void)state;
  uint64_t random = 3;
  char bytes[24];
  for (int i = 0; i < 20000; i++) {
    size_t length = check_random_below(&random, sizeof bytes), seen = 0;
    check_random_bytes(&random, i % 2 == 0 ? "/{}a" : NULL, bytes, length);
    idv_slice text = fenced_at(FENCED_END, bytes, length), rest = text, literal, name;
    bool is_valid = idv_template_is_valid(text);
    while (idv_template_next(&rest, &literal, &name)) {
      assert_true(++seen <= length);
      assert_true(check_lies_within(literal, text) && check_lies_within(name, text));
      assert_true(!is_valid || name.data == NULL || name.length > 0);
    }
    assert_true(!is_valid || rest.length == 0);
  }
}

/* ---- values ---- */

typedef struct value {
  const char *what;
  const char *bytes;
  size_t length;
  const char *segment; /* NULL: refused */
} value;

static const value values[] = {
    {"an id", BYTES("idv_tkoi5db4hryu5cei5vwoabr7we"), "idv_tkoi5db4hryu5cei5vwoabr7we"},
    {"all that needs no encoding", BYTES("AZaz09-._~"), "AZaz09-._~"},
    {"a slash can not leave", BYTES("../x"), "..%2Fx"},
    {"a backslash", BYTES("..\\x"), "..%5Cx"},
    {"a query can not begin", BYTES("a?b=c"), "a%3Fb%3Dc"},
    {"a fragment can not begin", BYTES("a#b"), "a%23b"},
    {"what is encoded already", BYTES("%2e%2E"), "%252e%252E"},
    {"a blank", BYTES("a b"), "a%20b"},
    {"a blank alone", BYTES(" "), "%20"},
    {"bytes above 0x7f", BYTES("\xc3\xa9\xff"), "%C3%A9%FF"},
    {"three dots", BYTES("..."), "..."},
    {"dots and more", BYTES("..a"), "..a"},
    {"nothing", BYTES(""), NULL},
    {"a dot", BYTES("."), NULL},
    {"two dots", BYTES(".."), NULL},
    {"a NUL", BYTES("a\0b"), NULL},
    {"a line end", BYTES("a\r\nHost: evil"), NULL},
    {"a tab", BYTES("\t"), NULL},
    {"DEL", BYTES("a\x7f"), NULL},
    {"a control character at the end", BYTES("abc\x1f"), NULL},
};

static void values_become_one_segment_or_nothing(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(values); i++) {
    idv_buffer out;
    idv_buffer_init(&out, 1000);
    assert_true(idv_buffer_append_text(&out, "/a/"));
    bool is_taken =
        idv_template_append_segment(&out, fenced_at(FENCED_END, values[i].bytes, values[i].length));
    CHECK(values[i].what, is_taken == (values[i].segment != NULL));
    idv_slice added = {.data = out.data + 3, .length = out.length - 3};
    CHECK_SLICE(values[i].what, added, values[i].segment != NULL ? values[i].segment : "");
    CHECK(values[i].what, out.state == IDV_BUFFER_OK);
    idv_buffer_free(&out);
  }
}

static void an_absent_value_is_refused(void **state) {
  (void)state;
  idv_buffer out;
  idv_buffer_init(&out, 10);
  assert_false(idv_template_append_segment(&out, (idv_slice){.data = NULL}));
  assert_int_equal(0, out.length);
}

static void a_value_without_room_is_refused(void **state) {
  (void)state;
  idv_buffer out;
  idv_buffer_init(&out, 5);
  assert_false(idv_template_append_segment(&out, fenced("a//")));
  assert_int_equal(IDV_BUFFER_TOO_LARGE, out.state);
  idv_buffer_free(&out);
}

/* The address with a segment in it must split and resolve into the path that was meant, and the segment back
 * into the value. */
static void check_stays_in_place(idv_slice given) {
  idv_buffer address, resolved, decoded;
  idv_uri parts;
  idv_buffer_init(&address, 1000);
  idv_buffer_init(&resolved, 1000);
  idv_buffer_init(&decoded, 1000);
  assert_true(idv_buffer_append_text(&address, "https://h/a/"));
  if (idv_template_append_segment(&address, given)) {
    size_t length = address.length - strlen("https://h/a/");
    assert_true(idv_buffer_append_text(&address, "/b"));
    assert_true(idv_uri_append_resolved(&resolved, idv_buffer_slice(&address), idv_buffer_slice(&address)));
    CHECK_SLICE("resolved", idv_buffer_slice(&resolved), address.data);
    assert_true(idv_uri_split(idv_buffer_slice(&address), &parts));
    assert_int_equal(length + strlen("/a//b"), parts.path.length);
    assert_null(parts.query.data);
    assert_null(parts.fragment.data);
    idv_slice segment = {.data = parts.path.data + 3, .length = length};
    assert_null(memchr(segment.data, '/', segment.length));
    assert_true(idv_uri_append_decoded(&decoded, segment, true));
    assert_int_equal(given.length, decoded.length);
    assert_memory_equal(given.data, decoded.data, given.length);
  }
  idv_buffer_free(&address);
  idv_buffer_free(&resolved);
  idv_buffer_free(&decoded);
}

static void random_values_stay_in_their_segment(void **state) {
  (void)state;
  static const char *const alphabets[] = {NULL, "./", "./%2e", "a.?#/\\%", ".."};
  uint64_t random = 11;
  char bytes[10];
  for (int i = 0; i < 20000; i++) {
    size_t length = check_random_below(&random, sizeof bytes);
    check_random_bytes(&random, alphabets[i % (int)COUNT_OF(alphabets)], bytes, length);
    check_stays_in_place(fenced_at(FENCED_END, bytes, length));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(walking),
      cmocka_unit_test(telling_a_valid_one),
      cmocka_unit_test(random_templates_are_read_within_their_fence),
      cmocka_unit_test(values_become_one_segment_or_nothing),
      cmocka_unit_test(an_absent_value_is_refused),
      cmocka_unit_test(a_value_without_room_is_refused),
      cmocka_unit_test(random_values_stay_in_their_segment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
