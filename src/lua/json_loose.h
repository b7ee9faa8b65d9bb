/*
 * What servers write loosely in JSON, made good before it is read.
 *
 * A byte order mark is passed over. An integer that a float does not hold exactly, and a number from 1e308
 * on, becomes the text of its digits, so that no id turns into another one. Half of a surrogate pair becomes
 * U+FFFD, so that one odd character does not make a whole answer unreadable. Everything else stays as it is,
 * what is not JSON included; that is for the reader to find out. Bytes that are not UTF-8 stay as well.
 */
#ifndef IDV_LUA_JSON_LOOSE_H
#define IDV_LUA_JSON_LOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* What was found in a text. */
typedef struct lidv_loose {
  size_t numbers; /* that become texts; each takes up to three bytes more */
  bool has_halves;
  bool needs_tidying; /* a null or a number may be in it */
} lidv_loose;

/* The text without its byte order mark. */
idv_slice lidv_loose_begin(idv_slice text);

/*
 * Looks through the text, writing it with everything made good to `out`, when that is not NULL. The texts
 * that numbers become begin with `mark` unless that is NUL.
 */
lidv_loose lidv_loose_scan(idv_slice text, char *out, char mark);

#pragma GCC visibility pop

#endif
