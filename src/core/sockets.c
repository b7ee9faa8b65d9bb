#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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

/* ---- taking turns ---- */

typedef union socket_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_storage room;
} socket_address;

static int port_of(const socket_address *at) {
  return ntohs(at->any.sa_family == AF_INET6 ? at->v6.sin6_port : at->v4.sin_port);
}

/* FNV-1a. Never 0. */
static uint64_t digest(idv_socket_ends ends) {
  uint64_t sum = 0xcbf29ce484222325u;
  for (const char *at = ends.remote_ip; *at != '\0'; at++) {
    sum = (sum ^ (unsigned char)*at) * 0x100000001b3u;
  }
  sum = (sum ^ ((uint64_t)ends.remote_port << 16 | (uint64_t)ends.local_port)) * 0x100000001b3u;
  return sum != 0 ? sum : 1;
}

void idv_sockets_takes_turns(idv_sockets *sockets, int fd, bool is_whole) {
  idv_socket *known = idv_sockets_find(sockets, fd);
  socket_address here, there;
  socklen_t here_length = sizeof here, there_length = sizeof there;
  char ip[INET6_ADDRSTRLEN];
  if (known == NULL || getsockname(fd, &here.any, &here_length) != 0 ||
      getpeername(fd, &there.any, &there_length) != 0) {
    return;
  }
  const void *bytes =
      there.any.sa_family == AF_INET6 ? (void *)&there.v6.sin6_addr : (void *)&there.v4.sin_addr;
  if (inet_ntop(there.any.sa_family, bytes, ip, sizeof ip) != NULL) {
    known->ends = digest((idv_socket_ends){ip, port_of(&there), port_of(&here)});
    known->is_spoiled = !is_whole;
  }
}

/* Whether anything has come, the end of the connection included. */
static bool has_come(int fd) {
  char byte;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

static bool rests(const idv_socket *socket) {
  return socket->ends != 0 && socket->wanted == 0;
}

static idv_socket_state look_at(const idv_sockets *sockets, size_t fd) {
  bool is_good = !sockets->table[fd].is_spoiled && !has_come((int)fd);
  return is_good ? IDV_SOCKET_SILENT : IDV_SOCKET_UNASKED;
}

static idv_socket_state look_at_all(const idv_sockets *sockets) {
  idv_socket_state state = IDV_SOCKET_UNUSED;
  for (size_t fd = 0; fd < sockets->size; fd++) {
    if (rests(&sockets->table[fd])) {
      idv_socket_state found = look_at(sockets, fd);
      state = found > state ? found : state;
    }
  }
  return state;
}

idv_socket_state idv_sockets_look(const idv_sockets *sockets, idv_socket_ends ends) {
  if (ends.remote_ip == NULL || ends.local_port <= 0) {
    return look_at_all(sockets);
  }
  uint64_t wanted = digest(ends);
  for (size_t fd = 0; fd < sockets->size; fd++) {
    if (sockets->table[fd].ends == wanted) {
      return look_at(sockets, fd);
    }
  }
  return IDV_SOCKET_UNUSED;
}

/* ---- opening and closing ---- */

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
