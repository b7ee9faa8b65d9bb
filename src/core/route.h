/*
 * Everything that stays the same from one request of an operation to the next: method, headers with the
 * credentials, trust, proxy, limits.
 *
 * A route is built once, shared by its calls through a count of references, and not changed after its first
 * call. New credentials are a new route; calls in flight keep the one they began with. Freed memory is wiped.
 */
#ifndef IDV_ROUTE_H
#define IDV_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "permits.h"
#include "proxy.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/* The largest head of an answer, in bytes. Far above what APIs send, far below what would hurt. */
#define IDV_HEAD_CEILING ((size_t)64 * 1024)

typedef enum idv_http_version { IDV_HTTP_1_1, IDV_HTTP_2 } idv_http_version;

typedef struct idv_limits {
  int64_t timeout_ms;         /* for the whole call: waiting in line, every attempt and every pause */
  int64_t connect_timeout_ms; /* for each attempt to get a connection, TLS included */
  unsigned max_retries;
  size_t max_response_bytes; /* after decompression; a report that is stored as it is and goes to disk is not
                                counted */
} idv_limits;

typedef struct idv_route {
  unsigned references;
  char *method;
  char *base; /* what every address begins with, without a slash at its end; NULL: calls bring whole addresses
               */
  char *origin;  /* of the base, once idv_call_check_base has found it fine; else NULL */
  char *ca_file; /* NULL: the system's store */
  char *proxy;   /* NULL: none, whatever the environment says */
  struct curl_slist *headers;
  idv_http_version http_version;
  bool is_safe;       /* may be repeated without harm */
  bool allows_http;   /* plain http to loopback is fine; ask idv_route_allows_http */
  bool logs_keys;     /* the keys of its TLS connections go where SSLKEYLOGFILE says, see key_log.h */
  bool is_download;   /* a file is expected; not asked for compressed */
  bool is_handed_out; /* addresses come from answers: only what is permitted may be gone to */
  idv_permits permits;
  unsigned max_connections; /* to one origin */
  idv_limits limits;
} idv_route;

/* A route with one reference and no headers yet. NULL when memory is short. */
idv_route *idv_route_new(const char *method);

/* Sets or replaces a text; NULL takes it away. False when memory is short. */
bool idv_route_set_base(idv_route *route, const char *base);
bool idv_route_set_ca_file(idv_route *route, const char *ca_file);
bool idv_route_set_proxy(idv_route *route, const char *proxy);

/*
 * Whether plain http to loopback is fine: not through a proxy on another machine, to which all would go in
 * the clear.
 */
bool idv_route_allows_http(const idv_route *route);

/* How far `url` leads, for a route that is handed out, when that is too far: only hosts that are addresses
 * are known. Else IDV_REACH_PUBLIC. */
idv_reach idv_route_objection_to_url(const idv_route *route, idv_slice url);

/* The same for the address that the host of `url` stands for. With a proxy it is the proxy's, and always
 * fine. */
idv_reach idv_route_objection_to_peer(const idv_route *route, idv_slice url, const idv_ip *peer);

/*
 * Adds a header. False for a name or value that could break out of its line, and when memory is short.
 */
bool idv_route_add_header(idv_route *route, idv_slice name, idv_slice value);

idv_route *idv_route_retain(idv_route *route);

/* Gives one reference back; the last one frees. NULL is fine. */
void idv_route_release(idv_route *route);

#pragma GCC visibility pop

#endif
