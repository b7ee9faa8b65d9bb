#include "uri.h"

#include <arpa/inet.h>
#include <string.h>

#include "ascii.h"

static bool may_stand_in_uri(char c) {
  return (unsigned char)c > 0x20 && (unsigned char)c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

static bool is_unreserved(char c) {
  return idv_ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Cuts off what follows the first `mark` (NULL where there is none) and returns it without the mark. */
static idv_slice cut_after(idv_slice *text, char mark) {
  const char *at = text->length > 0 ? memchr(text->data, mark, text->length) : NULL;
  if (at == NULL) {
    return (idv_slice){.data = NULL};
  }
  size_t before = (size_t)(at - text->data);
  idv_slice rest = {.data = at + 1, .length = text->length - before - 1};
  text->length = before;
  return rest;
}

/* Takes "scheme:" off the front; leaves the text alone where there is none. */
static idv_slice take_scheme(idv_slice *text) {
  size_t i = 0;
  while (i < text->length && (idv_ascii_is_alnum(text->data[i]) || strchr("+-.", text->data[i]) != NULL)) {
    i++;
  }
  if (i == 0 || i == text->length || text->data[i] != ':' || !idv_ascii_is_letter(text->data[0])) {
    return (idv_slice){.data = NULL};
  }
  idv_slice scheme = {.data = text->data, .length = i};
  text->data += i + 1;
  text->length -= i + 1;
  return scheme;
}

idv_slice idv_uri_scheme(idv_slice text) {
  return take_scheme(&text);
}

static bool is_valid_port(idv_slice port) {
  unsigned value = 0;
  if (port.length == 0 || port.length > 5) {
    return false;
  }
  for (size_t i = 0; i < port.length; i++) {
    if (!idv_ascii_is_digit(port.data[i])) {
      return false;
    }
    value = value * 10 + (unsigned)(port.data[i] - '0');
  }
  return value > 0 && value <= 65535;
}

static bool is_valid_bracketed(idv_slice host) {
  char text[INET6_ADDRSTRLEN] = {0};
  struct in6_addr address;
  if (host.length < 4 || host.length - 2 >= sizeof text || host.data[host.length - 1] != ']') {
    return false;
  }
  memcpy(text, host.data + 1, host.length - 2);
  return inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_valid_host(idv_slice host) {
  if (host.length == 0 || host.length > 255) {
    return false;
  }
  if (host.data[0] == '[') {
    return is_valid_bracketed(host);
  }
  for (size_t i = 0; i < host.length; i++) {
    if (!is_unreserved(host.data[i]) ||
        (host.data[i] == '.' && i + 1 < host.length && host.data[i + 1] == '.')) {
      return false;
    }
  }
  return host.data[0] != '.';
}

static bool split_authority(idv_slice authority, idv_uri *parts) {
  idv_slice host = authority;
  idv_slice after_at = cut_after(&host, '@');
  if (after_at.data != NULL) {
    parts->userinfo = host;
    host = after_at;
  }
  bool is_bracketed = host.length > 0 && host.data[0] == '[';
  const char *closing = is_bracketed ? memchr(host.data, ']', host.length) : NULL;
  size_t fixed = closing != NULL ? (size_t)(closing - host.data) + 1 : 0;
  idv_slice tail = {.data = host.data + fixed, .length = host.length - fixed};
  parts->port = cut_after(&tail, ':');
  parts->host = (idv_slice){.data = host.data, .length = fixed + tail.length};
  return is_valid_host(parts->host) && (parts->port.data == NULL || is_valid_port(parts->port));
}

static bool has_only_uri_characters(idv_slice text) {
  for (size_t i = 0; i < text.length; i++) {
    if (!may_stand_in_uri(text.data[i])) {
      return false;
    }
  }
  return true;
}

/* Splits a text whose characters have been looked at. */
static bool split(idv_slice text, idv_uri *parts) {
  idv_slice rest = text;
  parts->fragment = cut_after(&rest, '#');
  parts->query = cut_after(&rest, '?');
  parts->scheme = take_scheme(&rest);
  bool authority_is_there = rest.length >= 2 && rest.data[0] == '/' && rest.data[1] == '/';
  if (authority_is_there) {
    const char *slash = memchr(rest.data + 2, '/', rest.length - 2);
    size_t length = slash != NULL ? (size_t)(slash - rest.data) - 2 : rest.length - 2;
    if (!split_authority((idv_slice){.data = rest.data + 2, .length = length}, parts)) {
      return false;
    }
    rest.data += length + 2;
    rest.length -= length + 2;
  }
  parts->path = rest;
  return true;
}

bool idv_uri_split(idv_slice text, idv_uri *parts) {
  *parts = (idv_uri){0};
  return text.length <= IDV_URI_MAX && has_only_uri_characters(text) && split(text, parts);
}

/* Whether the path, or what else stands before the query, may have been written by a careless server. */
static bool may_be_loose(idv_slice text) {
  cut_after(&text, '#');
  cut_after(&text, '?');
  for (size_t i = 0; i < text.length; i++) {
    if (idv_ascii_is_control(text.data[i]) || text.data[i] == '\\') {
      return false;
    }
  }
  return true;
}

bool idv_uri_split_loosely(idv_slice text, idv_uri *parts) {
  *parts = (idv_uri){0};
  return text.length <= IDV_URI_LOCATED_MAX && may_be_loose(text) && split(text, parts);
}

bool idv_uri_has_scheme(const idv_uri *parts, const char *scheme) {
  return parts->host.data != NULL && idv_slice_equals_ignoring_case(parts->scheme, scheme);
}

/* Strict, because what is no address is a name, and a name server somewhere may know "127.0.0.256". */
static bool is_ipv4_loopback(idv_slice host) {
  char text[INET_ADDRSTRLEN] = {0};
  struct in_addr address;
  if (host.length >= sizeof text) {
    return false;
  }
  memcpy(text, host.data, host.length);
  return inet_pton(AF_INET, text, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

bool idv_uri_is_loopback(const idv_uri *parts) {
  return parts->host.data != NULL &&
         (idv_slice_equals_ignoring_case(parts->host, "localhost") ||
          idv_slice_equals(parts->host, "[::1]") || is_ipv4_loopback(parts->host));
}

static void append_lower(idv_buffer *out, idv_slice text) {
  for (size_t i = 0; i < text.length; i++) {
    idv_buffer_append_char(out, idv_ascii_lower(text.data[i]));
  }
}

bool idv_uri_append_origin(const idv_uri *parts, idv_buffer *out) {
  append_lower(out, parts->scheme);
  idv_buffer_append_text(out, "://");
  append_lower(out, parts->host);
  idv_buffer_append_char(out, ':');
  if (parts->port.data != NULL) {
    idv_buffer_append_slice(out, parts->port);
  } else {
    idv_buffer_append_text(out, idv_slice_equals_ignoring_case(parts->scheme, "https") ? "443" : "80");
  }
  return out->state == IDV_BUFFER_OK;
}

bool idv_uri_append_encoded(idv_buffer *out, idv_slice text) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < text.length; i++) {
    unsigned char byte = (unsigned char)text.data[i];
    if (is_unreserved(text.data[i])) {
      idv_buffer_append_char(out, text.data[i]);
    } else {
      char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
      idv_buffer_append(out, escape, sizeof escape);
    }
  }
  return out->state == IDV_BUFFER_OK;
}

bool idv_uri_append_decoded(idv_buffer *out, idv_slice text, bool plus_is_space) {
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    if (c == '%' && i + 2 < text.length && idv_ascii_hex(text.data[i + 1]) >= 0 &&
        idv_ascii_hex(text.data[i + 2]) >= 0) {
      c = (char)(idv_ascii_hex(text.data[i + 1]) * 16 + idv_ascii_hex(text.data[i + 2]));
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    idv_buffer_append_char(out, c);
  }
  return out->state == IDV_BUFFER_OK;
}

/* Drops the last segment and its slash from what was written since `start`. */
static void drop_last_segment(idv_buffer *out, size_t start) {
  size_t length = out->length;
  while (length > start && out->data[length - 1] != '/') {
    length--;
  }
  idv_buffer_truncate(out, length > start ? length - 1 : length);
}

/* Appends `path`, which begins with '/', with its "." and ".." segments worked out (RFC 3986, 5.2.4). */
static void append_without_dots(idv_buffer *out, idv_slice path) {
  size_t start = out->length;
  size_t i = 0;
  while (i < path.length) {
    idv_slice segment = {.data = path.data + i + 1, .length = path.length - i - 1};
    cut_after(&segment, '/');
    bool is_last = i + 1 + segment.length == path.length;
    bool is_up = idv_slice_equals(segment, "..");
    if (is_up) {
      drop_last_segment(out, start);
    }
    if (is_up || idv_slice_equals(segment, ".")) {
      if (is_last) {
        idv_buffer_append_char(out, '/');
      }
    } else {
      idv_buffer_append_char(out, '/');
      idv_buffer_append_slice(out, segment);
    }
    i += 1 + segment.length;
  }
}

static void append_part(idv_buffer *out, char mark, idv_slice part) {
  if (part.data != NULL) {
    idv_buffer_append_char(out, mark);
    idv_buffer_append_slice(out, part);
  }
}

static void append_authority(idv_buffer *out, idv_slice scheme, const idv_uri *source) {
  idv_buffer_append_slice(out, scheme);
  idv_buffer_append_text(out, "://");
  if (source->userinfo.data != NULL) {
    idv_buffer_append_slice(out, source->userinfo);
    idv_buffer_append_char(out, '@');
  }
  idv_buffer_append_slice(out, source->host);
  append_part(out, ':', source->port);
}

/* Appends the path of a relative reference: the base's folder, then the reference. */
static void append_merged_path(idv_buffer *out, idv_slice base_path, idv_slice path) {
  idv_buffer merged;
  idv_buffer_init(&merged, 2 * IDV_URI_MAX + 2);
  size_t folder = base_path.length;
  while (folder > 0 && base_path.data[folder - 1] != '/') {
    folder--;
  }
  if (folder == 0) {
    idv_buffer_append_char(&merged, '/');
  }
  idv_buffer_append(&merged, base_path.data, folder);
  idv_buffer_append_slice(&merged, path);
  append_without_dots(out, idv_buffer_slice(&merged));
  if (merged.state != IDV_BUFFER_OK) {
    out->state = merged.state;
  }
  idv_buffer_free(&merged);
}

static void append_resolved_path(idv_buffer *out, const idv_uri *base, const idv_uri *reference) {
  if (reference->path.length == 0) {
    idv_buffer_append_slice(out, base->path);
  } else if (reference->path.data[0] == '/') {
    append_without_dots(out, reference->path);
  } else {
    append_merged_path(out, base->path, reference->path);
  }
}

/* Appends `reference`, whose parts are `to`, as seen from `base`. */
static bool append_seen_from(idv_buffer *out, idv_slice base, idv_slice reference, idv_uri to) {
  idv_uri from;
  if (!idv_uri_split(base, &from) || from.host.data == NULL || from.scheme.data == NULL) {
    return false;
  }
  if (to.scheme.data != NULL && to.host.data == NULL) {
    return idv_buffer_append_slice(out, reference);
  }
  if (to.host.data != NULL) {
    append_authority(out, to.scheme.data != NULL ? to.scheme : from.scheme, &to);
    append_without_dots(out, to.path);
  } else {
    append_authority(out, from.scheme, &from);
    append_resolved_path(out, &from, &to);
  }
  bool keeps_query = to.host.data == NULL && to.path.length == 0 && to.query.data == NULL;
  append_part(out, '?', keeps_query ? from.query : to.query);
  append_part(out, '#', to.fragment);
  return out->state == IDV_BUFFER_OK;
}

bool idv_uri_append_resolved(idv_buffer *out, idv_slice base, idv_slice reference) {
  idv_uri to;
  return idv_uri_split(reference, &to) && append_seen_from(out, base, reference, to);
}

bool idv_uri_append_located(idv_buffer *out, idv_slice base, idv_slice location) {
  idv_uri to;
  return location.length <= IDV_URI_MAX && idv_uri_split_loosely(location, &to) &&
         append_seen_from(out, base, location, to);
}
