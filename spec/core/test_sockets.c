/*
 * sockets.c: which descriptors are remembered, and what a forked child may close without its parent noticing.
 */
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allocator.h"

static int open_one(idv_sockets *sockets) {
  struct curl_sockaddr address = {.family = AF_INET, .socktype = SOCK_STREAM, .protocol = IPPROTO_TCP};
  return idv_sockets_on_open(sockets, CURLSOCKTYPE_IPCXN, &address);
}

static bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0 || errno != EBADF;
}

/* The number that the next descriptor would have: the same before and after means that none was leaked. */
static int next_descriptor(void) {
  int fd = dup(STDIN_FILENO);
  close(fd);
  return fd;
}

static bool remembers(const idv_sockets *sockets, int fd) {
  return idv_sockets_find(sockets, fd) != NULL;
}

static void a_new_one_knows_none(void **state) {
  (void)state;
  idv_sockets sockets;
  idv_sockets_init(&sockets);
  assert_int_equal(0, sockets.count);
  idv_sockets_close_all(&sockets);
  idv_sockets_free(&sockets);
}

static void what_is_opened_is_as_asked_for_and_not_inherited(void **state) {
  (void)state;
  idv_sockets sockets;
  int type = 0, family = 0;
  socklen_t size = sizeof type;
  idv_sockets_init(&sockets);
  int fd = open_one(&sockets);
  assert_true(fd >= 0);
  assert_true(remembers(&sockets, fd));
  assert_int_equal(FD_CLOEXEC, fcntl(fd, F_GETFD));
  assert_int_equal(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size));
  assert_int_equal(SOCK_STREAM, type);
  assert_int_equal(0, getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size));
  assert_int_equal(AF_INET, family);
  assert_int_equal(0, idv_sockets_on_close(&sockets, fd));
  idv_sockets_free(&sockets);
}

static void what_can_not_be_opened_is_bad_and_forgotten(void **state) {
  (void)state;
  struct curl_sockaddr address = {.family = AF_UNSPEC, .socktype = SOCK_STREAM, .protocol = 12345};
  idv_sockets sockets;
  idv_sockets_init(&sockets);
  assert_int_equal(CURL_SOCKET_BAD, idv_sockets_on_open(&sockets, CURLSOCKTYPE_IPCXN, &address));
  assert_int_equal(0, sockets.count);
  idv_sockets_free(&sockets);
}

static void a_socket_that_can_not_be_remembered_is_closed(void **state) {
  (void)state;
  idv_sockets sockets;
  idv_sockets_init(&sockets);
  int before = next_descriptor();
  allocator_begin(NULL);
  allocator.fail_at = 1;
  assert_int_equal(CURL_SOCKET_BAD, open_one(&sockets));
  assert_int_equal(0, sockets.count);
  assert_int_equal(before, next_descriptor());
  idv_sockets_free(&sockets);
}

static void closing_forgets_one_and_no_other(void **state) {
  (void)state;
  idv_sockets sockets;
  int fd[3];
  idv_sockets_init(&sockets);
  for (int i = 0; i < 3; i++) {
    fd[i] = open_one(&sockets);
  }
  for (int i = 1; i < 4; i++) { /* the middle, the last, the first */
    int closed = fd[i % 3];
    assert_int_equal(0, idv_sockets_on_close(&sockets, closed));
    assert_false(is_open(closed));
    assert_false(remembers(&sockets, closed));
    assert_int_equal(3 - i, sockets.count);
    for (int j = i + 1; j < 4; j++) {
      assert_true(is_open(fd[j % 3]) && remembers(&sockets, fd[j % 3]));
    }
  }
  idv_sockets_free(&sockets);
}

static void closing_one_that_is_not_known_only_closes(void **state) {
  (void)state;
  idv_sockets sockets;
  idv_sockets_init(&sockets);
  int known = open_one(&sockets), unknown = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(0, idv_sockets_on_close(&sockets, unknown));
  assert_false(is_open(unknown));
  assert_int_equal(1, sockets.count);
  assert_true(is_open(known));
  assert_true(idv_sockets_on_close(&sockets, unknown) != 0); /* says that there was nothing to close */
  assert_int_equal(0, idv_sockets_on_close(&sockets, known));
  idv_sockets_free(&sockets);
}

