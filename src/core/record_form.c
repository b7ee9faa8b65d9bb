#include "record_form.h"

#include <string.h>

#include "shape.h"
#include "uri.h"

bool idv_record_is_id(idv_slice text) {
  return text.length <= IDV_RECORD_ID_MAX && idv_shape_is_token(text);
}

/* Whether the character can stand in an address without ending it where the address is shown. */
static bool is_harmless(char c) {
  return c > ' ' && c < 0x7f && strchr("\"'<>\\`", c) == NULL;
}

bool idv_record_is_url(idv_slice text) {
  idv_uri parts;
  if (text.length > IDV_URI_MAX) {
    return false;
  }
  for (size_t i = 0; i < text.length; i++) {
    if (!is_harmless(text.data[i])) {
      return false;
    }
  }
  return idv_uri_split_loosely(text, &parts) && parts.userinfo.data == NULL &&
         (idv_uri_has_scheme(&parts, "https") || idv_uri_has_scheme(&parts, "http"));
}
