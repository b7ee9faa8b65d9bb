/* libcurl.c: what is concluded from the version that is loaded and the TLS library it has. */
#include "libcurl.h"

#include "check.h"

static bool may_raise(unsigned version, const char *tls) {
  const curl_version_info_data info = {.version_num = version, .ssl_version = tls};
  return idv_libcurl_may_raise_sigpipe(&info);
}

static void new_libcurl_raises_none_with_what_takes_its_way(void **state) {
  (void)state;
  assert_false(may_raise(0x075800, "OpenSSL/3.0.19"));
  assert_false(may_raise(0x075801, "GnuTLS/3.7.9"));
  assert_false(may_raise(0x080e00, "OpenSSL/3.5.0"));
}

static void older_libcurl_may_raise_one(void **state) {
  (void)state;
  assert_true(may_raise(0x0757ff, "OpenSSL/3.0.19"));
  assert_true(may_raise(0x073d00, "GnuTLS/3.6.2"));
}

static void what_is_not_known_may_raise_one(void **state) {
  (void)state;
  assert_true(may_raise(0x080e00, "mbedTLS/3.6.0"));
  assert_true(may_raise(0x080e00, "LibreSSL/3.9.0"));
  assert_true(may_raise(0x080e00, "(OpenSSL/3.5.0) GnuTLS/3.8.9")); /* several, one of which is in use */
  assert_true(may_raise(0x080e00, "BoringSSL"));
  assert_true(may_raise(0x080e00, NULL));
}

static bool remembers_headers(unsigned version) {
  const curl_version_info_data info = {.version_num = version};
  return idv_libcurl_remembers_headers(&info);
}

static void headers_are_remembered_from_7_83_to_8_3(void **state) {
  (void)state;
  assert_false(remembers_headers(0x0752ff));
  assert_true(remembers_headers(0x075300));
  assert_true(remembers_headers(0x075801));
  assert_true(remembers_headers(0x080300));
  assert_false(remembers_headers(0x080400));
  assert_false(remembers_headers(0x081500));
}

static void one_of_them_hides_what_it_has_read(void **state) {
  (void)state;
  static const struct {
    unsigned version;
    bool hides;
  } rows[] = {{0x075801, false}, {0x080001, false}, {0x080100, true},
              {0x080102, true},  {0x080200, false}, {0x081500, false}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const curl_version_info_data info = {.version_num = rows[i].version};
    assert_int_equal(rows[i].hides, idv_libcurl_hides_bytes(&info));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_libcurl_raises_none_with_what_takes_its_way),
      cmocka_unit_test(older_libcurl_may_raise_one),
      cmocka_unit_test(what_is_not_known_may_raise_one),
      cmocka_unit_test(headers_are_remembered_from_7_83_to_8_3),
      cmocka_unit_test(one_of_them_hides_what_it_has_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
