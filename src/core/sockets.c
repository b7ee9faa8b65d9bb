#include "sockets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Descriptors that the table has room for at first. */
#define FIRST_SIZE 64

void idv_sockets_init(idv_sockets *sockets) {
  *sockets = (idv_sockets){0};
}

void idv_sockets_free(idv_sockets *sockets) {
  free(sockets->table);
  idv_sockets_init(sockets);
}

void idv_sockets_close_all(idv_sockets *sockets) {
  for (size_t fd = 0; fd < sockets->size; fd++) {
    if (sockets->table[fd].is_open) {
      close((int)fd);
      sockets->table[fd] = (idv_socket){0};
    }
  }
  sockets->count = 0;
}

idv_socket *idv_sockets_find(const idv_sockets *sockets, int fd) {
  bool is_known = fd >= 0 && (size_t)fd < sockets->size && sockets->table[fd].is_open;
  return is_known ? &sockets->table[fd] : NULL;
}

static bool make_room(idv_sockets *sockets, size_t fd) {
  size_t size = sockets->size == 0 ? FIRST_SIZE : sockets->size;
  while (size <= fd) {
    size *= 2;
  }
  if (size == sockets->size) {
    return true;
  }
  idv_socket *table = realloc(sockets->table, size * sizeof *table);
  if (table == NULL) {
    return false;
  }
  memset(table + sockets->size, 0, (size - sockets->size) * sizeof *table);
  sockets->table = table;
  sockets->size = size;
  return true;
}

static bool remember(idv_sockets *sockets, int fd) {
  if (!make_room(sockets, (size_t)fd)) {
    return false;
  }
  sockets->count += sockets->table[fd].is_open ? 0 : 1;
  sockets->table[fd] = (idv_socket){.is_open = true};
  return true;
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
  idv_sockets *self = sockets;
  idv_socket *known = idv_sockets_find(self, fd);
  if (known != NULL) {
    *known = (idv_socket){0};
    self->count--;
  }
  return close(fd);
}
