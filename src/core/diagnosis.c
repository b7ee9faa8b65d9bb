#include "diagnosis.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "libcurl.h"

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

void idv_evidence_collect(idv_evidence *evidence, CURL *easy) {
  evidence->tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &evidence->proxy_status);
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &evidence->server_verdict);
  curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &evidence->proxy_verdict);
#if LIBCURL_VERSION_NUM >= 0x074900
  curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &evidence->proxy_error);
#endif
}

/* ---- sentences: one about the server, one about the proxy ---- */

typedef struct sentence {
  const char *of_server;
  const char *of_proxy;
} sentence;

#define OF_BOTH(before, after)                                                                               \
  { before "server" after, before "proxy" after }
#define CLOCK ", or the clock of this machine is wrong"

static const sentence expired = OF_BOTH("the certificate of the ", " has expired" CLOCK);
static const sentence not_yet_valid = OF_BOTH("the certificate of the ", " is not valid yet" CLOCK);
static const sentence for_another_name = {
    "the certificate of the server is for another host: check the name in the address (base_url)",
    "the certificate of the proxy is for another host: check the name in the option proxy"};
static const sentence unknown_issuer = OF_BOTH(
    "the certificate of the ", " comes from an authority that this machine does not trust, or the "
                               "certificates in between are not sent: install ca-certificates, or name the "
                               "authority's file in ca_file");
static const sentence signed_by_itself =
    OF_BOTH("the certificate of the ",
            " is signed by itself, so no authority vouches for it: if it is the right one, name its file in "
            "ca_file");
static const sentence revoked = OF_BOTH("the certificate of the ", " has been revoked by its authority");
static const sentence too_weak =
    OF_BOTH("the certificate of the ", " has a key or a signature that is too weak to be trusted");
static const sentence unverified = OF_BOTH(
    "the certificate of the ", " could not be verified: check the clock of this machine, the name in the "
                               "address and the trusted certificates (ca_file)");

/* ---- certificates ---- */

/* The numbers of OpenSSL (X509_V_ERR_...), which its forks share. */
static const struct {
  long number;
  const sentence *means;
} openssl_verdicts[] = {
    {2, &unknown_issuer},    /* UNABLE_TO_GET_ISSUER_CERT */
    {7, &unknown_issuer},    /* CERT_SIGNATURE_FAILURE: an authority of the same name, with another key */
    {9, &not_yet_valid},     /* CERT_NOT_YET_VALID */
    {10, &expired},          /* CERT_HAS_EXPIRED */
    {18, &signed_by_itself}, /* DEPTH_ZERO_SELF_SIGNED_CERT */
    {19, &unknown_issuer},   /* SELF_SIGNED_CERT_IN_CHAIN */
    {20, &unknown_issuer},   /* UNABLE_TO_GET_ISSUER_CERT_LOCALLY */
    {21, &unknown_issuer},   /* UNABLE_TO_VERIFY_LEAF_SIGNATURE */
    {23, &revoked},          /* CERT_REVOKED */
    {24, &unknown_issuer},   /* INVALID_CA */
    {27, &unknown_issuer},   /* CERT_UNTRUSTED */
    {62, &for_another_name}, /* HOSTNAME_MISMATCH */
    {64, &for_another_name}, /* IP_ADDRESS_MISMATCH */
    {66, &too_weak},         /* EE_KEY_TOO_SMALL */
    {67, &too_weak},         /* CA_KEY_TOO_SMALL */
    {68, &too_weak},         /* CA_MD_TOO_WEAK */
};

/* The bits of GnuTLS (GNUTLS_CERT_...), what says most first. */
static const struct {
  long bit;
  const sentence *means;
} gnutls_verdicts[] = {
    {1L << 5, &revoked},        {1L << 10, &expired}, {1L << 9, &not_yet_valid},   {1L << 6, &unknown_issuer},
    {1L << 7, &unknown_issuer}, {1L << 8, &too_weak}, {1L << 11, &unknown_issuer},
};

static bool is_one_of(const char *tls, const char *const *names) {
  for (; *names != NULL; names++) {
    if (strncmp(tls, *names, strlen(*names)) == 0) {
      return true;
    }
  }
  return false;
}

static const sentence *read_openssl(long verdict) {
  for (size_t i = 0; i < COUNT_OF(openssl_verdicts); i++) {
    if (openssl_verdicts[i].number == verdict) {
      return openssl_verdicts[i].means;
    }
  }
  return &unverified;
}

static const sentence *read_gnutls(long verdict) {
  for (size_t i = 0; i < COUNT_OF(gnutls_verdicts); i++) {
    if ((verdict & gnutls_verdicts[i].bit) != 0) {
      return gnutls_verdicts[i].means;
    }
  }
  return &unverified;
}

