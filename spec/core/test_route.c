/*
 * route.c: what a new route holds, header lines that can not be broken out of, references that are counted,
 * and nothing secret left in memory that is given back.
 */
#include "route.h"

#include "allocator.h"

#define SECRET "sk_live_9f8e7d6c5b4a"

/* What the header list holds at that place, NULL behind its end. */
static const char *header_at(const idv_route *route, int place) {
  const struct curl_slist *line = route->headers;
  while (line != NULL && place-- > 0) {
    line = line->next;
  }
  return line != NULL ? line->data : NULL;
}

static void a_new_route_has_the_defaults(void **state) {
  (void)state;
  char method[] = "PATCH";
  idv_route *route = idv_route_new(method);
  assert_non_null(route);
  method[0] = 'X'; /* it keeps a copy */
  assert_string_equal("PATCH", route->method);
  assert_int_equal(1, route->references);
  assert_null(route->base);
  assert_null(route->ca_file);
  assert_null(route->proxy);
  assert_false(route->is_safe);
  assert_false(route->allows_http);
  assert_false(route->is_download);
  assert_int_equal(IDV_HTTP_1_1, route->http_version);
  assert_int_equal(64, route->max_connections);
  assert_int_equal(30000, route->limits.timeout_ms);
  assert_int_equal(5000, route->limits.connect_timeout_ms);
  assert_int_equal(2, route->limits.max_retries);
  assert_int_equal(8 * 1024 * 1024, route->limits.max_response_bytes);
  idv_route_release(route);
}

static void a_new_route_keeps_libcurl_from_asking_for_leave(void **state) {
  (void)state;
  idv_route *route = idv_route_new("POST");
  assert_string_equal("Expect:", header_at(route, 0));
  assert_null(header_at(route, 1));
  idv_route_release(route);
}

static void texts_are_copied_replaced_and_taken_away(void **state) {
  (void)state;
  static bool (*const set[])(idv_route *, const char *) = {idv_route_set_base, idv_route_set_ca_file,
                                                           idv_route_set_proxy};
  idv_route *route = idv_route_new("GET");
  char *const *const texts[] = {&route->base, &route->ca_file, &route->proxy};
  for (size_t i = 0; i < COUNT_OF(set); i++) {
    char value[] = "first";
    assert_true(set[i](route, value));
    value[0] = 'X';
    assert_string_equal("first", *texts[i]);
    assert_true(set[i](route, "second"));
    assert_string_equal("second", *texts[i]);
    assert_true(set[i](route, NULL));
    assert_null(*texts[i]);
    assert_true(set[i](route, ""));
    assert_string_equal("", *texts[i]);
  }
  idv_route_release(route);
}

static void a_text_stays_when_memory_is_short(void **state) {
  (void)state;
  idv_route *route = idv_route_new("GET");
  assert_true(idv_route_set_base(route, "https://old.example"));
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_false(idv_route_set_base(route, "https://new.example"));
  assert_string_equal("https://old.example", route->base);
  idv_route_release(route);
}

/* ---- headers ---- */

typedef struct header_row {
  const char *what;
  const char *name;
  size_t name_length;
  const char *value;
  size_t value_length;
  const char *line; /* NULL: refused */
} header_row;

