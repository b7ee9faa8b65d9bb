#include "faults.h"

#include <gnutls/gnutls.h>
#include <stddef.h>
#include <sys/socket.h>

static const char garbage[] = "\x16\x01\xfe not a protocol that anybody speaks \x00\xff\r\n\r\n";

static int socket_of(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info != NULL ? info->connect_fd : -1;
}

void httpd_fault_reset(struct MHD_Connection *connection) {
  int fd = socket_of(connection);
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  /*
   * libmicrohttpd shuts a socket down before it closes it, which would tell the other side of an orderly
   * end first. Dissolving the association sends the reset now and leaves the descriptor to its owner.
   */
  if (connect(fd, &nowhere, sizeof nowhere) != 0) {
    shutdown(fd, SHUT_RDWR);
  }
}

void httpd_fault_garbage(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  if (info != NULL && info->tls_session != NULL) {
    (void)gnutls_record_send(info->tls_session, garbage, sizeof garbage - 1);
  } else if (send(socket_of(connection), garbage, sizeof garbage - 1, MSG_NOSIGNAL) < 0) {
    shutdown(socket_of(connection), SHUT_RDWR);
  }
}
