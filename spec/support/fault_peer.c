#include "fault_peer.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

bool peer_open(peer *p, int fd, SSL_CTX *context) {
  *p = (peer){.fd = fd};
  if (context == NULL) {
    return true;
  }
  p->tls = SSL_new(context);
  return p->tls != NULL && SSL_set_fd(p->tls, fd) == 1 && SSL_accept(p->tls) == 1;
}

static ssize_t send_some(const peer *p, const void *bytes, size_t length) {
  return p->tls != NULL ? SSL_write(p->tls, bytes, (int)length) : send(p->fd, bytes, length, 0);
}

bool peer_send(const peer *p, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t sent = send_some(p, at, length);
    if (sent <= 0) {
      return false;
    }
    at += sent;
    length -= (size_t)sent;
  }
  return true;
}

ssize_t peer_receive(const peer *p, void *bytes, size_t room) {
  return p->tls != NULL ? SSL_read(p->tls, bytes, (int)room) : recv(p->fd, bytes, room, 0);
}

bool peer_send_ticket(const peer *p) {
  return p->tls != NULL && SSL_new_session_ticket(p->tls) == 1 && SSL_do_handshake(p->tls) == 1;
}

bool peer_notify(const peer *p) {
  return p->tls == NULL || SSL_shutdown(p->tls) >= 0;
}

void peer_wait(const peer *p) {
  struct pollfd waiting = {.fd = p->fd, .events = POLLIN};
  poll(&waiting, 1, -1);
}

void peer_drain(const peer *p) {
  char forgotten[4096];
  while (peer_receive(p, forgotten, sizeof forgotten) > 0) {
  }
}

void peer_finish(const peer *p) {
  shutdown(p->fd, SHUT_WR);
  peer_drain(p);
}

void peer_reset_on_close(const peer *p) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void peer_close(peer *p) {
  SSL_free(p->tls);
  close(p->fd);
}
