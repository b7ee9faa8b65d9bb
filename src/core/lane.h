/*
 * A lane: one multi handle of libcurl with the transfers it carries, and the moment at which it wants to be
 * called again.
 *
 * Which lane carries what is decided in spread.h; what its sockets wait for the reactor knows (reactor.h).
 * How much has been going on in it, and the age of the names that it keeps, is noted here for transfers.h. A
 * lane that is closed has no handle.
 */
#ifndef IDV_LANE_H
#define IDV_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "names.h"
#include "rush.h"

#pragma GCC visibility push(hidden)

struct idv_reactor;

typedef struct idv_lane {
  struct idv_reactor *reactor;
  unsigned number;
  CURLM *multi;   /* NULL while it is closed */
  int64_t due_ms; /* when libcurl wants to be called, -1 when it does not */
  size_t kept;    /* connections that may stay open, 0 before any number was set */
  bool has_acted; /* transfers may have come to their end since it was last asked */
  idv_rush rush;
  idv_names names;
} idv_lane;

/* A lane that is closed. */
void idv_lane_init(idv_lane *lane, struct idv_reactor *reactor, unsigned number);

/* Opens it if it is closed; `on_socket` gets the lane as its data. False when memory is short. */
bool idv_lane_open(idv_lane *lane, curl_socket_callback on_socket);

/* Closes its connections; nothing is lost when it is closed already. All transfers must have been removed. */
void idv_lane_close(idv_lane *lane);

/* In a forked child: closed, without touching what libcurl holds. */
void idv_lane_let_go(idv_lane *lane);

/*
 * Lets so many connections stay open, those in use included. Each request that ends with more of them closes
 * the one that has rested longest.
 */
void idv_lane_keep(idv_lane *lane, size_t connections);

/* Starts a transfer in a lane that is open. False when libcurl refuses it. */
bool idv_lane_add(idv_lane *lane, CURL *easy);

/* Ends a transfer, wherever it stands. */
void idv_lane_remove(idv_lane *lane, CURL *easy);

/* Gives libcurl its turn. False when memory ran out inside it and the lane can not go on. */
bool idv_lane_act(idv_lane *lane, curl_socket_t fd, int events);

/* The same, when its moment has come. */
bool idv_lane_run_due(idv_lane *lane, int64_t now_ms);

/* Takes one transfer that is over, with its result; NULL when there is none. It must still be removed. */
CURL *idv_lane_next_over(idv_lane *lane, CURLcode *result);

#pragma GCC visibility pop

#endif
