#include "shape.h"

#include <string.h>

#include "ascii.h"

static bool has_digits_from(idv_slice text, size_t start, size_t least, size_t most) {
  if (text.length < start + least || text.length > start + most) {
    return false;
  }
  for (size_t i = start; i < text.length; i++) {
    if (!idv_ascii_is_digit(text.data[i])) {
      return false;
    }
  }
  return true;
}

bool idv_shape_is_phone(idv_slice text) {
  return text.length > 1 && text.data[0] == '+' && text.data[1] != '0' && has_digits_from(text, 1, 10, 15);
}

bool idv_shape_is_dial_code(idv_slice text) {
  return text.length > 0 && text.data[0] == '+' && has_digits_from(text, 1, 1, text.length);
}

bool idv_shape_is_national_number(idv_slice text) {
  return has_digits_from(text, 0, 1, 14);
}

bool idv_shape_is_digits(idv_slice text) {
  return text.length > 0 && has_digits_from(text, 0, 1, text.length);
}

bool idv_shape_is_country(idv_slice text) {
  return text.length == 2 && idv_ascii_is_letter(text.data[0]) && idv_ascii_is_letter(text.data[1]);
}

static bool is_subtag(idv_slice subtag) {
  for (size_t i = 0; i < subtag.length; i++) {
    if (!idv_ascii_is_alnum(subtag.data[i])) {
      return false;
    }
  }
  return subtag.length >= 1 && subtag.length <= 8;
}

/* The first part: letters only, and "i" and "x" only where more follows. */
static bool is_primary(idv_slice subtag, bool is_alone) {
  for (size_t i = 0; i < subtag.length; i++) {
    if (!idv_ascii_is_letter(subtag.data[i])) {
      return false;
    }
  }
  bool is_single = idv_slice_equals_ignoring_case(subtag, "x") || idv_slice_equals_ignoring_case(subtag, "i");
  return is_subtag(subtag) && (subtag.length >= 2 || (is_single && !is_alone));
}

bool idv_shape_is_language(idv_slice text) {
  for (size_t start = 0; start <= text.length;) {
    const char *hyphen = start < text.length ? memchr(text.data + start, '-', text.length - start) : NULL;
    size_t end = hyphen != NULL ? (size_t)(hyphen - text.data) : text.length;
    idv_slice subtag = {.data = text.data + start, .length = end - start};
    if (start == 0 ? !is_primary(subtag, hyphen == NULL) : !is_subtag(subtag)) {
      return false;
    }
    start = end + 1;
  }
  return true;
}

bool idv_shape_is_token(idv_slice text) {
  bool has_alnum = false;
  for (size_t i = 0; i < text.length; i++) {
    if (idv_ascii_is_alnum(text.data[i])) {
      has_alnum = true;
    } else if (text.data[i] == '\0' || strchr("-._~", text.data[i]) == NULL) {
      return false;
    }
  }
  return has_alnum;
}
