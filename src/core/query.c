#include "query.h"

#include <string.h>

#include "uri.h"

bool idv_query_append(idv_buffer *out, bool is_first, idv_slice name, idv_slice value) {
  if (!is_first) {
    idv_buffer_append_char(out, '&');
  }
  idv_uri_append_encoded(out, name);
  idv_buffer_append_char(out, '=');
  return idv_uri_append_encoded(out, value);
}

/* The bytes up to `mark`, which are taken off `rest` together with the mark. */
static idv_slice take_until(idv_slice *rest, char mark) {
  const char *at = rest->length > 0 ? memchr(rest->data, mark, rest->length) : NULL;
  size_t length = at != NULL ? (size_t)(at - rest->data) : rest->length;
  idv_slice taken = {.data = rest->data, .length = length};
  size_t used = at != NULL ? length + 1 : length;
  rest->data += used;
  rest->length -= used;
  return taken;
}

bool idv_query_next(idv_slice *rest, idv_slice *name, idv_slice *value) {
  while (rest->length > 0) {
    idv_slice pair = take_until(rest, '&');
    if (pair.length > 0) {
      *name = take_until(&pair, '=');
      *value = pair;
      return true;
    }
  }
  return false;
}