/*
 * A chain that is fine and refused all the same has the wrong name, at which libcurl looks by itself. With
 * OpenSSL the verdict is 1 (unspecified) until libcurl has looked.
 */
static const sentence *read_verdict(const char *tls, long verdict) {
  static const char *const openssl[] = {"OpenSSL/", "LibreSSL/", "BoringSSL", "quictls/", "AWS-LC/", NULL};
  static const char *const gnutls[] = {"GnuTLS/", NULL};
  if (tls == NULL) {
    return &unverified;
  }
  bool is_openssl = is_one_of(tls, openssl), is_gnutls = is_one_of(tls, gnutls);
  if ((is_openssl && verdict <= 1) || (is_gnutls && verdict == 0)) {
    return &for_another_name;
  }
  return is_openssl ? read_openssl(verdict) : is_gnutls ? read_gnutls(verdict) : &unverified;
}

/* ---- handshakes ---- */

#define MARKS 8

static const sentence wants_certificate =
    OF_BOTH("the ", " wants a certificate of the client, which is not supported");
static const sentence old_version =
    OF_BOTH("the ", " speaks no version of TLS that is still safe: 1.2 is the oldest that is spoken");
static const sentence no_tls = {
    "the server does not speak TLS at that port: check scheme and port of the address",
    "the proxy does not speak TLS at that port: check scheme and port in the option proxy"};
static const sentence unknown_name = OF_BOTH("the ", " does not know the host in the address");
static const sentence nothing_safe =
    OF_BOTH("the TLS handshake failed: the ", " offers nothing that is still safe");

/* What a handshake that would fail in the same way again says, in the words of OpenSSL or GnuTLS. */
static const struct {
  const sentence *means;
  const char *marks[MARKS];
} handshakes[] = {
    {&wants_certificate, {"certificate required", "certificate is required"}},
    {&old_version,
     {"unsupported protocol", "protocol version", "version too low", "illegal or unsupported version"}},
    {&no_tls,
     {"wrong version number", "http request", "unknown protocol", "packet length too long",
      "unexpected TLS packet", "record layer failure"}},
    {&unknown_name, {"unrecognized name", "name sent was not recognized"}},
    {&unknown_issuer, {"asn1 encoding routines", "bad signature"}}, /* of an authority of the same name */
    {&nothing_safe,
     {"handshake failure", "handshake failed", "no shared cipher", "insufficient security", "legacy",
      "too small", "too weak"}},
};

/* Like strstr, letters of either case taken for the same. */
static bool holds(const char *text, const char *mark) {
  size_t length = strlen(mark);
  for (; *text != '\0'; text++) {
    if (strncasecmp(text, mark, length) == 0) {
      return true;
    }
  }
  return false;
}

static const sentence *read_handshake(const char *words) {
  for (size_t i = 0; i < COUNT_OF(handshakes); i++) {
    for (size_t j = 0; j < MARKS && handshakes[i].marks[j] != NULL; j++) {
      if (holds(words, handshakes[i].marks[j])) {
        return handshakes[i].means;
      }
    }
  }
  return NULL;
}

/* ---- whose it is ---- */

static bool is_tunnel_open(const idv_evidence *evidence) {
  return evidence->proxy_status / 100 == 2;
}

bool idv_evidence_has_refusal_of_proxy(const idv_evidence *evidence) {
  return evidence->proxy != IDV_PROXY_NONE && evidence->proxy_status != 0 && !is_tunnel_open(evidence);
}

/* Whether what went wrong with TLS did so between here and the proxy. */
static bool is_tls_of_proxy(const idv_evidence *evidence) {
  return evidence->proxy == IDV_PROXY_HTTPS && !is_tunnel_open(evidence);
}

static idv_failure permanent(const idv_evidence *evidence, const sentence *means) {
  const char *reason = is_tls_of_proxy(evidence) ? means->of_proxy : means->of_server;
  return (idv_failure){IDV_FAILURE_NETWORK, reason, true};
}

/* ---- proxies ---- */

