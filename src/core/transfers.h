/*
 * Transfers: the attempts that libcurl carries at this moment, and what is kept for those that follow.
 *
 * Ties handles (wire.h) to the lane that carries them (lane.h, reactor.h) and keeps connections and handles
 * for as many transfers as there have been at once lately (rush.h), and what names resolved to (names.h).
 * Knows calls only as what a wire carries; whether an attempt is followed by another is decided in
 * attempts.h.
 */
#ifndef IDV_TRANSFERS_H
#define IDV_TRANSFERS_H

#include <stdbool.h>
#include <stdint.h>

#include "call.h"
#include "reactor.h"
#include "wire.h"

#pragma GCC visibility push(hidden)

typedef struct idv_transfers {
  idv_reactor reactor;
  idv_wires wires;
} idv_transfers;

/* False when memory or descriptors are short; it is closed then. */
bool idv_transfers_open(idv_transfers *transfers);

/* Closes every connection. All transfers must have ended. */
void idv_transfers_close(idv_transfers *transfers);

/* In a forked child: closes the bare descriptors, and touches nothing that libcurl holds. */
void idv_transfers_let_go(idv_transfers *transfers);

/* Hands the call to libcurl. False, with nothing begun, when memory is short. */
bool idv_transfers_begin(idv_transfers *transfers, idv_call *call);

/*
 * Takes a call off libcurl and writes what came of it into the call. Returns whether any of the request was
 * written.
 */
bool idv_transfers_end(idv_transfers *transfers, idv_call *call, CURLcode code);

/* Takes one call whose transfer is over, with its result; NULL when there is none. It must still be ended. */
idv_call *idv_transfers_next_over(idv_transfers *transfers, CURLcode *code);

/*
 * When idv_transfers_tidy_up will have something to give back that a rush has left, if no other begins
 * before; -1 when there is nothing.
 */
int64_t idv_transfers_tidy_ms(const idv_transfers *transfers);

/* Gives back what the rushes have left that are over by now. Returns whether there was any. */
bool idv_transfers_tidy_up(idv_transfers *transfers, int64_t now_ms);

/* After memory ran out inside libcurl and every transfer was ended: begins anew. */
void idv_transfers_renew(idv_transfers *transfers);

#pragma GCC visibility pop

#endif
