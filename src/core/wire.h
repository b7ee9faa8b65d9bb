/*
 * One attempt to carry a call: an easy handle of libcurl, its settings, its callbacks, its verdict.
 *
 * Handles are kept and reused; one that last served the same route only needs the address and the body of the
 * new call. Here the security of the transport is set: TLS 1.2 or newer, peer and host verified, http and
 * https only, no redirect followed, no proxy or credentials out of the environment. And here libcurl's habit
 * of sending a request a second time, when a kept-alive connection dies under it, is stopped: an attempt is
 * one copy.
 */
#ifndef IDV_WIRE_H
#define IDV_WIRE_H

#include <stdbool.h>

#include <curl/curl.h>

#include "address.h"
#include "call.h"
#include "head_reader.h"
#include "sockets.h"

#pragma GCC visibility push(hidden)

/* What libcurl can decode everywhere; and what keeps libcurl from asking for anything. */
#define IDV_ACCEPTED_ENCODING "Accept-Encoding: gzip"
#define IDV_NO_ENCODING "Accept-Encoding:"

typedef struct idv_wire {
  CURL *easy;
  idv_address address;
  idv_route *route; /* whose settings the handle has; NULL when it has none */
  idv_call *call;   /* the call it is carrying; NULL when idle */
  idv_sockets *sockets;
  struct curl_slist first_header; /* in front of the route's */
  char first_line[sizeof IDV_ACCEPTED_ENCODING];
  int64_t connect_timeout_ms; /* that the handle is set to, -1 while it has none */
  long names_seconds;         /* the same, see names.h; 0 while it has none */
  bool asks_first;            /* libcurl asks before it sends, see on_about_to_send */
  bool sees_tls;              /* the TLS library can be asked what it holds of a connection, see tls.h */
  bool was_written;           /* a copy has been allowed to leave; ask idv_wire_was_written */
  bool refused_repeat;        /* libcurl wanted to send a second copy */
  bool is_encoded;            /* the body is unpacked as it comes */
  bool refused_connection;    /* something had come unasked on the one that libcurl chose */
  bool is_fresh;              /* the handle is set to open a connection of its own */
  bool is_single;             /* the handle is set to keep none for others */
  bool is_known_socket;       /* an answer had come before on the connection that was chosen */
  idv_head_reader head;
  const char *stopped_by;      /* why a callback broke the transfer off; static, NULL when none did */
  char words[CURL_ERROR_SIZE]; /* of libcurl about a failure; looked at, never shown */
  struct idv_wire *next_idle;
} idv_wire;

typedef struct idv_wires {
  idv_wire *idle;
  size_t idle_count;
  bool asks_first;
  bool serves_once; /* a handle is freed after its transfer, see idv_libcurl_remembers_headers */
  bool sees_tls;
  idv_sockets *sockets; /* the engine's; outlives the wires */
} idv_wires;

void idv_wires_init(idv_wires *wires, idv_sockets *sockets);

/* Frees the idle handles. */
void idv_wires_free(idv_wires *wires);

/*
 * A handle set up for the call, ready to be added to a multi handle; `names_seconds` is how old a name may
 * be. NULL when that fails.
 */
idv_wire *idv_wires_take(idv_wires *wires, idv_call *call, long names_seconds);

/* Takes a handle, which is in no multi handle any more, back into store, or frees it where it serves once. */
void idv_wires_give_back(idv_wires *wires, idv_wire *wire);

/* Frees idle handles until no more than `most` are left. */
void idv_wires_keep(idv_wires *wires, size_t most);

/* Whether a byte of the request may have left. */
bool idv_wire_was_written(const idv_wire *wire);

/* Writes what came of the transfer into the call: status, failure, figures. `code` is libcurl's. */
void idv_wire_conclude(idv_wire *wire, CURLcode code);

#pragma GCC visibility pop

#endif
