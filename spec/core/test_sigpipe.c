/*
 * sigpipe.c: what becomes of a SIGPIPE that is raised while the guard is held. Nearly every case runs in
 * a child of its own, which must end by itself and say that all was as expected.
 */
#include "sigpipe.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* ---- in the child ---- */

/* Ends the child with the number of the line as what went wrong. */
#define EXPECT(condition)                                                                                    \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      report(__LINE__);                                                                                      \
    }                                                                                                        \
  } while (0)

static int report_fd;

static void report(int line) {
  ssize_t written = write(report_fd, &line, sizeof line);
  _exit(written == (ssize_t)sizeof line ? 1 : 2);
}

static bool is_pending(int signal_number) {
  sigset_t pending;
  EXPECT(sigpending(&pending) == 0);
  return sigismember(&pending, signal_number) == 1;
}

static sigset_t mask_now(void) {
  sigset_t mask;
  EXPECT(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
  return mask;
}

static bool is_blocked(int signal_number) {
  sigset_t mask = mask_now();
  return sigismember(&mask, signal_number) == 1;
}

static void block(int signal_number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  EXPECT(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
}

static volatile sig_atomic_t handled;

static void count_signal(int signal_number) {
  (void)signal_number;
  handled++;
}

static void handle(int signal_number) {
  struct sigaction action = {.sa_handler = count_signal};
  EXPECT(sigaction(signal_number, &action, NULL) == 0);
}

/* ---- and around it ---- */

/* Runs the case in a child with the default handling of SIGPIPE, unblocked. */
static void run_in_child(void (*body)(void)) {
  int ends[2], status = -1, line = 0;
  assert_int_equal(0, pipe(ends));
  pid_t child = fork();
  if (child == 0) {
    sigset_t none;
    report_fd = ends[1];
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    body();
    _exit(0);
  }
  close(ends[1]);
  assert_int_equal(child, waitpid(child, &status, 0));
  if (read(ends[0], &line, sizeof line) == (ssize_t)sizeof line) {
    fail_msg("the child found something wrong at %s:%d", __FILE__, line);
  }
  close(ends[0]);
  if (WIFSIGNALED(status)) {
    fail_msg("the child was ended by signal %d", WTERMSIG(status));
  }
  assert_int_equal(0, status);
}

/* ---- the cases ---- */

static void raised_body(void) {
  idv_sigpipe guard;
  idv_sigpipe_hold(&guard);
  EXPECT(is_blocked(SIGPIPE));
  raise(SIGPIPE);
  EXPECT(is_pending(SIGPIPE));
  idv_sigpipe_release(&guard);
  EXPECT(!is_pending(SIGPIPE));
  EXPECT(!is_blocked(SIGPIPE));
}

static void one_that_is_raised_does_not_kill_and_is_not_pending_afterwards(void **state) {
  (void)state;
  run_in_child(raised_body);
}

static void written_body(void) {
  idv_sigpipe guard;
  int ends[2];
  EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  close(ends[0]);
  idv_sigpipe_hold(&guard);
  EXPECT(write(ends[1], "x", 1) < 0 && errno == EPIPE);
  EXPECT(write(ends[1], "x", 1) < 0 && errno == EPIPE);
  EXPECT(is_pending(SIGPIPE));
  idv_sigpipe_release(&guard);
  EXPECT(!is_pending(SIGPIPE));
}

static void writing_to_a_closed_connection_does_not_kill(void **state) {
  (void)state;
  run_in_child(written_body);
}

static void to_the_process_body(void) {
  idv_sigpipe guard;
  idv_sigpipe_hold(&guard);
  kill(getpid(), SIGPIPE);
  raise(SIGPIPE); /* one for the process and one for the thread */
  idv_sigpipe_release(&guard);
  EXPECT(!is_pending(SIGPIPE));
}

static void one_for_the_whole_process_is_taken_back_too(void **state) {
  (void)state;
  run_in_child(to_the_process_body);
}

static void nothing_body(void) {
  idv_sigpipe guard;
  idv_sigpipe_hold(&guard);
  idv_sigpipe_release(&guard);
  EXPECT(!is_pending(SIGPIPE));
  EXPECT(!is_blocked(SIGPIPE));
  handle(SIGPIPE);
  raise(SIGPIPE);
  EXPECT(handled == 1);
}

static void afterwards_the_signal_is_as_it_was(void **state) {
  (void)state;
  run_in_child(nothing_body);
}

static void pending_body(void) {
  idv_sigpipe guard;
  block(SIGPIPE);
  raise(SIGPIPE);
  idv_sigpipe_hold(&guard);
  idv_sigpipe_release(&guard);
  EXPECT(is_pending(SIGPIPE));
  EXPECT(is_blocked(SIGPIPE));
}

static void one_that_was_pending_before_stays_pending(void **state) {
  (void)state;
  run_in_child(pending_body);
}

static void pending_and_raised_body(void) {
  idv_sigpipe guard;
  block(SIGPIPE);
  raise(SIGPIPE);
  idv_sigpipe_hold(&guard);
  raise(SIGPIPE);
  idv_sigpipe_release(&guard);
  EXPECT(is_pending(SIGPIPE));
}

static void one_that_was_pending_stays_when_another_is_raised(void **state) {
  (void)state;
  run_in_child(pending_and_raised_body);
}

static void blocked_body(void) {
  idv_sigpipe guard;
  block(SIGPIPE);
  idv_sigpipe_hold(&guard);
  raise(SIGPIPE);
  idv_sigpipe_release(&guard);
  EXPECT(!is_pending(SIGPIPE));
  EXPECT(is_blocked(SIGPIPE));
}

static void a_host_that_blocks_it_keeps_it_blocked(void **state) {
  (void)state;
  run_in_child(blocked_body);
}

static void handler_body(void) {
  idv_sigpipe guard;
  handle(SIGPIPE);
  idv_sigpipe_hold(&guard);
  raise(SIGPIPE);
  idv_sigpipe_release(&guard);
  EXPECT(handled == 0);
  raise(SIGPIPE);
  EXPECT(handled == 1);
}

static void a_handler_of_the_host_does_not_hear_of_it(void **state) {
  (void)state;
  run_in_child(handler_body);
}

static void ignored_body(void) {
  idv_sigpipe guard;
  signal(SIGPIPE, SIG_IGN);
  idv_sigpipe_hold(&guard);
  raise(SIGPIPE);
  idv_sigpipe_release(&guard);
  EXPECT(!is_pending(SIGPIPE));
  EXPECT(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
}

static void a_host_that_ignores_it_goes_on_ignoring_it(void **state) {
  (void)state;
  run_in_child(ignored_body);
}

static void nested_body(void) {
  idv_sigpipe outer, inner;
  idv_sigpipe_hold(&outer);
  raise(SIGPIPE);
  idv_sigpipe_hold(&inner);
  raise(SIGPIPE);
  idv_sigpipe_release(&inner);
  EXPECT(is_blocked(SIGPIPE));
  idv_sigpipe_release(&outer);
  EXPECT(!is_pending(SIGPIPE));
  EXPECT(!is_blocked(SIGPIPE));
}

static void one_guard_within_another(void **state) {
  (void)state;
  run_in_child(nested_body);
}

static void others_body(void) {
  idv_sigpipe guard;
  handle(SIGUSR1);
  handle(SIGUSR2);
  block(SIGUSR1);
  raise(SIGUSR1);
  idv_sigpipe_hold(&guard);
  EXPECT(!is_blocked(SIGUSR2));
  raise(SIGUSR2);
  EXPECT(handled == 1);
  raise(SIGPIPE);
  idv_sigpipe_release(&guard);
  EXPECT(is_pending(SIGUSR1));
  EXPECT(is_blocked(SIGUSR1));
  EXPECT(!is_blocked(SIGUSR2));
  EXPECT(handled == 1);
}

static void other_signals_are_left_alone(void **state) {
  (void)state;
  run_in_child(others_body);
}

static sem_t may_raise;

static void *raise_when_told(void *nothing) {
  (void)nothing;
  while (sem_wait(&may_raise) != 0) {
  }
  raise(SIGPIPE);
  return NULL;
}

static void thread_body(void) {
  idv_sigpipe guard;
  pthread_t other;
  handle(SIGPIPE);
  EXPECT(sem_init(&may_raise, 0, 0) == 0);
  EXPECT(pthread_create(&other, NULL, raise_when_told, NULL) == 0);
  idv_sigpipe_hold(&guard);
  sem_post(&may_raise);
  EXPECT(pthread_join(other, NULL) == 0);
  EXPECT(handled == 1);
  idv_sigpipe_release(&guard);
}

static void other_threads_are_left_alone(void **state) {
  (void)state;
  run_in_child(thread_body);
}

/* ---- without a child ---- */

/* Once in the program itself, where a tool that measures what was run can see it. */
static void the_program_itself_goes_on(void **state) {
  (void)state;
  idv_sigpipe guard;
  sigset_t pending;
  idv_sigpipe_hold(&guard);
  raise(SIGPIPE);
  idv_sigpipe_release(&guard);
  assert_int_equal(0, sigpending(&pending));
  assert_int_equal(0, sigismember(&pending, SIGPIPE));
}

/* ---- that the cases can fail ---- */

static void unguarded_body(void) {
  raise(SIGPIPE);
}

static void without_a_guard_it_kills(void **state) {
  (void)state;
  int status = -1;
  pid_t child = fork();
  if (child == 0) {
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    unguarded_body();
    _exit(0);
  }
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_that_is_raised_does_not_kill_and_is_not_pending_afterwards),
      cmocka_unit_test(writing_to_a_closed_connection_does_not_kill),
      cmocka_unit_test(one_for_the_whole_process_is_taken_back_too),
      cmocka_unit_test(afterwards_the_signal_is_as_it_was),
      cmocka_unit_test(one_that_was_pending_before_stays_pending),
      cmocka_unit_test(one_that_was_pending_stays_when_another_is_raised),
      cmocka_unit_test(a_host_that_blocks_it_keeps_it_blocked),
      cmocka_unit_test(a_handler_of_the_host_does_not_hear_of_it),
      cmocka_unit_test(a_host_that_ignores_it_goes_on_ignoring_it),
      cmocka_unit_test(one_guard_within_another),
      cmocka_unit_test(other_signals_are_left_alone),
      cmocka_unit_test(other_threads_are_left_alone),
      cmocka_unit_test(the_program_itself_goes_on),
      cmocka_unit_test(without_a_guard_it_kills),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
