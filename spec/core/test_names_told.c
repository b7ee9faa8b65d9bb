/*
 * What libcurl is told about the age of names, transfer by transfer, while the clock is moved forward.
 */
#include <dlfcn.h>
#include <stdarg.h>

#include "libcurl.h"
#include "several.h"
#include "steered_clock.h"

#undef curl_easy_setopt

/* Stands in for libcurl's, and remembers what it was told last. Every argument it can have fits a long. */
static long told_last;
static unsigned told;

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode (*real)(CURL *, CURLoption, ...) = NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "curl_easy_setopt");
  va_list arguments;
  va_start(arguments, option);
  long value = va_arg(arguments, long);
  va_end(arguments);
  if (option == CURLOPT_DNS_CACHE_TIMEOUT) {
    told_last = value;
    told++;
  }
  return real(easy, option, value);
}

static void one_transfer_looks_and_the_next_ones_do_not(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  bool serves_once = idv_libcurl_remembers_headers(curl_version_info(CURLVERSION_NOW));
  unsigned more = serves_once ? 1 : 0; /* a handle that is new has to be told again */
  told = 0;
  for (unsigned half_minute = 0; half_minute < 3; half_minute++) {
    several_perform(engine, route, 1);
    assert_int_equal(30, told_last);
    several_perform(engine, route, 1);
    assert_int_equal(-1, told_last);
    assert_int_equal((2 + more) * half_minute + 2, told);
    several_perform(engine, route, 1); /* a handle that has served has been told */
    assert_int_equal(-1, told_last);
    assert_int_equal((2 + more) * (half_minute + 1), told);
    seconds_ahead += 30;
  }
  idv_route_release(route);
  idv_engine_close(engine);
}

/* One call that can not connect. */
static void fail_once(idv_engine *engine, idv_route *route) {
  idv_call *call = NULL;
  assert_int_equal(IDV_CALL_FINE,
                   idv_call_new(route, idv_slice_of("http://127.0.0.1:1/"), idv_slice_of("{}"), &call));
  call->limits.max_retries = 0;
  assert_true(idv_engine_submit(engine, call));
  while (idv_engine_in_flight(engine) > 0) {
    idv_engine_step(engine, 1000);
    while (idv_engine_next_news(engine) != NULL) {
    }
  }
  assert_int_equal(IDV_FAILURE_NETWORK, call->failure.kind);
  idv_call_free(call);
}

static void one_that_fails_leaves_it_to_the_next(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  told_last = 0;
  fail_once(engine, route);
  assert_int_equal(30, told_last);
  several_perform(engine, route, 1);
  assert_int_equal(30, told_last);
  several_perform(engine, route, 1);
  assert_int_equal(-1, told_last);
  idv_route_release(route);
  idv_engine_close(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_transfer_looks_and_the_next_ones_do_not),
      cmocka_unit_test(one_that_fails_leaves_it_to_the_next),
  };
  return cmocka_run_group_tests(tests, answering_start, NULL);
}
