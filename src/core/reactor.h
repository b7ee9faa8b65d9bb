/*
 * libcurl's multi handle, driven by readiness instead of by waiting inside libcurl.
 *
 * Ties together the handle, the poller that watches its sockets, and the moment at which libcurl wants to be
 * called again. Knows transfers (easy handles), not calls. One descriptor stands for all of it.
 */
#ifndef IDV_REACTOR_H
#define IDV_REACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "poller.h"
#include "sockets.h"

#pragma GCC visibility push(hidden)

typedef struct idv_reactor {
  CURLM *multi;
  idv_poller poller;
  idv_sockets sockets;
  size_t kept;         /* connections that may stay open, see idv_reactor_keep */
  int64_t curl_due_ms; /* when libcurl wants to be called, -1 when it does not */
  bool has_more_ready; /* when it last looked, more descriptors were ready than it takes in one go */
  bool is_broken;      /* memory ran out inside libcurl; end every transfer and call idv_reactor_renew */
} idv_reactor;

/* False when memory or descriptors are short; it is closed then. */
bool idv_reactor_open(idv_reactor *reactor);

/* Closes every connection and descriptor. All transfers must have been removed. */
void idv_reactor_close(idv_reactor *reactor);

/* How many connections are open, those that rest included. */
size_t idv_reactor_connections(const idv_reactor *reactor);

/*
 * Puts a fresh multi handle in the place of one that is broken: libcurl (7.88, for one) divides by zero when
 * it goes on after its table of sockets found no memory. All transfers must have been removed. When there is
 * no memory for the new one either, idv_reactor_add tries again.
 */
void idv_reactor_renew(idv_reactor *reactor);

/* Closes the descriptors of a forked child, and leaves alone what libcurl holds in memory. */
void idv_reactor_let_go(idv_reactor *reactor);

/*
 * Lets so many connections stay open, those in use included. Each request that ends with more of them closes
 * the one that has rested longest; idv_reactor_renew closes all of them.
 */
void idv_reactor_keep(idv_reactor *reactor, size_t connections);

/* Starts a transfer. False when libcurl refuses it. */
bool idv_reactor_add(idv_reactor *reactor, CURL *easy);

/* Ends a transfer, wherever it stands. */
void idv_reactor_remove(idv_reactor *reactor, CURL *easy);

/* Gives libcurl its turn when its moment has come. */
void idv_reactor_run_due(idv_reactor *reactor);

/*
 * Waits for at most `wait_ms` (-1: as long as it takes) and moves every transfer that became ready. False
 * when a signal ended the wait.
 */
bool idv_reactor_run_ready(idv_reactor *reactor, int64_t wait_ms);

/* Takes one transfer that is over, with its result; NULL when there is none. It must still be removed. */
CURL *idv_reactor_next_over(idv_reactor *reactor, CURLcode *result);

#pragma GCC visibility pop

#endif
