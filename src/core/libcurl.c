#include "libcurl.h"

#include <stddef.h>
#include <string.h>

bool idv_libcurl_asks_first(void) {
#ifdef IDV_WITHOUT_PREREQ
  return false;
#else
  return curl_version_info(CURLVERSION_NOW)->version_num >= 0x075000;
#endif
}

bool idv_libcurl_hides_bytes(const curl_version_info_data *info) {
  return info->version_num >= 0x080100 && info->version_num < 0x080200;
}

bool idv_libcurl_remembers_headers(const curl_version_info_data *info) {
  return info->version_num >= 0x075300 && info->version_num < 0x080400;
}

/* Those that write as they are handed it by libcurl, of which each is called by its name and version. */
static bool takes_libcurls_way(const char *tls) {
  return strncmp(tls, "OpenSSL/", 8) == 0 || strncmp(tls, "GnuTLS/", 7) == 0;
}

bool idv_libcurl_may_raise_sigpipe(const curl_version_info_data *info) {
  bool hands_its_way = info->version_num >= 0x075800;
  return !hands_its_way || info->ssl_version == NULL || !takes_libcurls_way(info->ssl_version);
}
