/*
 * call.c: where a request may go, what a call copies and wipes, and answers that come by another way than the
 * engine.
 */
#include "call.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "allocator.h"
#include "fenced.h"

#define SECRET "ada@example.com"

static const idv_slice absent = {.data = NULL};

/* ---- where a request may go ---- */

typedef struct address_row {
  const char *url;
  bool allows_http;
  idv_call_problem problem;
} address_row;

static const address_row address_rows[] = {
    {"https://example.com", false, IDV_CALL_FINE},
    {"https://example.com:8443/a?b#c", false, IDV_CALL_FINE},
    {"HTTPS://EXAMPLE.COM/", false, IDV_CALL_FINE},
    {"https://[2001:db8::1]/", false, IDV_CALL_FINE},
    {"https://127.0.0.1/", false, IDV_CALL_FINE},
    {"https://example.com", true, IDV_CALL_FINE},
    {"http://127.0.0.1:8080/", true, IDV_CALL_FINE},
    {"http://localhost/", true, IDV_CALL_FINE},
    {"HTTP://LOCALHOST/", true, IDV_CALL_FINE},
    {"http://[::1]:80/", true, IDV_CALL_FINE},
    {"http://127.0.0.1:8080/", false, IDV_CALL_NOT_HTTPS},
    {"http://localhost/", false, IDV_CALL_NOT_HTTPS},
    {"http://example.com/", false, IDV_CALL_NOT_HTTPS},
    {"http://example.com/", true, IDV_CALL_NOT_HTTPS},
    {"http://192.168.0.1/", true, IDV_CALL_NOT_HTTPS},
    {"http://0.0.0.0/", true, IDV_CALL_NOT_HTTPS},
    {"http://127.0.0.1.example.com/", true, IDV_CALL_NOT_HTTPS},
    {"http://127.0.0.256/", true, IDV_CALL_NOT_HTTPS},
    {"http://localhost.example.com/", true, IDV_CALL_NOT_HTTPS},
    {"ftp://example.com/", false, IDV_CALL_NOT_HTTPS},
    {"ftp://127.0.0.1/", true, IDV_CALL_NOT_HTTPS},
    {"httpsx://example.com/", false, IDV_CALL_NOT_HTTPS},
    {"https://user@example.com/", false, IDV_CALL_HAS_USERINFO},
    {"https://user:password@example.com/", false, IDV_CALL_HAS_USERINFO},
    {"https://@example.com/", false, IDV_CALL_HAS_USERINFO},
    {"https://example.com@evil.example/", false, IDV_CALL_HAS_USERINFO},
    {"http://localhost@example.com/", true, IDV_CALL_HAS_USERINFO},
    {"", false, IDV_CALL_BAD_URL},
    {"example.com", false, IDV_CALL_BAD_URL},
    {"/path", false, IDV_CALL_BAD_URL},
    {"//example.com/", false, IDV_CALL_BAD_URL},
    {"https:", false, IDV_CALL_BAD_URL},
    {"https://", false, IDV_CALL_BAD_URL},
    {"https:/example.com", false, IDV_CALL_BAD_URL},
    {"https:example.com", false, IDV_CALL_BAD_URL},
    {"mailto:ada@example.com", false, IDV_CALL_BAD_URL},
    {"https://example.com/a b", false, IDV_CALL_BAD_URL},
    {"https://example.com\r\nHost: evil", false, IDV_CALL_BAD_URL},
    {"https://example.com:0/", false, IDV_CALL_BAD_URL},
    {"https://example.com\\@evil.example/", false, IDV_CALL_BAD_URL},
};

static void where_a_request_may_go(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(address_rows); i++) {
    const address_row *row = &address_rows[i];
    CHECK(row->url, idv_call_check_url(fenced(row->url), row->allows_http) == row->problem);
  }
  assert_int_equal(IDV_CALL_BAD_URL, idv_call_check_url(absent, true));
  assert_int_equal(IDV_CALL_BAD_URL,
                   idv_call_check_url(fenced_at(FENCED_END, BYTES("https://example.com/\0")), true));
}

