/*
 * The sockets that an engine has open, in a table by descriptor.
 *
 * A forked child must not let libcurl clean up what it inherited: that would speak TLS on the parent's
 * connections. It closes the bare descriptors instead, which the parent does not notice. The reactor notes
 * here what it watches each of them for.
 *
 * Over HTTP/1 the two sides take turns, and an answer says nothing of the request it belongs to. What comes
 * on a connection that rests would be taken for the answer to the next request, so it is not used again.
 */
#ifndef IDV_SOCKETS_H
#define IDV_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

typedef struct idv_socket {
  bool is_open;
  unsigned char wanted;  /* IDV_POLLER_IN and _OUT: what libcurl waits for; 0 while the connection rests */
  unsigned char watched; /* what the system has been told to watch for */
  bool is_spoiled;       /* its last answer was not whole */
  uint64_t ends;         /* a digest of its two ends, once it takes turns; else 0 */
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

/* The ends of a connection as CURLOPT_PREREQFUNCTION names them. */
typedef struct idv_socket_ends {
  const char *remote_ip;
  int remote_port;
  int local_port; /* 0 or less: libcurl does not know */
} idv_socket_ends;

/* What is known of a connection before a request goes out on it. */
typedef enum idv_socket_state {
  IDV_SOCKET_UNUSED,  /* no answer has come on it yet, or it does not take turns */
  IDV_SOCKET_SILENT,  /* nothing has come since its last answer */
  IDV_SOCKET_UNASKED, /* something has, or that answer was not whole: it must not be used */
} idv_socket_state;

/* Notes that the connection takes turns, and that an answer has just come on it, whole or not. */
void idv_sockets_takes_turns(idv_sockets *sockets, int fd, bool is_whole);

/*
 * Looks at the connection between two ends. Where libcurl does not know its own end, at all that take turns
 * and rest: one of them it must be.
 */
idv_socket_state idv_sockets_look(const idv_sockets *sockets, idv_socket_ends ends);

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION, with an idv_sockets as their data. */
curl_socket_t idv_sockets_on_open(void *sockets, curlsocktype purpose, struct curl_sockaddr *address);
int idv_sockets_on_close(void *sockets, curl_socket_t fd);

#pragma GCC visibility pop

#endif
