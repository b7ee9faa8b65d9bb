#include "slice.h"

#include <string.h>

#include "ascii.h"

idv_slice idv_slice_of(const char *text) {
  return (idv_slice){.data = text, .length = strlen(text)};
}

bool idv_slice_equals(idv_slice slice, const char *text) {
  size_t length = strlen(text);
  return slice.data != NULL && slice.length == length && memcmp(slice.data, text, length) == 0;
}

bool idv_slice_starts_ignoring_case(idv_slice slice, const char *prefix) {
  size_t length = strlen(prefix);
  if (slice.data == NULL || slice.length < length) {
    return false;
  }
  for (size_t i = 0; i < length; i++) {
    if (idv_ascii_lower(slice.data[i]) != idv_ascii_lower(prefix[i])) {
      return false;
    }
  }
  return true;
}

bool idv_slice_equals_ignoring_case(idv_slice slice, const char *text) {
  return slice.length == strlen(text) && idv_slice_starts_ignoring_case(slice, text);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

idv_slice idv_slice_trim(idv_slice slice) {
  while (slice.length > 0 && is_blank(slice.data[0])) {
    slice.data++;
    slice.length--;
  }
  while (slice.length > 0 && is_blank(slice.data[slice.length - 1])) {
    slice.length--;
  }
  return slice;
}