static void a_call_is_made_for_these_addresses_and_no_others(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(address_rows); i++) {
    const address_row *row = &address_rows[i];
    idv_call *call = NULL;
    idv_route *route = idv_route_new("POST");
    route->allows_http = row->allows_http;
    CHECK(row->url, idv_call_new(route, fenced(row->url), absent, &call) == row->problem);
    CHECK(row->url, (call != NULL) == (row->problem == IDV_CALL_FINE));
    CHECK(row->url, route->references == (call != NULL ? 2 : 1));
    idv_call_free(call);
    CHECK(row->url, route->references == 1);
    idv_route_release(route);
  }
}

/* ---- making and freeing ---- */

/* A call of a route of its own, which goes when the call does. */
static idv_call *make_call(idv_slice url, idv_slice body) {
  idv_call *call = NULL;
  idv_route *route = idv_route_new("POST");
  route->limits.max_response_bytes = 10;
  assert_int_equal(IDV_CALL_FINE, idv_call_new(route, url, body, &call));
  idv_route_release(route);
  return call;
}

static idv_call *make_plain_call(void) {
  return make_call(idv_slice_of("https://example.com/x"), absent);
}

static void a_new_call_is_prepared_and_in_no_engine(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  assert_int_equal(IDV_CALL_PREPARED, call->state);
  assert_int_equal(IDV_WAITABLE_CALL, call->waitable.type);
  assert_int_equal(0, call->waitable.id);
  assert_null(call->waitable.engine);
  assert_int_equal(0, call->waitable.timer.place);
  assert_true(idv_link_is_alone(&call->waitable.membership));
  assert_true(idv_link_is_alone(&call->waitable.news));
  assert_true(idv_link_is_alone(&call->in_line));
  assert_null(call->sink);
  assert_int_equal(0, call->status);
  assert_int_equal(IDV_FAILURE_NONE, call->failure.kind);
  assert_int_equal(IDV_OUTCOME_NOT_SENT, call->outcome);
  assert_int_equal(0, call->attempts);
  assert_int_equal(-1, call->retry_after_ms);
  assert_int_equal(-1, call->bytes_expected);
  assert_int_equal(10, call->limits.max_response_bytes);
  assert_int_equal(10, call->content.ceiling);
  assert_int_equal(IDV_HEAD_CEILING, call->head.ceiling);
  idv_call_free(call);
}

static void address_and_body_are_copied(void **state) {
  (void)state;
  char url[] = "https://example.com/x", body[] = "a\0b";
  idv_call *call = make_call((idv_slice){url, sizeof url - 1}, (idv_slice){body, 3});
  memset(url, '#', sizeof url);
  memset(body, '#', sizeof body);
  assert_string_equal("https://example.com/x", call->url);
  assert_int_equal(3, call->body_length);
  assert_memory_equal("a\0b", call->body, 3);
  assert_ptr_equal(call->url + sizeof url, call->body); /* url, NUL, body */
  idv_call_free(call);
}

static void bytes_need_no_nul_behind_them(void **state) {
  (void)state;
  idv_call *call = make_call(fenced("https://example.com/x"), fenced("body"));
  assert_string_equal("https://example.com/x", call->url);
  assert_memory_equal("body", call->body, 4);
  idv_call_free(call);
}

static void an_empty_body_is_not_none(void **state) {
  (void)state;
  idv_call *without = make_plain_call(), *with = make_call(fenced("https://example.com/x"), fenced(""));
  assert_null(without->body);
  assert_int_equal(0, without->body_length);
  assert_non_null(with->body);
  assert_int_equal(0, with->body_length);
  idv_call_free(without);
  idv_call_free(with);
}

static void limits_are_the_calls_own(void **state) {
  (void)state;
  idv_call *call = NULL;
  idv_route *route = idv_route_new("GET");
  route->limits.max_retries = 7;
  assert_int_equal(IDV_CALL_FINE, idv_call_new(route, fenced("https://h"), absent, &call));
  assert_int_equal(7, call->limits.max_retries);
  call->limits.max_retries = 1;
  assert_int_equal(7, route->limits.max_retries);
  idv_call_free(call);
  idv_route_release(route);
}

