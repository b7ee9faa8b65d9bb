/*
 * The lanes (lane.h), driven by readiness instead of by waiting inside libcurl.
 *
 * Ties together the multi handles, the poller that watches their sockets, and the moments at which libcurl
 * wants to be called again. Knows transfers (easy handles), not calls. One descriptor stands for all of it.
 */
#ifndef IDV_REACTOR_H
#define IDV_REACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "lane.h"
#include "poller.h"
#include "sockets.h"
#include "spread.h"

#pragma GCC visibility push(hidden)

typedef struct idv_reactor {
  idv_lane lanes[IDV_LANES];
  unsigned used; /* lanes from this one on are closed; at least 1 */
  idv_poller poller;
  idv_sockets sockets;
  bool has_more_ready; /* when it last looked, more descriptors were ready than it takes in one go */
  bool is_broken;      /* memory ran out inside libcurl; end every transfer and call idv_reactor_renew */
} idv_reactor;

/* False when memory or descriptors are short; it is closed then. Must stay where it is from now on. */
bool idv_reactor_open(idv_reactor *reactor);

/* Closes every connection and descriptor. All transfers must have been removed. */
void idv_reactor_close(idv_reactor *reactor);

/* How many connections are open, those that rest included. */
size_t idv_reactor_connections(const idv_reactor *reactor);

/* Closes a lane and all its connections. All its transfers must have been removed. */
void idv_reactor_close_lane(idv_reactor *reactor, idv_lane *lane);

/*
 * Closes all lanes, those that are broken too: libcurl (7.88, for one) divides by zero when it goes on after
 * its table of sockets found no memory. All transfers must have been removed.
 */
void idv_reactor_renew(idv_reactor *reactor);

/* Closes the descriptors of a forked child, and leaves alone what libcurl holds in memory. */
void idv_reactor_let_go(idv_reactor *reactor);

/* Starts a transfer in a lane, opened if need be. False when memory is short or libcurl refuses it. */
bool idv_reactor_add(idv_reactor *reactor, idv_lane *lane, CURL *easy);

/* When libcurl wants to be called, -1 when it does not. */
int64_t idv_reactor_due_ms(const idv_reactor *reactor);

/* Gives libcurl its turn where its moment has come. */
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
