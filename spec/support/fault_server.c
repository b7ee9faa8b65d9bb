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
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fault_http2.h"
#include "fault_peer.h"
#include "fault_tls.h"

#define REQUEST_ROOM ((size_t)1536 * 1024) /* what clients send is below 1 MiB */
#define NAMES 64
#define CALLS 1000 /* in the batch whose calls are told apart */

/* What every client in the tests accepts as an answer to what it asked. */
static const char content[] =
    "{\"id\":\"sess_1\",\"session_url\":\"https://example.com/s\",\"valid\":true,"
    "\"session_record\":{\"id\":\"sess_1\",\"status\":\"PENDING\"},\"sessions\":[],\"next_token\":null}";

typedef struct door door;

typedef struct connection {
  peer client;
  const door *entered_by;
  int served; /* requests that were read whole on this connection */
  char text[REQUEST_ROOM];
  size_t length; /* bytes in `text` */
} connection;

typedef struct request {
  char name[64];   /* first segment of the path, or the door's name */
  size_t size;     /* bytes of the whole request in the connection's text */
  unsigned number; /* of the requests of that name, the first is 1 */
} request;

/* Another way in than the plain port: what happens there to each connection. */
struct door {
  const char *name;
  void (*serve)(connection *c);
  tls_flaw flaw;
  http2_fault http2;
  bool is_tls;
  SSL_CTX *context;
  int listener;
};

/* ---- counting ---- */

typedef struct counter {
  char name[64];
  unsigned requests;
  unsigned connections;
} counter;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static counter counters[NAMES];
static unsigned char asked[CALLS], accepted[CALLS];

/* The counter of that name, made if need be; the lock is held. */
static counter *counter_of(const char *name) {
  int i = 0;
  while (i < NAMES - 1 && counters[i].name[0] != '\0' && strcmp(counters[i].name, name) != 0) {
    i++;
  }
  snprintf(counters[i].name, sizeof counters[i].name, "%s", name);
  return &counters[i];
}

/* Counts a request. Returns its number among those of that name. */
static unsigned count(const char *name, bool is_first_on_connection) {
  pthread_mutex_lock(&counting);
  counter *found = counter_of(name);
  unsigned number = ++found->requests;
  found->connections += is_first_on_connection;
  pthread_mutex_unlock(&counting);
  return number;
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
  memset(asked, 0, sizeof asked);
  memset(accepted, 0, sizeof accepted);
  pthread_mutex_unlock(&counting);
}

/* Notes what became of the call "call-N" of the batch. */
static void note_call(const char *text, bool is_accepted) {
  const char *at = strstr(text, "call-");
  unsigned long number = at != NULL ? strtoul(at + 5, NULL, 10) : CALLS;
  if (number < CALLS) {
    pthread_mutex_lock(&counting);
    asked[number]++;
    accepted[number] += is_accepted;
    pthread_mutex_unlock(&counting);
  }
}

static size_t write_list(char *out, size_t room, const char *name, const unsigned char *numbers) {
  size_t used = (size_t)snprintf(out, room, "\"%s\":[", name);
  for (int i = 0; i < CALLS; i++) {
    used += (size_t)snprintf(out + used, room - used, "%s%u", i > 0 ? "," : "", numbers[i]);
  }
  return used + (size_t)snprintf(out + used, room - used, "]");
}

static size_t write_calls(char *out, size_t room) {
  pthread_mutex_lock(&counting);
  size_t used = (size_t)snprintf(out, room, "{");
  used += write_list(out + used, room - used, "asked", asked);
  used += (size_t)snprintf(out + used, room - used, ",");
  used += write_list(out + used, room - used, "accepted", accepted);
  used += (size_t)snprintf(out + used, room - used, "}");
  pthread_mutex_unlock(&counting);
  return used;
}

/* ---- reading and writing ---- */

static bool send_text(const connection *c, const char *text) {
  return peer_send(&c->client, text, strlen(text));
}

