/*
 * How long libcurl may keep what a name resolved to.
 *
 * libcurl looks through all the names it keeps at the end of every transfer whose handle says how old they
 * may get. Once in half a minute is enough, so one transfer says so then, for all, and the others say
 * nothing. No name is used for more than twice that. Moments are readings of idv_clock_ms.
 */
#ifndef IDV_NAMES_H
#define IDV_NAMES_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Seconds that a name may be old when a transfer looks. */
#define IDV_NAMES_SECONDS 30L

/* For a transfer that does not look. */
#define IDV_NAMES_NOT_NOW (-1L)

typedef struct idv_names {
  int64_t due_ms; /* when a transfer is to look again; 0 before the first */
} idv_names;

/* What CURLOPT_DNS_CACHE_TIMEOUT is to be for a transfer that begins now. */
long idv_names_seconds(idv_names *names, int64_t now_ms);

#pragma GCC visibility pop

#endif
