/*
 * close_on_exec.c: which sockets are kept from programs that are executed, and that no others are.
 */
#include "close_on_exec.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

static bool passes_on(int fd) {
  return (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
}

static int bytes_in(int fd) {
  int count = -1;
  ioctl(fd, FIONREAD, &count);
  return count;
}

static void both_of_a_pair_are_kept(void **state) {
  (void)state;
  int pair[2];
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  idv_close_on_exec_pair(pair[0]);
  assert_false(passes_on(pair[0]));
  assert_false(passes_on(pair[1]));
  assert_int_equal(0, bytes_in(pair[0])); /* the way that libcurl reads */
  close(pair[0]);
  close(pair[1]);
}

static void others_that_pass_on_go_on_doing_so(void **state) {
  (void)state;
  int other[2], plain[2], before[2], pair[2];
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, before));
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  int moved = fcntl(pair[1], F_DUPFD, pair[1] + 20); /* others have the numbers in between */
  close(pair[1]);
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, other));
  assert_int_equal(0, pipe(plain));
  assert_int_equal(1, write(other[0], "x", 1)); /* as many bytes wait there as in the pair, at first */
  idv_close_on_exec_pair(pair[0]);
  assert_false(passes_on(pair[0]));
  assert_false(passes_on(moved));
  const int all[] = {other[0], other[1], plain[0], plain[1], before[0], before[1]};
  for (size_t i = 0; i < COUNT_OF(all); i++) {
    assert_true(passes_on(all[i]));
    close(all[i]);
  }
  close(pair[0]);
  close(moved);
}

static void what_is_no_pair_of_local_sockets_is_left_alone(void **state) {
  (void)state;
  int ends[2];
  int tcp = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(0, pipe(ends));
  idv_close_on_exec_pair(tcp);
  idv_close_on_exec_pair(ends[0]);
  idv_close_on_exec_pair(-1);
  idv_close_on_exec_pair(99999);
  assert_true(passes_on(tcp) && passes_on(ends[0]) && passes_on(ends[1]));
  close(tcp);
  close(ends[0]);
  close(ends[1]);
}

static void a_multi_handle_passes_nothing_on(void **state) {
  (void)state;
  bool was_open[64];
  for (int fd = 0; fd < 64; fd++) {
    was_open[fd] = fcntl(fd, F_GETFD) >= 0;
  }
  int next = idv_close_on_exec_next();
  assert_true(next > 2 && !was_open[next]);
  CURLM *multi = curl_multi_init();
  idv_close_on_exec_multi(multi, next);
  for (int fd = 0; fd < 64; fd++) {
    assert_true(was_open[fd] || fcntl(fd, F_GETFD) < 0 || !passes_on(fd));
  }
  curl_multi_cleanup(multi);
}

static void a_strangers_pair_is_not_taken_for_a_multi_handles(void **state) {
  (void)state;
  int pair[2];
  CURLM *multi = curl_multi_init();
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  idv_close_on_exec_multi(multi, pair[0]);
  assert_true(passes_on(pair[0]) && passes_on(pair[1]));
  assert_int_equal(0, bytes_in(pair[1]));
  close(pair[0]);
  close(pair[1]);
  curl_multi_cleanup(multi);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_of_a_pair_are_kept),
      cmocka_unit_test(others_that_pass_on_go_on_doing_so),
      cmocka_unit_test(what_is_no_pair_of_local_sockets_is_left_alone),
      cmocka_unit_test(a_multi_handle_passes_nothing_on),
      cmocka_unit_test(a_strangers_pair_is_not_taken_for_a_multi_handles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
