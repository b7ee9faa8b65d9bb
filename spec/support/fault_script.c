#include "fault_script.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault_counts.h"
#include "fault_http2.h"

#define SCRIPTS 8

typedef struct script {
  char door[32];
  char *text;
  size_t length;
  unsigned connections;
} script;

static pthread_mutex_t keeping = PTHREAD_MUTEX_INITIALIZER;
static script scripts[SCRIPTS];

/* The script of that door, made if need be; the lock is held. */
static script *script_of(const char *door) {
  int i = 0;
  while (i < SCRIPTS - 1 && scripts[i].door[0] != '\0' && strcmp(scripts[i].door, door) != 0) {
    i++;
  }
  snprintf(scripts[i].door, sizeof scripts[i].door, "%s", door);
  return &scripts[i];
}

static char *copy_of(const char *text, size_t length) {
  char *copy = malloc(length + 1);
  if (copy != NULL) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  return copy;
}

void script_keep(const char *door, const char *text, size_t length) {
  pthread_mutex_lock(&keeping);
  script *kept = script_of(door);
  free(kept->text);
  kept->text = copy_of(text, length);
  kept->length = kept->text != NULL ? length : 0;
  kept->connections = 0;
  pthread_mutex_unlock(&keeping);
}

/* ---- steps ---- */

/* A connection on its way through a script. */
typedef struct play {
  connection *c;
  const char *at, *end;
  bool is_http2;
} play;

/* Takes the next line: its word and its number, 0 without one. False at the end of the script. */
static bool next_step(play *p, char *word, size_t *number) {
  const char *line_end = p->at < p->end ? memchr(p->at, '\n', (size_t)(p->end - p->at)) : NULL;
  *number = 0;
  if (line_end == NULL || sscanf(p->at, "%15[a-z] %zu", word, number) < 1) {
    return false;
  }
  p->at = line_end + 1;
  return true;
}

static bool await_request(play *p) {
  request r;
  if (p->is_http2) {
    if (!http2_await_request(&p->c->client, p->c->served == 0)) {
      return false;
    }
    counts_add(p->c->door, p->c->served++ == 0);
    return true;
  }
  if (!read_request(p->c, &r)) {
    return false;
  }
  forget_request(p->c, &r);
  return true;
}

/* The client may have hung up: that ends no script, since its next steps may be waited for. */
static bool send_bytes(play *p, size_t length) {
  const char *bytes = p->at;
  p->at += length;
  if (p->at > p->end) {
    return false;
  }
  peer_send(&p->c->client, bytes, length);
  return true;
}

static bool note(const play *p) {
  char name[64];
  snprintf(name, sizeof name, "%s-note", p->c->door);
  return counts_add(name, false) > 0;
}

/* Takes one step. Returns whether there are others. */
static bool step(play *p, const char *word, size_t number) {
  if (strcmp(word, "request") == 0) {
    return await_request(p);
  }
  if (strcmp(word, "send") == 0) {
    return send_bytes(p, number);
  }
  if (strcmp(word, "pause") == 0) {
    return usleep((useconds_t)number * 1000) == 0;
  }
  if (strcmp(word, "note") == 0) {
    return note(p);
  }
  if (strcmp(word, "ticket") == 0) {
    peer_send_ticket(&p->c->client);
    return true;
  }
  if (strcmp(word, "notify") == 0) {
    peer_notify(&p->c->client);
    return true;
  }
  if (strcmp(word, "finish") == 0) {
    peer_finish(&p->c->client);
  } else if (strcmp(word, "reset") == 0) {
    peer_reset_on_close(&p->c->client);
  }
  return false;
}

/* Takes `p` past the steps of so many connections, but not past those of the last. */
static void skip_connections(play *p, unsigned count) {
  char word[16];
  size_t number;
  const char *begin = p->at;
  while (count > 0 && next_step(p, word, &number)) {
    if (strcmp(word, "send") == 0) {
      p->at += number;
    } else if (strcmp(word, "connection") == 0) {
      begin = p->at;
      count--;
    }
  }
  p->at = begin;
}

static void serve(connection *c, bool is_http2) {
  char word[16];
  size_t number;
  pthread_mutex_lock(&keeping);
  script *kept = script_of(c->door);
  unsigned before = kept->connections++;
  size_t length = kept->length;
  char *text = copy_of(kept->text != NULL ? kept->text : "", length);
  pthread_mutex_unlock(&keeping);
  if (text == NULL) {
    return;
  }
  play p = {.c = c, .at = text, .end = text + length, .is_http2 = is_http2};
  skip_connections(&p, before);
  bool goes_on = true, is_over = false;
  while (goes_on && !is_over) {
    is_over = !next_step(&p, word, &number) || strcmp(word, "connection") == 0;
    goes_on = is_over || step(&p, word, number);
  }
  if (is_over) {
    peer_drain(&c->client);
  }
  free(text);
}

void script_serve(connection *c) {
  serve(c, false);
}

void script_serve_http2(connection *c) {
  serve(c, true);
}
