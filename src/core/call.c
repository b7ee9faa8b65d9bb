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

static void copy_request(idv_call *call, idv_slice url, idv_slice body) {
  memcpy(call->bytes, url.data, url.length);
  call->bytes[url.length] = '\0';
  call->url = call->bytes;
  if (body.data != NULL) {
    char *at = call->bytes + url.length + 1;
    memcpy(at, body.data, body.length);
    call->body = at;
    call->body_length = body.length;
  }
}

idv_call_problem idv_call_new(idv_route *route, idv_slice url, idv_slice body, idv_call **made) {
  idv_call_problem problem = idv_call_check_url(url, route->allows_http);
  if (problem != IDV_CALL_FINE) {
    return problem;
  }
  idv_call *call = calloc(1, sizeof *call + url.length + 1 + body.length);
  if (call == NULL) {
    return IDV_CALL_NO_MEMORY;
  }
  init_waitable(&call->waitable, IDV_WAITABLE_CALL);
  idv_link_init(&call->in_line);
  copy_request(call, url, body);
  call->route = idv_route_retain(route);
  call->limits = route->limits;
  call->retry_after_ms = -1;
  call->bytes_expected = -1;
  idv_buffer_init(&call->head, IDV_HEAD_CEILING);
  idv_buffer_init(&call->content, call->limits.max_response_bytes);
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
static const char *objection_to_answer(idv_call *call, idv_slice head, idv_slice content) {
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
  const char *why = objection_to_answer(call, head, content);
  idv_call_read_head(call);
  if (why != NULL) {
    idv_buffer_reset(&call->content);
  }
  bool is_kept = why == NULL || status >= 400; /* a refusal says enough without its body */
  if (is_kept) {
    call->status = status;
    call->outcome = idv_outcome_of_status(status);
  } else {
    idv_call_fail(call, (idv_failure){IDV_FAILURE_PROTOCOL, why, true}, IDV_OUTCOME_UNKNOWN);
  }
  return is_kept;
}
