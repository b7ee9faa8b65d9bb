/*
 * uri.c: relative references, by the examples of RFC 3986, section 5.4, and others, and over random paths.
 */
#include "uri.h"

#include "allocator.h"
#include "fenced.h"

typedef struct reference {
  const char *reference, *resolved;
} reference;

/* RFC 3986, sections 5.4.1 and 5.4.2 */
static const reference rfc_examples[] = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g#s/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
    {"http:g", "http:g"},
};

static void check_resolved(const char *base, const char *relative, const char *expected) {
  idv_buffer out;
  idv_buffer_init(&out, 1000);
  assert_true(idv_buffer_append_text(&out, ">"));
  bool is_resolved = idv_uri_append_resolved(&out, fenced(base), fenced(relative));
  if (is_resolved != (expected != NULL)) {
    fail_msg("\"%s\" as seen from \"%s\": %s", relative, base, is_resolved ? "resolved" : "refused");
  }
  idv_slice added = {.data = out.data + 1, .length = out.length - 1};
  CHECK_SLICE(relative, added, expected != NULL ? expected : "");
  idv_buffer_free(&out);
}

static void the_examples_of_the_rfc(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rfc_examples); i++) {
    check_resolved("http://a/b/c/d;p?q", rfc_examples[i].reference, rfc_examples[i].resolved);
  }
}

