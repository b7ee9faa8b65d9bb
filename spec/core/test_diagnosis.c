/*
 * diagnosis.c: whose fault a failure was, and which of the repairs it needs, from what libcurl and the TLS
 * library say.
 */
#include "diagnosis.h"

#include "check.h"

#define OPENSSL "OpenSSL/3.0.15"
#define GNUTLS "GnuTLS/3.7.9"
#define NOT_VERIFIED ((CURLcode)60)

typedef struct row {
  const char *what;
  idv_evidence evidence;
  const char *reason_holds;
  bool is_permanent;
} row;

#define CERTIFICATE(library, number)                                                                         \
  { .code = NOT_VERIFIED, .tls = (library), .server_verdict = (number) }
#define HANDSHAKE(text)                                                                                      \
  { .code = CURLE_SSL_CONNECT_ERROR, .tls = OPENSSL, .server_verdict = 1, .words = (text) }
#define BY_PROXY(kind_of_it, result)                                                                         \
  { .code = (result), .tls = OPENSSL, .proxy = (kind_of_it) }

static const row rows[] = {
    {"expired", CERTIFICATE(OPENSSL, 10), "has expired, or the clock", true},
    {"expired, of a fork", CERTIFICATE("LibreSSL/3.7.0", 10), "has expired", true},
    {"expired, of another fork", CERTIFICATE("BoringSSL", 10), "has expired", true},
    {"expired, GnuTLS", CERTIFICATE(GNUTLS, 1 << 1 | 1 << 10), "has expired", true},
    {"not yet valid", CERTIFICATE(OPENSSL, 9), "not valid yet, or the clock", true},
    {"not yet valid, GnuTLS", CERTIFICATE(GNUTLS, 1 << 1 | 1 << 9), "not valid yet", true},
    {"wrong name: libcurl's own look", CERTIFICATE(OPENSSL, 0), "another host", true},
    {"wrong name: 1 is what OpenSSL begins with", CERTIFICATE(OPENSSL, 1), "another host", true},
    {"signature, GnuTLS", CERTIFICATE(GNUTLS, 1 << 1 | 1 << 11), "authority", true},
    {"wrong name, GnuTLS", CERTIFICATE(GNUTLS, 0), "another host", true},
    {"wrong name, OpenSSL's look", CERTIFICATE(OPENSSL, 62), "another host", true},
    {"wrong address, OpenSSL's look", CERTIFICATE(OPENSSL, 64), "another host", true},
    {"wrong name, before 7.62", {.code = (CURLcode)51, .tls = OPENSSL}, "another host", true},
    {"authority unknown", CERTIFICATE(OPENSSL, 20), "ca_file", true},
    {"authority in the chain unknown", CERTIFICATE(OPENSSL, 19), "authority", true},
    {"intermediate missing", CERTIFICATE(OPENSSL, 21), "in between", true},
    {"authority unknown, GnuTLS", CERTIFICATE(GNUTLS, 1 << 1 | 1 << 6), "ca_file", true},
    {"signed by itself", CERTIFICATE(OPENSSL, 18), "signed by itself", true},
    {"revoked", CERTIFICATE(OPENSSL, 23), "revoked", true},
    {"revoked and expired, GnuTLS", CERTIFICATE(GNUTLS, 1 << 5 | 1 << 10), "revoked", true},
    {"weak", CERTIFICATE(OPENSSL, 66), "too weak", true},
    {"weak, GnuTLS", CERTIFICATE(GNUTLS, 1 << 1 | 1 << 8), "too weak", true},
    {"something else", CERTIFICATE(OPENSSL, 9999), "could not be verified", true},
    {"something else, GnuTLS", CERTIFICATE(GNUTLS, 1L << 40), "could not be verified", true},
    {"another library", CERTIFICATE("mbedTLS/3.1", 10), "could not be verified", true},
    {"two libraries, the first in brackets", CERTIFICATE("(OpenSSL/3.0) mbedTLS/3", 10), "could not be",
     true},
    {"no library", CERTIFICATE(NULL, 10), "could not be verified", true},
    {"old version", HANDSHAKE("error:0A000102:SSL routines::unsupported protocol"), "1.2", true},
    {"old version, by alert", HANDSHAKE("tlsv1 alert protocol version"), "1.2", true},
    {"no TLS", HANDSHAKE("OpenSSL/3: error:0A00010B:SSL routines::wrong version number"), "not speak TLS",
     true},
    {"no TLS, GnuTLS", HANDSHAKE("gnutls_handshake() failed: An unexpected TLS packet was received."),
     "not speak TLS", true},
    {"wants ours", HANDSHAKE("tlsv13 alert certificate required"), "certificate of the client", true},
    {"wants ours, by code", {.code = (CURLcode)98, .tls = OPENSSL}, "certificate of the client", true},
    {"wants ours, after the request",
     {.code = CURLE_RECV_ERROR, .words = "tlsv13 alert certificate required", .was_written = true},
     "certificate of the client",
     true},
    {"signature of another", HANDSHAKE("error:06880006:asn1 encoding routines::EVP lib"), "authority", true},
    {"name unknown", HANDSHAKE("tlsv1 unrecognized name"), "does not know the host", true},
    {"nothing in common", HANDSHAKE("sslv3 alert handshake failure"), "still safe", true},
    {"nothing in common, GnuTLS", HANDSHAKE("gnutls_handshake() failed: Handshake failed"), "still safe",
     true},
    {"old version, GnuTLS", HANDSHAKE("gnutls_handshake() failed: Error in protocol version"), "1.2", true},
    {"name unknown, GnuTLS", HANDSHAKE("gnutls_handshake() failed: The server name sent was not recognized"),
     "does not know the host", true},
    {"wants ours, GnuTLS", HANDSHAKE("gnutls_handshake() failed: Certificate is required"), "of the client",
     true},
    {"broke, GnuTLS", HANDSHAKE("gnutls_handshake() failed: Internal error"), "handshake failed", false},
    {"short key", HANDSHAKE("SSL routines::dh key too small"), "still safe", true},
    {"broke", HANDSHAKE("OpenSSL SSL_connect: Connection reset by peer"), "handshake failed", false},
    {"without words", HANDSHAKE(""), "handshake failed", false},
    {"proxy's name", BY_PROXY(IDV_PROXY_HTTP, CURLE_COULDNT_RESOLVE_PROXY), "name of the proxy", false},
    {"proxy is down", BY_PROXY(IDV_PROXY_HTTP, CURLE_COULDNT_CONNECT), "connection to the proxy", false},
    {"SOCKS proxy is down", BY_PROXY(IDV_PROXY_SOCKS, CURLE_COULDNT_CONNECT), "connection to the proxy",
     false},
    {"proxy hangs up", BY_PROXY(IDV_PROXY_HTTP, CURLE_RECV_ERROR), "broke before it had answered", false},
    {"proxy says nothing", BY_PROXY(IDV_PROXY_HTTP, CURLE_GOT_NOTHING), "broke before it had answered",
     false},
    {"proxy takes too long", BY_PROXY(IDV_PROXY_HTTP, CURLE_OPERATION_TIMEDOUT), "through the proxy", false},
    {"proxy speaks something else", BY_PROXY(IDV_PROXY_HTTP, CURLE_WEIRD_SERVER_REPLY), "HTTP proxy", true},
    {"server's name, by SOCKS", BY_PROXY(IDV_PROXY_SOCKS, CURLE_COULDNT_RESOLVE_HOST), "name of the server",
     false},
    {"407",
     {.code = CURLE_RECV_ERROR, .proxy = IDV_PROXY_HTTP, .proxy_status = 407},
     "the proxy refused",
     true},
    {"503 of a proxy over TLS",
     {.code = CURLE_COULDNT_CONNECT, .proxy = IDV_PROXY_HTTPS, .proxy_status = 503},
     "the proxy refused",
     true},
    {"certificate of the proxy",
     {.code = NOT_VERIFIED,
      .tls = OPENSSL,
      .proxy = IDV_PROXY_HTTPS,
      .proxy_verdict = 10,
      .server_verdict = 20},
     "of the proxy has expired",
     true},
    {"name of the proxy's certificate",
     {.code = NOT_VERIFIED, .tls = OPENSSL, .proxy = IDV_PROXY_HTTPS},
     "in the option proxy",
     true},
    {"certificate of the server, behind a proxy over TLS",
     {.code = NOT_VERIFIED,
      .tls = OPENSSL,
      .proxy = IDV_PROXY_HTTPS,
      .proxy_status = 200,
      .server_verdict = 10},
     "of the server has expired",
     true},
    {"certificate of the server, behind a plain proxy",
     {.code = NOT_VERIFIED,
      .tls = OPENSSL,
      .proxy = IDV_PROXY_HTTP,
      .proxy_status = 200,
      .server_verdict = 10},
     "of the server has expired",
     true},
    {"certificate of the server, behind SOCKS",
     {.code = NOT_VERIFIED, .tls = OPENSSL, .proxy = IDV_PROXY_SOCKS, .server_verdict = 10},
     "of the server has expired",
     true},
    {"plain proxy that was called https",
     {.code = CURLE_SSL_CONNECT_ERROR, .proxy = IDV_PROXY_HTTPS, .words = "wrong version number"},
     "the proxy does not speak TLS",
     true},
    {"answer cut, behind a proxy",
     {.code = CURLE_RECV_ERROR, .proxy = IDV_PROXY_HTTP, .proxy_status = 200, .was_written = true},
     "while the answer was read",
     false},
    {"answer cut, on a tunnel that is used again",
     {.code = CURLE_RECV_ERROR, .proxy = IDV_PROXY_HTTP, .was_written = true},
     "while the answer was read",
     false},
};

