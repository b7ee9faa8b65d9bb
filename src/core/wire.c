/* the older names are used on purpose, where the libcurl that is loaded does not know the newer ones */
#define CURL_DISABLE_DEPRECATION

#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include "diagnosis.h"
#include "engine.h"
#include "head.h"
#include "key_log.h"
#include "libcurl.h"
#include "tls.h"

/* How far into the idle handles to look for one that already has the settings. */
#define PLACES_TO_LOOK 16

/*
 * Receive buffers. Answers are a few KiB; a report may be a GiB. libcurl fills a buffer up to a hundred times
 * before it lets anybody else have a turn, so a larger one makes everything else wait longer.
 */
#define RECEIVE_BYTES (16L * 1024L)
#define DOWNLOAD_BYTES (64L * 1024L)

/*
 * Seconds after which an idle connection is not used again. Servers commonly close one after 60 to 75; a
 * request that is written just as they do is lost with its outcome unknown, so the client lets go first.
 */
#define LONGEST_IDLE 45L

/* Progress is news once this many more bytes have come. */
#define PROGRESS_STEP ((uint64_t)256 * 1024)

/* Room for a head as they commonly are. */
#define COMMON_HEAD ((size_t)1000)

/* ---- callbacks: nothing here ever calls back into the host ---- */

static size_t stop(idv_wire *wire, const char *why) {
  wire->stopped_by = why;
  return 0;
}

static const char out_of_memory[] = "memory ran out";
static const char too_large[] = "the answer is larger than max_response_bytes";

/* Stops because `buffer` could not take more, which is `why` unless memory was short. */
static size_t stop_at(idv_wire *wire, const idv_buffer *buffer, const char *why) {
  return stop(wire, buffer->state == IDV_BUFFER_NO_MEMORY ? out_of_memory : why);
}

