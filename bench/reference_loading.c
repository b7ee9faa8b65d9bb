/*
 * The reference for loading idv: a program that is linked to libcurl and starts it, and nothing else.
 */
#include <curl/curl.h>

int main(void) {
  return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : 1;
}
