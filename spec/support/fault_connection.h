/*
 * A connection of the fault server over which HTTP/1.1 is spoken, as far as it is spoken at all.
 */
#ifndef FAULT_CONNECTION_H
#define FAULT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "fault_peer.h"

#define REQUEST_ROOM ((size_t)1536 * 1024) /* what clients send is below 1 MiB */

typedef struct connection {
  peer client;
  const char *door; /* the name of the door it came in by; NULL: the plain port */
  int served;       /* requests that were read whole on this connection */
  char text[REQUEST_ROOM];
  size_t length; /* bytes in `text` */
} connection;

typedef struct request {
  char name[64];   /* of the behaviour: the first segment of the path */
  size_t size;     /* bytes of the whole request in the connection's text */
  unsigned number; /* of the requests of that name, the first is 1 */
} request;

/*
 * Reads one whole request, head and body, and counts it. A client that expects "100 Continue" waits for it in
 * vain. False when the client goes away before.
 */
bool read_request(connection *c, request *r);

void forget_request(connection *c, const request *r);

/* These return whether the client took it all. */
bool send_text(const connection *c, const char *text);
bool send_head(const connection *c, const char *status, const char *headers, size_t length);
bool send_answer(const connection *c, const char *status, const char *headers, const char *body);

#endif