static bool make_and_free(void *route) {
  idv_call *call = NULL;
  idv_call_problem problem = idv_call_new(route, idv_slice_of("https://h"), idv_slice_of("x"), &call);
  bool is_made = problem == IDV_CALL_FINE;
  bool is_told = is_made ? call != NULL : problem == IDV_CALL_NO_MEMORY && call == NULL;
  idv_call_free(call);
  assert_true(is_told);
  return is_made;
}

static void short_memory_is_told_and_loses_nothing(void **state) {
  (void)state;
  idv_route *route = idv_route_new("GET");
  allocator_starve("a call", make_and_free, route);
  assert_int_equal(1, route->references);
  idv_route_release(route);
}

static void a_body_larger_than_memory_is_told(void **state) {
  (void)state;
  idv_call *call = NULL;
  idv_route *route = idv_route_new("POST");
  idv_slice body = {.data = "x", .length = SIZE_MAX / 2};
  assert_int_equal(IDV_CALL_NO_MEMORY, idv_call_new(route, fenced("https://h"), body, &call));
  assert_null(call);
  assert_int_equal(1, route->references);
  idv_route_release(route);
}

static void nothing_secret_is_in_memory_that_is_given_back(void **state) {
  (void)state;
  allocator_begin(SECRET);
  idv_call *call = make_call(idv_slice_of("https://h/?" SECRET), idv_slice_of("{\"email\":\"" SECRET "\"}"));
  call->limits.max_response_bytes = 1000;
  assert_true(idv_call_answer(call, 200, idv_slice_of("X: " SECRET), idv_slice_of(SECRET)));
  assert_true(idv_call_answer(call, 200, idv_slice_of("X: 1"), idv_slice_of("again")));
  assert_true(idv_call_answer(call, 200, idv_slice_of("X: " SECRET), idv_slice_of(SECRET)));
  idv_call_note_attempt(call, 5);
  idv_call_free(call);
  assert_int_equal(0, allocator.betrayals);
  assert_int_equal(0, allocator.live);
  idv_call_free(NULL);
}

/* ---- answers by another way ---- */

static void an_answer_finishes_the_call(void **state) {
  (void)state;
  static const struct {
    long status;
    idv_outcome outcome;
  } rows[] = {
      {200, IDV_OUTCOME_UNKNOWN}, {201, IDV_OUTCOME_UNKNOWN}, {302, IDV_OUTCOME_UNKNOWN},
      {400, IDV_OUTCOME_REFUSED}, {429, IDV_OUTCOME_REFUSED}, {499, IDV_OUTCOME_REFUSED},
      {500, IDV_OUTCOME_UNKNOWN}, {503, IDV_OUTCOME_UNKNOWN},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_call *call = make_plain_call();
    assert_true(idv_call_answer(call, rows[i].status, fenced("A: 1\r\n"), fenced("{}")));
    assert_int_equal(IDV_CALL_FINISHED, call->state);
    assert_int_equal(rows[i].status, call->status);
    assert_int_equal(rows[i].outcome, call->outcome);
    assert_int_equal(IDV_FAILURE_NONE, call->failure.kind);
    assert_int_equal(1, call->attempts);
    assert_int_equal(2, call->bytes_received);
    CHECK_SLICE("head", idv_buffer_slice(&call->head), "A: 1\r\n");
    CHECK_SLICE("content", idv_buffer_slice(&call->content), "{}");
    assert_false(call->content_is_in_sink);
    idv_call_free(call);
  }
}

