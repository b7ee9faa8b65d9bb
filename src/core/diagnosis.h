/*
 * What libcurl knows about a transfer that failed besides its result: whose fault it was, the server's or the
 * proxy's, what the proxy said, and what is wrong with a certificate.
 *
 * OpenSSL (and its forks) and GnuTLS say by number why a certificate is refused; of another library, and of a
 * code that is not known here, there is one sentence for all reasons. The words of a handshake that failed
 * are only looked at, never shown: they may hold anything.
 */
#ifndef IDV_DIAGNOSIS_H
#define IDV_DIAGNOSIS_H

#include <stdbool.h>

#include <curl/curl.h>

#include "failure.h"
#include "proxy.h"

#pragma GCC visibility push(hidden)

typedef struct idv_evidence {
  CURLcode code;
  idv_proxy_kind proxy;
  long proxy_status;   /* of its answer to CONNECT; 0 when there was none, or an open tunnel was used again */
  long proxy_error;    /* a CURLproxycode, 0 where libcurl tells none */
  long server_verdict; /* on the certificate of the server, in the numbers of the TLS library */
  long proxy_verdict;  /* on that of the proxy */
  const char *tls;     /* name and version of the TLS library, NULL: none */
  const char *words;   /* of libcurl */
  bool was_written;    /* a byte of the request may have left */
} idv_evidence;

/* Fills in what the handle knows of its last transfer. `code`, `proxy`, `words` and `was_written` are kept.
 */
void idv_evidence_collect(idv_evidence *evidence, CURL *easy);

/* Whether the proxy has refused to make a tunnel: a status that is no 2xx. */
bool idv_evidence_has_refusal_of_proxy(const idv_evidence *evidence);

idv_failure idv_diagnose(const idv_evidence *evidence);

#pragma GCC visibility pop

#endif