static const header_row header_rows[] = {
    {"a header", BYTES("Accept"), BYTES("application/json"), "Accept: application/json"},
    {"no value", BYTES("Accept"), BYTES(""), "Accept:"},
    {"all that a name may hold", BYTES("X-a_Z-09"), BYTES("v"), "X-a_Z-09: v"},
    {"a value with all kinds of marks", BYTES("A"), BYTES(" !\"#:;,=~\\"), "A:  !\"#:;,=~\\"},
    {"a value with bytes above 0x7f", BYTES("A"), BYTES("\xc3\xa9\xff"), "A: \xc3\xa9\xff"},
    {"no name", BYTES(""), BYTES("v"), NULL},
    {"a blank in the name", BYTES("A B"), BYTES("v"), NULL},
    {"a blank behind the name", BYTES("A "), BYTES("v"), NULL},
    {"a colon in front of the name", BYTES(":A"), BYTES("v"), NULL},
    {"a colon in the name", BYTES("A:"), BYTES("v"), NULL},
    {"a line end in the name", BYTES("A\r\nB"), BYTES("v"), NULL},
    {"a semicolon, which libcurl reads as no value", BYTES("A;"), BYTES(""), NULL},
    {"a NUL in the name", BYTES("A\0B"), BYTES("v"), NULL},
    {"a byte above 0x7f in the name", BYTES("\xc3\xa9"), BYTES("v"), NULL},
    {"a line end in the value", BYTES("A"), BYTES("v\r\nB: w"), NULL},
    {"a bare line feed", BYTES("A"), BYTES("v\nB: w"), NULL},
    {"a bare carriage return", BYTES("A"), BYTES("v\rB: w"), NULL},
    {"a line end at the end", BYTES("A"), BYTES("v\n"), NULL},
    {"a NUL in the value", BYTES("A"), BYTES("v\0w"), NULL},
    {"a tab in the value", BYTES("A"), BYTES("v\tw"), NULL},
    {"DEL in the value", BYTES("A"), BYTES("v\x7f"), NULL},
};

static void headers_that_can_not_break_out_of_their_line(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(header_rows); i++) {
    const header_row *row = &header_rows[i];
    idv_route *route = idv_route_new("GET");
    bool is_added = idv_route_add_header(route, (idv_slice){row->name, row->name_length},
                                         (idv_slice){row->value, row->value_length});
    CHECK(row->what, is_added == (row->line != NULL));
    CHECK(row->what, (header_at(route, 1) != NULL) == is_added);
    CHECK(row->what, !is_added || strcmp(header_at(route, 1), row->line) == 0);
    CHECK(row->what, header_at(route, 2) == NULL);
    idv_route_release(route);
  }
}

static void headers_stay_in_the_order_they_were_added(void **state) {
  (void)state;
  idv_route *route = idv_route_new("GET");
  assert_true(idv_route_add_header(route, idv_slice_of("B"), idv_slice_of("1")));
  assert_true(idv_route_add_header(route, idv_slice_of("A"), idv_slice_of("2")));
  assert_false(idv_route_add_header(route, idv_slice_of("C"), idv_slice_of("\n")));
  assert_true(idv_route_add_header(route, idv_slice_of("B"), idv_slice_of("3")));
  assert_string_equal("B: 1", header_at(route, 1));
  assert_string_equal("A: 2", header_at(route, 2));
  assert_string_equal("B: 3", header_at(route, 3));
  assert_null(header_at(route, 4));
  idv_route_release(route);
}

static void a_line_has_a_ceiling(void **state) {
  (void)state;
  static char value[17 * 1024];
  memset(value, 'v', sizeof value);
  idv_route *route = idv_route_new("GET");
  assert_true(idv_route_add_header(route, idv_slice_of("A"), (idv_slice){value, 15 * 1024}));
  assert_false(idv_route_add_header(route, idv_slice_of("A"), (idv_slice){value, sizeof value}));
  assert_null(header_at(route, 2));
  idv_route_release(route);
}

/* ---- references and memory ---- */

static void the_last_reference_frees(void **state) {
  (void)state;
  allocator_begin(NULL);
  idv_route *route = idv_route_new("GET");
  long live = allocator.live;
  assert_true(live > 0);
  assert_ptr_equal(route, idv_route_retain(route));
  assert_ptr_equal(route, idv_route_retain(route));
  assert_int_equal(3, route->references);
  idv_route_release(route);
  idv_route_release(route);
  assert_int_equal(live, allocator.live);
  assert_int_equal(1, route->references);
  idv_route_release(route);
  assert_int_equal(0, allocator.live);
  idv_route_release(NULL);
}

static bool make_a_whole_route(void *nothing) {
  (void)nothing;
  idv_route *route = idv_route_new("POST");
  bool is_made = route != NULL && idv_route_set_base(route, "https://h") &&
                 idv_route_set_ca_file(route, "/ca.pem") && idv_route_set_proxy(route, "http://p:1") &&
                 idv_route_add_header(route, idv_slice_of("A"), idv_slice_of("1"));
  idv_route_release(route);
  return is_made;
}

