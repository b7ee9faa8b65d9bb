/*
 * Whether a request that did not succeed is sent again, and when. Pure decisions, no clock and no I/O.
 *
 * The rule that is never bent: an operation that is not safe is repeated only when its last copy was provably
 * not processed. That is so when no connection came up, when TLS failed, when nothing of the request was
 * written, and for the answer 429. Everything else a caller gets back as it is.
 */
#ifndef IDV_RETRY_H
#define IDV_RETRY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* How one attempt ended, as far as repeating is concerned. */
typedef struct idv_attempt {
  bool is_safe;        /* the operation may be repeated without harm */
  bool was_written;    /* a byte of the request may have left */
  bool is_permanent;   /* the same attempt would fail the same way: an untrusted certificate, a bad URL */
  bool is_immediate;   /* a kept-alive connection had died: trying anew needs no pause */
  long status;         /* HTTP status, 0 when there was no whole answer */
  int64_t retry_after; /* milliseconds the server asked for, -1 when it did not */
} idv_attempt;

typedef struct idv_retry_policy {
  unsigned max_retries; /* repeats on top of the first attempt */
  int64_t base_ms;      /* the first pause is drawn from 0 to this */
  int64_t cap_ms;       /* no drawn pause is longer */
} idv_retry_policy;

/* 0.5 s and 30 s, two repeats. */
extern const idv_retry_policy idv_retry_defaults;

typedef struct idv_retry_decision {
  bool again;
  int64_t delay_ms; /* from now, when `again` */
} idv_retry_decision;

/*
 * Decides after attempt number `attempts` (1 for the first). `remaining_ms` is what is left of the call's
 * deadline and `dice` a number from 0 up to, not including, 1. A pause that would end after the deadline is
 * not begun: the caller gets the failure at once instead of at the deadline.
 */
idv_retry_decision idv_retry_decide(const idv_retry_policy *policy, const idv_attempt *attempt,
                                    unsigned attempts, int64_t remaining_ms, double dice);

/* Whether the last copy of the request certainly was not processed. */
bool idv_retry_was_not_processed(const idv_attempt *attempt);

/* Whether a status says "not now" rather than "no": 408, 425, 429, 500, 502, 503, 504. */
bool idv_retry_is_transient(long status);

/*
 * Reads a Retry-After value: seconds, or an HTTP date seen from `now`. Milliseconds, at most
 * IDV_RETRY_AFTER_MAX_MS; 0 for a date that has passed; -1 for what is neither.
 */
int64_t idv_retry_after(idv_slice value, time_t now);

/* One year. What a server asks for beyond it is cut to it, so that sums stay in range. */
#define IDV_RETRY_AFTER_MAX_MS ((int64_t)365 * 24 * 3600 * 1000)

#pragma GCC visibility pop

#endif
