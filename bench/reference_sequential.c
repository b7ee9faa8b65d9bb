/*
 * The reference for calls one after the other: libcurl's own way of doing that, one handle that is kept, and
 * nothing around it. BENCH_FRESH makes a connection and a TLS session for every call.
 */
#include <stdlib.h>

#include "contender.h"

typedef struct loop {
  CURL *easy;
  contender_answer answer;
} loop;

static void run(void *state, long calls) {
  loop *self = state;
  for (long i = 0; i < calls; i++) {
    self->answer.length = 0;
    curl_easy_setopt(self->easy, CURLOPT_POSTFIELDS, CONTENDER_BODY);
    CURLcode code = curl_easy_perform(self->easy);
    contender_check(self->easy, code, &self->answer);
  }
}

int main(void) {
  static loop self;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct curl_slist *headers = contender_headers();
  self.easy = contender_handle(contender_setting("BENCH_URL"), headers, &self.answer);
  if (getenv("BENCH_FRESH") != NULL) {
    curl_easy_setopt(self.easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(self.easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(self.easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  }
  int status = contender_serve(run, &self);
  curl_easy_cleanup(self.easy);
  curl_slist_free_all(headers);
  return status;
}
