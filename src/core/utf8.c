#include "utf8.h"

#include <string.h>

/* The bytes of one character: how many follow the first, and what the second may be. */
typedef struct shape {
  size_t following;
  unsigned char second_min, second_max;
} shape;

/* False for a byte that can not begin a character of more than one byte. */
static bool shape_of(unsigned char first, shape *out) {
  if (first >= 0xc2 && first <= 0xdf) {
    *out = (shape){1, 0x80, 0xbf};
  } else if (first >= 0xe0 && first <= 0xef) {
    *out = (shape){2, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf};
  } else if (first >= 0xf0 && first <= 0xf4) {
    *out = (shape){3, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf};
  } else {
    return false;
  }
  return true;
}

/* The length in bytes of the character at the front of `text`, 0 when there is no valid one. */
static size_t character_length(const unsigned char *text, size_t available) {
  shape expected;
  if (text[0] < 0x80) {
    return 1;
  }
  if (!shape_of(text[0], &expected) || available <= expected.following) {
    return 0;
  }
  if (text[1] < expected.second_min || text[1] > expected.second_max) {
    return 0;
  }
  for (size_t i = 2; i <= expected.following; i++) {
    if ((text[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return expected.following + 1;
}

idv_utf8_count idv_utf8_measure(idv_slice text) {
  idv_utf8_count count = {0, 0};
  while (count.valid_bytes < text.length) {
    const unsigned char *at = (const unsigned char *)text.data + count.valid_bytes;
    size_t length = *at < 0x80 ? 1 : character_length(at, text.length - count.valid_bytes);
    if (length == 0) {
      break;
    }
    count.valid_bytes += length;
    count.characters++;
  }
  return count;
}

bool idv_utf8_is_valid(idv_slice text) {
  return idv_utf8_measure(text).valid_bytes == text.length;
}

size_t idv_utf8_blank_at(idv_slice text, size_t at) {
  static const char *const blanks[] = {
      "\xc2\xa0",     /* U+00A0, no-break */
      "\xe1\x9a\x80", /* U+1680 */
      "\xe2\x80\xaf", /* U+202F, no-break and narrow */
      "\xe2\x81\x9f", /* U+205F */
      "\xe3\x80\x80", /* U+3000, as wide as an ideograph */
      "\xef\xbb\xbf", /* U+FEFF, of width zero */
  };
  const char *from = text.data + at;
  size_t left = text.length - at;
  if (left == 0 || (unsigned char)*from < 0x80) {
    return left > 0 && *from == ' ' ? 1 : 0;
  }
  for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
    size_t length = strlen(blanks[i]);
    if (left >= length && memcmp(from, blanks[i], length) == 0) {
      return length;
    }
  }
  bool is_of_some_width = left >= 3 && memcmp(from, "\xe2\x80", 2) == 0 && (unsigned char)from[2] >= 0x80 &&
                          (unsigned char)from[2] <= 0x8b;
  return is_of_some_width ? 3 : 0; /* U+2000 to U+200B */
}

bool idv_utf8_is_blank(idv_slice text) {
  size_t at = 0;
  while (at < text.length) {
    size_t length = text.data[at] == '\t' ? 1 : idv_utf8_blank_at(text, at);
    if (length == 0) {
      return false;
    }
    at += length;
  }
  return true;
}
