#include "address.h"

#include <stddef.h>
#include <string.h>

#include "wipe.h"

#if LIBCURL_VERSION_NUM >= 0x073f00

void idv_address_init(idv_address *address) {
  *address = (idv_address){.parts = curl_url()};
}

static void free_parts(void *parts) {
  curl_url_cleanup(parts);
}

/* False, with nothing handed over, when libcurl does not take it; it then parses the text itself. */
static bool hand_over(const idv_address *address, CURL *easy, const char *url) {
  return address->parts != NULL &&
         curl_url_set(address->parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
         curl_easy_setopt(easy, CURLOPT_CURLU, address->parts) == CURLE_OK;
}

static void take_back(CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_CURLU, NULL);
}

#else

void idv_address_init(idv_address *address) {
  *address = (idv_address){0};
}

static void free_parts(void *parts) {
  (void)parts;
}

static bool hand_over(const idv_address *address, CURL *easy, const char *url) {
  (void)address;
  (void)easy;
  (void)url;
  return false;
}

static void take_back(CURL *easy) {
  (void)easy;
}

#endif

void idv_address_forget(idv_address *address) {
  idv_wipe_and_free_text(address->url);
  address->url = NULL;
}

void idv_address_free(idv_address *address) {
  idv_address_forget(address);
  free_parts(address->parts);
  address->parts = NULL;
}

/*
 * What was handed over goes before the text: a libcurl that has both takes the former, and from 8.12 on it
 * forgets the text whenever the other is set, to NULL too.
 */
bool idv_address_set(idv_address *address, CURL *easy, const char *url) {
  if (address->url != NULL && strcmp(address->url, url) == 0) {
    return true;
  }
  idv_address_forget(address);
  take_back(easy);
  if (curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK) {
    return false;
  }
  bool may_be_kept = strchr(url, '?') == NULL;
  if (may_be_kept && hand_over(address, easy, url)) {
    address->url = strdup(url);
  }
  return true;
}
