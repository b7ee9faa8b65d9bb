/*
 * What every test of the core includes: cmocka with the headers it wants, checks that name the row of a table
 * that failed, and random numbers that are the same in every run.
 */
#ifndef IDV_SPEC_CHECK_H
#define IDV_SPEC_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "slice.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* A string literal with its length, for bytes that hold NULs: two arguments of a call, or two fields of a
 * row. */
#define BYTES(literal) (literal), sizeof(literal) - 1

/* Fails, and says `what` (the description of a row), unless `condition` holds. */
#define CHECK(what, condition)                                                                               \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      fail_msg("%s: %s", (what), #condition);                                                                \
    }                                                                                                        \
  } while (0)

/* The slice must hold the bytes of `expected`; NULL expects an absent one. */
#define CHECK_SLICE(what, slice, expected) check_slice((what), #slice, (slice), (expected))

static inline void check_slice(const char *what, const char *name, idv_slice slice, const char *expected) {
  if (expected == NULL ? slice.data != NULL : !idv_slice_equals(slice, expected)) {
    fail_msg("%s: %s is %s%.*s%s, expected %s%s%s", what, name, slice.data != NULL ? "\"" : "absent",
             slice.data != NULL ? (int)slice.length : 0, slice.data != NULL ? slice.data : "",
             slice.data != NULL ? "\"" : "", expected != NULL ? "\"" : "absent",
             expected != NULL ? expected : "", expected != NULL ? "\"" : "");
  }
}

/* Whether the slice is absent or lies within `whole`. */
static inline bool check_lies_within(idv_slice slice, idv_slice whole) {
  return slice.data == NULL || (slice.data >= whole.data && slice.length <= whole.length &&
                                (size_t)(slice.data - whole.data) <= whole.length - slice.length);
}

/* xorshift64*. The state must not be 0. */
static inline uint64_t check_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545f4914f6cdd1du;
}

/* From 0 up to, not including, `limit`. */
static inline size_t check_random_below(uint64_t *state, size_t limit) {
  return (size_t)(check_random(state) >> 16) % limit;
}

/* Fills `out` with bytes drawn from `alphabet`, or from all 256 when that is NULL. */
static inline void check_random_bytes(uint64_t *state, const char *alphabet, char *out, size_t length) {
  size_t letters = alphabet != NULL ? strlen(alphabet) : 256;
  for (size_t i = 0; i < length; i++) {
    size_t drawn = check_random_below(state, letters);
    out[i] = alphabet != NULL ? alphabet[drawn] : (char)drawn;
  }
}

#endif