static size_t on_head_line(char *bytes, size_t size, size_t count, void *data) {
  idv_wire *wire = data;
  idv_slice line = {.data = bytes, .length = size * count};
  if (wire->head.bytes == 0) {
    idv_buffer_reserve(&wire->call->head, COMMON_HEAD);
  }
  const char *why = idv_head_reader_add(&wire->head, &wire->call->head, line);
  if (why != NULL) {
    return stop_at(wire, &wire->call->head, why);
  }
  if (wire->head.has_doubtful_end && !wire->is_single) {
    wire->is_single = curl_easy_setopt(wire->easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
  }
  return line.length;
}

static int64_t expected_bytes(const idv_wire *wire) {
  curl_off_t length = -1;
  curl_easy_getinfo(wire->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return (int64_t)length;
}

/* Looks at the head once, when the first bytes of the body are there. */
static bool begin_content(idv_wire *wire, idv_slice bytes) {
  idv_call *call = wire->call;
  long status = wire->head.status;
  int64_t expected = expected_bytes(wire);
  wire->is_encoded = idv_head_is_encoded(idv_buffer_slice(&call->head));
  call->bytes_expected = wire->is_encoded ? -1 : expected;
  call->content_is_in_sink =
      call->sink != NULL && status >= 200 && status < 300 &&
      (call->route->is_download || !idv_head_is_of_json(idv_buffer_slice(&call->head), bytes));
  return call->content_is_in_sink || expected <= 0 || idv_buffer_reserve(&call->content, (size_t)expected);
}

static void tell_progress(idv_call *call) {
  if (call->tells_progress && call->bytes_received - call->told_bytes >= PROGRESS_STEP) {
    idv_engine_tell(&call->waitable);
  }
}

/* A file may be as large as it says it is; what unpacks into one may not grow without end. */
static bool is_bomb(const idv_wire *wire) {
  return wire->is_encoded && wire->call->bytes_received > wire->call->limits.max_response_bytes;
}

static size_t save(idv_wire *wire, const char *bytes, size_t length) {
  idv_call *call = wire->call;
  if (is_bomb(wire)) {
    return stop(wire, too_large);
  }
  tell_progress(call);
  return idv_sink_write(call->sink, bytes, length) ? length : stop(wire, idv_sink_failure(call->sink));
}

static size_t on_content(char *bytes, size_t size, size_t count, void *data) {
  idv_wire *wire = data;
  idv_call *call = wire->call;
  size_t length = size * count;
  if (!wire->head.is_complete) {
    return stop(wire, idv_failure_not_http.reason);
  }
  if (call->bytes_received == 0 && !begin_content(wire, (idv_slice){.data = bytes, .length = length})) {
    return stop_at(wire, &call->content, too_large);
  }
  call->bytes_received += length;
  if (call->content_is_in_sink) {
    return save(wire, bytes, length);
  }
  return idv_buffer_append(&call->content, bytes, length) ? length : stop_at(wire, &call->content, too_large);
}

/* Whether the other side may not be asked, which is then noted. */
static bool is_refused(const idv_wire *wire, const idv_ip *peer) {
  idv_call *call = wire->call;
  idv_reach reach = idv_route_objection_to_peer(call->route, idv_slice_of(call->url), peer);
  if (reach != IDV_REACH_PUBLIC) {
    call->refused = reach;
  }
  return reach != IDV_REACH_PUBLIC;
}

/* Comes after the name was looked up, so no name can stand for one address first and for another later. */
static curl_socket_t on_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
  idv_wire *wire = data;
  idv_ip peer = {.length = 0};
  idv_ip_of_socket(&address->addr, &peer);
  if (is_refused(wire, &peer)) {
    return CURL_SOCKET_BAD;
  }
  return idv_sockets_on_open(wire->sockets, purpose, address);
}

/* A connection that is open already, which a call to the API may have opened. */
static bool is_open_one_refused(const idv_wire *wire, const char *remote_ip) {
  idv_ip peer = {.length = 0};
  if (!wire->call->route->is_handed_out) {
    return false;
  }
  idv_ip_read(idv_slice_of(remote_ip), &peer);
  return is_refused(wire, &peer);
}

/*
 * Whether something came on the connection, which has answered before, since its last answer. libcurl looks
 * at the socket too (from 8.0 on), but earlier, and never at what the TLS library took in together with that
 * answer.
 */
static bool came_unasked(idv_wire *wire, idv_socket_ends ends) {
  idv_socket_state state = idv_sockets_look(wire->sockets, ends);
  wire->is_known_socket = state != IDV_SOCKET_UNUSED;
  bool may_be_in_tls = state == IDV_SOCKET_SILENT && wire->sees_tls;
  return state == IDV_SOCKET_UNASKED || (may_be_in_tls && idv_tls_has_pending(wire->easy));
}

/* Comes before each copy that is about to be sent: the first may go, a second may not. */
static int on_about_to_send(void *data, char *remote_ip, char *local_ip, int remote_port, int local_port) {
  idv_wire *wire = data;
  (void)local_ip;
  if (is_open_one_refused(wire, remote_ip)) {
    return CURL_PREREQFUNC_ABORT;
  }
  if (wire->was_written) {
    wire->refused_repeat = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (!wire->is_fresh && came_unasked(wire, (idv_socket_ends){remote_ip, remote_port, local_port})) {
    wire->refused_connection = true;
    return CURL_PREREQFUNC_ABORT;
  }
  wire->was_written = true;
  return CURL_PREREQFUNC_OK;
}

/* ---- settings ---- */

static bool set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

static bool set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

static bool restrict_protocols(CURL *easy) {
  if (set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")) {
    return true;
  }
  return set_long(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
}

static bool set_trust(CURL *easy, const idv_route *route) {
  return set_long(easy, CURLOPT_SSL_VERIFYPEER, 1) && set_long(easy, CURLOPT_SSL_VERIFYHOST, 2) &&
         set_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) && restrict_protocols(easy) &&
         set_long(easy, CURLOPT_FOLLOWLOCATION, 0) &&
         (route->ca_file == NULL || set_text(easy, CURLOPT_CAINFO, route->ca_file));
}

/* A proxy over TLS is held to the same as the server. */
static bool set_trust_in_proxy(CURL *easy, const idv_route *route) {
  return idv_proxy_kind_of(route->proxy) != IDV_PROXY_HTTPS ||
         (set_long(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1) &&
          set_long(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2) &&
          set_long(easy, CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
          (route->ca_file == NULL || set_text(easy, CURLOPT_PROXY_CAINFO, route->ca_file)));
}

/* Empty ones keep libcurl from reading the environment. */
static bool set_proxy(CURL *easy, const idv_route *route) {
  if (!set_text(easy, CURLOPT_NOPROXY, "") ||
      !set_text(easy, CURLOPT_PROXY, route->proxy != NULL ? route->proxy : "")) {
    return false;
  }
  return route->proxy == NULL ||
         (set_long(easy, CURLOPT_HTTPPROXYTUNNEL, 1) && set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) &&
          set_long(easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE) && set_trust_in_proxy(easy, route));
}

/*
 * The route's headers, and in front of them the line that libcurl would else compose for every request. It
 * decodes all that it can once it was told to accept something, whatever the line says. A file is not asked
 * for compressed, but may be stored so.
 */
static bool set_headers(idv_wire *wire, const idv_route *route) {
  bool is_download = route->is_download;
  memcpy(wire->first_line, IDV_ACCEPTED_ENCODING, sizeof IDV_ACCEPTED_ENCODING);
  if (is_download) {
    memcpy(wire->first_line, IDV_NO_ENCODING, sizeof IDV_NO_ENCODING);
  }
  wire->first_header = (struct curl_slist){.data = wire->first_line, .next = route->headers};
  return set_text(wire->easy, CURLOPT_ACCEPT_ENCODING, is_download ? "" : "gzip") &&
         curl_easy_setopt(wire->easy, CURLOPT_HTTPHEADER, &wire->first_header) == CURLE_OK;
}

static bool set_method(CURL *easy, const idv_route *route) {
  if (strcmp(route->method, "GET") == 0) {
    return set_long(easy, CURLOPT_HTTPGET, 1);
  }
  bool is_plain_post = strcmp(route->method, "POST") == 0;
  return set_long(easy, CURLOPT_POST, 1) &&
         (is_plain_post || set_text(easy, CURLOPT_CUSTOMREQUEST, route->method));
}

static bool set_callbacks(idv_wire *wire) {
  CURL *easy = wire->easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, wire);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, wire->words);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, wire);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_content);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, wire);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, wire);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, idv_sockets_on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, wire->sockets);
  if (wire->asks_first) {
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_about_to_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, wire);
  }
  return true;
}

