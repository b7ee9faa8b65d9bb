#include "close_on_exec.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Descriptors to look at for the second of a pair: others may have the numbers in between. */
#define PLACES_TO_LOOK 256

int idv_close_on_exec_next(void) {
  int fd = open("/", O_PATH | O_CLOEXEC);
  if (fd >= 0) {
    close(fd);
  }
  return fd;
}

/* Whether it is one of a pair of local sockets that passes on to other programs. */
static bool passes_on(int fd) {
  int domain = 0, flags = fcntl(fd, F_GETFD);
  socklen_t length = sizeof domain;
  return flags >= 0 && (flags & FD_CLOEXEC) == 0 &&
         getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX;
}

static int bytes_in(int fd) {
  int count = -1;
  return ioctl(fd, FIONREAD, &count) == 0 ? count : -1;
}

static bool send_byte(int fd) {
  return send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

/* Whether what is sent by `first`, `sent` bytes so far, arrives at `fd`. */
static bool is_second(int fd, int first, int *sent) {
  if (!passes_on(fd) || bytes_in(fd) != *sent || !send_byte(first)) {
    return false;
  }
  ++*sent;
  return bytes_in(fd) == *sent;
}

void idv_close_on_exec_pair(int first) {
  int sent = 1;
  if (!passes_on(first)) {
    return;
  }
  fcntl(first, F_SETFD, FD_CLOEXEC);
  if (!send_byte(first)) {
    return;
  }
  for (int fd = first + 1; fd <= first + PLACES_TO_LOOK; fd++) {
    if (is_second(fd, first, &sent)) {
      fcntl(fd, F_SETFD, FD_CLOEXEC);
      return;
    }
  }
}

#if LIBCURL_VERSION_NUM >= 0x074400

void idv_close_on_exec_multi(CURLM *multi, int first) {
  if (passes_on(first) && bytes_in(first) == 0 && curl_multi_wakeup(multi) == CURLM_OK &&
      bytes_in(first) == 1) {
    idv_close_on_exec_pair(first);
  }
}

#else

/* It has none of its own. */
void idv_close_on_exec_multi(CURLM *multi, int first) {
  (void)multi;
  (void)first;
}

#endif
