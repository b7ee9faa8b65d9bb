/*
 * Just enough of HTTP/2's framing to break it: requests are counted, never understood, and never answered.
 */
#ifndef FAULT_HTTP2_H
#define FAULT_HTTP2_H

#include <stdbool.h>

#include "fault_peer.h"

typedef enum http2_fault {
  HTTP2_GOAWAY_UNPROCESSED, /* says goodbye and that it has processed no stream */
  HTTP2_GOAWAY_PROCESSED,   /* says goodbye and that it may have processed this one */
  HTTP2_RESET,              /* ends the stream: INTERNAL_ERROR */
  HTTP2_REFUSED,            /* ends the stream: REFUSED_STREAM, which means that nothing was processed */
  HTTP2_ENDED               /* ends the stream as if all were well: NO_ERROR */
} http2_fault;

/* Serves a connection until it ends. `on_request` is called for each whole request. */
void http2_serve(const peer *p, http2_fault fault, void (*on_request)(void *data), void *data);

/* Waits until a whole request has come; the first on a connection has the preface before it. */
bool http2_await_request(const peer *p, bool is_first);

#endif
