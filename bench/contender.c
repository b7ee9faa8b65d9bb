#include "contender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Seconds after which a round is given up: something hangs. */
enum { LONGEST_ROUND = 120 };

const char *contender_setting(const char *name) {
  const char *value = getenv(name);
  if (value == NULL) {
    fprintf(stderr, "%s is not set\n", name);
    exit(2);
  }
  return value;
}

struct curl_slist *contender_headers(void) {
  char agent[256];
  snprintf(agent, sizeof agent, "User-Agent: %s", contender_setting("BENCH_AGENT"));
  const char *lines[] = {"Expect:", agent, "Accept: application/json", "Content-Type: application/json",
                         "x-api-key: live_bench"};
  struct curl_slist *headers = NULL;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    headers = curl_slist_append(headers, lines[i]);
  }
  return headers;
}

static size_t keep(char *bytes, size_t size, size_t count, void *data) {
  contender_answer *answer = data;
  size_t length = size * count;
  if (length > sizeof answer->bytes - answer->length) {
    return 0;
  }
  memcpy(answer->bytes + answer->length, bytes, length);
  answer->length += length;
  return length;
}

CURL *contender_handle(const char *url, const struct curl_slist *headers, contender_answer *answer) {
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_CAINFO, contender_setting("BENCH_CA"));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, CONTENDER_BODY);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
  return easy;
}

void contender_check(CURL *easy, CURLcode code, const contender_answer *answer) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status != 201 || answer->length < 2 || answer->bytes[answer->length - 1] != '}') {
    fprintf(stderr, "no session: %s, status %ld\n", curl_easy_strerror(code), status);
    exit(1);
  }
}

static double seconds_of(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double contender_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void contender_tell(const char *name, double value) {
  printf("%s=%.9f ", name, value);
}

int contender_serve(void (*run)(void *state, long calls), void *state) {
  char line[64];
  puts("ready");
  fflush(stdout);
  long calls;
  while (fgets(line, sizeof line, stdin) != NULL && (calls = strtol(line, NULL, 10)) > 0) {
    alarm(LONGEST_ROUND);
    double cpu = cpu_seconds(), wall = contender_now();
    run(state, calls);
    printf("cpu=%.9f wall=%.9f calls=%ld\n", cpu_seconds() - cpu, contender_now() - wall, calls);
    fflush(stdout);
  }
  return 0;
}
