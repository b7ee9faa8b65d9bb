/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef IDV_UTF8_H
#define IDV_UTF8_H

#include <stdbool.h>
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

/*
 * How many bytes the blank has that begins at byte `at` of a text in UTF-8; 0 when none begins there. Blanks
 * are the spaces of every width and the marks of width zero that come along when a text is copied.
 */
size_t idv_utf8_blank_at(idv_slice text, size_t at);

/* Whether the text is made of blanks and tabs, or of nothing. */
bool idv_utf8_is_blank(idv_slice text);

#pragma GCC visibility pop

#endif
