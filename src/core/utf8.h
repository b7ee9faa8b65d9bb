/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef IDV_UTF8_H
#define IDV_UTF8_H

#include <stddef.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* What `text` holds: how many characters, and where it stops being UTF-8 (its length when it never does). */
typedef struct idv_utf8_count {
  size_t characters;
  size_t valid_bytes;
} idv_utf8_count;

idv_utf8_count idv_utf8_measure(idv_slice text);

/* Whether all of `text` is UTF-8. */
bool idv_utf8_is_valid(idv_slice text);

#pragma GCC visibility pop

#endif
