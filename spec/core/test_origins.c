/*
 * origins.c: who may start, in which order, and what leaving gives free; row by row and over random
 * operations.
 */
#include "origins.h"

#include "allocator.h"

#define HERE "https://here.example/"
#define THERE "https://there.example/"

static idv_route *make_route(unsigned max_connections, idv_http_version version) {
  idv_route *route = idv_route_new("GET");
  route->max_connections = max_connections;
  route->http_version = version;
  route->allows_http = true;
  return route;
}

static idv_call *make_call(idv_route *route, const char *url) {
  idv_call *call = NULL;
  CHECK(url, idv_call_new(route, idv_slice_of(url), (idv_slice){.data = NULL}, &call) == IDV_CALL_FINE);
  return call;
}

enum { MOST = 4 };

/* Some calls in line, made of one route. */
typedef struct scene {
  idv_origins origins;
  idv_route *route;
  idv_call *call[MOST];
} scene;

static void set_up(scene *s, unsigned max_connections, const char *const urls[MOST]) {
  idv_origins_init(&s->origins);
  s->route = make_route(max_connections, IDV_HTTP_1_1);
  for (int i = 0; i < MOST; i++) {
    s->call[i] = make_call(s->route, urls[i]);
    assert_true(idv_origins_line_up(&s->origins, s->call[i]));
  }
}

static bool is_empty(const idv_origins *origins) {
  return idv_link_is_alone(&origins->list);
}

/* Everybody leaves, and then nothing may be left. */
static void tear_down(scene *s) {
  for (int i = 0; i < MOST; i++) {
    idv_origins_leave(s->call[i]);
    assert_null(s->call[i]->origin);
    assert_true(idv_link_is_alone(&s->call[i]->in_line));
    idv_call_free(s->call[i]);
  }
  assert_true(is_empty(&s->origins));
  assert_null(idv_origins_next(&s->origins));
  idv_route_release(s->route);
  idv_origins_free(&s->origins);
}

static const char *const all_here[MOST] = {HERE "0", HERE "1", HERE "2", HERE "3"};
static const char *const two_and_two[MOST] = {HERE "0", HERE "1", THERE "2", THERE "3"};

static void nobody_is_next_in_a_new_one(void **state) {
  (void)state;
  idv_origins origins;
  idv_origins_init(&origins);
  assert_null(idv_origins_next(&origins));
  idv_origins_free(&origins);
}

static void who_comes_first_starts_first(void **state) {
  (void)state;
  scene s;
  set_up(&s, 10, all_here);
  for (int i = 0; i < MOST; i++) {
    assert_ptr_equal(s.call[i], idv_origins_next(&s.origins));
    assert_true(idv_link_is_alone(&s.call[i]->in_line));
    assert_non_null(s.call[i]->origin);
    assert_int_equal(i + 1, s.call[i]->origin->active);
  }
  assert_null(idv_origins_next(&s.origins));
  tear_down(&s);
}

static void no_more_start_than_there_are_places(void **state) {
  (void)state;
  scene s;
  set_up(&s, 2, all_here);
  assert_ptr_equal(s.call[0], idv_origins_next(&s.origins));
  assert_ptr_equal(s.call[1], idv_origins_next(&s.origins));
  assert_null(idv_origins_next(&s.origins));
  assert_null(idv_origins_next(&s.origins));
  idv_origins_leave(s.call[1]);
  assert_ptr_equal(s.call[2], idv_origins_next(&s.origins));
  assert_null(idv_origins_next(&s.origins));
  tear_down(&s);
}

static void who_leaves_the_line_is_passed_over(void **state) {
  (void)state;
  scene s;
  set_up(&s, 1, all_here);
  idv_origins_leave(s.call[0]);
  idv_origins_leave(s.call[2]);
  assert_ptr_equal(s.call[1], idv_origins_next(&s.origins));
  assert_null(idv_origins_next(&s.origins)); /* leaving the line gave no place free */
  idv_origins_leave(s.call[1]);
  assert_ptr_equal(s.call[3], idv_origins_next(&s.origins));
  tear_down(&s);
}

static void who_comes_back_stands_at_the_end(void **state) {
  (void)state;
  scene s;
  set_up(&s, 1, all_here);
  assert_ptr_equal(s.call[0], idv_origins_next(&s.origins));
  idv_origins_leave(s.call[0]);
  assert_true(idv_origins_line_up(&s.origins, s.call[0]));
  for (int i = 1; i <= MOST; i++) {
    assert_ptr_equal(s.call[i % MOST], idv_origins_next(&s.origins));
    idv_origins_leave(s.call[i % MOST]);
  }
  tear_down(&s);
}

