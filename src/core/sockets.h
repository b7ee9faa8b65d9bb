/*
 * The sockets that an engine has open, in a table by descriptor.
 *
 * A forked child must not let libcurl clean up what it inherited: that would speak TLS on the parent's
 * connections. It closes the bare descriptors instead, which the parent does not notice. The reactor notes
 * here what it watches each of them for.
 */
#ifndef IDV_SOCKETS_H
#define IDV_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

typedef struct idv_socket {
  bool is_open;
  unsigned char wanted;  /* IDV_POLLER_IN and _OUT: what libcurl waits for; 0 while the connection rests */
  unsigned char watched; /* what the system has been told to watch for */
} idv_socket;

typedef struct idv_sockets {
  idv_socket *table; /* by descriptor */
  size_t size;
  size_t count; /* those that are open */
} idv_sockets;

void idv_sockets_init(idv_sockets *sockets);

/* Forgets them all; closes none. */
void idv_sockets_free(idv_sockets *sockets);

/* Closes every descriptor and forgets it. */
void idv_sockets_close_all(idv_sockets *sockets);

/* The socket with this descriptor, NULL when it is none of these. Valid until the next one is opened. */
idv_socket *idv_sockets_find(const idv_sockets *sockets, int fd);

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION, with an idv_sockets as their data. */
curl_socket_t idv_sockets_on_open(void *sockets, curlsocktype purpose, struct curl_sockaddr *address);
int idv_sockets_on_close(void *sockets, curl_socket_t fd);

#pragma GCC visibility pop

#endif
