#include "tls.h"

#include <stddef.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

/* "OpenSSL/3.0.2" is the beginning of "OpenSSL 3.0.2 15 Mar 2022", but for the slash. */
bool idv_tls_is_same(const char *libcurls, const char *own) {
  if (libcurls == NULL || *libcurls == '\0') {
    return false;
  }
  while (*libcurls != '\0' && (*libcurls == *own || (*libcurls == '/' && *own == ' '))) {
    libcurls++;
    own++;
  }
  return *libcurls == '\0' && (*own == '\0' || *own == ' ');
}

bool idv_tls_is_known(void) {
  return idv_tls_is_same(curl_version_info(CURLVERSION_NOW)->ssl_version, OpenSSL_version(OPENSSL_VERSION));
}

bool idv_tls_has_pending(CURL *easy) {
  struct curl_tlssessioninfo *session = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == NULL ||
      session->backend != CURLSSLBACKEND_OPENSSL || session->internals == NULL) {
    return false;
  }
  return SSL_has_pending(session->internals) == 1;
}
