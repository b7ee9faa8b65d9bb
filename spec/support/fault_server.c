/*
 * A server that misbehaves on purpose: raw sockets, no HTTP library that would tidy up after it.
 *
 * The first segment of a request's path names what happens to it: a client whose base address is
 * http://127.0.0.1:PORT/close-second gets that treatment for every request. Requests are counted, whole ones
 * only, by that name; GET /@counts tells the figures and POST /@reset forgets them. One thread serves one
 * connection. It listens on loopback on a port that the kernel picks, prints {"port":N,"pid":N} on one line,
 * and ends with its parent. It is for tests: nothing here is meant to be robust against strangers.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_ROOM 65536
#define NAMES 64

/* What every client in the tests accepts as an answer to what it asked. */
static const char content[] =
    "{\"id\":\"sess_1\",\"session_url\":\"https://example.com/s\",\"valid\":true,"
    "\"session_record\":{\"id\":\"sess_1\",\"status\":\"PENDING\"},\"sessions\":[],\"next_token\":null}";

typedef struct connection {
  int fd;
  int served; /* requests that were read whole on this connection */
  char text[REQUEST_ROOM];
  size_t length; /* bytes in `text` */
} connection;

typedef struct request {
  char name[64]; /* first segment of the path */
  size_t size;   /* bytes of the whole request in the connection's text */
} request;

/* ---- counting ---- */

typedef struct counter {
  char name[64];
  unsigned requests;
  unsigned connections;
} counter;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static counter counters[NAMES];

/* The counter of that name, made if need be; the lock is held. */
static counter *counter_of(const char *name) {
  int i = 0;
  while (i < NAMES - 1 && counters[i].name[0] != '\0' && strcmp(counters[i].name, name) != 0) {
    i++;
  }
  snprintf(counters[i].name, sizeof counters[i].name, "%s", name);
  return &counters[i];
}

static void count(const char *name, bool is_first_on_connection) {
  pthread_mutex_lock(&counting);
  counter *found = counter_of(name);
  found->requests++;
  found->connections += is_first_on_connection;
  pthread_mutex_unlock(&counting);
}

static size_t write_counts(char *out, size_t room) {
  size_t used = 0;
  pthread_mutex_lock(&counting);
  used += (size_t)snprintf(out + used, room - used, "{");
  for (int i = 0; i < NAMES && counters[i].name[0] != '\0'; i++) {
    used +=
        (size_t)snprintf(out + used, room - used, "%s\"%s\":{\"requests\":%u,\"connections\":%u}",
                         i > 0 ? "," : "", counters[i].name, counters[i].requests, counters[i].connections);
  }
  used += (size_t)snprintf(out + used, room - used, "}");
  pthread_mutex_unlock(&counting);
  return used;
}

static void forget_counts(void) {
  pthread_mutex_lock(&counting);
  memset(counters, 0, sizeof counters);
  pthread_mutex_unlock(&counting);
}

/* ---- reading and writing ---- */

static bool send_all(const connection *c, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes += sent;
    length -= (size_t)sent;
  }
  return true;
}

static bool send_text(const connection *c, const char *text) {
  return send_all(c, text, strlen(text));
}

static bool send_answer(const connection *c, const char *status, const char *headers, const char *body) {
  char head[1024];
  snprintf(head, sizeof head,
           "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n", status,
           strlen(body), headers);
  return send_text(c, head) && send_text(c, body);
}

static bool receive(connection *c) {
  if (c->length == sizeof c->text - 1) {
    return false;
  }
  ssize_t got = recv(c->fd, c->text + c->length, sizeof c->text - 1 - c->length, 0);
  if (got <= 0) {
    return false;
  }
  c->length += (size_t)got;
  c->text[c->length] = '\0';
  return true;
}

static size_t content_length(const char *head) {
  const char *at = strcasestr(head, "\r\nContent-Length:");
  return at != NULL ? (size_t)strtoul(at + 17, NULL, 10) : 0;
}

/* Reads one whole request, head and body, and counts it. False when the client goes away before. */
static bool read_request(connection *c, request *r) {
  char *end;
  while ((end = strstr(c->text, "\r\n\r\n")) == NULL) {
    if (!receive(c)) {
      return false;
    }
  }
  r->size = (size_t)(end - c->text) + 4 + content_length(c->text);
  while (c->length < r->size) {
    if (!receive(c)) {
      return false;
    }
  }
  const char *slash = strchr(c->text, '/');
  size_t length = slash != NULL ? strcspn(slash + 1, "/ ?") : 0;
  snprintf(r->name, sizeof r->name, "%.*s", (int)length, slash != NULL ? slash + 1 : "");
  if (r->name[0] != '@') {
    count(r->name, c->served == 0);
  }
  c->served++;
  return true;
}

static void forget_request(connection *c, const request *r) {
  c->length -= r->size;
  memmove(c->text, c->text + r->size, c->length);
  c->text[c->length] = '\0';
}

/* ---- behaviours: each returns whether the connection stays open ---- */

static bool answer_well(connection *c) {
  return send_answer(c, "200 OK", "", content);
}

/* The first request on a connection is answered, the second is read whole and the connection closed. */
static bool close_second(connection *c) {
  return c->served == 1 && answer_well(c);
}

static bool close_always(connection *c) {
  (void)c;
  return false;
}

/* Reads the request and says nothing until the client gives up. */
static bool keep_silent(connection *c) {
  char byte;
  while (recv(c->fd, &byte, 1, 0) > 0) {
  }
  return false;
}

typedef struct behaviour {
  const char *name;
  bool (*serve)(connection *c);
} behaviour;

static const behaviour behaviours[] = {
    {"fine", answer_well},
    {"close-second", close_second},
    {"close", close_always},
    {"silent", keep_silent},
};

static bool serve_control(connection *c, const request *r) {
  char text[8192];
  if (strcmp(r->name, "@reset") == 0) {
    forget_counts();
    return send_answer(c, "200 OK", "", "{}");
  }
  write_counts(text, sizeof text);
  return send_answer(c, "200 OK", "", text);
}

static bool serve(connection *c, const request *r) {
  if (r->name[0] == '@') {
    return serve_control(c, r);
  }
  for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
    if (strcmp(behaviours[i].name, r->name) == 0) {
      return behaviours[i].serve(c);
    }
  }
  return send_answer(c, "404 Not Found", "", "{\"message\":\"no such behaviour\"}");
}

/* ---- the server ---- */

static void *serve_connection(void *data) {
  connection *c = data;
  request r;
  while (read_request(c, &r) && serve(c, &r)) {
    forget_request(c, &r);
  }
  close(c->fd);
  free(c);
  return NULL;
}

static void accept_one(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  connection *c = fd >= 0 ? calloc(1, sizeof *c) : NULL;
  pthread_t thread;
  if (c == NULL) {
    return;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->fd = fd;
  if (pthread_create(&thread, NULL, serve_connection, c) == 0) {
    pthread_detach(thread);
  } else {
    close(fd);
    free(c);
  }
}

static int listen_on_loopback(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 512) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
    perror("fault_server");
    exit(1);
  }
  *port = ntohs(address.sin_port);
  return fd;
}

int main(void) {
  int port;
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int listener = listen_on_loopback(&port);
  printf("{\"port\":%d,\"pid\":%d}\n", port, (int)getpid());
  fflush(stdout);
  while (getppid() == parent) {
    struct pollfd waiting = {.fd = listener, .events = POLLIN};
    if (poll(&waiting, 1, 1000) > 0) {
      accept_one(listener);
    }
  }
  return 0;
}
