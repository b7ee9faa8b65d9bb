/*
 * Lanes: how many multi handles there are, for how long, and what becomes of calls when one of them fails.
 */
#include <dlfcn.h>

#include "several.h"
#include "steered_clock.h"

/* Calls at once, which fill three lanes and begin a fourth. */
enum { MANY = 200 };

/* These stand in for libcurl's: they count what is open, and fail when they are told to. */
static unsigned open_lanes, most_lanes; /* no more than that can be opened */
static CURLM *last_opened, *broken;

static void *libcurl(const char *name) {
  return dlsym(RTLD_NEXT, name);
}

CURLM *curl_multi_init(void) {
  CURLM *(*real)(void) = NULL;
  *(void **)&real = libcurl("curl_multi_init");
  if (open_lanes == most_lanes) {
    return NULL;
  }
  open_lanes++;
  last_opened = real();
  return last_opened;
}

CURLMcode curl_multi_cleanup(CURLM *multi) {
  CURLMcode (*real)(CURLM *) = NULL;
  *(void **)&real = libcurl("curl_multi_cleanup");
  open_lanes--;
  return real(multi);
}

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *running) {
  CURLMcode (*real)(CURLM *, curl_socket_t, int, int *) = NULL;
  *(void **)&real = libcurl("curl_multi_socket_action");
  return multi == broken ? CURLM_OUT_OF_MEMORY : real(multi, fd, events, running);
}

/* ---- the scene ---- */

typedef struct scene {
  idv_engine *engine;
  idv_route *route;
  idv_call *calls[MANY];
} scene;

static scene set_up(void) {
  most_lanes = MANY;
  broken = NULL;
  scene s = {.engine = several_open_engine(), .route = several_new_route()};
  s.route->max_connections = MANY;
  return s;
}

static void tear_down(scene *s) {
  idv_route_release(s->route);
  idv_engine_close(s->engine);
  assert_int_equal(0, open_lanes);
}

static void step(scene *s) {
  idv_engine_step(s->engine, 0);
  usleep(1000);
  while (idv_engine_next_news(s->engine) != NULL) {
  }
}

static unsigned count(const scene *s, idv_call_state state) {
  unsigned sum = 0;
  for (int i = 0; i < MANY; i++) {
    sum += s->calls[i]->state == state;
  }
  return sum;
}

/* Begins many calls, none of which is answered yet. */
static void begin_many(scene *s) {
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/sessions/1", answering_port);
  atomic_store(&answering_waits, true);
  for (int i = 0; i < MANY; i++) {
    assert_int_equal(IDV_CALL_FINE,
                     idv_call_new(s->route, idv_slice_of(url), idv_slice_of("{}"), &s->calls[i]));
    s->calls[i]->limits.max_retries = 0;
    assert_true(idv_engine_submit(s->engine, s->calls[i]));
  }
  while (count(s, IDV_CALL_QUEUED) > 0) {
    step(s);
  }
}

/* Brings them to their ends; returns how many were good, and in `reused` how many took a connection again. */
static unsigned end_many(scene *s, unsigned *reused) {
  unsigned good = 0;
  *reused = 0;
  atomic_store(&answering_waits, false);
  while (count(s, IDV_CALL_FINISHED) < MANY) {
    step(s);
  }
  for (int i = 0; i < MANY; i++) {
    assert_true(s->calls[i]->status == 201 || s->calls[i]->failure.kind != IDV_FAILURE_NONE);
    good += s->calls[i]->status == 201;
    *reused += s->calls[i]->reused_connection;
    idv_call_free(s->calls[i]);
  }
  return good;
}

/* Makes many calls at once, all of which must be good; returns how many used a connection again. */
static unsigned perform_many(scene *s) {
  unsigned reused = 0;
  begin_many(s);
  assert_int_equal(4, open_lanes);
  assert_int_equal(MANY, count(s, IDV_CALL_RUNNING));
  assert_int_equal(MANY, end_many(s, &reused));
  return reused;
}

