#include "fault_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_counts.h"

bool send_text(const connection *c, const char *text) {
  return peer_send(&c->client, text, strlen(text));
}

bool send_head(const connection *c, const char *status, const char *headers, size_t length) {
  char head[1024];
  snprintf(head, sizeof head,
           "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n", status, length,
           headers);
  return send_text(c, head);
}

bool send_answer(const connection *c, const char *status, const char *headers, const char *body) {
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
  if (c->door != NULL) {
    snprintf(r->name, sizeof r->name, "fine"); /* the fault is the door's */
    return;
  }
  const char *slash = strchr(c->text, '/');
  size_t length = slash != NULL ? strcspn(slash + 1, "/ ?") : 0;
  snprintf(r->name, sizeof r->name, "%.*s", (int)length, slash != NULL ? slash + 1 : "");
}

bool read_request(connection *c, request *r) {
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
    r->number = counts_add(c->door != NULL ? c->door : r->name, c->served == 0);
  }
  c->served++;
  return true;
}

void forget_request(connection *c, const request *r) {
  c->length -= r->size;
  memmove(c->text, c->text + r->size, c->length);
  c->text[c->length] = '\0';
}