static bool send_head(const connection *c, const char *status, const char *headers, size_t length) {
  char head[1024];
  snprintf(head, sizeof head,
           "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n", status, length,
           headers);
  return send_text(c, head);
}

static bool send_answer(const connection *c, const char *status, const char *headers, const char *body) {
  return send_head(c, status, headers, strlen(body)) && send_text(c, body);
}

static bool receive(connection *c) {
  if (c->length == sizeof c->text - 1) {
    return false;
  }
  ssize_t got = peer_receive(&c->client, c->text + c->length, sizeof c->text - 1 - c->length);
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

static void read_name(const connection *c, request *r) {
  if (c->entered_by != NULL) {
    snprintf(r->name, sizeof r->name, "fine"); /* the fault is the door's */
    return;
  }
  const char *slash = strchr(c->text, '/');
  size_t length = slash != NULL ? strcspn(slash + 1, "/ ?") : 0;
  snprintf(r->name, sizeof r->name, "%.*s", (int)length, slash != NULL ? slash + 1 : "");
}

/*
 * Reads one whole request, head and body, and counts it. A client that expects "100 Continue" waits for it in
 * vain. False when the client goes away before.
 */
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
  read_name(c, r);
  if (r->name[0] != '@') {
    r->number = count(c->entered_by != NULL ? c->entered_by->name : r->name, c->served == 0);
  }
  c->served++;
  return true;
}

static void forget_request(connection *c, const request *r) {
  c->length -= r->size;
  memmove(c->text, c->text + r->size, c->length);
  c->text[c->length] = '\0';
}

/* ---- answers that are only refusals ---- */

typedef struct refusal {
  const char *name;
  const char *status;
  const char *headers;
  const char *body;
  bool is_passing; /* every second request is answered well */
} refusal;

static const refusal refusals[] = {
    {"429", "429 Too Many Requests", "", "{}", false},
    {"429-seconds", "429 Too Many Requests", "Retry-After: 1\r\n", "{}", true},
    {"429-nonsense", "429 Too Many Requests", "Retry-After: when the cows come home\r\n", "{}", false},
    {"429-year", "429 Too Many Requests", "Retry-After: 31536000\r\n", "{}", false},
    {"500", "500 Internal Server Error", "", "{\"message\":\"oops\"}", false},
    {"502-html", "502 Bad Gateway", "", "<html><body><h1>502 Bad Gateway</h1></body></html>", false},
    {"503", "503 Service Unavailable", "", "{}", false},
    {"503-seconds", "503 Service Unavailable", "Retry-After: 1\r\n", "{}", true},
    {"redirect", "307 Temporary Redirect", "Location: /fine/v1/sessions\r\n", "", false},
};

static bool answer_well(connection *c) {
  return send_answer(c, "200 OK", "", content);
}

static bool refuse(connection *c, const request *r, const refusal *how) {
  return how->is_passing && r->number % 2 == 0 ? answer_well(c)
                                               : send_answer(c, how->status, how->headers, how->body);
}

/* ---- behaviours: each returns whether the connection stays open ---- */

static bool serve_well(connection *c, const request *r) {
  (void)r;
  return answer_well(c);
}

/* The first request on a connection is answered, the second is read whole and the connection closed. */
static bool close_second(connection *c, const request *r) {
  (void)r;
  return c->served == 1 && answer_well(c);
}

/* The same with a reset. */
static bool reset_second(connection *c, const request *r) {
  if (c->served == 1) {
    return serve_well(c, r);
  }
  peer_reset_on_close(&c->client);
  return false;
}

/* Answers and closes without having said so; the end of the connection comes in one packet with the answer.
 */