static void an_answer_may_ask_to_come_back_later(void **state) {
  (void)state;
  static const struct {
    const char *head;
    int64_t retry_after_ms;
  } rows[] = {
      {"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\n\r\n", 5000},
      {"retry-after:7\r\n", 7000},
      {"Retry-After: 5\r\nRetry-After: 6\r\n", 5000},
      {"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 0},
      {"Retry-After: soon\r\n", -1},
      {"Retry-After:\r\n", -1},
      {"X-Retry-After: 5\r\n", -1},
      {"", -1},
  };
  idv_call *call = make_plain_call();
  for (size_t i = 0; i < COUNT_OF(rows); i++) { /* each takes the place of the one before */
    CHECK(rows[i].head, idv_call_answer(call, 429, fenced(rows[i].head), fenced("{}")));
    CHECK(rows[i].head, call->retry_after_ms == rows[i].retry_after_ms);
  }
  idv_call_free(call);
}

static void reading_the_head_takes_the_wish_out_of_it(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  assert_true(idv_buffer_append_text(&call->head, "HTTP/2 503\r\nRetry-After: 3\r\n\r\n"));
  idv_call_read_head(call);
  assert_int_equal(3000, call->retry_after_ms);
  idv_buffer_reset(&call->head);
  idv_call_read_head(call);
  assert_int_equal(-1, call->retry_after_ms);
  idv_call_free(call);
}

static void check_too_large(idv_call *call, idv_slice head, idv_slice content) {
  assert_false(idv_call_answer(call, 200, head, content));
  assert_int_equal(IDV_CALL_FINISHED, call->state);
  assert_int_equal(IDV_FAILURE_PROTOCOL, call->failure.kind);
  assert_int_equal(0, call->status);
  assert_non_null(call->failure.reason);
  assert_true(call->failure.is_permanent);
  assert_int_equal(IDV_OUTCOME_UNKNOWN, call->outcome);
  assert_int_equal(0, call->content.length);
  idv_call_free(call);
}

static void an_answer_may_be_as_large_as_allowed_and_no_larger(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  assert_true(idv_call_answer(call, 200, fenced(""), fenced("0123456789")));
  CHECK_SLICE("content", idv_buffer_slice(&call->content), "0123456789");
  idv_call_free(call);
  check_too_large(make_plain_call(), fenced(""), fenced("0123456789a"));
}

static void the_limit_that_counts_is_the_calls_own(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  call->limits.max_response_bytes = 12;
  assert_true(idv_call_answer(call, 200, fenced(""), fenced("0123456789ab")));
  idv_call_free(call);
  call = make_plain_call();
  call->limits.max_response_bytes = 1;
  check_too_large(call, fenced(""), fenced("01"));
}

static void a_head_may_be_as_large_as_the_ceiling_and_no_larger(void **state) {
  (void)state;
  static char head[IDV_HEAD_CEILING + 1];
  memset(head, 'h', sizeof head);
  idv_call *call = make_plain_call();
  assert_true(idv_call_answer(call, 200, (idv_slice){head, IDV_HEAD_CEILING}, fenced("{}")));
  assert_int_equal(IDV_HEAD_CEILING, call->head.length);
  idv_call_free(call);
  check_too_large(make_plain_call(), (idv_slice){head, sizeof head}, fenced("{}"));
}

static void a_refusal_counts_without_its_body(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  assert_true(idv_call_answer(call, 503, fenced("Retry-After: 7\r\n"), fenced("far too large")));
  assert_int_equal(IDV_FAILURE_NONE, call->failure.kind);
  assert_int_equal(503, call->status);
  assert_int_equal(IDV_OUTCOME_UNKNOWN, call->outcome);
  assert_int_equal(7000, call->retry_after_ms);
  assert_int_equal(0, call->content.length);
  idv_call_free(call);
  call = make_plain_call();
  assert_true(idv_call_answer(call, 422, fenced(""), fenced("far too large")));
  assert_int_equal(IDV_OUTCOME_REFUSED, call->outcome);
  idv_call_free(call);
}

static void a_second_answer_takes_the_place_of_the_first(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  assert_false(idv_call_answer(call, 200, fenced("A: 1\r\n"), fenced("far too large")));
  assert_true(idv_call_answer(call, 404, fenced("B: 2\r\n"), fenced("no")));
  assert_int_equal(IDV_FAILURE_NONE, call->failure.kind);
  assert_null(call->failure.reason);
  assert_int_equal(404, call->status);
  assert_int_equal(IDV_OUTCOME_REFUSED, call->outcome);
  CHECK_SLICE("head", idv_buffer_slice(&call->head), "B: 2\r\n");
  CHECK_SLICE("content", idv_buffer_slice(&call->content), "no");
  assert_int_equal(2, call->attempts);
  idv_call_free(call);
}

static void failing_finishes_the_call(void **state) {
  (void)state;
  static const idv_failure failure = {IDV_FAILURE_NETWORK, "no connection could be made", false};
  idv_call *call = make_plain_call();
  idv_call_fail(call, failure, IDV_OUTCOME_REFUSED);
  assert_int_equal(IDV_CALL_FINISHED, call->state);
  assert_int_equal(IDV_FAILURE_NETWORK, call->failure.kind);
  assert_string_equal(failure.reason, call->failure.reason);
  assert_int_equal(IDV_OUTCOME_REFUSED, call->outcome);
  assert_int_equal(0, call->status);
  idv_call_free(call);
}

/* ---- attempts ---- */

static void a_new_attempt_forgets_the_answer_but_not_the_request(void **state) {
  (void)state;
  idv_call *call = make_call(fenced("https://h/x"), fenced("body"));
  assert_false(idv_call_answer(call, 200, fenced("A: 1\r\n"), fenced("far too large")));
  call->retry_after_ms = 5;
  call->bytes_expected = 99;
  call->limits.max_response_bytes = 20;
  assert_true(idv_call_begin_attempt(call));
  assert_int_equal(0, call->status);
  assert_int_equal(IDV_FAILURE_NONE, call->failure.kind);
  assert_null(call->failure.reason);
  assert_false(call->failure.is_permanent);
  assert_int_equal(-1, call->retry_after_ms);
  assert_int_equal(0, call->bytes_received);
  assert_int_equal(-1, call->bytes_expected);
  assert_int_equal(0, call->head.length);
  assert_int_equal(0, call->content.length);
  assert_int_equal(IDV_BUFFER_OK, call->content.state);
  assert_int_equal(20, call->content.ceiling);
  assert_string_equal("https://h/x", call->url);
  assert_memory_equal("body", call->body, 4);
  assert_int_equal(1, call->attempts);
  idv_call_free(call);
}

static bool file_can_not_be_cut;

/* Takes the place of the C library's for the core. */
__attribute__((visibility("hidden"))) int ftruncate(int fd, off_t length) {
  if (file_can_not_be_cut) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_ftruncate, fd, length);
}

