#include "sockets.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

void idv_sockets_init(idv_sockets *sockets) {
  *sockets = (idv_sockets){0};
}

void idv_sockets_free(idv_sockets *sockets) {
  free(sockets->fds);
  idv_sockets_init(sockets);
}

void idv_sockets_close_all(idv_sockets *sockets) {
  for (size_t i = 0; i < sockets->count; i++) {
    close(sockets->fds[i]);
  }
  sockets->count = 0;
}

static bool remember(idv_sockets *sockets, int fd) {
  if (sockets->count == sockets->capacity) {
    size_t capacity = sockets->capacity == 0 ? 16 : sockets->capacity * 2;
    int *fds = realloc(sockets->fds, capacity * sizeof *fds);
    if (fds == NULL) {
      return false;
    }
    sockets->fds = fds;
    sockets->capacity = capacity;
  }
  sockets->fds[sockets->count++] = fd;
  return true;
}

static void forget(idv_sockets *sockets, int fd) {
  for (size_t i = sockets->count; i-- > 0;) {
    if (sockets->fds[i] == fd) {
      sockets->fds[i] = sockets->fds[--sockets->count];
      return;
    }
  }
}

curl_socket_t idv_sockets_on_open(void *sockets, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd >= 0 && !remember(sockets, fd)) {
    close(fd);
    return CURL_SOCKET_BAD;
  }
  return fd;
}

int idv_sockets_on_close(void *sockets, curl_socket_t fd) {
  forget(sockets, fd);
  return close(fd);
}
