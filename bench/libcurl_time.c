/*
 * Tells how long a program is inside libcurl, the system calls included: loaded before it with LD_PRELOAD, it
 * stands in front of the functions by which libcurl gets its turn.
 *
 * The sum so far is kept in the file BENCH_LIBCURL_TIME, as a number of nanoseconds in 20 digits, for others
 * to read. What libcurl calls back into counts as well. Setting options is not counted. Only for programs
 * that use libcurl from one thread.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { DIGITS = 20 };

static struct {
  uint64_t sum;
  uint64_t began;
  int depth; /* libcurl may be entered from what it calls back into */
  char *shown;
} inside;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Where the sum is shown, which is made on first use: in the process that uses libcurl, not in its parent. */
static char *show_at(void) {
  const char *path = getenv("BENCH_LIBCURL_TIME");
  int fd = path != NULL ? open(path, O_RDWR) : -1;
  if (fd < 0) {
    abort();
  }
  char *place = mmap(NULL, DIGITS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (place == MAP_FAILED) {
    abort();
  }
  return place;
}

static void show(void) {
  uint64_t rest = inside.sum;
  if (inside.shown == NULL) {
    inside.shown = show_at();
  }
  for (int i = DIGITS - 1; i >= 0; i--, rest /= 10) {
    inside.shown[i] = (char)('0' + rest % 10);
  }
}

static void enter(void) {
  if (inside.depth++ == 0) {
    inside.began = now();
  }
}

static void leave(void) {
  if (--inside.depth == 0) {
    inside.sum += now() - inside.began;
    show();
  }
}

/* libcurl's own function. It is not among those that the program was linked with, but loaded later. */
static void *real(const char *name) {
  void *library = dlopen("libcurl.so.4", RTLD_LAZY);
  void *function = library != NULL ? dlsym(library, name) : NULL;
  if (function == NULL) {
    abort();
  }
  return function;
}

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *running) {
  static CURLMcode (*own)(CURLM *, curl_socket_t, int, int *);
  own = own != NULL ? own : real("curl_multi_socket_action");
  enter();
  CURLMcode code = own(multi, fd, events, running);
  leave();
  return code;
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy) {
  static CURLMcode (*own)(CURLM *, CURL *);
  own = own != NULL ? own : real("curl_multi_add_handle");
  enter();
  CURLMcode code = own(multi, easy);
  leave();
  return code;
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy) {
  static CURLMcode (*own)(CURLM *, CURL *);
  own = own != NULL ? own : real("curl_multi_remove_handle");
  enter();
  CURLMcode code = own(multi, easy);
  leave();
  return code;
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left) {
  static CURLMsg *(*own)(CURLM *, int *);
  own = own != NULL ? own : real("curl_multi_info_read");
  enter();
  CURLMsg *message = own(multi, left);
  leave();
  return message;
}
