/*
 * A server within the test process: one thread on a loopback port that answers every request with the same
 * JSON and counts them, with a thread for each connection. It allocates nothing of its own, so a test may
 * starve the rest of the program meanwhile.
 */
#ifndef IDV_SPEC_ANSWERING_H
#define IDV_SPEC_ANSWERING_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* Whole requests read so far, by the number at the end of the path: a request may come in after its call
 * ended. */
static atomic_uint answering_requests[4096];
static int answering_port;

/* No answer is sent while this is set. */
static atomic_bool answering_waits;

/* The server's end of the connection that was opened last. */
static atomic_int answering_last = -1;

#define ANSWERING_BODY "{\"id\":\"sess_1\",\"session_url\":\"https://example.com/s\"}"

static const char answering_answer[] = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                                       "X-Request-Id: req-1\r\nContent-Length: 53\r\n\r\n" ANSWERING_BODY;

_Static_assert(sizeof ANSWERING_BODY - 1 == 53,
               "Content-Length in answering_answer is the length of the body");

/* Bytes of the request at the start of `text`, 0 when it is not whole yet. */
static inline size_t answering_request_size(const char *text) {
  const char *end = strstr(text, "\r\n\r\n");
  const char *field = strcasestr(text, "\r\nContent-Length:");
  size_t body = field != NULL && field < end ? strtoul(field + 17, NULL, 10) : 0;
  size_t size = end != NULL ? (size_t)(end - text) + 4 + body : 0;
  return size <= strlen(text) ? size : 0;
}

/* "POST /v1/sessions/12 HTTP/1.1..." -> 12; 0 for a path without a number. */
static inline size_t answering_number(const char *text) {
  const char *end = strstr(text, " HTTP/");
  while (end != NULL && end > text && end[-1] >= '0' && end[-1] <= '9') {
    end--;
  }
  return end != NULL ? strtoul(end, NULL, 10) % COUNT_OF(answering_requests) : 0;
}

static inline void *answering_serve(void *data) {
  int connection = (int)(intptr_t)data;
  char text[16384];
  size_t length = 0;
  ssize_t got;
  while ((got = recv(connection, text + length, sizeof text - 1 - length, 0)) > 0) {
    length += (size_t)got;
    text[length] = '\0';
    if (answering_request_size(text) > 0) {
      atomic_fetch_add(&answering_requests[answering_number(text)], 1);
      length = 0;
      while (atomic_load(&answering_waits)) {
        usleep(1000);
      }
      if (send(connection, answering_answer, sizeof answering_answer - 1, MSG_NOSIGNAL) < 0) {
        break;
      }
    }
  }
  close(connection);
  return NULL;
}

static inline void *answering_run(void *listener) {
  int connection;
  pthread_t thread;
  while ((connection = accept((int)(intptr_t)listener, NULL, NULL)) >= 0) {
    atomic_store(&answering_last, connection);
    if (pthread_create(&thread, NULL, answering_serve, (void *)(intptr_t)connection) == 0) {
      pthread_detach(thread);
    } else {
      close(connection);
    }
  }
  return NULL;
}

/* Starts the server, which ends with the process. A group setup of cmocka. */
static inline int answering_start(void **state) {
  (void)state;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  pthread_t thread;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool listens = listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 &&
                 listen(listener, 1024) == 0 &&
                 getsockname(listener, (struct sockaddr *)&address, &length) == 0;
  answering_port = ntohs(address.sin_port);
  return listens && pthread_create(&thread, NULL, answering_run, (void *)(intptr_t)listener) == 0 ? 0 : -1;
}

#endif
