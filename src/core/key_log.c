#include "key_log.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "tls.h"

#define VARIABLE "SSLKEYLOGFILE"

extern char **environ;

/* The place of the variable in the environment, NULL when it is not there. */
static char **find(const char *beginning) {
  for (char **at = environ; at != NULL && *at != NULL; at++) {
    if (strncmp(*at, beginning, strlen(beginning)) == 0) {
      return at;
    }
  }
  return NULL;
}

/*
 * One word of the environment is exchanged and put back: no text of the program's is written to, no memory
 * moves, and another thread that looks meanwhile finds the variable empty.
 */
CURLcode idv_key_log_start_curl(void) {
  static char nothing[] = VARIABLE "=";
  char **place = find(VARIABLE "=");
  char *told = place != NULL ? *place : NULL;
  if (place != NULL) {
    *place = nothing;
  }
  CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (place != NULL && *place == nothing) {
    *place = told;
  }
  return code;
}

/* Opened for each line, of which a handshake has five: so no descriptor stays open. */
static void write_line(const SSL *tls, const char *line) {
  const char *path = getenv(VARIABLE);
  (void)tls;
  int fd = path != NULL && *path != '\0' ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) {
    struct iovec parts[] = {{(void *)(uintptr_t)line, strlen(line)}, {"\n", 1}};
    (void)!writev(fd, parts, 2);
    close(fd);
  }
}

/* Comes after libcurl has set up the context of a connection, its own writing of keys included. */
static CURLcode on_context(CURL *easy, void *context, void *writes) {
  (void)easy;
  SSL_CTX_set_keylog_callback(context, writes != NULL ? write_line : NULL);
  return CURLE_OK;
}

void idv_key_log_choose(CURL *easy, bool writes) {
  static char yes;
  if (!idv_tls_is_known()) {
    return;
  }
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, writes ? &yes : NULL);
}