static void other_references(void **state) {
  (void)state;
  static const struct {
    const char *base, *reference, *resolved;
  } rows[] = {
      {"https://h", "g", "https://h/g"},
      {"https://h", "", "https://h"},
      {"https://h", "/g", "https://h/g"},
      {"https://h", "..", "https://h/"},
      {"https://h/", "g", "https://h/g"},
      {"https://h/a", "../../..", "https://h/"},
      {"https://h/a/b/", "g", "https://h/a/b/g"},
      {"https://h/a//b", "../g", "https://h/a/g"},
      {"https://h/a", "//other.example", "https://other.example"},
      {"https://h/a", "//other.example/x/../y", "https://other.example/y"},
      {"https://h/a", "http://other.example/x?q#f", "http://other.example/x?q#f"},
      {"https://h/a", "HTTP://other.example/./x", "HTTP://other.example/x"},
      {"https://h:8443/a?old", "b", "https://h:8443/b"},
      {"https://u:p@h:8443/a", "b", "https://u:p@h:8443/b"},
      {"https://u@h/a", "//x@i", "https://x@i"},
      {"https://[::1]:8/a", "b", "https://[::1]:8/b"},
      {"https://h/a#old", "b", "https://h/b"},
      {"https://h/a?q#old", "", "https://h/a?q"},
      {"https://h/a", "?", "https://h/a?"},
      {"https://h/a?q", "#", "https://h/a?q#"},
      {"https://h/a", "/b/../../c/./d/..", "https://h/c/"},
      {"https://h/a", "/b//../c", "https://h/b/c"},
      {"https://h/a", "/...", "https://h/..."},
      {"https://h/a", "/b/.", "https://h/b/"},
      {"https://h/a", "/%2e%2e/b", "https://h/%2e%2e/b"},
      {"https://h/a", "mailto:ada@example.com", "mailto:ada@example.com"},
      /* the path of the base is taken as it is: RFC 3986, 5.2.2, "T.path = Base.path" */
      {"https://h/a/../b/./c", "", "https://h/a/../b/./c"},
      {"https://h/a/../b", "?q", "https://h/a/../b?q"},
      {"https://h/a/../b", "#f", "https://h/a/../b#f"},
      {"https://h/a/../b", "c", "https://h/c"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    check_resolved(rows[i].base, rows[i].reference, rows[i].resolved);
  }
}

static void nothing_is_resolved_from_what_is_no_address(void **state) {
  (void)state;
  static const struct {
    const char *base, *reference;
  } rows[] = {
      {"/a/b", "c"},
      {"", "c"},
      {"//h/a", "c"},
      {"https:a", "c"},
      {"mailto:a@b", "c"},
      {"a b", "c"},
      {"https://h:0/", "c"},
      {"https://h/", "a b"},
      {"https://h/", "//"},
      {"https://h/", "//h:x"},
      {"https://h/", "http:///x"},
      {"https://h/", "a\\b"},
      {"https://h/", "\x80"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    check_resolved(rows[i].base, rows[i].reference, NULL);
  }
}

/* What careless servers write into a Location header, and where it leads. */
static void locations_are_read_loosely(void **state) {
  (void)state;
  static const struct {
    const char *location, *resolved; /* NULL: nowhere */
  } rows[] = {
      {"", "https://h/a?q"},
      {"/b?c=d e", "https://h/b?c=d e"},
      {"/b c?d", "https://h/b c?d"},
      {"b c/../d", "https://h/d"},
      {"/b?c=\xc3\xa9", "https://h/b?c=\xc3\xa9"},
      {"/b?c=\xe9\xff", "https://h/b?c=\xe9\xff"},
      {"/\xe9/b", "https://h/\xe9/b"},
      {"/b?c=\"<{|}>`^\\", "https://h/b?c=\"<{|}>`^\\"},
      {"/b?c=\td\x01\x7f", "https://h/b?c=\td\x01\x7f"},
      {"/b#c d\\", "https://h/b#c d\\"},
      {"https://i/b c?d e", "https://i/b c?d e"},
      {"//i/b c", "https://i/b c"},
      {"HTTPS://H:443/b c", "HTTPS://H:443/b c"},
      {"/b\\c", NULL},
      {"\\\\i/b", NULL},
      {"https:\\\\i/b", NULL},
      {"https://h\\@i/b", NULL},
      {"/b\tc", NULL},
      {"/b\x7f", NULL},
      {"https://h i/b", NULL},
      {"https://h\xc3\xa9/b", NULL},
      {"https://h%2ei/b", NULL},
      {"//", NULL},
      {"https:///b", NULL},
      {"https://h:0/", NULL},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_buffer out;
    idv_uri parts;
    idv_buffer_init(&out, 1000);
    bool leads_somewhere = idv_uri_append_located(&out, fenced("https://h/a?q"), fenced(rows[i].location));
    CHECK(rows[i].location, leads_somewhere == (rows[i].resolved != NULL));
    if (leads_somewhere) {
      CHECK_SLICE(rows[i].location, idv_buffer_slice(&out), rows[i].resolved);
      CHECK(rows[i].location, idv_uri_split_loosely(idv_buffer_slice(&out), &parts));
    }
    idv_buffer_free(&out);
  }
}

static void a_location_is_at_most_as_long_as_an_address(void **state) {
  (void)state;
  static char location[IDV_URI_MAX + 2];
  for (size_t length = IDV_URI_MAX; length <= IDV_URI_MAX + 1; length++) {
    idv_buffer out;
    idv_buffer_init(&out, 2 * IDV_URI_MAX);
    memset(location, ' ', length);
    location[0] = '/';
    location[1] = '?';
    CHECK("length",
          idv_uri_append_located(&out, fenced("https://h/"), fenced_at(FENCED_END, location, length)) ==
              (length <= IDV_URI_MAX));
    idv_buffer_free(&out);
  }
}

static void long_references_are_resolved_whole(void **state) {
  (void)state;
  static char base[IDV_URI_MAX + 1], relative[IDV_URI_MAX + 1];
  idv_buffer out;
  idv_buffer_init(&out, 3 * IDV_URI_MAX);
  memset(base, 'a', IDV_URI_MAX);
  memcpy(base, "https://h/", strlen("https://h/"));
  base[IDV_URI_MAX - 1] = '/';
  memset(relative, 'b', IDV_URI_MAX);
  assert_true(idv_uri_append_resolved(&out, fenced(base), fenced(relative)));
  assert_int_equal(2 * IDV_URI_MAX, out.length);
  assert_memory_equal(base, out.data, IDV_URI_MAX);
  assert_memory_equal(relative, out.data + IDV_URI_MAX, IDV_URI_MAX);
  idv_buffer_free(&out);
}

static void resolving_says_when_there_is_no_room(void **state) {
  (void)state;
  static const char resolved[] = "https://u@h:1/b/c?q#f";
  for (size_t ceiling = 0; ceiling < sizeof resolved; ceiling++) {
    idv_buffer out;
    idv_buffer_init(&out, ceiling);
    bool fits = ceiling == sizeof resolved - 1;
    assert_int_equal(fits, idv_uri_append_resolved(&out, fenced("https://u@h:1/a"), fenced("x/../b/c?q#f")));
    assert_int_equal(fits ? IDV_BUFFER_OK : IDV_BUFFER_TOO_LARGE, out.state);
    idv_buffer_free(&out);
  }
}

static bool resolve(void *nothing) {
  idv_buffer out;
  (void)nothing;
  idv_buffer_init(&out, 1000);
  bool is_resolved = idv_uri_append_resolved(&out, idv_slice_of("https://h/a/b"), idv_slice_of("../c"));
  bool is_told = is_resolved ? idv_slice_equals(idv_buffer_slice(&out), "https://h/c")
                             : out.state == IDV_BUFFER_NO_MEMORY;
  idv_buffer_free(&out);
  assert_true(is_told);
  return is_resolved;
}

static void short_memory_is_told_and_loses_nothing(void **state) {
  (void)state;
  allocator_starve("a relative reference", resolve, NULL);
}

/* Whether "." or ".." stands between two slashes, or between a slash and the end. */
static bool has_dot_segment(idv_slice path) {
  for (size_t i = 0; i < path.length; i++) {
    idv_slice segment = {.data = path.data + i + 1, .length = 0};
    while (i + 1 + segment.length < path.length && segment.data[segment.length] != '/') {
      segment.length++;
    }
    if (path.data[i] == '/' && (idv_slice_equals(segment, ".") || idv_slice_equals(segment, ".."))) {
      return true;
    }
  }
  return false;
}

static void no_random_path_keeps_its_dots_or_leaves_its_host(void **state) {
  (void)state;
  uint64_t random = 23;
  char bytes[16];
  for (int i = 0; i < 40000; i++) {
    idv_buffer out;
    idv_uri parts;
    size_t length = 1 + check_random_below(&random, sizeof bytes - 1);
    check_random_bytes(&random, i % 2 == 0 ? "./a" : "../", bytes, length);
    idv_slice relative = fenced_at(FENCED_END, bytes, length);
    bool has_authority = length >= 2 && bytes[0] == '/' && bytes[1] == '/';
    idv_buffer_init(&out, 100);
    if (!has_authority) {
      assert_true(idv_uri_append_resolved(&out, fenced("https://h/b/c"), relative));
      assert_true(idv_uri_split(idv_buffer_slice(&out), &parts));
      CHECK_SLICE("host", parts.host, "h");
      CHECK(out.data, parts.path.length > 0 && parts.path.data[0] == '/');
      CHECK(out.data, !has_dot_segment(parts.path));
    }
    idv_buffer_free(&out);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_examples_of_the_rfc),
      cmocka_unit_test(other_references),
      cmocka_unit_test(nothing_is_resolved_from_what_is_no_address),
      cmocka_unit_test(locations_are_read_loosely),
      cmocka_unit_test(a_location_is_at_most_as_long_as_an_address),
      cmocka_unit_test(long_references_are_resolved_whole),
      cmocka_unit_test(resolving_says_when_there_is_no_room),
      cmocka_unit_test(short_memory_is_told_and_loses_nothing),
      cmocka_unit_test(no_random_path_keeps_its_dots_or_leaves_its_host),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
