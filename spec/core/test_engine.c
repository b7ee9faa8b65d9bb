/*
 * The engine against a real server on loopback that misbehaves on purpose (spec/support/fault_server.c,
 * started here).
 *
 * Every test opens an engine of its own. Nothing waits for time to pass but where a deadline is what is
 * tested, and those ask for ratios. IDV_BUILD names the folder in which the server was built.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "engine.h"

static int server_port;
static pid_t server_pid;

/* ---- the server ---- */

static int start_server(void **state) {
  (void)state;
  int ends[2];
  char line[128] = {0};
  const char *build = getenv("IDV_BUILD");
  char program[512];
  snprintf(program, sizeof program, "%s/fault_server", build != NULL ? build : "build");
  assert_int_equal(pipe(ends), 0);
  server_pid = fork();
  if (server_pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(program, program, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  ssize_t length = read(ends[0], line, sizeof line - 1);
  close(ends[0]);
  return length > 0 && sscanf(line, "{\"port\":%d", &server_port) == 1 ? 0 : -1;
}

static int stop_server(void **state) {
  (void)state;
  kill(server_pid, SIGTERM);
  waitpid(server_pid, NULL, 0);
  return 0;
}

/* How many whole requests with that behaviour the server has seen. */
static unsigned requests_seen(const char *behaviour) {
  static const char request[] = "GET /@counts HTTP/1.1\r\n\r\n";
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)server_port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char answer[8192] = {0}, key[80];
  size_t length = 0;
  unsigned count = 0;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(send(fd, request, sizeof request - 1, 0), (ssize_t)sizeof request - 1);
  while (strstr(answer, "}}") == NULL && strstr(answer, "{}") == NULL) {
    ssize_t got = recv(fd, answer + length, sizeof answer - 1 - length, 0);
    assert_true(got > 0);
    length += (size_t)got;
  }
  close(fd);
  snprintf(key, sizeof key, "\"%s\":{\"requests\":", behaviour);
  const char *at = strstr(answer, key);
  if (at != NULL) {
    sscanf(at + strlen(key), "%u", &count);
  }
  return count;
}

/* ---- calls ---- */

static idv_route *new_route(const char *method, bool is_safe) {
  idv_route *route = idv_route_new(method);
  assert_non_null(route);
  route->is_safe = is_safe;
  route->allows_http = true;
  route->limits.timeout_ms = 20000;
  return route;
}

static idv_call *new_call(idv_route *route, const char *behaviour) {
  char url[128];
  idv_call *call = NULL;
  bool has_body = strcmp(route->method, "GET") != 0;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/%s/v1/sessions", server_port, behaviour);
  idv_slice body = has_body ? idv_slice_of("{\"a\":1}") : (idv_slice){.data = NULL};
  assert_int_equal(idv_call_new(route, idv_slice_of(url), body, &call), IDV_CALL_FINE);
  return call;
}

static idv_engine *open_engine(void) {
  const char *why = NULL;
  idv_engine *engine = idv_engine_open(7, &why);
  assert_non_null(engine);
  return engine;
}

static void run_to_end(idv_engine *engine, const idv_call *call) {
  while (call->state != IDV_CALL_FINISHED) {
    idv_engine_step(engine, 1000);
    while (idv_engine_next_news(engine) != NULL) {
    }
  }
}

/* A call that ran to its end; the caller frees it. */
static idv_call *perform(idv_engine *engine, idv_route *route, const char *behaviour) {
  idv_call *call = new_call(route, behaviour);
  assert_true(idv_engine_submit(engine, call));
  run_to_end(engine, call);
  return call;
}

/* Steps until the server has read `count` requests of that kind. */
static void step_until_seen(idv_engine *engine, const char *behaviour, unsigned count) {
  while (requests_seen(behaviour) < count) {
    idv_engine_step(engine, 5);
  }
}

static int open_descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (readdir(folder) != NULL) {
    count++;
  }
  closedir(folder);
  return count;
}

