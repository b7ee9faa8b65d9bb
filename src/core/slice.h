/*
 * A piece of somebody else's bytes: pointer and length, never owned, never NUL-terminated.
 *
 * Whatever makes a slice says how long the bytes behind it live. An absent thing has data == NULL, which is
 * not the same as an empty one (data != NULL, length == 0).
 */
#ifndef IDV_SLICE_H
#define IDV_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct idv_slice {
  const char *data;
  size_t length;
} idv_slice;

/* The bytes of a C string without its NUL. */
idv_slice idv_slice_of(const char *text);

/* Byte-for-byte equality with a C string. */
bool idv_slice_equals(idv_slice slice, const char *text);

/* Equality that takes A-Z and a-z for the same letters (ASCII only, no locale). */
bool idv_slice_equals_ignoring_case(idv_slice slice, const char *text);

/* Whether the slice begins with `prefix`, ASCII letters compared without case. */
bool idv_slice_starts_ignoring_case(idv_slice slice, const char *prefix);

/* The slice without spaces and tabs at both ends. */
idv_slice idv_slice_trim(idv_slice slice);

#pragma GCC visibility pop

#endif
