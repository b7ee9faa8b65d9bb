/*
 * The ways in which carrying a request can fail, and what is known about the request then.
 *
 * These are the engine's own words. What an HTTP status or a body means is decided above, by the description
 * of the provider.
 */
#ifndef IDV_FAILURE_H
#define IDV_FAILURE_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

typedef enum idv_failure_kind {
  IDV_FAILURE_NONE = 0, /* there is a whole answer with a status */
  IDV_FAILURE_NETWORK,
  IDV_FAILURE_TIMEOUT,
  IDV_FAILURE_PROTOCOL,
  IDV_FAILURE_FILE,
  IDV_FAILURE_CANCELLED
} idv_failure_kind;

/* What the other side may have done. Ordered: the outcome of a call is the worst of its attempts. */
typedef enum idv_outcome { IDV_OUTCOME_NOT_SENT = 0, IDV_OUTCOME_REFUSED, IDV_OUTCOME_UNKNOWN } idv_outcome;

typedef struct idv_failure {
  idv_failure_kind kind;
  const char *reason; /* a static sentence without any data of the call; NULL when kind is NONE */
  bool is_permanent;  /* the same request would fail the same way */
} idv_failure;

/* The answer has more of a head than is read: an attack or a mistake, and the same the next time. */
extern const idv_failure idv_failure_head_too_large;

extern const idv_failure idv_failure_not_http;

/* The connection ended before the head did. libcurl takes that for an answer without a status. */
extern const idv_failure idv_failure_head_cut;

/* Either a line of the head has no end, or memory ran out in the middle of it; libcurl does not tell which.
 */
extern const idv_failure idv_failure_head_unreadable;

/* The body is packed in a way that libcurl cannot unpack, or damaged. */
extern const idv_failure idv_failure_undecodable;

/* The address was handed out and leads to where such addresses may not lead. */
extern const idv_failure idv_failure_out_of_reach;

/* "network", "timeout", ... as errors spell it. Static. */
const char *idv_failure_kind_name(idv_failure_kind kind);

/* "not_sent", "refused" or "unknown". Static. */
const char *idv_outcome_name(idv_outcome outcome);

/* What a status says about the request: 4xx is a refusal, everything else leaves it open. */
idv_outcome idv_outcome_of_status(long status);

/* The failure that a result code of libcurl (a CURLcode) stands for. */
idv_failure idv_failure_of_curl(int code);

#pragma GCC visibility pop

#endif
