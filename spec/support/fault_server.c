/*
 * A server that misbehaves on purpose: raw sockets, no HTTP library that would tidy up after it.
 *
 * The first segment of a request's path names what happens to it: a client whose base address is
 * http://127.0.0.1:PORT/close-second gets that treatment for every request. What goes wrong before there is a
 * path has a door of its own, a port where every connection meets that fault. Requests are counted, whole
 * ones only, by the name of the behaviour or the door; GET /@counts tells the figures and POST /@reset
 * forgets them.
 *
 * One thread serves one connection. The server listens on loopback on ports that the kernel picks, prints
 * {"port":N,"pid":N,"doors":{...}} on one line, and ends with its parent. It is for tests: nothing here is
 * meant to be robust against strangers.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault_behaviours.h"
#include "fault_counts.h"
#include "fault_http2.h"
#include "fault_script.h"
#include "fault_tls.h"

/* Another way in than the plain port: what happens there to each connection. */
typedef struct door {
  const char *name; /* NULL: the plain port */
  void (*serve)(connection *c);
  bool is_tls;
  tls_flaw flaw;
  bool speaks_http2; /* agrees to nothing else; the same where `is_http2` */
  bool is_http2;     /* then `fault` is served */
  http2_fault fault;
  SSL_CTX *context;
  int listener;
} door;

/* Somebody who came in by a door. */
typedef struct guest {
  const door *door;
  connection c;
} guest;

/* Sees that a request has come, and resets the connection without having read any of it. */
static void reset_unread(connection *c) {
  peer_wait(&c->client);
  peer_reset_on_close(&c->client);
}

/* Lets the client begin its TLS handshake, and says nothing until it gives up. */
static void stall_in_handshake(connection *c) {
  peer_drain(&c->client);
}

static void close_in_handshake(connection *c) {
  peer_wait(&c->client);
}

/* What a proxy does that wants a password. */
static void refuse_tunnel(connection *c) {
  static const char answer[] = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
  request r;
  if (read_request(c, &r)) {
    peer_send(&c->client, answer, sizeof answer - 1);
  }
}

static door plain = {.serve = serve_requests};

static door doors[] = {
    {.name = "reset-unread", .serve = reset_unread},
    {.name = "tls-silent", .serve = stall_in_handshake},
    {.name = "tls-closed", .serve = close_in_handshake},
    {.name = "tls-untrusted", .serve = serve_requests, .is_tls = true, .flaw = TLS_UNTRUSTED},
    {.name = "tls-wrong-host", .serve = serve_requests, .is_tls = true, .flaw = TLS_WRONG_HOST},
    {.name = "tls-expired", .serve = serve_requests, .is_tls = true, .flaw = TLS_EXPIRED},
    {.name = "tls-early", .serve = serve_requests, .is_tls = true, .flaw = TLS_EARLY},
    {.name = "tls-by-itself", .serve = serve_requests, .is_tls = true, .flaw = TLS_BY_ITSELF},
    {.name = "tls-stranger", .serve = serve_requests, .is_tls = true, .flaw = TLS_STRANGER},
    {.name = "tls-orphan", .serve = serve_requests, .is_tls = true, .flaw = TLS_ORPHAN},
    {.name = "tls-1.1", .serve = serve_requests, .is_tls = true, .flaw = TLS_OLD},
    {.name = "scripted", .serve = script_serve},
    {.name = "tls-scripted", .serve = script_serve, .is_tls = true},
    {.name = "h2-scripted", .serve = script_serve_http2, .is_tls = true, .speaks_http2 = true},
    {.name = "tls-proxy", .serve = refuse_tunnel, .is_tls = true},
    {.name = "tls", .serve = serve_requests, .is_tls = true},
    {.name = "h2-goaway-unprocessed", .is_tls = true, .is_http2 = true, .fault = HTTP2_GOAWAY_UNPROCESSED},
    {.name = "h2-goaway", .is_tls = true, .is_http2 = true, .fault = HTTP2_GOAWAY_PROCESSED},
    {.name = "h2-reset", .is_tls = true, .is_http2 = true, .fault = HTTP2_RESET},
    {.name = "h2-refused", .is_tls = true, .is_http2 = true, .fault = HTTP2_REFUSED},
    {.name = "h2-ended", .is_tls = true, .is_http2 = true, .fault = HTTP2_ENDED},
};

#define DOORS (sizeof doors / sizeof *doors)

/* ---- the server ---- */

static void count_http2(void *data) {
  connection *c = data;
  counts_add(c->door, c->served++ == 0);
}

static void serve(guest *g) {
  if (g->door->is_http2) {
    http2_serve(&g->c.client, g->door->fault, count_http2, &g->c);
  } else {
    g->door->serve(&g->c);
  }
}

static void *run(void *data) {
  guest *g = data;
  if (peer_open(&g->c.client, g->c.client.fd, g->door->context)) {
    serve(g);
  }
  peer_close(&g->c.client);
  free(g);
  return NULL;
}

static void let_in(const door *d) {
  int fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
  guest *g = fd >= 0 ? calloc(1, sizeof *g) : NULL;
  pthread_t thread;
  if (g == NULL) {
    return;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  g->door = d;
  g->c.door = d->name;
  g->c.client.fd = fd;
  if (pthread_create(&thread, NULL, run, g) == 0) {
    pthread_detach(thread);
  } else {
    close(fd);
    free(g);
  }
}

/* A socket on a port of loopback that the kernel picks. */
static int bind_to_loopback(struct sockaddr_in *address) {
  socklen_t length = sizeof *address;
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)address, length) != 0 ||
      getsockname(fd, (struct sockaddr *)address, &length) != 0) {
    perror("fault_server");
    exit(1);
  }
  return fd;
}

/* Listens, nobody comes: a port where connections are not refused, and are not made either. */
static void fill_backlog(int listener, const struct sockaddr_in *address) {
  listen(listener, 0);
  for (int i = 0; i < 4; i++) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)!connect(fd, (const struct sockaddr *)address, sizeof *address);
  }
}

static int open_door(door *d) {
  struct sockaddr_in address;
  d->context = d->is_tls ? tls_context(d->flaw, d->is_http2 || d->speaks_http2) : NULL;
  d->listener = bind_to_loopback(&address);
  listen(d->listener, 512);
  return ntohs(address.sin_port);
}

/* The ports by which nobody comes in. */
static void open_walls(void) {
  struct sockaddr_in address;
  bind_to_loopback(&address); /* nobody will ever listen */
  printf("\"closed\":%d,", ntohs(address.sin_port));
  fill_backlog(bind_to_loopback(&address), &address);
  printf("\"full\":%d", ntohs(address.sin_port));
}

static void open_all(void) {
  printf("{\"port\":%d,\"pid\":%d,\"doors\":{", open_door(&plain), (int)getpid());
  for (size_t i = 0; i < DOORS; i++) {
    int port = open_door(&doors[i]);
    printf("\"%s\":%d,", doors[i].name, port);
  }
  open_walls();
  printf("}}\n");
  fflush(stdout);
}

int main(void) {
  struct pollfd waiting[DOORS + 1];
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  open_all();
  for (size_t i = 0; i <= DOORS; i++) {
    const door *d = i < DOORS ? &doors[i] : &plain;
    waiting[i] = (struct pollfd){.fd = d->listener, .events = POLLIN};
  }
  while (getppid() == parent) {
    int count = poll(waiting, DOORS + 1, 1000);
    for (size_t i = 0; i <= DOORS && count > 0; i++) {
      if (waiting[i].revents != 0) {
        let_in(i < DOORS ? &doors[i] : &plain);
      }
    }
  }
  return 0;
}