static void short_memory_is_told_and_loses_nothing(void **state) {
  (void)state;
  allocator_starve("a whole route", make_a_whole_route, NULL);
}

static bool list_is_refused;

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text);

/* Takes the place of libcurl's for the core, and hands on to it. */
ALLOCATOR_HIDDEN struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text) {
  typedef struct curl_slist *append(struct curl_slist *, const char *);
  append *next = (append *)dlsym(RTLD_NEXT, "curl_slist_append");
  return list_is_refused ? NULL : next(list, text);
}

static void libcurl_short_of_memory_is_told_and_loses_nothing(void **state) {
  (void)state;
  allocator_begin(NULL);
  idv_route *route = idv_route_new("GET");
  assert_true(idv_route_add_header(route, idv_slice_of("A"), idv_slice_of("1")));
  list_is_refused = true;
  bool is_added = idv_route_add_header(route, idv_slice_of("B"), idv_slice_of("2"));
  idv_route *another = idv_route_new("GET");
  list_is_refused = false;
  assert_false(is_added);
  assert_null(another);
  assert_string_equal("A: 1", header_at(route, 1));
  assert_null(header_at(route, 2));
  idv_route_release(route);
  assert_int_equal(0, allocator.live);
}

static void nothing_secret_is_in_memory_that_is_given_back(void **state) {
  (void)state;
  allocator_begin(SECRET);
  idv_route *route = idv_route_new("GET");
  assert_true(idv_route_set_base(route, "https://h/" SECRET));
  assert_true(idv_route_set_proxy(route, "http://user:" SECRET "@proxy"));
  assert_true(idv_route_set_ca_file(route, "/" SECRET));
  assert_true(idv_route_set_proxy(route, "http://user:other@proxy"));
  assert_true(idv_route_add_header(route, idv_slice_of("Authorization"), idv_slice_of("Bearer " SECRET)));
  assert_false(idv_route_add_header(route, idv_slice_of("Authorization"), idv_slice_of(SECRET "\n")));
  idv_route_release(route);
  assert_int_equal(0, allocator.betrayals);
  assert_int_equal(0, allocator.live);
}

/* The lines of headers are libcurl's to free: it gets them here. */
void curl_slist_free_all(struct curl_slist *list);

static bool is_looking; /* at lists whose lines have seven letters at least */
static int lines_freed, lines_not_wiped;

ALLOCATOR_HIDDEN void curl_slist_free_all(struct curl_slist *list) {
  typedef void free_all(struct curl_slist *);
  for (const struct curl_slist *line = list; is_looking && line != NULL; line = line->next) {
    lines_freed++;
    lines_not_wiped += memcmp(line->data, "\0\0\0\0\0\0\0", 7) != 0;
  }
  ((free_all *)dlsym(RTLD_NEXT, "curl_slist_free_all"))(list);
}

static void header_lines_are_wiped_before_libcurl_frees_them(void **state) {
  (void)state;
  idv_route *route = idv_route_new("GET");
  assert_true(idv_route_add_header(route, idv_slice_of("Authorization"), idv_slice_of("Bearer " SECRET)));
  is_looking = true;
  idv_route_release(route);
  is_looking = false;
  assert_int_equal(2, lines_freed);
  assert_int_equal(0, lines_not_wiped);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_route_has_the_defaults),
      cmocka_unit_test(a_new_route_keeps_libcurl_from_asking_for_leave),
      cmocka_unit_test(texts_are_copied_replaced_and_taken_away),
      cmocka_unit_test(a_text_stays_when_memory_is_short),
      cmocka_unit_test(headers_that_can_not_break_out_of_their_line),
      cmocka_unit_test(headers_stay_in_the_order_they_were_added),
      cmocka_unit_test(a_line_has_a_ceiling),
      cmocka_unit_test(the_last_reference_frees),
      cmocka_unit_test(short_memory_is_told_and_loses_nothing),
      cmocka_unit_test(libcurl_short_of_memory_is_told_and_loses_nothing),
      cmocka_unit_test(nothing_secret_is_in_memory_that_is_given_back),
      cmocka_unit_test(header_lines_are_wiped_before_libcurl_frees_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
