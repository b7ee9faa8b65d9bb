/*
 * The engine when memory runs out: the whole way of a call, once with its first allocation failing, then with
 * its second, ... until it needs no more. libcurl gets its memory from the same allocator, so its failures
 * are among them.
 *
 * Wherever it happens, the call ends at once and with a reason, what it says about the request is true,
 * nothing is lost, and the engine carries the next call.
 */
#include <curl/curl.h>

#include "allocator.h"
#include "answering.h"
#include "engine.h"

#define TIMEOUT_MS 5000

typedef struct attempt {
  bool is_late; /* memory runs out in the second of three calls, on a connection that was kept */
  size_t survived;
} attempt;

/* NULL when memory is short. */
static idv_route *new_route(void) {
  idv_route *route = idv_route_new("POST");
  if (route == NULL) {
    return NULL;
  }
  route->allows_http = true;
  route->limits.timeout_ms = TIMEOUT_MS;
  if (!idv_route_add_header(route, idv_slice_of("Authorization"), idv_slice_of("Bearer key"))) {
    idv_route_release(route);
    return NULL;
  }
  return route;
}

static void check_ended_call(const idv_call *call, unsigned requests) {
  const char *reason = call->failure.reason != NULL ? call->failure.reason : "none";
  assert_int_equal(IDV_CALL_FINISHED, call->state);
  CHECK(reason, requests <= 1); /* it is not safe to repeat */
  if (call->failure.kind == IDV_FAILURE_NONE) {
    assert_int_equal(201, call->status);
    assert_int_equal(1, requests);
    return;
  }
  CHECK(reason, call->failure.reason != NULL);
  CHECK(reason, strstr(reason, "large") == NULL); /* the answer was not: memory was short */
  CHECK(reason, call->outcome != IDV_OUTCOME_NOT_SENT || requests == 0);
  CHECK(reason, call->duration_us < TIMEOUT_MS * 1000L / 2);
}

/* Whether a call with a fresh engine's help got its answer. */
static bool perform(idv_engine *engine, idv_route *route) {
  static size_t number;
  char url[64];
  idv_call *call = NULL;
  number = number % (COUNT_OF(answering_requests) - 1) + 1;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/sessions/%zu", answering_port, number);
  if (idv_call_new(route, idv_slice_of(url), idv_slice_of("{\"a\":1}"), &call) != IDV_CALL_FINE) {
    return false;
  }
  bool has_answer = false;
  if (idv_engine_submit(engine, call)) {
    while (call->state != IDV_CALL_FINISHED) {
      idv_engine_step(engine, -1);
      while (idv_engine_next_news(engine) != NULL) {
      }
    }
    check_ended_call(call, atomic_load(&answering_requests[number]));
    has_answer = call->failure.kind == IDV_FAILURE_NONE;
  }
  idv_call_free(call);
  return has_answer;
}

/* The call that is starved; where only that one is, with a call before it and one after. */
static bool perform_starved(const attempt *run, idv_engine *engine, idv_route *route, size_t fail_at) {
  if (run->is_late) {
    assert_true(perform(engine, route));
    allocator.count = 0;
    allocator.fail_at = fail_at;
  }
  bool has_answer = perform(engine, route);
  size_t count = allocator.count;
  if (run->is_late) {
    allocator.fail_at = 0;
    assert_true(perform(engine, route));
    assert_int_equal(0, idv_engine_in_flight(engine));
  }
  allocator.count = count;
  return has_answer;
}

/* The whole way. Returns whether there was an answer. */
static bool go_the_way(const attempt *run, size_t fail_at) {
  const char *why = NULL;
  bool has_answer = false;
  allocator.fail_at = run->is_late ? 0 : fail_at;
  idv_route *route = new_route();
  idv_engine *engine = route != NULL ? idv_engine_open(7, &why) : NULL;
  if (engine != NULL) {
    has_answer = perform_starved(run, engine, route, fail_at);
  } else {
    assert_true(route == NULL || why != NULL);
  }
  idv_engine_close(engine);
  idv_route_release(route);
  return has_answer;
}

static void *give_zeros(size_t count, size_t size) {
  return calloc(count, size);
}

static void *give_again(void *block, size_t size) {
  return realloc(block, size);
}

static void *give(size_t size) {
  return malloc(size);
}

static char *give_copy(const char *text) {
  return strdup(text);
}

static void take_back(void *block) {
  free(block);
}

/* One run with the allocation `fail_at` failing. Returns whether there was one to fail. */
static bool starve(attempt *run, size_t fail_at) {
  allocator_begin(NULL);
  assert_int_equal(CURLE_OK, curl_global_init_mem(CURL_GLOBAL_DEFAULT, give, take_back, give_again, give_copy,
                                                  give_zeros));
  bool has_answer = go_the_way(run, fail_at);
  bool was_starved = allocator.count >= fail_at;
  allocator.fail_at = 0;
  curl_global_cleanup();
  assert_int_equal(0, allocator.live);
  assert_true(has_answer || was_starved);
  run->survived += was_starved && has_answer;
  return was_starved;
}

static void walk(attempt *run) {
  size_t fail_at = 1;
  while (starve(run, fail_at)) {
    fail_at++;
  }
  print_message("%zu allocations, %zu of them not needed for an answer\n", fail_at - 1, run->survived);
  assert_true(fail_at > 20); /* else libcurl's are not among them */
}

static void memory_that_runs_out_anywhere_ends_the_call(void **state) {
  (void)state;
  walk(&(attempt){.is_late = false});
}

static void an_engine_goes_on_after_memory_ran_out(void **state) {
  (void)state;
  walk(&(attempt){.is_late = true});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_that_runs_out_anywhere_ends_the_call),
      cmocka_unit_test(an_engine_goes_on_after_memory_ran_out),
  };
  alarm(120); /* a walk that hangs is a failure too */
  return cmocka_run_group_tests_name("engine, starved", tests, answering_start, NULL);
}
