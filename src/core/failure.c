#include "failure.h"

#include <stddef.h>

#include <curl/curl.h>

#include "libcurl.h"

typedef struct entry {
  CURLcode code;
  idv_failure failure;
} entry;

#define NETWORK(text)                                                                                        \
  { IDV_FAILURE_NETWORK, text, false }
#define PERMANENT(text)                                                                                      \
  { IDV_FAILURE_NETWORK, text, true }
#define PROTOCOL(text)                                                                                       \
  { IDV_FAILURE_PROTOCOL, text, true }

#define HEAD_TOO_LARGE                                                                                       \
  { IDV_FAILURE_PROTOCOL, "the head of the answer is too large", true }

#define UNDECODABLE                                                                                          \
  { IDV_FAILURE_PROTOCOL, "the compressed answer could not be read", true }

const idv_failure idv_failure_head_too_large = HEAD_TOO_LARGE;
const idv_failure idv_failure_undecodable = UNDECODABLE;
const idv_failure idv_failure_not_http = PROTOCOL("the answer was not HTTP");
const idv_failure idv_failure_head_cut = NETWORK("the connection was closed in the head of the answer");
const idv_failure idv_failure_head_unreadable = {
    IDV_FAILURE_PROTOCOL, "the head of the answer could not be held: a line without end, or memory ran out",
    true};

const idv_failure idv_failure_out_of_reach = {IDV_FAILURE_PROTOCOL, "the address leads to no public host",
                                              true};

/* libcurl before 7.62 has two codes for a certificate that is no good, and names only the rarer one as it is
 * named now. */
#define OLD_PEER_FAILED_VERIFICATION ((CURLcode)51)
#define ANY_PEER_FAILED_VERIFICATION ((CURLcode)60)

static const entry entries[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, NETWORK("the name of the proxy could not be resolved")},
    {CURLE_COULDNT_RESOLVE_HOST, NETWORK("the name of the server could not be resolved")},
    {CURLE_COULDNT_CONNECT, NETWORK("no connection could be made")},
    {CURLE_OPERATION_TIMEDOUT, {IDV_FAILURE_TIMEOUT, "no connection came up within connect_timeout", false}},
    {CURLE_SSL_CONNECT_ERROR, NETWORK("the TLS handshake failed")},
    {ANY_PEER_FAILED_VERIFICATION, PERMANENT("the certificate of the server could not be verified")},
    {OLD_PEER_FAILED_VERIFICATION, PERMANENT("the certificate of the server could not be verified")},
    {CURLE_SSL_CACERT_BADFILE, PERMANENT("the file of trusted certificates could not be read: install "
                                         "ca-certificates, or check the option ca_file")},
    {CURLE_SSL_CERTPROBLEM, PERMANENT("the TLS settings of this machine do not work")},
    {CURLE_SSL_CIPHER, PERMANENT("the TLS settings of this machine do not work")},
    {CURLE_SSL_ENGINE_INITFAILED, PERMANENT("the TLS settings of this machine do not work")},
    {CURLE_SEND_ERROR, NETWORK("the connection broke while the request was sent")},
    {CURLE_RECV_ERROR, NETWORK("the connection broke while the answer was read")},
    {CURLE_GOT_NOTHING, NETWORK("the connection was closed without an answer")},
    {CURLE_PARTIAL_FILE, NETWORK("the connection was closed in the middle of the answer")},
    {CURLE_HTTP2, NETWORK("the HTTP/2 connection broke")},
    {CURLE_HTTP2_STREAM, NETWORK("the HTTP/2 stream was ended without a whole answer")},
    {CURLE_ABORTED_BY_CALLBACK, NETWORK("the kept-alive connection died after the request was sent")},
    {CURLE_WEIRD_SERVER_REPLY, PROTOCOL("the answer was not HTTP")},
    {CURLE_UNSUPPORTED_PROTOCOL, PROTOCOL("the answer was not HTTP")},
    {CURLE_BAD_CONTENT_ENCODING, UNDECODABLE},
    {CURLE_TOO_LARGE, HEAD_TOO_LARGE},
    {CURLE_OUT_OF_MEMORY, {IDV_FAILURE_NETWORK, "memory ran out", true}},
    {CURLE_URL_MALFORMAT, PERMANENT("the address could not be used")},
};

static const idv_failure anything_else = NETWORK("the request could not be carried out");

idv_failure idv_failure_of_curl(int code) {
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    if (entries[i].code == (CURLcode)code) {
      return entries[i].failure;
    }
  }
  return anything_else;
}

const char *idv_failure_kind_name(idv_failure_kind kind) {
  static const char *const names[] = {
      [IDV_FAILURE_NONE] = "none",       [IDV_FAILURE_NETWORK] = "network",
      [IDV_FAILURE_TIMEOUT] = "timeout", [IDV_FAILURE_PROTOCOL] = "protocol",
      [IDV_FAILURE_FILE] = "file",       [IDV_FAILURE_CANCELLED] = "cancelled",
  };
  return names[kind];
}

const char *idv_outcome_name(idv_outcome outcome) {
  static const char *const names[] = {
      [IDV_OUTCOME_NOT_SENT] = "not_sent",
      [IDV_OUTCOME_REFUSED] = "refused",
      [IDV_OUTCOME_UNKNOWN] = "unknown",
  };
  return names[outcome];
}

idv_outcome idv_outcome_of_status(long status) {
  return status >= 400 && status < 500 ? IDV_OUTCOME_REFUSED : IDV_OUTCOME_UNKNOWN;
}
