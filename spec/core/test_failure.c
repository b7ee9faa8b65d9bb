/*
 * failure.c: what each result of libcurl is called, whether it is worth another attempt, and the words for
 * kinds and outcomes.
 */
#include "failure.h"

#include <ctype.h>

#include <curl/curl.h>

#include "check.h"

typedef struct row {
  CURLcode code;
  idv_failure_kind kind;
  bool is_permanent;
  const char *reason_holds; /* a word of the reason */
} row;

static const row rows[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, IDV_FAILURE_NETWORK, false, "proxy"},
    {CURLE_COULDNT_RESOLVE_HOST, IDV_FAILURE_NETWORK, false, "resolved"},
    {CURLE_COULDNT_CONNECT, IDV_FAILURE_NETWORK, false, "no connection"},
    {CURLE_OPERATION_TIMEDOUT, IDV_FAILURE_TIMEOUT, false, "connect_timeout"},
    {CURLE_SSL_CONNECT_ERROR, IDV_FAILURE_NETWORK, false, "TLS"},
    {CURLE_PEER_FAILED_VERIFICATION, IDV_FAILURE_NETWORK, true, "certificate"},
    {(CURLcode)51, IDV_FAILURE_NETWORK, true,
     "certificate"}, /* what libcurl before 7.62 says of a wrong name */
    {(CURLcode)60, IDV_FAILURE_NETWORK, true, "certificate"},
    {CURLE_SSL_CACERT_BADFILE, IDV_FAILURE_NETWORK, true, "trusted certificates"},
    {CURLE_SSL_CERTPROBLEM, IDV_FAILURE_NETWORK, true, "TLS settings"},
    {CURLE_SSL_CIPHER, IDV_FAILURE_NETWORK, true, "TLS settings"},
    {CURLE_SSL_ENGINE_INITFAILED, IDV_FAILURE_NETWORK, true, "TLS settings"},
    {CURLE_SEND_ERROR, IDV_FAILURE_NETWORK, false, "sent"},
    {CURLE_RECV_ERROR, IDV_FAILURE_NETWORK, false, "read"},
    {CURLE_GOT_NOTHING, IDV_FAILURE_NETWORK, false, "without an answer"},
    {CURLE_PARTIAL_FILE, IDV_FAILURE_NETWORK, false, "middle"},
    {CURLE_HTTP2, IDV_FAILURE_NETWORK, false, "HTTP/2 connection"},
    {CURLE_HTTP2_STREAM, IDV_FAILURE_NETWORK, false, "HTTP/2 stream"},
    {CURLE_ABORTED_BY_CALLBACK, IDV_FAILURE_NETWORK, false, "kept-alive"},
    {CURLE_WEIRD_SERVER_REPLY, IDV_FAILURE_PROTOCOL, true, "not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, IDV_FAILURE_PROTOCOL, true, "not HTTP"},
    {CURLE_BAD_CONTENT_ENCODING, IDV_FAILURE_PROTOCOL, true, "compressed"},
    {CURLE_OUT_OF_MEMORY, IDV_FAILURE_NETWORK, true, "memory"},
    {CURLE_URL_MALFORMAT, IDV_FAILURE_NETWORK, true, "address"},
    {CURLE_FAILED_INIT, IDV_FAILURE_NETWORK, false, "could not be carried out"},
    {CURLE_FTP_ACCEPT_FAILED, IDV_FAILURE_NETWORK, false, "could not be carried out"},
};

static void results_of_libcurl(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *what = curl_easy_strerror(rows[i].code);
    idv_failure failure = idv_failure_of_curl((int)rows[i].code);
    CHECK(what, failure.kind == rows[i].kind);
    CHECK(what, failure.is_permanent == rows[i].is_permanent);
    CHECK(failure.reason, strstr(failure.reason, rows[i].reason_holds) != NULL);
  }
}

/* The last code that is known by number, where the headers do not have it yet. */
enum { LAST_KNOWN_CODE = 101 };

/* Every other code, known to this libcurl or not, is a failure too; one that is not known never takes a
 * second attempt away. */
static void every_code_is_a_failure_with_a_reason(void **state) {
  (void)state;
  for (int code = -2; code < CURL_LAST + 1000; code++) {
    char what[32];
    idv_failure failure = idv_failure_of_curl(code);
    snprintf(what, sizeof what, "code %d", code);
    CHECK(what, failure.kind == IDV_FAILURE_NETWORK || failure.kind == IDV_FAILURE_TIMEOUT ||
                    failure.kind == IDV_FAILURE_PROTOCOL);
    CHECK(what, failure.reason != NULL && strlen(failure.reason) > 10);
    CHECK(what, islower((unsigned char)failure.reason[0]));
    CHECK(what, failure.reason[strlen(failure.reason) - 1] != '.');
    CHECK(what, code < CURL_LAST || code <= LAST_KNOWN_CODE || !failure.is_permanent);
  }
}

static void kinds_have_names(void **state) {
  (void)state;
  assert_string_equal("none", idv_failure_kind_name(IDV_FAILURE_NONE));
  assert_string_equal("network", idv_failure_kind_name(IDV_FAILURE_NETWORK));
  assert_string_equal("timeout", idv_failure_kind_name(IDV_FAILURE_TIMEOUT));
  assert_string_equal("protocol", idv_failure_kind_name(IDV_FAILURE_PROTOCOL));
  assert_string_equal("file", idv_failure_kind_name(IDV_FAILURE_FILE));
  assert_string_equal("cancelled", idv_failure_kind_name(IDV_FAILURE_CANCELLED));
}

static void outcomes_have_names(void **state) {
  (void)state;
  assert_string_equal("not_sent", idv_outcome_name(IDV_OUTCOME_NOT_SENT));
  assert_string_equal("refused", idv_outcome_name(IDV_OUTCOME_REFUSED));
  assert_string_equal("unknown", idv_outcome_name(IDV_OUTCOME_UNKNOWN));
}

static void outcomes_are_ordered_from_harmless_to_worst(void **state) {
  (void)state;
  assert_true(IDV_OUTCOME_NOT_SENT < IDV_OUTCOME_REFUSED);
  assert_true(IDV_OUTCOME_REFUSED < IDV_OUTCOME_UNKNOWN);
}

static void what_a_status_says_about_the_request(void **state) {
  (void)state;
  for (long status = -1; status < 1000; status++) {
    bool is_refusal = status >= 400 && status <= 499;
    assert_int_equal(is_refusal ? IDV_OUTCOME_REFUSED : IDV_OUTCOME_UNKNOWN, idv_outcome_of_status(status));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_of_libcurl),
      cmocka_unit_test(every_code_is_a_failure_with_a_reason),
      cmocka_unit_test(kinds_have_names),
      cmocka_unit_test(outcomes_have_names),
      cmocka_unit_test(outcomes_are_ordered_from_harmless_to_worst),
      cmocka_unit_test(what_a_status_says_about_the_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
