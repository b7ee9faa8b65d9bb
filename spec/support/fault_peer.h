/*
 * One client of the fault server: bytes in and out, over plain TCP or over TLS, and the ways to hang up.
 */
#ifndef FAULT_PEER_H
#define FAULT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <openssl/ssl.h>

typedef struct peer {
  int fd;
  SSL *tls; /* NULL: plain */
} peer;

/* Takes over `fd`. With a context it shakes hands first; false when that fails, hang up then all the same. */
bool peer_open(peer *p, int fd, SSL_CTX *context);

bool peer_send(const peer *p, const void *bytes, size_t length);

/* Bytes that came, 0 or less when there will be no more. */
ssize_t peer_receive(const peer *p, void *bytes, size_t room);

/* Sends a session ticket, as servers with TLS 1.3 may at any time. */
bool peer_send_ticket(const peer *p);

/* Says goodbye as TLS does (close_notify), without hanging up; without TLS there is no such word. */
bool peer_notify(const peer *p);

/* Waits until the client has sent something, which is left unread. */
void peer_wait(const peer *p);

/* Reads and forgets whatever comes until the client hangs up. */
void peer_drain(const peer *p);

/* Says that no more will come, and waits until the client hangs up. */
void peer_finish(const peer *p);

/* Makes the hanging up a TCP reset, which throws away what is on its way in both directions. */
void peer_reset_on_close(const peer *p);

void peer_close(peer *p);

#endif
