/*
 * A load on an HTTP server that is measured: many connections on which one request follows the other, and
 * beside them one connection that asks for something unrelated every two milliseconds.
 *
 * BENCH_PORT, BENCH_PATH and BENCH_FLIGHT say where to and how many; BENCH_UNRELATED is the other path. Every
 * answer must be 201 (200 for the unrelated one) and have a Content-Length. Tells the median and the 99th
 * percentile of the time that an answer took, and the latter for the unrelated ones; for each answer, the
 * time that the process BENCH_WORKER was on a core and, where there is a file BENCH_LIBCURL_TIME (see
 * libcurl_time.c), how long it was inside libcurl.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "contender.h"

enum { MOST_READY = 256, MOST_SAMPLES = 1 << 20 };

static const double pace = 0.002;

typedef struct samples {
  double seconds[MOST_SAMPLES];
  size_t count;
} samples;

typedef struct connection {
  int fd;
  const char *request;
  const char *expected; /* how the status line begins */
  samples *times;
  bool is_busy;
  double began;
  char answer[4096];
  size_t length;
} connection;

typedef struct load {
  int epoll;
  long flight;
  long to_start;
  long over;
  connection *connections; /* the last one is the unrelated */
  samples related;
  samples unrelated;
  double next_unrelated;
} load;

static void give_up(const char *why) {
  fprintf(stderr, "load: %s (%s)\n", why, strerror(errno));
  exit(1);
}

static int connect_to(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                .sin_port = htons((unsigned short)port)};
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    give_up("no connection");
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static void ask(connection *one) {
  size_t length = strlen(one->request);
  one->length = 0;
  one->is_busy = true;
  one->began = contender_now();
  if (send(one->fd, one->request, length, MSG_NOSIGNAL) != (ssize_t)length) {
    give_up("a request was not taken");
  }
}

/* Whether the answer is there as a whole. */
static bool is_complete(const connection *one) {
  const char *end = memmem(one->answer, one->length, "\r\n\r\n", 4);
  const char *length = end != NULL ? strcasestr(one->answer, "\nContent-Length:") : NULL;
  if (end == NULL) {
    return false;
  }
  if (length == NULL || length > end) {
    give_up("an answer without Content-Length");
  }
  size_t whole = (size_t)(end - one->answer) + 4 + strtoul(length + 16, NULL, 10);
  return one->length >= whole;
}

static void read_some(load *self, connection *one) {
  ssize_t got = recv(one->fd, one->answer + one->length, sizeof one->answer - 1 - one->length, 0);
  if (got <= 0) {
    give_up("a connection was closed");
  }
  one->length += (size_t)got;
  one->answer[one->length] = '\0';
  if (!is_complete(one)) {
    return;
  }
  if (strncmp(one->answer, one->expected, strlen(one->expected)) != 0) {
    give_up(one->answer);
  }
  one->is_busy = false;
  if (one->times->count < MOST_SAMPLES) {
    one->times->seconds[one->times->count++] = contender_now() - one->began;
  }
  if (one->times == &self->related) {
    self->over++;
    if (self->to_start > 0) {
      self->to_start--;
      ask(one);
    }
  }
}

static void ask_unrelated(load *self) {
  connection *one = &self->connections[self->flight];
  if (contender_now() >= self->next_unrelated && !one->is_busy) {
    self->next_unrelated = contender_now() + pace;
    ask(one);
  }
}

static int compare(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static double percentile(samples *times, double part) {
  qsort(times->seconds, times->count, sizeof *times->seconds, compare);
  return times->count > 0 ? times->seconds[(size_t)((double)(times->count - 1) * part)] : 0;
}

/* The number that a file begins with: nanoseconds, in seconds. */
static double seconds_in(const char *path) {
  FILE *file = fopen(path, "r");
  unsigned long long nanoseconds = 0;
  if (file == NULL || fscanf(file, "%llu", &nanoseconds) != 1) {
    give_up(path);
  }
  fclose(file);
  return (double)nanoseconds / 1e9;
}

static double worker_seconds(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%.20s/schedstat", contender_setting("BENCH_WORKER"));
  return seconds_in(path);
}

static double libcurl_seconds(void) {
  const char *path = getenv("BENCH_LIBCURL_TIME");
  return path != NULL ? seconds_in(path) : 0;
}

static void answer_all(load *self, long calls) {
  struct epoll_event events[MOST_READY];
  self->related.count = self->unrelated.count = 0;
  self->over = 0;
  self->to_start = calls;
  for (long i = 0; i < self->flight && self->to_start > 0; i++) {
    self->to_start--;
    ask(&self->connections[i]);
  }
  while (self->over < calls || self->connections[self->flight].is_busy) {
    if (self->over < calls) {
      ask_unrelated(self);
    }
    int count = epoll_wait(self->epoll, events, MOST_READY, 1);
    for (int i = 0; i < count; i++) {
      read_some(self, events[i].data.ptr);
    }
  }
}

static void run(void *state, long calls) {
  load *self = state;
  double worker = worker_seconds(), libcurl = libcurl_seconds();
  answer_all(self, calls);
  contender_tell("worker_cpu", (worker_seconds() - worker) / (double)calls);
  contender_tell("libcurl", (libcurl_seconds() - libcurl) / (double)calls);
  contender_tell("p50", percentile(&self->related, 0.5));
  contender_tell("p99", percentile(&self->related, 0.99));
  contender_tell("unrelated_p99", percentile(&self->unrelated, 0.99));
}

static const char *request_for(const char *path) {
  static char texts[2][512];
  static int used;
  char *text = texts[used++];
  snprintf(text, sizeof texts[0], "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", path);
  return text;
}

static void open_connections(load *self) {
  const char *related = request_for(contender_setting("BENCH_PATH"));
  const char *unrelated = request_for(contender_setting("BENCH_UNRELATED"));
  int port = atoi(contender_setting("BENCH_PORT"));
  self->epoll = epoll_create1(0);
  self->flight = strtol(contender_setting("BENCH_FLIGHT"), NULL, 10);
  self->connections = calloc((size_t)self->flight + 1, sizeof(connection));
  for (long i = 0; i <= self->flight; i++) {
    connection *one = &self->connections[i];
    bool is_related = i < self->flight;
    *one = (connection){.fd = connect_to(port),
                        .request = is_related ? related : unrelated,
                        .expected = is_related ? "HTTP/1.1 201" : "HTTP/1.1 200",
                        .times = is_related ? &self->related : &self->unrelated};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(self->epoll, EPOLL_CTL_ADD, one->fd, &event);
  }
}

int main(void) {
  static load self;
  open_connections(&self);
  return contender_serve(run, &self);
}
