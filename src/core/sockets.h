/*
 * The sockets that an engine has open, known so that a forked child can close its copies.
 *
 * A child must not let libcurl clean up what it inherited: that would speak TLS on the parent's connections.
 * It closes the bare descriptors instead, which the parent does not notice.
 */
#ifndef IDV_SOCKETS_H
#define IDV_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

typedef struct idv_sockets {
  int *fds;
  size_t count;
  size_t capacity;
} idv_sockets;

void idv_sockets_init(idv_sockets *sockets);

/* Forgets them all; closes none. */
void idv_sockets_free(idv_sockets *sockets);

/* Closes every descriptor and forgets it. */
void idv_sockets_close_all(idv_sockets *sockets);

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION, with an idv_sockets as their data. */
curl_socket_t idv_sockets_on_open(void *sockets, curlsocktype purpose, struct curl_sockaddr *address);
int idv_sockets_on_close(void *sockets, curl_socket_t fd);

#pragma GCC visibility pop

#endif