static void as_many_as_there_are_are_remembered(void **state) {
  (void)state;
  enum { MANY = 200 };
  idv_sockets sockets;
  int fd[MANY], before = next_descriptor();
  idv_sockets_init(&sockets);
  allocator_begin(NULL);
  for (int i = 0; i < MANY; i++) {
    fd[i] = open_one(&sockets);
    assert_true(fd[i] >= 0);
  }
  assert_in_range(allocator.count, 1, 6); /* room is doubled, not added */
  assert_int_equal(MANY, sockets.count);
  for (int i = 0; i < MANY; i++) {
    assert_true(remembers(&sockets, fd[i]));
  }
  idv_sockets_close_all(&sockets);
  assert_int_equal(0, sockets.count);
  for (int i = 0; i < MANY; i++) {
    assert_false(is_open(fd[i]));
  }
  assert_int_equal(before, next_descriptor());
  idv_sockets_close_all(&sockets);
  idv_sockets_free(&sockets);
  assert_int_equal(0, allocator.live);
}

static void freeing_closes_none(void **state) {
  (void)state;
  idv_sockets sockets;
  idv_sockets_init(&sockets);
  int fd = open_one(&sockets);
  idv_sockets_free(&sockets);
  assert_int_equal(0, sockets.count);
  assert_true(is_open(fd));
  close(fd);
}

/* A connection within this process: `*other` is the end that the sockets do not know. */
static int connect_one(idv_sockets *sockets, int *other) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(0, bind(listener, (struct sockaddr *)&address, sizeof address));
  assert_int_equal(0, listen(listener, 1));
  assert_int_equal(0, getsockname(listener, (struct sockaddr *)&address, &size));
  int fd = open_one(sockets);
  assert_int_equal(0, connect(fd, (struct sockaddr *)&address, sizeof address));
  *other = accept(listener, NULL, NULL);
  assert_true(*other >= 0);
  close(listener);
  return fd;
}

static void the_parent_does_not_notice_that_its_child_closed_all(void **state) {
  (void)state;
  idv_sockets sockets;
  int other, status = -1;
  char byte = 0;
  idv_sockets_init(&sockets);
  int fd = connect_one(&sockets, &other);
  pid_t child = fork();
  if (child == 0) {
    idv_sockets_close_all(&sockets);
    idv_sockets_free(&sockets);
    _exit(is_open(fd) ? 1 : 0);
  }
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_int_equal(0, status);
  assert_int_equal(1, write(fd, "x", 1));
  assert_int_equal(1, read(other, &byte, 1));
  assert_int_equal('x', byte);
  assert_int_equal(1, write(other, "y", 1));
  assert_int_equal(1, read(fd, &byte, 1));
  assert_int_equal('y', byte);
  close(other);
  assert_int_equal(0, idv_sockets_on_close(&sockets, fd));
  idv_sockets_free(&sockets);
}

/* ---- taking turns ---- */

/* A connection within this process. */
typedef struct both_ends {
  idv_sockets sockets;
  int client, server;
  idv_socket_ends ends;
} both_ends;

static void connect_over(both_ends *c, int family, const char *ip) {
  struct sockaddr_storage at = {.ss_family = (sa_family_t)family};
  struct sockaddr_storage own;
  socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  struct curl_sockaddr address = {.family = family, .socktype = SOCK_STREAM, .protocol = IPPROTO_TCP};
  inet_pton(family, ip,
            family == AF_INET ? (void *)&((struct sockaddr_in *)&at)->sin_addr
                              : (void *)&((struct sockaddr_in6 *)&at)->sin6_addr);
  int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(0, bind(listener, (struct sockaddr *)&at, length));
  assert_int_equal(0, listen(listener, 1));
  assert_int_equal(0, getsockname(listener, (struct sockaddr *)&at, &length));
  idv_sockets_init(&c->sockets);
  c->client = idv_sockets_on_open(&c->sockets, CURLSOCKTYPE_IPCXN, &address);
  assert_int_equal(0, connect(c->client, (struct sockaddr *)&at, length));
  c->server = accept(listener, NULL, NULL);
  close(listener);
  assert_int_equal(0, getsockname(c->client, (struct sockaddr *)&own, &length));
  /* the port is at the same place in both families */
  c->ends = (idv_socket_ends){ip, ntohs(((struct sockaddr_in *)&at)->sin_port),
                              ntohs(((struct sockaddr_in *)&own)->sin_port)};
}

static void disconnect(both_ends *c) {
  close(c->server);
  idv_sockets_on_close(&c->sockets, c->client);
  idv_sockets_free(&c->sockets);
}

/* Waits until what the server has done has arrived. */
static void await_news(const both_ends *c) {
  struct pollfd waiting = {.fd = c->client, .events = POLLIN};
  assert_int_equal(1, poll(&waiting, 1, 10000));
}