static void a_full_origin_does_not_hold_up_another(void **state) {
  (void)state;
  scene s;
  set_up(&s, 1, two_and_two);
  assert_ptr_equal(s.call[0], idv_origins_next(&s.origins));
  assert_ptr_equal(s.call[2], idv_origins_next(&s.origins));
  assert_null(idv_origins_next(&s.origins));
  idv_origins_leave(s.call[2]);
  assert_ptr_equal(s.call[3], idv_origins_next(&s.origins));
  assert_null(idv_origins_next(&s.origins));
  tear_down(&s);
}

static void leaving_twice_or_without_having_been_there_does_no_harm(void **state) {
  (void)state;
  scene s;
  set_up(&s, 2, all_here);
  idv_call *stranger = make_call(s.route, HERE);
  assert_ptr_equal(s.call[0], idv_origins_next(&s.origins));
  assert_false(idv_origins_leave(stranger));
  idv_origins_leave(s.call[0]);
  idv_origins_leave(s.call[0]);
  assert_int_equal(0, s.call[1]->origin->active);
  idv_call_free(stranger);
  tear_down(&s);
}

static void leaving_says_whether_somebody_waits_in_that_line(void **state) {
  (void)state;
  scene s;
  set_up(&s, 1, two_and_two);
  assert_ptr_equal(s.call[0], idv_origins_next(&s.origins));
  assert_ptr_equal(s.call[2], idv_origins_next(&s.origins));
  assert_true(idv_origins_leave(s.call[0])); /* the second waits here */
  assert_false(idv_origins_leave(s.call[1]));
  assert_false(idv_origins_leave(s.call[1])); /* it is in no line any more */
  assert_true(idv_origins_leave(s.call[2]));  /* the fourth waits there */
  assert_false(idv_origins_leave(s.call[3]));
  tear_down(&s);
}

/* ---- what an origin is ---- */

