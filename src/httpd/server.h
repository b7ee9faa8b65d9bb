/*
 * An HTTP server on 127.0.0.1: one plain port, one TLS port if asked for, no threads.
 *
 * The owner calls httpd_server_step, which waits for whatever comes first (a socket, a timer, a signal, its
 * time being up) and lets libmicrohttpd do what there is to do; whole requests then stand in
 * `traffic` for httpd_exchange_take. Signals and the end of a parent only set
 * `stopping`. Linux: epoll and signalfd.
 */
#ifndef IDV_HTTPD_SERVER_H
#define IDV_HTTPD_SERVER_H

#include "exchange.h"
#include "signals.h"

#pragma GCC visibility push(hidden)

struct httpd_server {
  struct httpd_traffic traffic;
  struct httpd_entrance plain;
  struct httpd_entrance secure;
  struct httpd_signals signals;
  int poll_fd;
  bool stopping; /* a signal came, or the parent is gone */
};

struct httpd_server_options {
  uint16_t port;           /* 0: the kernel picks */
  uint16_t tls_port;       /* the same */
  const char *certificate; /* PEM; NULL: no TLS port */
  const char *key;         /* PEM */
  size_t max_body;         /* bytes kept of a request's body */
  bool follow_parent;      /* stop when the parent ends, or closes the pipe that stdout goes into */
};

/* Opens a server. On failure writes one line into `problem`, leaves nothing open and returns NULL. */
struct httpd_server *httpd_server_open(const struct httpd_server_options *options, char *problem,
                                       size_t problem_size);

/* Waits for at most `seconds` and handles what is there; returns at once when a request is waiting. */
void httpd_server_step(struct httpd_server *server, double seconds);

/* Ends every connection and gives everything back, the server itself included. */
void httpd_server_close(struct httpd_server *server);

#pragma GCC visibility pop

#endif