static void check_turns(int family, const char *ip) {
  both_ends c;
  connect_over(&c, family, ip);
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, c.ends));
  idv_sockets_takes_turns(&c.sockets, c.client, true);
  assert_int_equal(IDV_SOCKET_SILENT, idv_sockets_look(&c.sockets, c.ends));
  idv_socket_ends other = c.ends;
  other.remote_ip = "192.0.2.1";
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, other));
  other = c.ends;
  other.local_port--;
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, other));
  assert_int_equal(1, send(c.server, "H", 1, 0));
  await_news(&c);
  assert_int_equal(IDV_SOCKET_UNASKED, idv_sockets_look(&c.sockets, c.ends));
  disconnect(&c);
}

static void what_comes_unasked_is_seen(void **state) {
  (void)state;
  check_turns(AF_INET, "127.0.0.1");
}

static void also_over_ipv6(void **state) {
  (void)state;
  int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  bool is_there = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
  close(fd);
  if (!is_there) {
    skip();
  }
  check_turns(AF_INET6, "::1");
}

static void the_end_of_a_connection_is_seen_too(void **state) {
  (void)state;
  both_ends c;
  connect_over(&c, AF_INET, "127.0.0.1");
  idv_sockets_takes_turns(&c.sockets, c.client, true);
  shutdown(c.server, SHUT_WR);
  await_news(&c);
  assert_int_equal(IDV_SOCKET_UNASKED, idv_sockets_look(&c.sockets, c.ends));
  disconnect(&c);
}

static void one_whose_answer_was_not_whole_is_never_used_again(void **state) {
  (void)state;
  both_ends c;
  connect_over(&c, AF_INET, "127.0.0.1");
  idv_sockets_takes_turns(&c.sockets, c.client, true);
  idv_sockets_takes_turns(&c.sockets, c.client, false);
  assert_int_equal(IDV_SOCKET_UNASKED, idv_sockets_look(&c.sockets, c.ends));
  idv_socket_ends unknown = {c.ends.remote_ip, c.ends.remote_port, -1};
  assert_int_equal(IDV_SOCKET_UNASKED, idv_sockets_look(&c.sockets, unknown));
  disconnect(&c);
}

static void where_the_own_end_is_not_known_all_that_rest_are_looked_at(void **state) {
  (void)state;
  both_ends c;
  connect_over(&c, AF_INET, "127.0.0.1");
  idv_socket_ends unknown = {c.ends.remote_ip, c.ends.remote_port, -1};
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, unknown));
  idv_sockets_takes_turns(&c.sockets, c.client, true);
  assert_int_equal(IDV_SOCKET_SILENT, idv_sockets_look(&c.sockets, unknown));
  assert_int_equal(1, send(c.server, "H", 1, 0));
  await_news(&c);
  assert_int_equal(IDV_SOCKET_UNASKED, idv_sockets_look(&c.sockets, unknown));
  idv_sockets_find(&c.sockets, c.client)->wanted = 1; /* it is in use */
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, unknown));
  disconnect(&c);
}

static void a_descriptor_that_comes_again_is_another_connection(void **state) {
  (void)state;
  both_ends c;
  connect_over(&c, AF_INET, "127.0.0.1");
  idv_sockets_takes_turns(&c.sockets, c.client, true);
  idv_sockets_on_close(&c.sockets, c.client);
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, c.ends));
  int filler = dup(STDIN_FILENO); /* takes the number below, which the listener had */
  int again = open_one(&c.sockets);
  close(filler);
  assert_int_equal(c.client, again);
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, c.ends));
  idv_sockets_takes_turns(&c.sockets, again, true); /* connected to nothing: nothing is noted */
  assert_int_equal(IDV_SOCKET_UNUSED, idv_sockets_look(&c.sockets, c.ends));
  disconnect(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_one_knows_none),
      cmocka_unit_test(what_is_opened_is_as_asked_for_and_not_inherited),
      cmocka_unit_test(what_can_not_be_opened_is_bad_and_forgotten),
      cmocka_unit_test(a_socket_that_can_not_be_remembered_is_closed),
      cmocka_unit_test(closing_forgets_one_and_no_other),
      cmocka_unit_test(closing_one_that_is_not_known_only_closes),
      cmocka_unit_test(as_many_as_there_are_are_remembered),
      cmocka_unit_test(freeing_closes_none),
      cmocka_unit_test(the_parent_does_not_notice_that_its_child_closed_all),
      cmocka_unit_test(what_comes_unasked_is_seen),
      cmocka_unit_test(also_over_ipv6),
      cmocka_unit_test(the_end_of_a_connection_is_seen_too),
      cmocka_unit_test(one_whose_answer_was_not_whole_is_never_used_again),
      cmocka_unit_test(where_the_own_end_is_not_known_all_that_rest_are_looked_at),
      cmocka_unit_test(a_descriptor_that_comes_again_is_another_connection),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
