#include "fault_behaviours.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fault_bomb.h"
#include "fault_counts.h"
#include "fault_script.h"
#include "fault_tls.h"

/* What every client in the tests accepts as an answer to what it asked. */
static const char content[] =
    "{\"id\":\"sess_1\",\"session_url\":\"https://example.com/s\",\"valid\":true,"
    "\"session_record\":{\"id\":\"sess_1\",\"status\":\"PENDING\"},\"sessions\":[],\"next_token\":null}";

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
  counts_note_call(c->text, is_accepted);
  return is_accepted ? answer_well(c) : send_answer(c, "429 Too Many Requests", "", "{}");
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

/* Answers that are no good as they stand, after which the connection is closed. */
typedef struct spoiled {
  const char *name;
  const char *text;
  size_t length;
} spoiled;

#define TEXT(literal) literal, sizeof(literal) - 1
#define JSON "Content-Type: application/json\r\n"

static const spoiled spoiled_answers[] = {
    {"cut-status", TEXT("HTTP/1.1 20")},
    {"cut-head", TEXT("HTTP/1.1 200 OK\r\n" JSON "Content-Le")},
    {"cut-blank", TEXT("HTTP/1.1 200 OK\r\n" JSON "Content-Length: 2\r\n")},
    {"only-interim", TEXT("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")},
    {"status-000", TEXT("HTTP/1.1 000 OK\r\n" JSON "Content-Length: 2\r\n\r\n{}")},
    {"status-600", TEXT("HTTP/1.1 600 OK\r\n" JSON "Content-Length: 2\r\n\r\n{}")},
    {"status-text", TEXT("HTTP/1.1 OK\r\n" JSON "Content-Length: 2\r\n\r\n{}")},
    {"http-0.9", TEXT("{\"id\":\"sess_1\"}")},
    {"two-lengths", TEXT("HTTP/1.1 200 OK\r\n" JSON "Content-Length: 2\r\nContent-Length: 17\r\n\r\n{}")},
    {"minus-length", TEXT("HTTP/1.1 200 OK\r\n" JSON "Content-Length: -2\r\n\r\n{}")},
    {"nul-in-head", TEXT("HTTP/1.1 200 OK\r\nX-A: b\0c\r\n" JSON "Content-Length: 2\r\n\r\n{}")},
    {"other-protocol", TEXT("HTTP/1.1 101 Switching Protocols\r\nUpgrade: irc\r\n\r\n{}")},
};

static bool spoil(const connection *c, const spoiled *how) {
  if (peer_send(&c->client, how->text, how->length)) {
    peer_finish(&c->client);
  }
  return false;
}

/* The head is reset in the middle, once the client has read the beginning. */
static bool reset_in_head(connection *c, const request *r) {
  (void)r;
  bool is_sent = send_text(c, "HTTP/1.1 200 OK\r\nContent-Ty");
  usleep(20000);
  peer_reset_on_close(&c->client);
  return is_sent && false;
}

/* A good answer in chunks, whose trailer looks like the beginning of another. */
static bool end_with_trailer(connection *c, const request *r) {
  (void)r;
  char chunk[1024];
  snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n0\r\nHTTP/1.1: foo\r\nRetry-After: 9\r\n\r\n", strlen(content),
           content);
  return send_text(c, "HTTP/1.1 200 OK\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n") && send_text(c, chunk);
}

/* After its first answer a connection says 429, which was not asked for. */
static bool speak_unasked(connection *c, const request *r) {
  (void)r;
  return answer_well(c) && (c->served > 1 || send_answer(c, "429 Too Many Requests", "", "{}"));
}

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
    {"reset-head", reset_in_head},
    {"trailer", end_with_trailer},
    {"unasked", speak_unasked},
    {"429-date", refuse_until_date},
    {"half", accept_half},
};

/* "POST /@script/DOOR HTTP/1.1", with the script as the body. */
static void keep_script(const connection *c, const request *r) {
  char door[32] = "";
  const char *body = strstr(c->text, "\r\n\r\n") + 4;
  sscanf(c->text, "POST /@script/%31[^ ]", door);
  script_keep(door, body, r->size - (size_t)(body - c->text));
}

static bool serve_control(connection *c, const request *r) {
  char text[16384] = "{}";
  size_t length = 2;
  if (strcmp(r->name, "@reset") == 0) {
    counts_forget();
  } else if (strcmp(r->name, "@script") == 0) {
    keep_script(c, r);
  } else if (strcmp(r->name, "@calls") == 0) {
    length = counts_write_calls(text, sizeof text);
  } else if (strcmp(r->name, "@authority") == 0) {
    length = tls_write_authority(text, sizeof text);
  } else if (strcmp(r->name, "@pair") == 0) {
    length = tls_write_pair(text, sizeof text);
  } else {
    length = counts_write(text, sizeof text);
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
  for (size_t i = 0; i < sizeof spoiled_answers / sizeof *spoiled_answers; i++) {
    if (strcmp(spoiled_answers[i].name, r->name) == 0) {
      return spoil(c, &spoiled_answers[i]);
    }
  }
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    if (strcmp(refusals[i].name, r->name) == 0) {
      return refuse(c, r, &refusals[i]);
    }
  }
  return send_answer(c, "404 Not Found", "", "{\"message\":\"no such behaviour\"}");
}

void serve_requests(connection *c) {
  request r;
  while (read_request(c, &r) && serve(c, &r)) {
    forget_request(c, &r);
  }
}
