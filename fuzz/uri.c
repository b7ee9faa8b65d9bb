/*
 * Fuzz target: addresses, templates, queries and relative references in C.
 *
 * The input is a line of base address, then a reference, which is also taken for a path template, a segment
 * and a query. Beyond not crashing, what comes out must hold: parts lie within the text that was split, a
 * resolved address can be split again, a Location leads where a strict reading leads, encoding can be undone,
 * and a segment never leaves its place in a path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "query.h"
#include "record_form.h"
#include "template.h"
#include "uri.h"

#define ROOM ((size_t)256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds) {
  if (!holds) {
    abort();
  }
}

static bool lies_within(idv_slice part, idv_slice whole) {
  return part.data == NULL ||
         (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

static void check_split(idv_slice text) {
  idv_uri parts;
  idv_buffer origin;
  if (!idv_uri_split(text, &parts)) {
    demand(idv_call_check_url(text, true) == IDV_CALL_BAD_URL);
    return;
  }
  demand(lies_within(parts.scheme, text) && lies_within(parts.userinfo, text) &&
         lies_within(parts.host, text) && lies_within(parts.port, text) && lies_within(parts.path, text) &&
         lies_within(parts.query, text) && lies_within(parts.fragment, text));
  demand(parts.path.data != NULL && parts.port.length <= text.length);
  if (idv_call_check_url(text, false) == IDV_CALL_FINE) {
    demand(idv_uri_has_scheme(&parts, "https") && parts.userinfo.data == NULL && parts.host.length > 0);
    idv_buffer_init(&origin, ROOM);
    demand(idv_uri_append_origin(&parts, &origin));
    idv_buffer_free(&origin);
  }
}

static void check_resolve(idv_slice base, idv_slice reference) {
  idv_buffer out;
  idv_uri parts;
  idv_buffer_init(&out, ROOM);
  if (idv_uri_append_resolved(&out, base, reference)) {
    bool is_short = out.length <= IDV_URI_MAX;
    demand(!is_short || (idv_uri_split(idv_buffer_slice(&out), &parts) && parts.scheme.data != NULL));
  } else {
    demand(out.length == 0 || out.state != IDV_BUFFER_OK);
  }
  idv_buffer_free(&out);
}

static void check_location(idv_slice base, idv_slice location) {
  idv_buffer out, strict;
  idv_uri parts;
  idv_buffer_init(&out, ROOM);
  idv_buffer_init(&strict, ROOM);
  bool leads_somewhere = idv_uri_append_located(&out, base, location);
  if (leads_somewhere && out.length <= IDV_URI_MAX) {
    idv_slice whole = idv_buffer_slice(&out);
    demand(idv_uri_split_loosely(whole, &parts) && parts.scheme.data != NULL);
    demand(lies_within(parts.host, whole) && lies_within(parts.path, whole) &&
           lies_within(parts.query, whole));
  }
  if (idv_uri_append_resolved(&strict, base, location)) {
    demand(leads_somewhere && strict.length == out.length);
    demand(strict.length == 0 || memcmp(strict.data, out.data, out.length) == 0);
  }
  if (idv_record_is_url(location)) {
    demand(idv_uri_split_loosely(location, &parts) && parts.host.length > 0 && parts.userinfo.data == NULL);
  }
  demand(!idv_record_is_id(location) || idv_uri_split(location, &parts));
  idv_buffer_free(&strict);
  idv_buffer_free(&out);
}

static void check_encoding(idv_slice text) {
  idv_buffer encoded, decoded;
  idv_buffer_init(&encoded, ROOM);
  idv_buffer_init(&decoded, ROOM);
  if (idv_uri_append_encoded(&encoded, text)) {
    demand(idv_uri_append_decoded(&decoded, idv_buffer_slice(&encoded), true));
    demand(decoded.length == text.length);
    demand(text.length == 0 || memcmp(decoded.data, text.data, text.length) == 0);
  }
  idv_buffer_reset(&decoded);
  if (idv_uri_append_decoded(&decoded, text, false)) {
    demand(decoded.length <= text.length);
  }
  idv_buffer_free(&encoded);
  idv_buffer_free(&decoded);
}

static void check_template(idv_slice template, idv_slice value) {
  idv_buffer path;
  idv_slice rest = template, literal, name;
  idv_buffer_init(&path, ROOM);
  if (idv_template_append_segment(&path, value)) {
    demand(path.length > 0 && memchr(path.data, '/', path.length) == NULL);
    demand(strcmp(path.data, ".") != 0 && strcmp(path.data, "..") != 0);
  } else {
    demand(path.length == 0 || path.state != IDV_BUFFER_OK);
  }
  bool is_valid = idv_template_is_valid(template);
  while (idv_template_next(&rest, &literal, &name)) {
    demand(lies_within(literal, template) && lies_within(name, template));
    demand(!is_valid || name.data == NULL || name.length > 0);
  }
  demand(!is_valid || rest.length == 0);
  idv_buffer_free(&path);
}

static void check_query(idv_slice text) {
  idv_slice rest = text, name, value;
  size_t pairs = 0;
  while (idv_query_next(&rest, &name, &value)) {
    demand(lies_within(name, text) && lies_within(value, text));
    demand(++pairs <= text.length + 1);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data, *end = text + size;
  const char *line = size > 0 ? memchr(text, '\n', size) : NULL;
  const char *second = line != NULL ? line + 1 : text;
  idv_slice base = {.data = text, .length = line != NULL ? (size_t)(line - text) : 0};
  idv_slice reference = {.data = second, .length = (size_t)(end - second)};
  if (size == 0) {
    return 0;
  }
  check_split(base);
  check_split(reference);
  check_resolve(base, reference);
  check_location(base, reference);
  check_encoding(reference);
  check_template(reference, base);
  check_template(base, reference);
  check_query(reference);
  return 0;
}