static bool close_idle(connection *c, const request *r) {
  int on = 1;
  setsockopt(c->client.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  serve_well(c, r);
  return false;
}

static bool close_always(connection *c, const request *r) {
  (void)c;
  (void)r;
  return false;
}

static bool reset_always(connection *c, const request *r) {
  (void)r;
  peer_reset_on_close(&c->client);
  return false;
}

/* Says nothing until the client gives up. */
static bool keep_silent(connection *c, const request *r) {
  (void)r;
  peer_drain(&c->client);
  return false;
}

static bool stall_in_head(connection *c, const request *r) {
  return send_text(c, "HTTP/1.1 200 OK\r\nContent-Ty") && keep_silent(c, r);
}

static bool stall_in_body(connection *c, const request *r) {
  return send_head(c, "200 OK", "", sizeof content) && send_text(c, "{\"id\":\"sess_1\",") &&
         keep_silent(c, r);
}

/* A refusal whose body does not come. */
static bool stall_in_refusal(connection *c, const request *r) {
  return send_head(c, "500 Internal Server Error", "", 4096) && send_text(c, "{") && keep_silent(c, r);
}

static bool promise_more(connection *c, const request *r) {
  (void)r;
  return send_head(c, "200 OK", "", sizeof content + 100) && send_text(c, content) && false;
}

static bool promise_less(connection *c, const request *r) {
  (void)r;
  return send_head(c, "200 OK", "", sizeof content - 20) && send_text(c, content);
}

static bool break_chunks(connection *c, const request *r) {
  return send_text(c,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "5\r\n{\"id\"\r\nnot a number\r\n") &&
         keep_silent(c, r);
}

static bool flood_with_headers(connection *c, const request *r) {
  (void)r;
  bool goes_on = send_text(c, "HTTP/1.1 200 OK\r\n");
  while (goes_on) {
    goes_on =
        send_text(c, "X-Flood: there is no end to this, there is no end to this, there is no end to it\r\n");
  }
  return false;
}

static bool flood_with_one_header(connection *c, const request *r) {
  (void)r;
  bool goes_on = send_text(c, "HTTP/1.1 200 OK\r\nX-Flood: ");
  while (goes_on) {
    goes_on = send_text(c, "there is no end to this, there is no end to this, there is no end to this, ");
  }
  return false;
}

/* Interim answers for ever. */
static bool flood_with_interims(connection *c, const request *r) {
  (void)r;
  bool goes_on = true;
  while (goes_on) {
    goes_on = send_text(c, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
  }
  return false;
}

static bool talk_nonsense(connection *c, const request *r) {
  (void)r;
  return send_text(c, "220 mail.example.com ESMTP ready\r\n\r\n") && false;
}

/* Answers 429 with a date, in two or three seconds, and well every second time. */
static bool refuse_until_date(connection *c, const request *r) {
  char header[96];
  time_t then = time(NULL) + 2;
  struct tm parts;
  gmtime_r(&then, &parts);
  strftime(header, sizeof header, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  refusal how = {.status = "429 Too Many Requests", .headers = header, .body = "{}", .is_passing = true};
  return refuse(c, r, &how);
}

/* Of the calls "call-N" in a batch, every second request is refused with 429, the others are accepted. */
static bool accept_half(connection *c, const request *r) {
  bool is_accepted = r->number % 2 == 0;
  note_call(c->text, is_accepted);
  return is_accepted ? answer_well(c) : send_answer(c, "429 Too Many Requests", "", "{}");
}

/* ---- a gzip bomb ---- */

#define BOMB_UNITS 32768 /* of 8 times 258 zeros each: 64 MiB out of 416 KiB */

typedef struct bits {
  uint8_t *bytes;
  size_t count; /* bits so far */
} bits;

/* Codes of deflate are written from their highest bit on. */
static void put_code(bits *out, unsigned code, int length) {
  for (int i = length; i-- > 0; out->count++) {
    out->bytes[out->count / 8] |= (uint8_t)((code >> i & 1) << out->count % 8);
  }
}

/* A gzip stream of zeros and nothing but zeros, which does not end. Returns its length; the caller frees it.
 */
static size_t make_bomb(uint8_t **made) {
  static const uint8_t head[10] = {0x1f, 0x8b, 8};
  bits out = {.bytes = calloc(1, sizeof head + 16 + (size_t)BOMB_UNITS * 13), .count = sizeof head * 8};
  *made = out.bytes;
  if (out.bytes == NULL) {
    return 0;
  }
  memcpy(out.bytes, head, sizeof head);
  put_code(&out, 2, 3);    /* not the last block; fixed codes, whose number has its lowest bit first */
  put_code(&out, 0x30, 8); /* a zero */
  for (int i = 0; i < BOMB_UNITS * 8; i++) {
    put_code(&out, 0xc5, 8); /* the last 258 bytes once more, */
    put_code(&out, 0, 5);    /* from one byte ago on */
  }
  return out.count / 8;
}

static bool send_bomb(connection *c, const request *r) {
  (void)r;
  uint8_t *bomb;
  size_t length = make_bomb(&bomb);
  bool is_sent =
      send_head(c, "200 OK", "Content-Encoding: gzip\r\n", length) && peer_send(&c->client, bomb, length);
  free(bomb);
  return is_sent && keep_silent(c, r);
}

/* ---- what is asked of whom ---- */

typedef struct behaviour {
  const char *name;
  bool (*serve)(connection *c, const request *r);
} behaviour;

static const behaviour behaviours[] = {
    {"fine", serve_well},
    {"close-second", close_second},
    {"reset-second", reset_second},
    {"close-idle", close_idle},
    {"close", close_always},
    {"reset", reset_always},
    {"silent", keep_silent},
    {"stall-head", stall_in_head},
    {"stall-body", stall_in_body},
    {"stall-refusal", stall_in_refusal},
    {"long-length", promise_more},
    {"short-length", promise_less},
    {"bad-chunk", break_chunks},
    {"bomb", send_bomb},
    {"headers", flood_with_headers},
    {"header", flood_with_one_header},
    {"interims", flood_with_interims},
    {"nonsense", talk_nonsense},
    {"429-date", refuse_until_date},
    {"half", accept_half},
};

static bool serve_control(connection *c, const request *r) {
  char text[16384] = "{}";
  size_t length = 2;
  if (strcmp(r->name, "@reset") == 0) {
    forget_counts();
  } else if (strcmp(r->name, "@calls") == 0) {
    length = write_calls(text, sizeof text);
  } else if (strcmp(r->name, "@authority") == 0) {
    length = tls_write_authority(text, sizeof text);
  } else if (strcmp(r->name, "@pair") == 0) {
    length = tls_write_pair(text, sizeof text);
  } else {
    length = write_counts(text, sizeof text);
  }
  return send_head(c, "200 OK", "", length) && peer_send(&c->client, text, length);
}

static bool serve(connection *c, const request *r) {
  if (r->name[0] == '@') {
    return serve_control(c, r);
  }
  for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
    if (strcmp(behaviours[i].name, r->name) == 0) {
      return behaviours[i].serve(c, r);
    }
  }
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    if (strcmp(refusals[i].name, r->name) == 0) {
      return refuse(c, r, &refusals[i]);
    }
  }
  return send_answer(c, "404 Not Found", "", "{\"message\":\"no such behaviour\"}");
}

/* ---- doors ---- */

static void serve_requests(connection *c) {
  request r;
  while (read_request(c, &r) && serve(c, &r)) {
    forget_request(c, &r);
  }
}

/* Sees that a request has come, and resets the connection without having read any of it. */
static void reset_unread(connection *c) {
  peer_wait(&c->client);
  peer_reset_on_close(&c->client);
}

static void count_http2(void *data) {
  connection *c = data;
  count(c->entered_by->name, c->served++ == 0);
}

static void break_http2(connection *c) {
  http2_serve(&c->client, c->entered_by->http2, count_http2, c);
}

static door doors[] = {
    {.name = "reset-unread", .serve = reset_unread},
    {.name = "tls-untrusted", .serve = serve_requests, .is_tls = true, .flaw = TLS_UNTRUSTED},
    {.name = "tls-wrong-host", .serve = serve_requests, .is_tls = true, .flaw = TLS_WRONG_HOST},
    {.name = "tls-expired", .serve = serve_requests, .is_tls = true, .flaw = TLS_EXPIRED},
    {.name = "tls-1.1", .serve = serve_requests, .is_tls = true, .flaw = TLS_OLD},
    {.name = "tls", .serve = serve_requests, .is_tls = true},
    {.name = "h2-goaway-unprocessed",
     .serve = break_http2,
     .is_tls = true,
     .http2 = HTTP2_GOAWAY_UNPROCESSED},
    {.name = "h2-goaway", .serve = break_http2, .is_tls = true, .http2 = HTTP2_GOAWAY_PROCESSED},
    {.name = "h2-reset", .serve = break_http2, .is_tls = true, .http2 = HTTP2_RESET},
    {.name = "h2-refused", .serve = break_http2, .is_tls = true, .http2 = HTTP2_REFUSED},
    {.name = "h2-ended", .serve = break_http2, .is_tls = true, .http2 = HTTP2_ENDED},
};

#define DOORS (sizeof doors / sizeof *doors)

/* ---- the server ---- */

static void *serve_connection(void *data) {
  connection *c = data;
  SSL_CTX *context = c->entered_by != NULL ? c->entered_by->context : NULL;
  if (peer_open(&c->client, c->client.fd, context)) {
    void (*serve_it)(connection *) = c->entered_by != NULL ? c->entered_by->serve : serve_requests;
    serve_it(c);
  }
  peer_close(&c->client);
  free(c);
  return NULL;
}

static void accept_one(int listener, const door *entered_by) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  connection *c = fd >= 0 ? calloc(1, sizeof *c) : NULL;
  pthread_t thread;
  if (c == NULL) {
    return;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->client.fd = fd;
  c->entered_by = entered_by;
  if (pthread_create(&thread, NULL, serve_connection, c) == 0) {
    pthread_detach(thread);
  } else {
    close(fd);
    free(c);
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

static void open_doors(void) {
  struct sockaddr_in address;
  for (size_t i = 0; i < DOORS; i++) {
    door *d = &doors[i];
    bool is_http2 = d->serve == break_http2;
    d->context = d->is_tls ? tls_context(d->flaw, is_http2) : NULL;
    d->listener = bind_to_loopback(&address);
    listen(d->listener, 512);
    printf("\"%s\":%d,", d->name, ntohs(address.sin_port));
  }
  bind_to_loopback(&address); /* nobody will ever listen */
  printf("\"closed\":%d,", ntohs(address.sin_port));
  fill_backlog(bind_to_loopback(&address), &address);
  printf("\"full\":%d", ntohs(address.sin_port));
}

static void accept_waiting(const struct pollfd *waiting) {
  for (size_t i = 0; i <= DOORS; i++) {
    if (waiting[i].revents != 0) {
      accept_one(waiting[i].fd, i < DOORS ? &doors[i] : NULL);
    }
  }
}

int main(void) {
  struct sockaddr_in address;
  struct pollfd waiting[DOORS + 1];
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  int listener = bind_to_loopback(&address);
  listen(listener, 512);
  printf("{\"port\":%d,\"pid\":%d,\"doors\":{", ntohs(address.sin_port), (int)getpid());
  open_doors();
  printf("}}\n");
  fflush(stdout);
  for (size_t i = 0; i <= DOORS; i++) {
    waiting[i] = (struct pollfd){.fd = i < DOORS ? doors[i].listener : listener, .events = POLLIN};
  }
  while (getppid() == parent) {
    if (poll(waiting, DOORS + 1, 1000) > 0) {
      accept_waiting(waiting);
    }
  }
  return 0;
}
