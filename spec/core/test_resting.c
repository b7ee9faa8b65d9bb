/*
 * Connections that rest between two requests: what they cost the system, and what happens when the other side
 * closes one.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "several.h"

/* Stands in for the C library's, so that the calls of it can be counted. */
static unsigned changes_of_interest;

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  int domain = 0;
  socklen_t length = sizeof domain;
  bool is_connection = getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_INET;
  changes_of_interest += is_connection; /* and not what libcurl (8.20, for one) is woken by */
  return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

static bool is_readable(int fd, int timeout_ms) {
  struct pollfd waiting = {.fd = fd, .events = POLLIN};
  return poll(&waiting, 1, timeout_ms) == 1;
}

static void a_kept_connection_changes_nothing_with_the_system(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  several_perform(engine, route, 1);
  unsigned before = changes_of_interest;
  for (int i = 0; i < 20; i++) {
    assert_int_equal(1, several_perform(engine, route, 1));
  }
  assert_int_equal(before, changes_of_interest);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void one_that_the_server_closed_is_news_to_nobody(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  int fd = idv_engine_fd(engine);
  several_perform(engine, route, 1);
  idv_engine_step(engine, 0);
  assert_false(is_readable(fd, 0));
  shutdown(atomic_load(&answering_last), SHUT_RDWR);
  assert_true(is_readable(fd, 10000));
  assert_false(idv_engine_step(engine, 0)); /* takes it from the system's list */
  assert_false(is_readable(fd, 20));
  assert_int_equal(0, several_perform(engine, route, 1)); /* on another connection */
  assert_int_equal(1, several_perform(engine, route, 1));
  idv_route_release(route);
  idv_engine_close(engine);
}

static void one_that_is_opened_under_a_known_number_is_watched(void **state) {
  (void)state;
  idv_engine *engine = several_open_engine();
  idv_route *route = several_new_route();
  for (int i = 0; i < 5; i++) {
    assert_int_equal(0, several_perform(engine, route, 3)); /* three descriptors, the same each time */
    idv_engine_close(engine);
    engine = several_open_engine();
  }
  for (int i = 0; i < 5; i++) { /* and within one engine: the server hangs up after each */
    assert_int_equal(0, several_perform(engine, route, 1));
    shutdown(atomic_load(&answering_last), SHUT_RDWR);
    assert_true(is_readable(idv_engine_fd(engine), 10000));
  }
  idv_route_release(route);
  idv_engine_close(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_kept_connection_changes_nothing_with_the_system),
      cmocka_unit_test(one_that_the_server_closed_is_news_to_nobody),
      cmocka_unit_test(one_that_is_opened_under_a_known_number_is_watched),
  };
  return cmocka_run_group_tests(tests, answering_start, NULL);
}
