/*
 * Character classes of ASCII, free of the locale that <ctype.h> would consult: a host that calls
 * setlocale() must not change what counts as a letter in a URL.
 */
#ifndef IDV_ASCII_H
#define IDV_ASCII_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

static inline bool idv_ascii_is_digit(char c) {
  return c >= '0' && c <= '9';
}

static inline bool idv_ascii_is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool idv_ascii_is_alnum(char c) {
  return idv_ascii_is_digit(c) || idv_ascii_is_letter(c);
}

/* A control character: 0x00 to 0x1f and 0x7f. */
static inline bool idv_ascii_is_control(char c) {
  return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Whether every byte is a character that can be seen, or a space. */
static inline bool idv_ascii_is_printable(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (text[i] < ' ' || text[i] > '~') {
      return false;
    }
  }
  return true;
}

static inline char idv_ascii_lower(char c) {
  return (c >= 'A' && c <= 'Z') ? (char)(c - 'A' + 'a') : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int idv_ascii_hex(char c) {
  if (idv_ascii_is_digit(c)) {
    return c - '0';
  }
  char lower = idv_ascii_lower(c);
  return (lower >= 'a' && lower <= 'f') ? lower - 'a' + 10 : -1;
}

#pragma GCC visibility pop

#endif