static void each_has_its_sentence(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_evidence evidence = rows[i].evidence;
    evidence.words = evidence.words != NULL ? evidence.words : "";
    idv_failure failure = idv_diagnose(&evidence);
    CHECK(rows[i].what, strstr(failure.reason, rows[i].reason_holds) != NULL);
    CHECK(rows[i].what, failure.is_permanent == rows[i].is_permanent);
    CHECK(rows[i].what, failure.reason[strlen(failure.reason) - 1] != '.');
  }
}

static void what_socks_says(void **state) {
  (void)state;
#if LIBCURL_VERSION_NUM >= 0x074900
  static const struct {
    long error;
    const char *reason_holds;
    bool is_permanent;
  } errors[] = {
      {CURLPX_USER_REJECTED, "user name", true},
      {CURLPX_NO_AUTH, "user name", true},
      {CURLPX_REPLY_NOT_ALLOWED, "allow", true},
      {CURLPX_REPLY_CONNECTION_REFUSED, "could not connect", true},
      {CURLPX_REPLY_HOST_UNREACHABLE, "could not connect", true},
      {CURLPX_RESOLVE_HOST, "name of the server", false},
      {CURLPX_CLOSED, "broke", false},
      {CURLPX_RECV_REQACK, "broke", false},
      {CURLPX_BAD_VERSION, "SOCKS", true},
      {999, "SOCKS", true},
  };
  for (size_t i = 0; i < COUNT_OF(errors); i++) {
    idv_evidence evidence = {
        .code = CURLE_PROXY, .proxy = IDV_PROXY_SOCKS, .proxy_error = errors[i].error, .words = ""};
    idv_failure failure = idv_diagnose(&evidence);
    CHECK(errors[i].reason_holds, strstr(failure.reason, errors[i].reason_holds) != NULL);
    CHECK(errors[i].reason_holds, failure.is_permanent == errors[i].is_permanent);
  }
#endif
}

/* Nothing is left without a sentence, whatever comes together. */
static void any_evidence_has_a_diagnosis(void **state) {
  (void)state;
  for (int code = 1; code < CURL_LAST; code++) {
    for (int kind = IDV_PROXY_NONE; kind <= IDV_PROXY_SOCKS; kind++) {
      for (long status = 0; status < 600; status += 100) {
        idv_evidence evidence = {
            .code = (CURLcode)code, .proxy = (idv_proxy_kind)kind, .proxy_status = status, .words = ""};
        idv_failure failure = idv_diagnose(&evidence);
        CHECK(curl_easy_strerror(evidence.code), failure.kind != IDV_FAILURE_NONE && failure.reason != NULL);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_has_its_sentence),
      cmocka_unit_test(what_socks_says),
      cmocka_unit_test(any_evidence_has_a_diagnosis),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