static void the_same_origin_in_other_words(void **state) {
  (void)state;
  static const struct {
    const char *one, *other;
    bool is_same;
  } rows[] = {
      {"https://h/a", "https://h/b?c#d", true},
      {"https://h/", "https://h", true},
      {"https://h/", "HTTPS://H/", true},
      {"https://h/", "https://h:443/", true},
      {"https://h:8443/", "https://h:8443/x", true},
      {"http://127.0.0.1/", "http://127.0.0.1:80/", true},
      {"https://[::A]/", "https://[::a]:443/", true},
      {"https://h/", "https://h:8443/", false},
      {"https://h/", "https://i/", false},
      {"https://h/", "https://h.example/", false},
      {"https://127.0.0.1/", "http://127.0.0.1/", false},
      {"https://127.0.0.1:80/", "http://127.0.0.1:80/", false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_origins origins;
    idv_origins_init(&origins);
    idv_route *route = make_route(1, IDV_HTTP_1_1);
    idv_call *one = make_call(route, rows[i].one), *other = make_call(route, rows[i].other);
    assert_true(idv_origins_line_up(&origins, one) && idv_origins_line_up(&origins, other));
    CHECK(rows[i].other, (one->origin == other->origin) == rows[i].is_same);
    idv_origins_leave(one);
    idv_origins_leave(other);
    idv_call_free(one);
    idv_call_free(other);
    idv_route_release(route);
    idv_origins_free(&origins);
  }
}

static void over_http_2_a_connection_has_a_hundred_places(void **state) {
  (void)state;
  enum { PLACES = 200 };
  idv_origins origins;
  idv_call *call[PLACES + 1];
  idv_origins_init(&origins);
  idv_route *route = make_route(2, IDV_HTTP_2);
  for (int i = 0; i <= PLACES; i++) {
    call[i] = make_call(route, HERE);
    assert_true(idv_origins_line_up(&origins, call[i]));
  }
  for (int i = 0; i < PLACES; i++) {
    assert_ptr_equal(call[i], idv_origins_next(&origins));
  }
  assert_null(idv_origins_next(&origins));
  for (int i = 0; i <= PLACES; i++) {
    idv_origins_leave(call[i]);
    idv_call_free(call[i]);
  }
  assert_true(is_empty(&origins));
  idv_route_release(route);
}

static void the_limit_that_counts_is_that_of_who_is_first_in_line(void **state) {
  (void)state;
  idv_origins origins;
  idv_origins_init(&origins);
  idv_route *narrow = make_route(1, IDV_HTTP_1_1), *wide = make_route(2, IDV_HTTP_1_1);
  idv_call *call[] = {make_call(wide, HERE), make_call(narrow, HERE), make_call(wide, HERE)};
  for (int i = 0; i < 3; i++) {
    assert_true(idv_origins_line_up(&origins, call[i]));
  }
  assert_ptr_equal(call[0], idv_origins_next(&origins));
  assert_null(idv_origins_next(&origins)); /* the narrow one does not fit, and nobody passes it */
  idv_origins_leave(call[0]);
  assert_ptr_equal(call[1], idv_origins_next(&origins));
  assert_ptr_equal(call[2], idv_origins_next(&origins));
  for (int i = 0; i < 3; i++) {
    idv_origins_leave(call[i]);
    idv_call_free(call[i]);
  }
  assert_true(is_empty(&origins));
  idv_route_release(narrow);
  idv_route_release(wide);
}

/* ---- memory ---- */

static void an_origin_that_nobody_uses_is_forgotten(void **state) {
  (void)state;
  idv_origins origins;
  idv_origins_init(&origins);
  idv_route *route = make_route(1, IDV_HTTP_1_1);
  idv_call *one = make_call(route, HERE), *other = make_call(route, HERE);
  allocator_begin(NULL);
  assert_true(idv_origins_line_up(&origins, one) && idv_origins_line_up(&origins, other));
  assert_ptr_equal(one, idv_origins_next(&origins));
  idv_origins_leave(one);
  assert_false(is_empty(&origins)); /* the other still stands in line */
  idv_origins_leave(other);
  assert_true(is_empty(&origins));
  assert_int_equal(0, allocator.live);
  idv_call_free(one);
  idv_call_free(other);
  idv_route_release(route);
}

static void freeing_forgets_all_of_them(void **state) {
  (void)state;
  idv_origins origins;
  idv_origins_init(&origins);
  idv_route *route = make_route(1, IDV_HTTP_1_1);
  idv_call *one = make_call(route, HERE), *other = make_call(route, THERE);
  allocator_begin(NULL);
  assert_true(idv_origins_line_up(&origins, one) && idv_origins_line_up(&origins, other));
  idv_link_remove(&one->in_line);
  idv_link_remove(&other->in_line);
  idv_origins_free(&origins);
  assert_true(is_empty(&origins));
  assert_int_equal(0, allocator.live);
  idv_call_free(one);
  idv_call_free(other);
  idv_route_release(route);
}

typedef struct pair {
  idv_origins origins;
  idv_call *call;
} pair;

static bool line_up_and_leave(void *data) {
  pair *p = data;
  bool is_in_line = idv_origins_line_up(&p->origins, p->call);
  bool is_told =
      is_in_line ? p->call->origin != NULL : p->call->origin == NULL && idv_link_is_alone(&p->call->in_line);
  idv_origins_leave(p->call);
  assert_true(is_told);
  assert_true(is_empty(&p->origins));
  return is_in_line;
}

static void short_memory_is_told_and_loses_nothing(void **state) {
  (void)state;
  idv_route *route = make_route(1, IDV_HTTP_1_1);
  pair p = {.call = make_call(route, HERE)};
  idv_origins_init(&p.origins);
  allocator_starve("a new origin", line_up_and_leave, &p);
  idv_call_free(p.call);
  idv_route_release(route);
}

static void short_memory_leaves_those_in_line_where_they_are(void **state) {
  (void)state;
  scene s;
  set_up(&s, 1, two_and_two);
  idv_call *late = make_call(s.route, HERE);
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_false(idv_origins_line_up(&s.origins, late));
  assert_null(late->origin);
  assert_ptr_equal(s.call[0], idv_origins_next(&s.origins));
  idv_call_free(late);
  tear_down(&s);
}

/* ---- random operations ---- */

enum { CALLS = 30, ORIGINS = 4, OPERATIONS = 20000 };

typedef enum whereabouts { OUTSIDE, IN_LINE, ACTIVE } whereabouts;

typedef struct model {
  whereabouts is[CALLS];
  int came[CALLS]; /* the number of the operation at which the call lined up */
} model;

static int origin_of(int call) {
  return call % ORIGINS;
}

/* The limits of the origins are 1, 2, 3, ... */
static int places_of(int origin) {
  return origin + 1;
}

static int count_active(const model *m, int origin) {
  int active = 0;
  for (int i = 0; i < CALLS; i++) {
    active += origin_of(i) == origin && m->is[i] == ACTIVE;
  }
  return active;
}

/* Who has stood in line for the origin the longest, -1 when nobody does. */
static int first_in_line(const model *m, int origin) {
  int first = -1;
  for (int i = 0; i < CALLS; i++) {
    if (origin_of(i) == origin && m->is[i] == IN_LINE && (first < 0 || m->came[i] < m->came[first])) {
      first = i;
    }
  }
  return first;
}

static void check_next(model *m, idv_call *const *calls, const idv_call *next) {
  for (int origin = 0; next == NULL && origin < ORIGINS; origin++) {
    assert_true(first_in_line(m, origin) < 0 || count_active(m, origin) == places_of(origin));
  }
  for (int i = 0; next != NULL && i < CALLS; i++) {
    if (calls[i] == next) {
      assert_int_equal(i, first_in_line(m, origin_of(i)));
      assert_true(count_active(m, origin_of(i)) < places_of(origin_of(i)));
      m->is[i] = ACTIVE;
      return;
    }
  }
  assert_null(next);
}

static void check_figures(const model *m, idv_call *const *calls) {
  for (int i = 0; i < CALLS; i++) {
    assert_int_equal(m->is[i] == OUTSIDE, calls[i]->origin == NULL);
    assert_int_equal(m->is[i] != IN_LINE, idv_link_is_alone(&calls[i]->in_line));
    assert_true(m->is[i] == OUTSIDE || (int)calls[i]->origin->active == count_active(m, origin_of(i)));
  }
}

static void random_operations_keep_the_order_and_the_limits(void **state) {
  (void)state;
  uint64_t random = 53;
  idv_origins origins;
  idv_route *routes[ORIGINS];
  idv_call *calls[CALLS];
  model m = {.is = {OUTSIDE}};
  idv_origins_init(&origins);
  for (int i = 0; i < ORIGINS; i++) {
    routes[i] = make_route((unsigned)places_of(i), IDV_HTTP_1_1);
  }
  for (int i = 0; i < CALLS; i++) {
    char url[32];
    snprintf(url, sizeof url, "https://h%d/%d", origin_of(i), i);
    calls[i] = make_call(routes[origin_of(i)], url);
  }
  for (int i = 0; i < OPERATIONS; i++) {
    size_t chosen = check_random_below(&random, CALLS);
    if (check_random_below(&random, 3) == 0) {
      check_next(&m, calls, idv_origins_next(&origins));
    } else if (m.is[chosen] == OUTSIDE) {
      assert_true(idv_origins_line_up(&origins, calls[chosen]));
      m.is[chosen] = IN_LINE;
      m.came[chosen] = i;
    } else {
      bool has_line = idv_origins_leave(calls[chosen]);
      m.is[chosen] = OUTSIDE;
      assert_int_equal(first_in_line(&m, origin_of((int)chosen)) >= 0, has_line);
    }
    check_figures(&m, calls);
  }
  for (int i = 0; i < CALLS; i++) {
    idv_origins_leave(calls[i]);
    idv_call_free(calls[i]);
  }
  assert_true(is_empty(&origins));
  for (int i = 0; i < ORIGINS; i++) {
    idv_route_release(routes[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nobody_is_next_in_a_new_one),
      cmocka_unit_test(who_comes_first_starts_first),
      cmocka_unit_test(no_more_start_than_there_are_places),
      cmocka_unit_test(who_leaves_the_line_is_passed_over),
      cmocka_unit_test(who_comes_back_stands_at_the_end),
      cmocka_unit_test(a_full_origin_does_not_hold_up_another),
      cmocka_unit_test(leaving_twice_or_without_having_been_there_does_no_harm),
      cmocka_unit_test(leaving_says_whether_somebody_waits_in_that_line),
      cmocka_unit_test(the_same_origin_in_other_words),
      cmocka_unit_test(over_http_2_a_connection_has_a_hundred_places),
      cmocka_unit_test(the_limit_that_counts_is_that_of_who_is_first_in_line),
      cmocka_unit_test(an_origin_that_nobody_uses_is_forgotten),
      cmocka_unit_test(freeing_forgets_all_of_them),
      cmocka_unit_test(short_memory_is_told_and_loses_nothing),
      cmocka_unit_test(short_memory_leaves_those_in_line_where_they_are),
      cmocka_unit_test(random_operations_keep_the_order_and_the_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