/* What makes things better where libcurl knows it, and may be missing where it does not. */
static void set_niceties(CURL *easy, const idv_route *route, bool asks_first) {
  set_long(easy, CURLOPT_NOSIGNAL, 1);
  set_long(easy, CURLOPT_PATH_AS_IS, 1);
  set_long(easy, CURLOPT_BUFFERSIZE, route->is_download ? DOWNLOAD_BYTES : RECEIVE_BYTES);
  set_long(easy, CURLOPT_HTTP09_ALLOWED, 0);
  set_long(easy, CURLOPT_MAXAGE_CONN, LONGEST_IDLE);
  set_long(easy, CURLOPT_QUICK_EXIT, 1); /* never join a thread that waits for a name server */
  /* over HTTP/2 libcurl repeats a stream that was refused, on a fresh connection too, unless it asks first */
  bool is_http_2 = route->http_version == IDV_HTTP_2 && asks_first;
  set_long(easy, CURLOPT_HTTP_VERSION, is_http_2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  set_long(easy, CURLOPT_PIPEWAIT, is_http_2 ? 1 : 0);
}

/* Whether it can be seen, before a request goes out, that nothing came on a connection while it rested. */
static bool may_use_again(const idv_wire *wire, const idv_call *call) {
  bool has_tls = idv_slice_starts_ignoring_case(idv_slice_of(call->url), "https:");
  return wire->asks_first && (wire->sees_tls || !has_tls);
}

static bool set_flag(CURL *easy, CURLoption option, bool *present, bool wanted) {
  if (*present == wanted) {
    return true;
  }
  *present = wanted;
  return set_long(easy, option, wanted);
}

/*
 * Where libcurl does not ask, a fresh connection is also the one on which it never repeats a request. It is
 * not kept then: every call would leave one behind.
 */
static bool set_fresh(idv_wire *wire, const idv_call *call) {
  bool is_single = !may_use_again(wire, call);
  return set_flag(wire->easy, CURLOPT_FRESH_CONNECT, &wire->is_fresh, is_single || call->wants_fresh) &&
         set_flag(wire->easy, CURLOPT_FORBID_REUSE, &wire->is_single, is_single);
}

static bool set_connect_timeout(idv_wire *wire, int64_t timeout_ms) {
  if (wire->connect_timeout_ms == timeout_ms) {
    return true;
  }
  wire->connect_timeout_ms = timeout_ms;
  return set_long(wire->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
}

static bool set_names(idv_wire *wire, long seconds) {
  if (wire->names_seconds == seconds) {
    return true;
  }
  wire->names_seconds = seconds;
  return set_long(wire->easy, CURLOPT_DNS_CACHE_TIMEOUT, seconds);
}

static void drop_settings(idv_wire *wire) {
  if (wire->route != NULL) {
    curl_easy_reset(wire->easy);
    wire->connect_timeout_ms = -1;
    wire->names_seconds = 0;
    wire->is_fresh = wire->is_single = false;
    idv_address_forget(&wire->address);
    idv_route_release(wire->route);
    wire->route = NULL;
  }
}

static bool apply_route(idv_wire *wire, idv_route *route) {
  drop_settings(wire);
  wire->route = idv_route_retain(route);
  set_niceties(wire->easy, route, wire->asks_first);
  idv_key_log_choose(wire->easy, route->logs_keys);
  return set_trust(wire->easy, route) && set_proxy(wire->easy, route) && set_method(wire->easy, route) &&
         set_headers(wire, route) && set_callbacks(wire);
}

static bool apply_call(idv_wire *wire, const idv_call *call) {
  CURL *easy = wire->easy;
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a call is made with a route and keeps it */
  bool has_body = strcmp(call->route->method, "GET") != 0;
  if (has_body &&
      (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length) != CURLE_OK ||
       !set_text(easy, CURLOPT_POSTFIELDS, call->body != NULL ? call->body : ""))) {
    return false;
  }
  return idv_address_set(&wire->address, easy, call->url) && set_fresh(wire, call) &&
         set_connect_timeout(wire, call->limits.connect_timeout_ms);
}

/* ---- the store of handles ---- */

static bool sees_tls(void) {
  return idv_tls_is_known() && !idv_libcurl_hides_bytes(curl_version_info(CURLVERSION_NOW));
}

void idv_wires_init(idv_wires *wires, idv_sockets *sockets) {
  *wires = (idv_wires){
      .sockets = sockets,
      .asks_first = idv_libcurl_asks_first(),
      .serves_once = idv_libcurl_remembers_headers(curl_version_info(CURLVERSION_NOW)),
      .sees_tls = sees_tls(),
  };
}

static void free_wire(idv_wire *wire) {
  curl_easy_cleanup(wire->easy);
  idv_address_free(&wire->address);
  idv_route_release(wire->route);
  free(wire);
}

void idv_wires_keep(idv_wires *wires, size_t most) {
  while (wires->idle_count > most) {
    idv_wire *next = wires->idle->next_idle;
    free_wire(wires->idle);
    wires->idle = next;
    wires->idle_count--;
  }
}

void idv_wires_free(idv_wires *wires) {
  idv_wires_keep(wires, 0);
}

static idv_wire *new_wire(const idv_wires *wires) {
  idv_wire *wire = calloc(1, sizeof *wire);
  if (wire == NULL) {
    return NULL;
  }
  wire->sockets = wires->sockets;
  wire->connect_timeout_ms = -1;
  wire->asks_first = wires->asks_first;
  wire->sees_tls = wires->sees_tls;
  idv_address_init(&wire->address);
  wire->easy = curl_easy_init();
  if (wire->easy == NULL) {
    idv_address_free(&wire->address);
    free(wire);
    return NULL;
  }
  return wire;
}

/* An idle handle that last served `route`, else any idle one, else NULL. */
static idv_wire *take_idle(idv_wires *wires, const idv_route *route) {
  idv_wire **chosen = &wires->idle;
  idv_wire **at = &wires->idle;
  for (int i = 0; i < PLACES_TO_LOOK && *at != NULL; i++, at = &(*at)->next_idle) {
    if ((*at)->route == route) {
      chosen = at;
      break;
    }
  }
  idv_wire *wire = *chosen;
  if (wire != NULL) {
    *chosen = wire->next_idle;
    wires->idle_count--;
  }
  return wire;
}

static bool set_up(idv_wire *wire, idv_call *call, long names_seconds) {
  wire->call = call;
  wire->was_written = false;
  wire->refused_repeat = false;
  wire->is_encoded = false;
  wire->refused_connection = false;
  wire->is_known_socket = false;
  wire->head = (idv_head_reader){0};
  wire->stopped_by = NULL;
  wire->words[0] = '\0';
  return (wire->route == call->route || apply_route(wire, call->route)) && apply_call(wire, call) &&
         set_names(wire, names_seconds);
}

idv_wire *idv_wires_take(idv_wires *wires, idv_call *call, long names_seconds) {
  idv_wire *wire = take_idle(wires, call->route);
  if (wire == NULL) {
    wire = new_wire(wires);
  }
  if (wire != NULL && !set_up(wire, call, names_seconds)) {
    free_wire(wire);
    return NULL;
  }
  return wire;
}

void idv_wires_give_back(idv_wires *wires, idv_wire *wire) {
  if (wires->serves_once) {
    free_wire(wire);
    return;
  }
  wire->call = NULL;
  bool nobody_else_has_the_route = wire->route != NULL && wire->route->references == 1;
  if (nobody_else_has_the_route) {
    drop_settings(wire);
  }
  wire->next_idle = wires->idle;
  wires->idle = wire;
  wires->idle_count++;
}

/* ---- the verdict ---- */

static bool has_tunnel(const idv_route *route) {
  idv_proxy_kind kind = idv_proxy_kind_of(route->proxy);
  return kind == IDV_PROXY_HTTP || kind == IDV_PROXY_HTTPS;
}

/* Whether a connection was begun for this transfer and has not come further than to an HTTP proxy. */
static bool is_before_tunnel(const idv_wire *wire) {
  long connections = 0, proxy_status = 0;
  curl_easy_getinfo(wire->easy, CURLINFO_NUM_CONNECTS, &connections);
  curl_easy_getinfo(wire->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  return has_tunnel(wire->route) && connections > 0 && proxy_status / 100 != 2;
}

bool idv_wire_was_written(const idv_wire *wire) {
  if (wire->asks_first) {
    return wire->was_written;
  }
  long request_bytes = 0;
  curl_easy_getinfo(wire->easy, CURLINFO_REQUEST_SIZE, &request_bytes); /* that to a proxy is counted too */
  return request_bytes > 0 && !is_before_tunnel(wire);
}

/* 11 or 20; 0 when there was no answer. */
static long http_version_of(const idv_wire *wire) {
  long version = CURL_HTTP_VERSION_NONE;
  curl_easy_getinfo(wire->easy, CURLINFO_HTTP_VERSION, &version);
  switch (version) {
  case CURL_HTTP_VERSION_1_0:
    return 10;
  case CURL_HTTP_VERSION_1_1:
    return 11;
  case CURL_HTTP_VERSION_2_0:
    return 20;
  default:
    return 0;
  }
}

static void read_figures(idv_wire *wire) {
  idv_call *call = wire->call;
  long request_bytes = 0, connections = 0;
  curl_off_t uploaded = 0;
  curl_easy_getinfo(wire->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
  curl_easy_getinfo(wire->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  curl_easy_getinfo(wire->easy, CURLINFO_NUM_CONNECTS, &connections);
  call->http_version = http_version_of(wire);
  call->bytes_sent = (uint64_t)request_bytes + (uint64_t)uploaded;
  call->reused_connection = idv_wire_was_written(wire) && connections == 0;
}

static idv_failure diagnose(const idv_wire *wire, CURLcode code) {
  idv_evidence evidence = {.code = code,
                           .proxy = idv_proxy_kind_of(wire->route->proxy),
                           .words = wire->words,
                           .was_written = idv_wire_was_written(wire)};
  idv_evidence_collect(&evidence, wire->easy);
  wire->call->proxy_status = idv_evidence_has_refusal_of_proxy(&evidence) ? evidence.proxy_status : 0;
  return idv_diagnose(&evidence);
}

static idv_failure failure_of(const idv_wire *wire, CURLcode code) {
  if (wire->stopped_by == out_of_memory) {
    return idv_failure_of_curl(CURLE_OUT_OF_MEMORY);
  }
  if (wire->stopped_by != NULL) {
    bool is_disk = wire->call->content_is_in_sink && wire->stopped_by != too_large;
    return (idv_failure){is_disk ? IDV_FAILURE_FILE : IDV_FAILURE_PROTOCOL, wire->stopped_by, true};
  }
  bool is_in_head = wire->head.bytes > 0 && !wire->head.is_complete;
  if (code == CURLE_OUT_OF_MEMORY && is_in_head) { /* libcurl before 8.6 says it of a line without end too */
    return idv_failure_head_unreadable;
  }
  bool is_by_us = code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK;
  if (wire->call->refused != IDV_REACH_PUBLIC && is_by_us) {
    return idv_failure_out_of_reach;
  }
  wire->call->refused = IDV_REACH_PUBLIC; /* of several addresses another one was gone to */
  return diagnose(wire, code);
}

/* A status of 400 or more says enough, even when the rest of the answer never came. */
static bool is_refusal_without_rest(const idv_wire *wire) {
  return wire->head.is_complete && wire->call->status >= 400;
}

/*
 * Of a transfer that libcurl found good, and whose connection it keeps: from now on that has to be silent
 * until it is asked, and is not to be used at all after half a head.
 */
static void note_turn(const idv_wire *wire) {
  bool is_noted = wire->is_known_socket && wire->head.is_complete;
  curl_socket_t fd = CURL_SOCKET_BAD;
  if (wire->call->http_version != 20 && !is_noted && !wire->is_single &&
      curl_easy_getinfo(wire->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD) {
    idv_sockets_takes_turns(wire->sockets, fd, wire->head.is_complete);
  }
}

void idv_wire_conclude(idv_wire *wire, CURLcode code) {
  idv_call *call = wire->call;
  read_figures(wire);
  call->status = wire->head.is_complete ? wire->head.status : 0;
  if (code == CURLE_OK) {
    note_turn(wire);
  }
  if (code == CURLE_OK && wire->head.is_complete) {
    return;
  }
  idv_buffer_reset(&call->content);
  if (!is_refusal_without_rest(wire)) {
    call->failure = code != CURLE_OK ? failure_of(wire, code) : idv_failure_head_cut;
    call->status = 0;
  }
}
