#include "libcurl.h"

#include <stddef.h>
#include <string.h>

bool idv_libcurl_asks_first(void) {
#if IDV_HAS_PREREQ
  return curl_version_info(CURLVERSION_NOW)->version_num >= 0x075000;
#else
  return false;
#endif
}

/* From 7.88 on libcurl hands TLS its own way of writing to a socket, and OpenSSL takes it: no signal comes.
 */
bool idv_libcurl_may_raise_sigpipe(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  bool writes_for_tls = info->version_num >= 0x075800 && info->ssl_version != NULL &&
                        strncmp(info->ssl_version, "OpenSSL/", 8) == 0;
  return !writes_for_tls;
}
