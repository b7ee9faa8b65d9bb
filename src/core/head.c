#include "head.h"

#include <string.h>

static idv_slice take_line(idv_slice *rest) {
  const char *end = memchr(rest->data, '\n', rest->length);
  size_t length = end != NULL ? (size_t)(end - rest->data) : rest->length;
  size_t used = end != NULL ? length + 1 : length;
  idv_slice line = {.data = rest->data, .length = length};
  if (line.length > 0 && line.data[line.length - 1] == '\r') {
    line.length--;
  }
  rest->data += used;
  rest->length -= used;
  return line;
}

bool idv_head_next(idv_slice *rest, idv_slice *name, idv_slice *value) {
  while (rest->length > 0) {
    idv_slice line = take_line(rest);
    const char *colon = line.length > 0 ? memchr(line.data, ':', line.length) : NULL;
    if (colon != NULL && colon != line.data && !idv_slice_starts_ignoring_case(line, "HTTP/")) {
      size_t length = (size_t)(colon - line.data);
      *name = (idv_slice){.data = line.data, .length = length};
      *value = idv_slice_trim((idv_slice){.data = colon + 1, .length = line.length - length - 1});
      return true;
    }
  }
  return false;
}

idv_slice idv_head_find(idv_slice head, const char *wanted) {
  idv_slice name, value;
  while (idv_head_next(&head, &name, &value)) {
    if (idv_slice_equals_ignoring_case(name, wanted)) {
      return value;
    }
  }
  return (idv_slice){.data = NULL};
}