/* ---- tests ---- */

static void answers_are_read_and_connections_kept(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  for (int i = 0; i < 3; i++) {
    idv_call *call = perform(engine, route, "fine");
    assert_int_equal(call->failure.kind, IDV_FAILURE_NONE);
    assert_int_equal(call->status, 200);
    assert_int_equal(call->attempts, 1);
    assert_int_equal(call->reused_connection, i > 0);
    assert_int_equal(call->http_version, 11);
    assert_non_null(strstr(call->content.data, "\"id\":\"sess_1\""));
    assert_true(call->bytes_sent > 7);
    assert_int_equal(call->bytes_received, call->content.length);
    idv_call_free(call);
  }
  assert_int_equal(idv_engine_in_flight(engine), 0);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void an_unsafe_request_is_sent_once(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  unsigned before = requests_seen("close-second");
  idv_call *first = perform(engine, route, "close-second");
  idv_call *second = perform(engine, route, "close-second");
  assert_int_equal(first->status, 200);
  assert_int_equal(second->failure.kind, IDV_FAILURE_NETWORK);
  assert_int_equal(second->outcome, IDV_OUTCOME_UNKNOWN);
  assert_int_equal(second->attempts, 1);
  assert_int_equal(requests_seen("close-second") - before, 2);
  idv_call_free(first);
  idv_call_free(second);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_safe_request_is_repeated(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("GET", true);
  unsigned before = requests_seen("close-second");
  idv_call *first = perform(engine, route, "close-second");
  idv_call *second = perform(engine, route, "close-second");
  assert_int_equal(second->status, 200);
  assert_int_equal(second->attempts, 2);
  assert_int_equal(second->noted, 1);
  assert_int_equal(second->notes[0].failure.kind, IDV_FAILURE_NETWORK);
  assert_int_equal(requests_seen("close-second") - before, 3);
  idv_call_free(first);
  idv_call_free(second);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_refused_connection_is_tried_again_and_was_not_sent(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  idv_call *call = NULL;
  assert_int_equal(idv_call_new(route, idv_slice_of("http://127.0.0.1:1/"), idv_slice_of("x"), &call),
                   IDV_CALL_FINE);
  assert_true(idv_engine_submit(engine, call));
  run_to_end(engine, call);
  assert_int_equal(call->failure.kind, IDV_FAILURE_NETWORK);
  assert_int_equal(call->outcome, IDV_OUTCOME_NOT_SENT);
  assert_int_equal(call->attempts, 3);
  idv_call_free(call);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void a_deadline_holds(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  route->limits.timeout_ms = 100;
  int64_t began = idv_clock_ms();
  idv_call *call = perform(engine, route, "silent");
  int64_t took = idv_clock_ms() - began;
  assert_int_equal(call->failure.kind, IDV_FAILURE_TIMEOUT);
  assert_int_equal(call->outcome, IDV_OUTCOME_UNKNOWN);
  assert_false(call->failure.is_permanent); /* the next one may be in time */
  assert_true(took >= 100);
  assert_true(took < 100 * 200); /* the server would never answer */
  idv_call_free(call);
  idv_route_release(route);
  idv_engine_close(engine);
}

/* However it is drawn out: many lines, one line, or interim answers that are each small. */
static void a_head_without_end_is_not_read_to_the_end(void **state) {
  (void)state;
  static const char *const floods[] = {"headers", "header", "interims"};
  idv_engine *engine = open_engine();
  idv_route *route = new_route("GET", true);
  for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
    idv_call *call = perform(engine, route, floods[i]);
    assert_int_equal(call->failure.kind, IDV_FAILURE_PROTOCOL);
    assert_true(call->failure.is_permanent);
    assert_int_equal(call->attempts, 1);
    idv_call_free(call);
  }
  idv_route_release(route);
  idv_engine_close(engine);
}

static void cancelling_tells_the_truth(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  route->max_connections = 1;
  unsigned before = requests_seen("silent");
  idv_call *sent = new_call(route, "silent");
  idv_call *queued = new_call(route, "silent");
  assert_true(idv_engine_submit(engine, sent));
  assert_true(idv_engine_submit(engine, queued));
  step_until_seen(engine, "silent", before + 1);
  idv_engine_cancel(queued);
  idv_engine_cancel(sent);
  assert_int_equal(queued->failure.kind, IDV_FAILURE_CANCELLED);
  assert_int_equal(queued->outcome, IDV_OUTCOME_NOT_SENT);
  assert_int_equal(sent->outcome, IDV_OUTCOME_UNKNOWN);
  assert_int_equal(queued->attempts, 0);
  assert_true(idv_engine_step(engine, 0));
  assert_ptr_equal(idv_engine_next_news(engine), queued);
  assert_ptr_equal(idv_engine_next_news(engine), sent);
  assert_null(idv_engine_next_news(engine));
  idv_engine_cancel(sent); /* once more does nothing */
  assert_int_equal(requests_seen("silent") - before, 1);
  idv_call_free(sent);
  idv_call_free(queued);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void connections_to_an_origin_are_limited(void **state) {
  (void)state;
  enum { CALLS = 6, LIMIT = 2 };
  idv_engine *engine = open_engine();
  idv_route *route = new_route("GET", true);
  route->max_connections = LIMIT;
  unsigned before = requests_seen("silent");
  idv_call *calls[CALLS];
  for (int i = 0; i < CALLS; i++) {
    calls[i] = new_call(route, "silent");
    assert_true(idv_engine_submit(engine, calls[i]));
  }
  step_until_seen(engine, "silent", before + LIMIT);
  for (int i = 0; i < 20; i++) {
    idv_engine_step(engine, 1);
  }
  assert_int_equal(requests_seen("silent") - before, LIMIT);
  idv_call_free(calls[0]); /* gives its place to the next in line */
  step_until_seen(engine, "silent", before + LIMIT + 1);
  for (int i = 1; i < CALLS; i++) {
    idv_call_free(calls[i]);
  }
  assert_int_equal(idv_engine_in_flight(engine), 0);
  idv_route_release(route);
  idv_engine_close(engine);
}

static bool is_readable(int fd, int timeout_ms) {
  struct pollfd waiting = {.fd = fd, .events = POLLIN};
  return poll(&waiting, 1, timeout_ms) == 1;
}

static void the_descriptor_is_readable_when_there_is_work(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  int fd = idv_engine_fd(engine);
  assert_false(is_readable(fd, 0));
  idv_call *call = new_call(route, "fine");
  assert_true(idv_engine_submit(engine, call));
  while (call->state != IDV_CALL_FINISHED) {
    assert_true(is_readable(fd, 20000));
    idv_engine_step(engine, 0);
  }
  assert_true(is_readable(fd, 0)); /* news waits to be taken */
  assert_ptr_equal(idv_engine_next_news(engine), call);
  assert_null(idv_engine_next_news(engine));
  assert_false(is_readable(fd, 0));
  idv_sleeper soon, late;
  assert_true(idv_engine_sleep(engine, &late, 3600 * 1000));
  assert_false(is_readable(fd, 0));
  assert_true(idv_engine_sleep(engine, &soon, 1));
  assert_true(is_readable(fd, 20000));
  while (!idv_engine_step(engine, 0)) {
    assert_true(is_readable(fd, 20000));
  }
  assert_ptr_equal(idv_engine_next_news(engine), &soon);
  assert_null(idv_engine_next_news(engine));
  idv_engine_forget(&late.waitable);
  idv_call_free(call);
  idv_route_release(route);
  idv_engine_close(engine);
}

/* Who waits until a moment and is woken before it would wait again, for something that has been already. */
static void a_sleeper_never_wakes_early(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  for (int i = 0; i < 50; i++) {
    idv_sleeper sleeper;
    int64_t began_us = idv_clock_us();
    assert_true(idv_engine_sleep(engine, &sleeper, 2));
    while (idv_engine_next_news(engine) != &sleeper.waitable) {
      idv_engine_step(engine, 0);
    }
    assert_true(idv_clock_us() - began_us >= 2000);
  }
  idv_engine_close(engine);
}

static void sleepers_wake_when_due_or_told(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_sleeper first, second, told;
  assert_true(idv_engine_sleep(engine, &second, 20));
  assert_true(idv_engine_sleep(engine, &first, 1));
  assert_true(idv_engine_sleep(engine, &told, -1));
  assert_true(idv_engine_step(engine, -1));
  assert_ptr_equal(idv_engine_next_news(engine), &first);
  idv_engine_wake(&told);
  idv_engine_wake(&told);
  assert_true(idv_engine_step(engine, 0));
  assert_ptr_equal(idv_engine_next_news(engine), &told);
  assert_true(idv_engine_step(engine, -1));
  assert_ptr_equal(idv_engine_next_news(engine), &second);
  assert_int_equal(idv_engine_in_flight(engine), 0);
  idv_engine_wake(&told); /* it is in no engine any more */
  idv_engine_close(engine);
}

static void closing_finishes_what_is_inside(void **state) {
  (void)state;
  int descriptors = open_descriptors();
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  unsigned before = requests_seen("silent");
  idv_call *sent = new_call(route, "silent");
  idv_call *fresh = new_call(route, "silent");
  idv_sleeper sleeper;
  assert_true(idv_engine_submit(engine, sent));
  step_until_seen(engine, "silent", before + 1);
  assert_true(idv_engine_submit(engine, fresh));
  assert_true(idv_engine_sleep(engine, &sleeper, 100000));
  idv_engine_close(engine);
  assert_int_equal(sent->state, IDV_CALL_FINISHED);
  assert_int_equal(sent->failure.kind, IDV_FAILURE_CANCELLED);
  assert_int_equal(sent->outcome, IDV_OUTCOME_UNKNOWN);
  assert_int_equal(fresh->outcome, IDV_OUTCOME_NOT_SENT);
  assert_null(sent->waitable.engine);
  idv_engine_forget(&sleeper.waitable);
  idv_call_free(sent);
  idv_call_free(fresh);
  idv_route_release(route);
  assert_int_equal(open_descriptors(), descriptors);
}

static void a_call_may_be_freed_in_flight(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  int descriptors = open_descriptors();
  for (int i = 0; i < 20; i++) {
    unsigned before = requests_seen("silent");
    idv_call *call = new_call(route, "silent");
    assert_true(idv_engine_submit(engine, call));
    step_until_seen(engine, "silent", before + 1);
    idv_call_free(call);
    assert_int_equal(idv_engine_in_flight(engine), 0);
    assert_false(idv_engine_step(engine, 0));
  }
  assert_int_equal(open_descriptors(), descriptors);
  idv_route_release(route);
  idv_engine_close(engine);
}

/* What a forked child does with the engine and the call it inherited. Returns what is wrong, 0 for nothing.
 */
static int live_as_a_child(idv_engine *engine, idv_call *call) {
  if (!idv_engine_is_foreign(engine)) {
    return 1;
  }
  idv_engine_close(engine);
  if (call->state != IDV_CALL_FINISHED || call->failure.kind != IDV_FAILURE_CANCELLED) {
    return 2;
  }
  const char *why = NULL;
  idv_engine *own = idv_engine_open(1, &why);
  idv_route *route = new_route("GET", true);
  idv_call *fresh = new_call(route, "fine");
  if (own == NULL || !idv_engine_submit(own, fresh)) {
    return 3;
  }
  run_to_end(own, fresh);
  return fresh->status == 200 ? 0 : 4;
}

/*
 * Ends this process by becoming another program, so that valgrind does not count what a child leaves alone on
 * purpose.
 */
static void leave(int status) {
  char line[32];
  snprintf(line, sizeof line, "exit %d", status);
  unsetenv("LD_PRELOAD");
  execl("/bin/sh", "sh", "-c", line, (char *)NULL);
  _exit(status);
}

static void a_forked_child_leaves_the_parents_connections_alone(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  unsigned before = requests_seen("silent");
  idv_call *waiting = new_call(route, "silent");
  assert_true(idv_engine_submit(engine, waiting));
  step_until_seen(engine, "silent", before + 1);
  idv_call *kept = perform(engine, route, "fine"); /* leaves an idle connection behind */
  pid_t child = fork();
  if (child == 0) {
    leave(live_as_a_child(engine, waiting));
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  idv_engine_step(engine, 0);
  assert_int_equal(waiting->state, IDV_CALL_RUNNING);
  idv_call *again = perform(engine, route, "fine");
  assert_int_equal(again->status, 200);
  assert_true(again->reused_connection);
  idv_call_free(again);
  idv_call_free(waiting);
  idv_call_free(kept);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void on_alarm(int signal_number) {
  (void)signal_number;
}

static void a_signal_ends_a_step(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = on_alarm};
  struct itimerval soon = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}}, never = {0};
  idv_engine *engine = open_engine();
  idv_sleeper late;
  assert_true(idv_engine_sleep(engine, &late, 3600 * 1000));
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
  assert_false(idv_engine_step(engine, -1)); /* would take an hour */
  setitimer(ITIMER_REAL, &never, NULL);
  idv_engine_forget(&late.waitable);
  idv_engine_close(engine);
}

static void a_call_is_used_once(void **state) {
  (void)state;
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  idv_call *call = perform(engine, route, "fine");
  assert_false(idv_engine_submit(engine, call));
  idv_call_free(call);
  idv_route_release(route);
  idv_engine_close(engine);
}

static void many_calls_all_come_to_an_end(void **state) {
  (void)state;
  enum { CALLS = 300 };
  idv_engine *engine = open_engine();
  idv_route *route = new_route("POST", false);
  idv_call *calls[CALLS];
  unsigned before = requests_seen("fine");
  int finished = 0;
  for (int i = 0; i < CALLS; i++) {
    calls[i] = new_call(route, "fine");
    assert_true(idv_engine_submit(engine, calls[i]));
  }
  while (finished < CALLS) {
    idv_engine_step(engine, 1000);
    while (idv_engine_next_news(engine) != NULL) {
      finished++;
    }
  }
  for (int i = 0; i < CALLS; i++) {
    assert_int_equal(calls[i]->status, 200);
    idv_call_free(calls[i]);
  }
  assert_int_equal(requests_seen("fine") - before, CALLS);
  idv_route_release(route);
  idv_engine_close(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers_are_read_and_connections_kept),
      cmocka_unit_test(an_unsafe_request_is_sent_once),
      cmocka_unit_test(a_safe_request_is_repeated),
      cmocka_unit_test(a_refused_connection_is_tried_again_and_was_not_sent),
      cmocka_unit_test(a_deadline_holds),
      cmocka_unit_test(a_head_without_end_is_not_read_to_the_end),
      cmocka_unit_test(cancelling_tells_the_truth),
      cmocka_unit_test(connections_to_an_origin_are_limited),
      cmocka_unit_test(the_descriptor_is_readable_when_there_is_work),
      cmocka_unit_test(a_sleeper_never_wakes_early),
      cmocka_unit_test(sleepers_wake_when_due_or_told),
      cmocka_unit_test(closing_finishes_what_is_inside),
      cmocka_unit_test(a_call_may_be_freed_in_flight),
      cmocka_unit_test(a_forked_child_leaves_the_parents_connections_alone),
      cmocka_unit_test(a_signal_ends_a_step),
      cmocka_unit_test(a_call_is_used_once),
      cmocka_unit_test(many_calls_all_come_to_an_end),
  };
  return cmocka_run_group_tests_name("engine", tests, start_server, stop_server);
}