static char folder[64];

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/idv-call-XXXXXX");
  return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
  (void)state;
  file_can_not_be_cut = false;
  return rmdir(folder);
}

static int next_descriptor(void) {
  int fd = dup(STDIN_FILENO);
  close(fd);
  return fd;
}

static idv_call *make_call_with_sink(char *path, size_t room) {
  const char *why = NULL;
  idv_call *call = make_plain_call();
  snprintf(path, room, "%s/report.pdf", folder);
  call->sink = idv_sink_open(path, &why);
  assert_non_null(call->sink);
  return call;
}

static void a_new_attempt_begins_the_file_anew(void **state) {
  (void)state;
  char path[128], content[16] = "";
  idv_call *call = make_call_with_sink(path, sizeof path);
  call->content_is_in_sink = true;
  assert_true(idv_sink_write(call->sink, "first", 5));
  assert_true(idv_call_begin_attempt(call));
  assert_false(call->content_is_in_sink);
  assert_true(idv_sink_write(call->sink, "2nd", 3));
  assert_true(idv_sink_commit(call->sink));
  idv_call_free(call);
  int fd = open(path, O_RDONLY);
  assert_int_equal(3, read(fd, content, sizeof content));
  assert_string_equal("2nd", content);
  close(fd);
  assert_int_equal(0, unlink(path));
}

