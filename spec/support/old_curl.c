/*
 * For LD_PRELOAD: makes the libcurl that is loaded say that it is an older one. OLD_CURL names it, as in
 * "7.58.0".
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

curl_version_info_data *curl_version_info(CURLversion age) {
  static curl_version_info_data told;
  curl_version_info_data *(*real)(CURLversion) = NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "curl_version_info");
  told = *real(age);
  unsigned major = 0, minor = 0, patch = 0;
  const char *wanted = getenv("OLD_CURL");
  if (wanted != NULL && sscanf(wanted, "%u.%u.%u", &major, &minor, &patch) == 3) {
    told.version = wanted;
    told.version_num = major << 16 | minor << 8 | patch;
  }
  return &told;
}
