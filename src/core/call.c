#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "engine.h"
#include "head.h"
#include "uri.h"
#include "wipe.h"

idv_call_problem idv_call_check_url(idv_slice url, bool allows_http) {
  idv_uri parts;
  if (!idv_uri_split(url, &parts) || parts.host.data == NULL || parts.scheme.data == NULL) {
    return IDV_CALL_BAD_URL;
  }
  if (parts.userinfo.data != NULL) {
    return IDV_CALL_HAS_USERINFO;
  }
  bool is_local_http = allows_http && idv_uri_has_scheme(&parts, "http") && idv_uri_is_loopback(&parts);
  return is_local_http || idv_uri_has_scheme(&parts, "https") ? IDV_CALL_FINE : IDV_CALL_NOT_HTTPS;
}

static void init_waitable(idv_waitable *waitable, idv_waitable_type type) {
  *waitable = (idv_waitable){.type = type};
  idv_link_init(&waitable->membership);
  idv_link_init(&waitable->news);
}

/* "https://", the longest host, a port and some room. */
#define ORIGIN_CEILING 512

static bool append_origin(idv_slice url, idv_buffer *origin) {
  idv_uri parts;
  return idv_uri_split(url, &parts) && idv_uri_append_origin(&parts, origin);
}

idv_call_problem idv_call_check_base(idv_route *route) {
  idv_slice base = idv_slice_of(route->base);
  idv_call_problem problem = idv_call_check_url(base, idv_route_allows_http(route));
  if (problem != IDV_CALL_FINE || route->origin != NULL) {
    return problem;
  }
  idv_buffer origin;
  idv_buffer_init(&origin, ORIGIN_CEILING);
  route->origin = append_origin(base, &origin) ? strdup(origin.data) : NULL;
  idv_buffer_free(&origin);
  return route->origin != NULL ? IDV_CALL_FINE : IDV_CALL_NO_MEMORY;
}

static char *copy(char *at, idv_slice bytes) {
  if (bytes.length > 0) {
    memcpy(at, bytes.data, bytes.length);
  }
  return at + bytes.length;
}

/* A call with room for an address of `url_length` bytes, which is to be written to the front of its bytes. */
static idv_call *new_call(idv_route *route, size_t url_length, idv_slice body) {
  idv_call *call = calloc(1, sizeof *call + url_length + 1 + body.length);
  if (call == NULL) {
    return NULL;
  }
  init_waitable(&call->waitable, IDV_WAITABLE_CALL);
  idv_link_init(&call->in_line);
  call->url = call->bytes;
  call->bytes[url_length] = '\0';
  if (body.data != NULL) {
    call->body = call->bytes + url_length + 1;
    call->body_length = body.length;
    copy(call->bytes + url_length + 1, body);
  }
  call->route = idv_route_retain(route);
  call->limits = route->limits;
  call->retry_after_ms = -1;
  call->bytes_expected = -1;
  idv_buffer_init(&call->head, IDV_HEAD_CEILING);
  idv_buffer_init(&call->content, call->limits.max_response_bytes);
  return call;
}

idv_call_problem idv_call_new(idv_route *route, idv_slice url, idv_slice body, idv_call **made) {
  idv_call_problem problem = idv_call_check_url(url, idv_route_allows_http(route));
  if (problem != IDV_CALL_FINE) {
    return problem;
  }
  idv_call *call = new_call(route, url.length, body);
  if (call == NULL) {
    return IDV_CALL_NO_MEMORY;
  }
  copy(call->bytes, url);
  *made = call;
  return IDV_CALL_FINE;
}

idv_call_problem idv_call_new_under_base(idv_route *route, idv_slice path, idv_slice query, idv_slice body,
                                         idv_call **made) {
  if (route->origin == NULL || path.length == 0 || path.data[0] != '/') {
    return IDV_CALL_BAD_URL;
  }
  idv_slice base = idv_slice_of(route->base);
  size_t length = base.length + path.length + (query.data != NULL ? 1 + query.length : 0);
  if (length > IDV_URI_MAX) {
    return IDV_CALL_TOO_LONG;
  }
  idv_call *call = new_call(route, length, body);
  if (call == NULL) {
    return IDV_CALL_NO_MEMORY;
  }
  char *at = copy(copy(call->bytes, base), path);
  if (query.data != NULL) {
    *at++ = '?';
    copy(at, query);
  }
  call->is_under_base = true;
  *made = call;
  return IDV_CALL_FINE;
}

