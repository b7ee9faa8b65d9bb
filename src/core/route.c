#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "ascii.h"
#include "buffer.h"
#include "uri.h"
#include "wipe.h"

#define HEADER_CEILING ((size_t)16 * 1024)

static const idv_limits default_limits = {
    .timeout_ms = 30000,
    .connect_timeout_ms = 5000,
    .max_retries = 2,
    .max_response_bytes = (size_t)8 * 1024 * 1024,
};

idv_route *idv_route_new(const char *method) {
  idv_route *route = calloc(1, sizeof *route);
  if (route == NULL) {
    return NULL;
  }
  *route = (idv_route){.references = 1, .max_connections = 64, .limits = default_limits};
  route->method = strdup(method);
  /* libcurl would ask for leave before a large body and wait for an answer that may never come */
  if (route->method == NULL || !idv_route_add_header(route, idv_slice_of("Expect"), idv_slice_of(""))) {
    idv_route_release(route);
    return NULL;
  }
  return route;
}

static bool replace_text(char **text, const char *value) {
  char *copy = value != NULL ? strdup(value) : NULL;
  if (value != NULL && copy == NULL) {
    return false;
  }
  idv_wipe_and_free_text(*text);
  *text = copy;
  return true;
}

bool idv_route_set_base(idv_route *route, const char *base) {
  idv_wipe_and_free_text(route->origin);
  route->origin = NULL;
  return replace_text(&route->base, base);
}

bool idv_route_set_ca_file(idv_route *route, const char *ca_file) {
  return replace_text(&route->ca_file, ca_file);
}

bool idv_route_set_proxy(idv_route *route, const char *proxy) {
  return replace_text(&route->proxy, proxy);
}

bool idv_route_allows_http(const idv_route *route) {
  return route->allows_http && (route->proxy == NULL || idv_proxy_is_local(route->proxy));
}

/* ---- where addresses that were handed out may lead ---- */

static idv_slice host_of(idv_slice url) {
  idv_uri parts;
  return idv_uri_split(url, &parts) ? parts.host : (idv_slice){.data = NULL};
}

idv_reach idv_route_objection_to_url(const idv_route *route, idv_slice url) {
  idv_ip ip;
  idv_slice host = host_of(url);
  bool is_known = route->is_handed_out && idv_ip_read_host(host, &ip);
  return is_known ? idv_permits_objection(&route->permits, host, &ip) : IDV_REACH_PUBLIC;
}

idv_reach idv_route_objection_to_peer(const idv_route *route, idv_slice url, const idv_ip *peer) {
  bool is_asked = route->is_handed_out && route->proxy == NULL;
  return is_asked ? idv_permits_objection(&route->permits, host_of(url), peer) : IDV_REACH_PUBLIC;
}

/* ---- headers ---- */

static bool is_header_name(idv_slice name) {
  for (size_t i = 0; i < name.length; i++) {
    if (!idv_ascii_is_alnum(name.data[i]) && name.data[i] != '-' && name.data[i] != '_') {
      return false;
    }
  }
  return name.length > 0;
}

static bool is_header_value(idv_slice value) {
  for (size_t i = 0; i < value.length; i++) {
    if (idv_ascii_is_control(value.data[i])) {
      return false;
    }
  }
  return true;
}

bool idv_route_add_header(idv_route *route, idv_slice name, idv_slice value) {
  if (!is_header_name(name) || !is_header_value(value)) {
    return false;
  }
  idv_buffer line;
  idv_buffer_init(&line, HEADER_CEILING);
  idv_buffer_append_slice(&line, name);
  idv_buffer_append_text(&line, value.length > 0 ? ": " : ":");
  idv_buffer_append_slice(&line, value);
  struct curl_slist *longer =
      line.state == IDV_BUFFER_OK ? curl_slist_append(route->headers, line.data) : NULL;
  idv_buffer_free(&line);
  if (longer == NULL) {
    return false;
  }
  route->headers = longer;
  return true;
}

idv_route *idv_route_retain(idv_route *route) {
  route->references++;
  return route;
}

static void free_headers(struct curl_slist *headers) {
  for (struct curl_slist *line = headers; line != NULL; line = line->next) {
    idv_wipe(line->data, strlen(line->data));
  }
  curl_slist_free_all(headers);
}

void idv_route_release(idv_route *route) {
  if (route == NULL || --route->references > 0) {
    return;
  }
  free_headers(route->headers);
  idv_wipe_and_free_text(route->base);
  idv_wipe_and_free_text(route->origin);
  idv_wipe_and_free_text(route->ca_file);
  idv_wipe_and_free_text(route->proxy);
  idv_permits_free(&route->permits);
  free(route->method);
  free(route);
}
