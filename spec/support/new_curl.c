/*
 * For LD_PRELOAD: makes the libcurl that is loaded behave as newer ones do where that once broke idv.
 *
 * From 8.12 on, setting CURLOPT_CURLU, to NULL too, forgets what CURLOPT_URL was set to. From 8.20 on,
 * closing a multi handle waits for look-ups of names that are still going on, unless CURLMOPT_QUICK_EXIT is
 * set.
 *
 * With CURL_IS_STARTED in the environment libcurl is started before the program begins, as another user of it
 * within the same program would.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#undef CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_multi_setopt

#define QUICK_EXIT 21
#define SECONDS_OF_A_LOOK_UP 57

static int exits_quickly;

__attribute__((constructor)) static void start(void) {
  if (getenv("CURL_IS_STARTED") != NULL) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
  }
}

/* Every argument of these is a pointer or an integer, which are passed alike. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode (*real)(CURL *, CURLoption, ...) = NULL;
  va_list list;
  va_start(list, option);
  void *value = va_arg(list, void *);
  va_end(list);
  *(void **)&real = dlsym(RTLD_NEXT, "curl_easy_setopt");
  if (option == CURLOPT_CURLU) {
    real(easy, CURLOPT_URL, NULL);
  }
  return real(easy, option, value);
}

CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...) {
  CURLMcode (*real)(CURLM *, CURLMoption, ...) = NULL;
  va_list list;
  va_start(list, option);
  void *value = va_arg(list, void *);
  va_end(list);
  if ((int)option == QUICK_EXIT) {
    exits_quickly = value != NULL;
  }
  *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_setopt");
  return real(multi, option, value);
}

CURLMcode curl_multi_cleanup(CURLM *multi) {
  CURLMcode (*real)(CURLM *) = NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_cleanup");
  if (!exits_quickly) {
    sleep(SECONDS_OF_A_LOOK_UP);
  }
  return real(multi);
}
