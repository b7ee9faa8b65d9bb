#include "return_address.h"

#include <stdbool.h>
#include <string.h>

#include "ascii.h"
#include "uri.h"
#include "utf8.h"

static idv_return_flaw examine_character(idv_slice text, size_t at) {
  if (idv_utf8_blank_at(text, at) > 0) {
    return IDV_RETURN_BLANK;
  }
  if ((unsigned char)text.data[at] >= 0x80) {
    return IDV_RETURN_NOT_ASCII;
  }
  bool never_stands_there =
      idv_ascii_is_control(text.data[at]) || strchr("\"<>\\^`{|}", text.data[at]) != NULL;
  return never_stands_there ? IDV_RETURN_BAD_CHARACTER : IDV_RETURN_FINE;
}

static idv_return_flaw examine_characters(idv_slice text, size_t *at) {
  for (*at = 0; *at < text.length; (*at)++) {
    idv_return_flaw flaw = examine_character(text, *at);
    if (flaw != IDV_RETURN_FINE) {
      return flaw;
    }
  }
  return IDV_RETURN_FINE;
}

/* Scheme and host: what stands before the path, however long that and the query are. */
static idv_slice before_path(idv_slice text) {
  size_t length = 0, slashes = 0;
  while (length < text.length && strchr("?#", text.data[length]) == NULL) {
    slashes += text.data[length] == '/';
    if (slashes == 3) {
      break;
    }
    length++;
  }
  return (idv_slice){.data = text.data, .length = length};
}

static bool runs(idv_slice scheme) {
  static const char *const schemes[] = {"javascript", "data",  "vbscript",   "file",
                                        "blob",       "about", "filesystem", "view-source"};
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (idv_slice_equals_ignoring_case(scheme, schemes[i])) {
      return true;
    }
  }
  return false;
}

static bool is_web(idv_slice scheme) {
  return idv_slice_equals_ignoring_case(scheme, "http") || idv_slice_equals_ignoring_case(scheme, "https");
}

idv_return_flaw idv_return_address_examine(idv_slice text, size_t *at) {
  idv_return_flaw flaw = examine_characters(text, at);
  if (flaw != IDV_RETURN_FINE) {
    return flaw;
  }
  idv_slice where = before_path(text), scheme = idv_uri_scheme(where);
  if (scheme.data == NULL) {
    return IDV_RETURN_NO_SCHEME;
  }
  if (runs(scheme)) {
    return IDV_RETURN_RUNS;
  }
  idv_uri parts;
  bool has_host = idv_uri_split(where, &parts) && parts.host.data != NULL;
  return is_web(scheme) && !has_host ? IDV_RETURN_BAD_HOST : IDV_RETURN_FINE;
}
