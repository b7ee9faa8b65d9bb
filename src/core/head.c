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

static bool is_packing(idv_slice coding) {
  return coding.length > 0 && !idv_slice_equals_ignoring_case(coding, "identity") &&
         !idv_slice_equals_ignoring_case(coding, "chunked");
}

bool idv_head_is_encoded(idv_slice head) {
  idv_slice name, value;
  while (idv_head_next(&head, &name, &value)) {
    bool is_coding = idv_slice_equals_ignoring_case(name, "Content-Encoding") ||
                     idv_slice_equals_ignoring_case(name, "Transfer-Encoding");
    if (is_coding && is_packing(value)) {
      return true;
    }
  }
  return false;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool idv_head_is_of_json(idv_slice head, idv_slice bytes) {
  static const char byte_order_mark[] = "\xEF\xBB\xBF";
  size_t at = idv_slice_starts_ignoring_case(bytes, byte_order_mark) ? 3 : 0;
  while (at < bytes.length && is_blank(bytes.data[at])) {
    at++;
  }
  if (at < bytes.length) {
    return bytes.data[at] == '{' || bytes.data[at] == '[';
  }
  idv_slice type = idv_head_find(head, "Content-Type");
  return type.data != NULL && idv_slice_starts_ignoring_case(type, "application/json");
}
