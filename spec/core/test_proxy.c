/*
 * proxy.c: which addresses of a proxy libcurl can use, of what kind they are, and which are on this machine.
 * What is called fine here is tried on libcurl itself.
 */
#include "proxy.h"

#include <curl/curl.h>

#include "check.h"

typedef struct row {
  const char *address;
  const char *problem_holds; /* NULL: none */
} row;

#define LONG_256                                                                                             \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"         \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"         \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const row rows[] = {
    {"http://127.0.0.1:1", NULL},
    {"http://127.0.0.1:1/", NULL},
    {"HTTP://127.0.0.1:1", NULL},
    {"127.0.0.1:1", NULL},
    {"localhost:1", NULL},
    {"http://[::1]:1", NULL},
    {"http://user:password@127.0.0.1:1", NULL},
    {"http://user@127.0.0.1:1", NULL},
    {"http://user:@127.0.0.1:1", NULL},
    {"http://user:p%40ss%2Fword@127.0.0.1:1", NULL},
    {"http://user:100%@127.0.0.1:1", NULL},
    {"http://user:a^b|c{d}\"e@127.0.0.1:1", NULL},
    {"http://" LONG_256 ":x@127.0.0.1:1", NULL},
    {"socks5h://user:password@127.0.0.1:1", NULL},
    {"socks5://127.0.0.1:1", NULL},
    {"socks4://127.0.0.1:1", NULL},
    {"socks4a://127.0.0.1:1", NULL},
    {"", "needs a host"},
    {"http://", "needs a host"},
    {"http://:3128", "needs a host"},
    {"http://user:password@", "needs a host"},
    {"http://user:password@:1", "needs a host"},
    {"http:///", "needs a host"},
    {"http:/proxy:3128", "needs a host"},
    {"//proxy:3128", "needs a host"},
    {"http://proxy:", "needs a host"},
    {"http://proxy:0", "port"},
    {"http://proxy:65536", "port"},
    {"http://proxy:-1", "port"},
    {"http://proxy:3128x", "port"},
    {"http://proxy:31 28", "blank"},
    {"proxy:port", "port"},
    {"http://::1:3128", "needs a host"},
    {"http://[::1:3128", "needs a host"},
    {"http://[::g]:3128", "needs a host"},
    {"http://a..b:3128", "needs a host"},
    {"http://.b:3128", "needs a host"},
    {"http://proxy,other:3128", "needs a host"},
    {"http://pr\xc3\xb6xy:3128", "xn--"},
    {"ftp://proxy:3128", "must begin with"},
    {"socks://proxy:3128", "must begin with"},
    {"socks6://proxy:3128", "must begin with"},
    {"htttp://proxy:3128", "must begin with"},
    {"pac+https://proxy/x.pac", "must begin with"},
    {"://proxy:3128", "must begin with"},
    {" http://proxy:3128", "blank"},
    {"http://proxy:3128 ", "blank"},
    {"http://proxy:3128\n", "control"},
    {"http://user:pass word@proxy:3128", "%20"},
    {"http://user:p@ss@proxy:3128", "%40"},
    {"http://user:p/ss@proxy:3128", "%2F"},
    {"http://user:p?ss@proxy:3128", "%3F"},
    {"http://user:p#ss@proxy:3128", "%23"},
    {"http://user:a%0ab@proxy:3128", "control"},
    {"http://user:%7F@proxy:3128", "control"},
    {"http://%00:x@proxy:3128", "control"},
    {"http://proxy:3128/path", "path"},
    {"http://proxy:3128?x=1", "query"},
    {"http://proxy:3128#x", "fragment"},
    {"socks5://" LONG_256 ":x@proxy:1", "255"},
    {"socks5://x:" LONG_256 "@proxy:1", "255"},
};

static void what_is_wrong(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *problem = idv_proxy_problem(rows[i].address), *wanted = rows[i].problem_holds;
    CHECK(rows[i].address, (problem == NULL) == (wanted == NULL));
    CHECK(rows[i].address, wanted == NULL || strstr(problem, wanted) != NULL);
  }
}

/* Port 1 of this machine is closed: whatever libcurl makes of the address, it must have got so far. */
static void what_is_fine_is_so_for_libcurl(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    if (rows[i].problem_holds != NULL) {
      continue;
    }
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, "https://example.invalid/");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROXY, rows[i].address);
    CURLcode code = curl_easy_perform(easy);
    bool is_usable = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
    CHECK(rows[i].address, is_usable);
    curl_easy_cleanup(easy);
  }
}

static void an_address_without_end_is_too_long(void **state) {
  (void)state;
  static char text[20000];
  memset(text, 'a', sizeof text - 1);
  assert_non_null(strstr(idv_proxy_problem(text), "too long"));
}

static void a_proxy_over_tls_needs_a_libcurl_that_can(void **state) {
  (void)state;
  bool can = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTPS_PROXY) != 0;
  assert_int_equal(can, idv_proxy_problem("https://127.0.0.1:1") == NULL);
}

static void kinds(void **state) {
  (void)state;
  assert_int_equal(IDV_PROXY_NONE, idv_proxy_kind_of(NULL));
  assert_int_equal(IDV_PROXY_HTTP, idv_proxy_kind_of("proxy:3128"));
  assert_int_equal(IDV_PROXY_HTTP, idv_proxy_kind_of("http://proxy"));
  assert_int_equal(IDV_PROXY_HTTPS, idv_proxy_kind_of("HTTPS://proxy"));
  assert_int_equal(IDV_PROXY_SOCKS, idv_proxy_kind_of("socks5h://proxy"));
  assert_int_equal(IDV_PROXY_NONE, idv_proxy_kind_of("gopher://proxy"));
}

static void which_are_on_this_machine(void **state) {
  (void)state;
  static const char *const local[] = {"127.0.0.1:1", "http://localhost:1", "socks5://[::1]:1",
                                      "http://u:p@127.5.5.5:1/", "https://LOCALHOST"};
  static const char *const remote[] = {"proxy:1",
                                       "http://10.0.0.1:1",
                                       "http://127.0.0.1@proxy:1",
                                       "http://localhost.example:1",
                                       "http://0.0.0.0:1",
                                       "http://a@127.0.0.1@proxy:1",
                                       ""};
  for (size_t i = 0; i < COUNT_OF(local); i++) {
    CHECK(local[i], idv_proxy_is_local(local[i]));
  }
  for (size_t i = 0; i < COUNT_OF(remote); i++) {
    CHECK(remote[i], !idv_proxy_is_local(remote[i]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_wrong),
      cmocka_unit_test(what_is_fine_is_so_for_libcurl),
      cmocka_unit_test(an_address_without_end_is_too_long),
      cmocka_unit_test(a_proxy_over_tls_needs_a_libcurl_that_can),
      cmocka_unit_test(kinds),
      cmocka_unit_test(which_are_on_this_machine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
