/*
 * How long libcurl may keep what a name resolved to.
 *
 * A transfer whose handle says how old a name may be uses none that is older, and at its end libcurl looks
 * through all the names it keeps. Once in half a minute is enough: every transfer says so until one of them
 * has come to a good end, and then none does for a while. So a name is at most a minute old when a transfer
 * begins. Moments are readings of idv_clock_ms.
 */
#ifndef IDV_NAMES_H
#define IDV_NAMES_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Seconds that a name may be old, for a transfer that looks; and what one is told that does not. */
#define IDV_NAMES_SECONDS 30L
#define IDV_NAMES_NOT_NOW (-1L)

typedef struct idv_names {
  int64_t due_ms; /* from when on transfers look; 0 before any has */
} idv_names;

/* What CURLOPT_DNS_CACHE_TIMEOUT is to be for a transfer that begins now. */
long idv_names_seconds(const idv_names *names, int64_t now_ms);

/* A transfer for which that was `seconds` has come to a good end. */
void idv_names_end(idv_names *names, long seconds, int64_t now_ms);

#pragma GCC visibility pop

#endif
