/*
 * What a whole call leaves behind in memory: nothing of the credential, the address, the body or the answer,
 * in any block that the core gives back from making the route to closing the engine.
 *
 * The allocator looks into each block before it is freed. libcurl's memory is its own: it copies the address
 * and what it sends and reads into buffers that it does not wipe, and only a program may tell it which
 * allocator to use.
 */
#include "allocator.h"
#include "answering.h"
#include "engine.h"

/* Each is in one place only: a header, the address, the body, the answer's body, its head, the proxy that is
 * not used. */
static const char *const secrets[] = {"correct-horse-battery", "idv_c0ffee",   "Lovelace-1815",
                                      "https://example.com/s", "X-Request-Id", "proxy-passw0rd"};

static idv_route *new_route(void) {
  idv_route *route = idv_route_new("POST");
  assert_non_null(route);
  route->allows_http = true;
  route->limits.timeout_ms = 5000;
  assert_true(idv_route_add_header(route, idv_slice_of("Authorization"),
                                   idv_slice_of("Bearer correct-horse-battery")));
  assert_true(idv_route_add_header(route, idv_slice_of("Content-Type"), idv_slice_of("application/json")));
  assert_true(idv_route_set_proxy(route, "http://me:proxy-passw0rd@127.0.0.1:9"));
  assert_true(idv_route_set_proxy(route, NULL));
  return route;
}

static void perform(idv_engine *engine, idv_route *route) {
  char url[96];
  idv_call *call = NULL;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/idv_c0ffee/1", answering_port);
  assert_int_equal(IDV_CALL_FINE, idv_call_new(route, idv_slice_of(url),
                                               idv_slice_of("{\"name\":\"Lovelace-1815\"}"), &call));
  assert_true(idv_engine_submit(engine, call));
  while (call->state != IDV_CALL_FINISHED) {
    idv_engine_step(engine, -1);
    while (idv_engine_next_news(engine) != NULL) {
    }
  }
  assert_int_equal(201, call->status);
  assert_non_null(strstr(call->content.data, "https://example.com/s"));
  memset(url, 0, sizeof url);
  idv_call_free(call);
}

static void nothing_of_a_call_is_left_in_memory_that_is_given_back(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(secrets); i++) {
    const char *why = NULL;
    allocator_begin(secrets[i]);
    idv_route *route = new_route();
    idv_engine *engine = idv_engine_open(7, &why);
    assert_non_null(engine);
    perform(engine, route);
    perform(engine, route); /* on the connection and in the handle of the first */
    idv_route_release(route);
    idv_engine_close(engine);
    CHECK(secrets[i], allocator.betrayals == 0);
    CHECK(secrets[i], allocator.live == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_of_a_call_is_left_in_memory_that_is_given_back),
  };
  return cmocka_run_group_tests_name("engine, wiped", tests, answering_start, NULL);
}