/* ---- tests ---- */

static void a_few_calls_have_one_lane(void **state) {
  (void)state;
  scene s = set_up();
  several_perform(s.engine, s.route, SEVERAL_MOST);
  assert_int_equal(1, open_lanes);
  tear_down(&s);
}

static void many_have_several_and_use_their_connections_again(void **state) {
  (void)state;
  scene s = set_up();
  assert_int_equal(0, perform_many(&s));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(MANY, perform_many(&s));
  }
  tear_down(&s);
}

static void a_lane_that_nobody_needs_any_more_is_closed_while_others_go_on(void **state) {
  (void)state;
  scene s = set_up();
  perform_many(&s);
  for (int second = 0; second < 6; second++) {
    assert_int_equal(second < 4 ? 4 : 1, open_lanes);
    assert_int_equal(1, several_perform(s.engine, s.route, 1));
    seconds_ahead++;
  }
  assert_int_equal(1, open_lanes);
  assert_in_range(perform_many(&s), 1, MANY - 1);
  tear_down(&s);
}

static void all_are_closed_when_nothing_goes_on(void **state) {
  (void)state;
  scene s = set_up();
  perform_many(&s);
  assert_true(idv_engine_has_leftovers(s.engine));
  seconds_ahead += 4;
  idv_engine_step(s.engine, 0);
  assert_false(idv_engine_has_leftovers(s.engine));
  assert_int_equal(0, open_lanes);
  assert_int_equal(0, several_perform(s.engine, s.route, 1));
  assert_int_equal(1, open_lanes);
  tear_down(&s);
}

static void calls_can_be_cancelled_in_every_lane(void **state) {
  (void)state;
  scene s = set_up();
  unsigned reused = 0;
  begin_many(&s);
  for (int i = 0; i < MANY; i++) {
    idv_engine_cancel(s.calls[i]);
  }
  assert_int_equal(0, end_many(&s, &reused));
  assert_int_equal(0, perform_many(&s));
  tear_down(&s);
}

static void an_engine_can_be_closed_with_calls_in_every_lane(void **state) {
  (void)state;
  scene s = set_up();
  unsigned reused = 0;
  begin_many(&s);
  tear_down(&s);
  assert_int_equal(0, end_many(&s, &reused));
}

static void calls_fail_whose_lane_finds_no_memory_and_only_these(void **state) {
  (void)state;
  scene s = set_up();
  unsigned reused = 0;
  most_lanes = 2;
  begin_many(&s);
  assert_int_equal(2 * 64, count(&s, IDV_CALL_RUNNING));
  assert_int_equal(2 * 64, end_many(&s, &reused));
  most_lanes = MANY;
  assert_int_equal(2 * 64, perform_many(&s));
  tear_down(&s);
}

static void when_one_breaks_all_begin_anew(void **state) {
  (void)state;
  scene s = set_up();
  unsigned reused = 0;
  begin_many(&s);
  broken = last_opened;
  assert_in_range(end_many(&s, &reused), 0, MANY - 8); /* some may have been answered before */
  assert_int_equal(0, open_lanes);
  assert_int_equal(0, perform_many(&s));
  tear_down(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_few_calls_have_one_lane),
      cmocka_unit_test(many_have_several_and_use_their_connections_again),
      cmocka_unit_test(a_lane_that_nobody_needs_any_more_is_closed_while_others_go_on),
      cmocka_unit_test(all_are_closed_when_nothing_goes_on),
      cmocka_unit_test(calls_can_be_cancelled_in_every_lane),
      cmocka_unit_test(an_engine_can_be_closed_with_calls_in_every_lane),
      cmocka_unit_test(calls_fail_whose_lane_finds_no_memory_and_only_these),
      cmocka_unit_test(when_one_breaks_all_begin_anew),
  };
  return cmocka_run_group_tests(tests, answering_start, NULL);
}