static void a_file_that_can_not_begin_anew_is_told(void **state) {
  (void)state;
  char path[128];
  idv_call *call = make_call_with_sink(path, sizeof path);
  file_can_not_be_cut = true;
  assert_true(idv_call_begin_attempt(call)); /* nothing was written to it */
  call->content_is_in_sink = true;
  assert_false(idv_call_begin_attempt(call));
  idv_call_free(call);
}

static void freeing_a_call_leaves_no_unfinished_file(void **state) {
  (void)state;
  char path[128];
  struct stat status;
  int before = next_descriptor();
  idv_call *call = make_call_with_sink(path, sizeof path);
  assert_true(idv_sink_write(call->sink, "half", 4));
  assert_true(next_descriptor() != before);
  idv_call_free(call);
  assert_int_equal(before, next_descriptor());
  assert_int_equal(-1, stat(path, &status)); /* and remove_folder finds the folder empty */
}

static void attempts_are_noted_in_order(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  for (int i = 0; i < 5; i++) {
    call->status = 500 + i;
    call->failure = (idv_failure){IDV_FAILURE_NETWORK, "some reason", i % 2 == 0};
    idv_call_note_attempt(call, 100 * i);
  }
  assert_int_equal(5, call->noted);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(500 + i, call->notes[i].status);
    assert_int_equal(IDV_FAILURE_NETWORK, call->notes[i].failure.kind);
    assert_int_equal(i % 2 == 0, call->notes[i].failure.is_permanent);
    assert_int_equal(100 * i, call->notes[i].delay_ms);
  }
  idv_call_free(call);
}

static void a_note_that_memory_is_too_short_for_is_left_out(void **state) {
  (void)state;
  idv_call *call = make_plain_call();
  idv_call_note_attempt(call, 1);
  allocator_begin(NULL);
  allocator.fail_at = 1;
  idv_call_note_attempt(call, 2);
  idv_call_note_attempt(call, 3);
  assert_int_equal(2, call->noted);
  assert_int_equal(1, call->notes[0].delay_ms);
  assert_int_equal(3, call->notes[1].delay_ms);
  idv_call_free(call);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(where_a_request_may_go),
      cmocka_unit_test(a_call_is_made_for_these_addresses_and_no_others),
      cmocka_unit_test(a_new_call_is_prepared_and_in_no_engine),
      cmocka_unit_test(address_and_body_are_copied),
      cmocka_unit_test(bytes_need_no_nul_behind_them),
      cmocka_unit_test(an_empty_body_is_not_none),
      cmocka_unit_test(limits_are_the_calls_own),
      cmocka_unit_test(short_memory_is_told_and_loses_nothing),
      cmocka_unit_test(a_body_larger_than_memory_is_told),
      cmocka_unit_test(nothing_secret_is_in_memory_that_is_given_back),
      cmocka_unit_test(an_answer_finishes_the_call),
      cmocka_unit_test(an_answer_may_ask_to_come_back_later),
      cmocka_unit_test(reading_the_head_takes_the_wish_out_of_it),
      cmocka_unit_test(an_answer_may_be_as_large_as_allowed_and_no_larger),
      cmocka_unit_test(the_limit_that_counts_is_the_calls_own),
      cmocka_unit_test(a_head_may_be_as_large_as_the_ceiling_and_no_larger),
      cmocka_unit_test(a_refusal_counts_without_its_body),
      cmocka_unit_test(a_second_answer_takes_the_place_of_the_first),
      cmocka_unit_test(failing_finishes_the_call),
      cmocka_unit_test(a_new_attempt_forgets_the_answer_but_not_the_request),
      cmocka_unit_test_setup_teardown(a_new_attempt_begins_the_file_anew, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_file_that_can_not_begin_anew_is_told, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(freeing_a_call_leaves_no_unfinished_file, make_folder, remove_folder),
      cmocka_unit_test(attempts_are_noted_in_order),
      cmocka_unit_test(a_note_that_memory_is_too_short_for_is_left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
