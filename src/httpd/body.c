#include "body.h"

#include <stdlib.h>
#include <string.h>

bool httpd_body_set(struct httpd_body *body, const struct httpd_body_parts *parts) {
  httpd_body_free(body);
  if (parts->tail_length > SIZE_MAX - 1 - parts->head_length) {
    return false;
  }
  body->bytes = malloc(parts->head_length + parts->tail_length + 1); /* + 1: never a request for nothing */
  if (body->bytes == NULL) {
    return false;
  }
  if (parts->head_length > 0) {
    memcpy(body->bytes, parts->head, parts->head_length);
  }
  if (parts->tail_length > 0) {
    memcpy(body->bytes + parts->head_length, parts->tail, parts->tail_length);
  }
  body->head = parts->head_length;
  body->tail = parts->tail_length;
  body->filler = parts->filler;
  return true;
}

uint64_t httpd_body_length(const struct httpd_body *body) {
  return body->head + body->filler + body->tail;
}

static size_t least(uint64_t left, size_t room) {
  return left < room ? (size_t)left : room;
}

size_t httpd_body_read(const struct httpd_body *body, uint64_t position, char *out, size_t room) {
  uint64_t filled = body->head + body->filler; /* where the tail begins */
  size_t count = 0;
  if (position < body->head) {
    count = least(body->head - position, room);
    memcpy(out, body->bytes + position, count);
  } else if (position < filled) {
    count = least(filled - position, room);
    memset(out, ' ', count);
  } else if (position < filled + body->tail) {
    count = least(filled + body->tail - position, room);
    memcpy(out, body->bytes + body->head + (position - filled), count);
  }
  return count;
}

void httpd_body_free(struct httpd_body *body) {
  free(body->bytes);
  *body = (struct httpd_body){0};
}