#if LIBCURL_VERSION_NUM >= 0x074900
static idv_failure of_socks(long error) {
  switch (error) {
  case CURLPX_CLOSED:
  case CURLPX_RECV_ADDRESS:
  case CURLPX_RECV_AUTH:
  case CURLPX_RECV_CONNECT:
  case CURLPX_RECV_REQACK:
  case CURLPX_SEND_AUTH:
  case CURLPX_SEND_CONNECT:
  case CURLPX_SEND_REQUEST:
    return (idv_failure){IDV_FAILURE_NETWORK, "the connection to the proxy broke before it had answered",
                         false};
  case CURLPX_RESOLVE_HOST:
    return (idv_failure){IDV_FAILURE_NETWORK, "the name of the server could not be resolved", false};
  case CURLPX_NO_AUTH:
  case CURLPX_USER_REJECTED:
    return (idv_failure){IDV_FAILURE_NETWORK, "the proxy did not accept user name and password", true};
  case CURLPX_REPLY_NOT_ALLOWED:
    return (idv_failure){IDV_FAILURE_NETWORK, "the proxy does not allow connections to the server", true};
  case CURLPX_REPLY_HOST_UNREACHABLE:
  case CURLPX_REPLY_NETWORK_UNREACHABLE:
  case CURLPX_REPLY_CONNECTION_REFUSED:
  case CURLPX_REPLY_TTL_EXPIRED:
  case CURLPX_REPLY_GENERAL_SERVER_FAILURE:
  case CURLPX_REQUEST_FAILED:
    return (idv_failure){IDV_FAILURE_NETWORK, "the proxy could not connect to the server", true};
  default:
    return (idv_failure){IDV_FAILURE_NETWORK, "the proxy did not answer as a SOCKS proxy does", true};
  }
}
#endif

static bool is_broken_connection(CURLcode code) {
  return code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
         code == CURLE_COULDNT_CONNECT;
}

/* The failure of a transfer that had not come to the server. NULL as its reason: it is none of the proxy. */
static idv_failure of_proxy(const idv_evidence *evidence) {
  if (idv_evidence_has_refusal_of_proxy(evidence)) {
    return (idv_failure){IDV_FAILURE_NETWORK, "the proxy refused to connect to the server", true};
  }
#if LIBCURL_VERSION_NUM >= 0x074900
  if (evidence->code == CURLE_PROXY) {
    return of_socks(evidence->proxy_error);
  }
#endif
  if (evidence->code == CURLE_COULDNT_CONNECT) {
    return (idv_failure){IDV_FAILURE_NETWORK, "no connection to the proxy could be made", false};
  }
  if (evidence->code == CURLE_OPERATION_TIMEDOUT) {
    return (idv_failure){IDV_FAILURE_TIMEOUT,
                         "no connection through the proxy came up within connect_timeout", false};
  }
  if (is_broken_connection(evidence->code) && !is_tunnel_open(evidence)) {
    return (idv_failure){IDV_FAILURE_NETWORK, "the connection to the proxy broke before it had answered",
                         false};
  }
  bool is_no_http =
      evidence->code == CURLE_WEIRD_SERVER_REPLY || evidence->code == CURLE_UNSUPPORTED_PROTOCOL;
  if (is_no_http && !is_tunnel_open(evidence)) {
    return (idv_failure){IDV_FAILURE_NETWORK, "the proxy did not answer as an HTTP proxy does", true};
  }
  return (idv_failure){IDV_FAILURE_NONE, NULL, false};
}

/* ---- the diagnosis ---- */

static const sentence *of_tls(const idv_evidence *evidence) {
  long verdict = is_tls_of_proxy(evidence) ? evidence->proxy_verdict : evidence->server_verdict;
  switch ((int)evidence->code) {
  case 51: /* that of libcurl before 7.62 when the chain is fine */
    return &for_another_name;
  case 60:
    return read_verdict(evidence->tls, verdict);
  case 98: /* CURLE_SSL_CLIENTCERT, of libcurl from 7.77 on */
    return &wants_certificate;
  case CURLE_SSL_CONNECT_ERROR:
    return read_handshake(evidence->words);
  default:
    return NULL;
  }
}

/* With TLS 1.3 a server looks for the certificate of a client only after that has begun to send. */
static bool lacks_certificate(const idv_evidence *evidence) {
  return evidence->code == CURLE_RECV_ERROR && holds(evidence->words, "certificate required");
}

idv_failure idv_diagnose(const idv_evidence *evidence) {
  if (lacks_certificate(evidence)) {
    return permanent(evidence, &wants_certificate);
  }
  bool may_be_of_proxy = evidence->proxy != IDV_PROXY_NONE && !evidence->was_written;
  idv_failure failure = may_be_of_proxy ? of_proxy(evidence) : (idv_failure){IDV_FAILURE_NONE, NULL, false};
  if (failure.reason != NULL) {
    return failure;
  }
  const sentence *means = evidence->was_written ? NULL : of_tls(evidence);
  return means != NULL ? permanent(evidence, means) : idv_failure_of_curl((int)evidence->code);
}
