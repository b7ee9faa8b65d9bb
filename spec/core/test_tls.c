/*
 * tls.c: whether libcurl and this program use the same OpenSSL. What it tells of connections is seen in
 * spec/faults/unasked_spec.lua.
 */
#include "tls.h"

#include "check.h"

typedef struct row {
  const char *libcurls, *own;
  bool is_same;
} row;

static const row rows[] = {
    {"OpenSSL/3.0.19", "OpenSSL 3.0.19 27 Jan 2026", true},
    {"OpenSSL/1.1.1w", "OpenSSL 1.1.1w  11 Sep 2023", true},
    {"LibreSSL/3.8.2", "LibreSSL 3.8.2", true},
    {"OpenSSL/3.0.1", "OpenSSL 3.0.19 27 Jan 2026", false},
    {"OpenSSL/3.0.19", "OpenSSL 3.0.1 1 Jan 2022", false},
    {"OpenSSL/1.1.1w", "OpenSSL 3.0.19 27 Jan 2026", false},
    {"BoringSSL", "OpenSSL 3.0.19 27 Jan 2026", false},
    {"GnuTLS/3.7.9", "OpenSSL 3.0.19 27 Jan 2026", false},
    {"(OpenSSL/3.0.19) GnuTLS/3.7.9", "OpenSSL 3.0.19 27 Jan 2026", false},
    {"", "OpenSSL 3.0.19 27 Jan 2026", false},
    {NULL, "OpenSSL 3.0.19 27 Jan 2026", false},
};

static void the_same_library_has_the_same_name_and_version(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    CHECK(rows[i].libcurls, idv_tls_is_same(rows[i].libcurls, rows[i].own) == rows[i].is_same);
  }
}

static void a_handle_without_a_connection_has_nothing_pending(void **state) {
  (void)state;
  CURL *easy = curl_easy_init();
  assert_false(idv_tls_has_pending(easy));
  curl_easy_cleanup(easy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_library_has_the_same_name_and_version),
      cmocka_unit_test(a_handle_without_a_connection_has_nothing_pending),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