void idv_call_free(idv_call *call) {
  if (call == NULL) {
    return;
  }
  idv_engine_forget(&call->waitable);
  idv_sink_close(call->sink);
  idv_buffer_free(&call->head);
  idv_buffer_free(&call->content);
  idv_route_release(call->route);
  free(call->notes);
  size_t bytes = strlen(call->url) + 1 + call->body_length;
  idv_wipe_and_free(call, sizeof *call + bytes);
}

bool idv_call_begin_attempt(idv_call *call) {
  idv_buffer_reset(&call->head);
  idv_buffer_reset(&call->content);
  call->content.ceiling = call->limits.max_response_bytes;
  call->status = 0;
  call->proxy_status = 0;
  call->refused = IDV_REACH_PUBLIC;
  call->failure = (idv_failure){IDV_FAILURE_NONE, NULL, false};
  call->retry_after_ms = -1;
  call->bytes_received = 0;
  call->bytes_expected = -1;
  bool must_restart = call->content_is_in_sink;
  call->content_is_in_sink = false;
  return !must_restart || idv_sink_restart(call->sink);
}

void idv_call_note_attempt(idv_call *call, int64_t delay_ms) {
  idv_attempt_note *notes = realloc(call->notes, (call->noted + 1) * sizeof *notes);
  if (notes == NULL) {
    return;
  }
  call->notes = notes;
  notes[call->noted++] = (idv_attempt_note){.status = call->status,
                                            .failure = call->failure,
                                            .delay_ms = delay_ms,
                                            .duration_us = idv_clock_us() - call->began_us,
                                            .bytes_sent = call->bytes_sent,
                                            .bytes_received = call->bytes_received,
                                            .reused_connection = call->reused_connection};
}

void idv_call_fail(idv_call *call, idv_failure failure, idv_outcome outcome) {
  call->failure = failure;
  call->outcome = outcome;
  call->state = IDV_CALL_FINISHED;
}

void idv_call_read_head(idv_call *call) {
  idv_slice retry_after = idv_head_find(idv_buffer_slice(&call->head), "Retry-After");
  call->retry_after_ms = retry_after.data != NULL ? idv_retry_after(retry_after, time(NULL)) : -1;
}

/* What keeps an answer from being kept, or NULL. */
static const char *objection_to_answer(idv_call *call, long status, idv_slice head, idv_slice content) {
  if (status < 200 || status > 599) {
    return "the status of the answer is not one that ends a request";
  }
  if (!idv_buffer_append_slice(&call->head, head)) {
    return call->head.state == IDV_BUFFER_NO_MEMORY ? "memory ran out"
                                                    : "the head of the answer is too large";
  }
  if (!idv_buffer_append_slice(&call->content, content)) {
    return call->content.state == IDV_BUFFER_NO_MEMORY ? "memory ran out"
                                                       : "the answer is larger than max_response_bytes";
  }
  return NULL;
}

bool idv_call_answer(idv_call *call, long status, idv_slice head, idv_slice content) {
  idv_call_begin_attempt(call);
  call->attempts++;
  call->state = IDV_CALL_FINISHED;
  call->bytes_received = content.length;
  const char *why = objection_to_answer(call, status, head, content);
  idv_call_read_head(call);
  if (why != NULL) {
    idv_buffer_reset(&call->content);
  }
  bool is_kept = why == NULL || (status >= 400 && status <= 599); /* a refusal says enough without its body */
  if (is_kept) {
    call->status = status;
    call->outcome = idv_outcome_of_status(status);
  } else {
    idv_call_fail(call, (idv_failure){IDV_FAILURE_PROTOCOL, why, true}, IDV_OUTCOME_UNKNOWN);
  }
  return is_kept;
}
