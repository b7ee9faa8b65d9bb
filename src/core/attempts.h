/*
 * Attempts: how a call that an engine has taken in comes to its answer.
 *
 * A call waits in line for its origin (origins.h), is carried (transfers.h), and when that has failed is
 * tried again after a pause, if retry.h says so and its deadline allows. What ends one from outside, a
 * deadline or its owner, is here too. Who waits for the call is told through the engine; which calls there
 * are, and when anything is done, the engine knows.
 */
#ifndef IDV_ATTEMPTS_H
#define IDV_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "call.h"
#include "dice.h"
#include "origins.h"
#include "retry.h"
#include "timers.h"
#include "transfers.h"

#pragma GCC visibility push(hidden)

typedef struct idv_attempts {
  idv_transfers transfers;
  idv_origins origins;
  idv_timers *timers; /* the engine's */
  idv_retry_policy policy;
  idv_dice dice;
  bool may_start; /* somebody in line may have a place now */
} idv_attempts;

/*
 * `timers` is borrowed; every call that gets here has a place reserved in it. `seed` is that of the pauses.
 * False when memory or descriptors are short; it is closed then.
 */
bool idv_attempts_open(idv_attempts *attempts, idv_timers *timers, uint64_t seed);

/* Closes every connection. All calls must have finished. */
void idv_attempts_close(idv_attempts *attempts);

/* In a forked child, after every call was abandoned: closes what is its own. */
void idv_attempts_let_go(idv_attempts *attempts);

/* Puts a call in line for its first attempt, and its deadline before it. False, with the call untouched, when
 * memory is short. */
bool idv_attempts_submit(idv_attempts *attempts, idv_call *call);

/* Begins the attempts of those who have a place now, of a few in one go. */
void idv_attempts_begin(idv_attempts *attempts);

/* Takes the results that libcurl has: calls finish, or pause before they are tried again. */
void idv_attempts_read_results(idv_attempts *attempts);

/* Ends a running attempt as libcurl would that ran out of memory. */
void idv_attempts_starve(idv_attempts *attempts, idv_call *call);

/* The time of a call has come: the end of its pause or its deadline. */
void idv_attempts_on_due(idv_attempts *attempts, idv_call *call);

/* Ends a call that is not finished, as cancelled. */
void idv_attempts_cancel(idv_attempts *attempts, idv_call *call);

/* In a forked child: fails a call without touching what libcurl holds of it. */
void idv_attempts_abandon(idv_call *call);

#pragma GCC visibility pop

#endif
