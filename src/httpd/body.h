/*
 * The body of an answer: a head, a run of filler, and a tail.
 *
 * Any answer fits into the head; the filler is there so that a report of a gigabyte costs no memory. Bytes
 * are read by position, so the same body can be read from anywhere. Copies what it is given.
 */
#ifndef IDV_HTTPD_BODY_H
#define IDV_HTTPD_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

struct httpd_body {
  char *bytes; /* the head, then the tail */
  size_t head;
  size_t tail;
  uint64_t filler; /* blanks between them */
};

/* What a body is made of; the pointers need to live only until the body is set. */
struct httpd_body_parts {
  const char *head;
  size_t head_length;
  const char *tail;
  size_t tail_length;
  uint64_t filler;
};

/* Fills `body`, giving back what it held; false without memory (it is then empty). */
bool httpd_body_set(struct httpd_body *body, const struct httpd_body_parts *parts);

/* Length in bytes, filler included. */
uint64_t httpd_body_length(const struct httpd_body *body);

/*
 * Copies bytes from `position` on and returns how many: at most `room`, perhaps fewer (it stops where the
 * filler begins or ends), 0 only at the end or without room.
 */
size_t httpd_body_read(const struct httpd_body *body, uint64_t position, char *out, size_t room);

void httpd_body_free(struct httpd_body *body);

#pragma GCC visibility pop

#endif
