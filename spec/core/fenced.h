/*
 * Bytes between two pages without access, so that a parser which reads one byte too many, at either end,
 * crashes instead of getting away with it.
 *
 * There are a few places, taken in turn: what was put into one is overwritten FENCED_PLACES calls later.
 */
#ifndef IDV_SPEC_FENCED_H
#define IDV_SPEC_FENCED_H

#include <sys/mman.h>

#include "check.h"

/* The most bytes that a place holds. A multiple of every page size there is. */
#define FENCED_ROOM ((size_t)64 * 1024)
#define FENCED_PLACES 4

/* Where the bytes lie: just before the page without access, or just behind it. */
typedef enum fenced_side { FENCED_END, FENCED_START, FENCED_SIDES } fenced_side;

static inline char *fenced_place(size_t number) {
  static char *places[FENCED_PLACES];
  char **place = &places[number % FENCED_PLACES];
  if (*place == NULL) {
    char *map = mmap(NULL, 3 * FENCED_ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + FENCED_ROOM, FENCED_ROOM, PROT_READ | PROT_WRITE) != 0) {
      fail_msg("no memory to put a fence around");
    }
    *place = map + FENCED_ROOM;
  }
  return *place;
}

/* A copy of the bytes at that side of a fenced place. */
static inline idv_slice fenced_at(fenced_side side, const char *bytes, size_t length) {
  static size_t last;
  assert_true(length <= FENCED_ROOM);
  char *place = fenced_place(++last);
  char *start = side == FENCED_END ? place + FENCED_ROOM - length : place;
  if (length > 0) {
    memmove(start, bytes, length);
  }
  return (idv_slice){.data = start, .length = length};
}

/* A copy of a C string, without its NUL, before the page without access. */
static inline idv_slice fenced(const char *text) {
  return fenced_at(FENCED_END, text, strlen(text));
}

#endif
