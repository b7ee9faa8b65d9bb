#include "template.h"

#include <string.h>

#include "ascii.h"
#include "uri.h"

bool idv_template_next(idv_slice *rest, idv_slice *literal, idv_slice *name) {
  if (rest->length == 0) {
    return false;
  }
  const char *open = memchr(rest->data, '{', rest->length);
  if (open == NULL) {
    *literal = *rest;
    *name = (idv_slice){.data = NULL};
    *rest = (idv_slice){.data = rest->data + rest->length};
    return true;
  }
  size_t before = (size_t)(open - rest->data);
  const char *close = memchr(open, '}', rest->length - before);
  if (close == NULL) {
    return false;
  }
  *literal = (idv_slice){.data = rest->data, .length = before};
  *name = (idv_slice){.data = open + 1, .length = (size_t)(close - open) - 1};
  size_t used = (size_t)(close - rest->data) + 1;
  *rest = (idv_slice){.data = rest->data + used, .length = rest->length - used};
  return true;
}

static bool is_valid_name(idv_slice name) {
  for (size_t i = 0; i < name.length; i++) {
    char c = name.data[i];
    if (!idv_ascii_is_digit(c) && c != '_' && !(c >= 'a' && c <= 'z')) {
      return false;
    }
  }
  return name.length > 0;
}

bool idv_template_is_valid(idv_slice template) {
  idv_slice rest = template, literal, name;
  if (template.length == 0 || template.data[0] != '/') {
    return false;
  }
  while (idv_template_next(&rest, &literal, &name)) {
    bool has_stray_brace = literal.length > 0 && memchr(literal.data, '}', literal.length) != NULL;
    if (has_stray_brace || (name.data != NULL && !is_valid_name(name))) {
      return false;
    }
  }
  return rest.length == 0;
}

bool idv_template_append_segment(idv_buffer *out, idv_slice value) {
  if (value.length == 0 || idv_slice_equals(value, ".") || idv_slice_equals(value, "..")) {
    return false;
  }
  for (size_t i = 0; i < value.length; i++) {
    if (idv_ascii_is_control(value.data[i])) {
      return false;
    }
  }
  return idv_uri_append_encoded(out, value);
}
