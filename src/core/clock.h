/*
 * The one clock of the core: monotonic, in milliseconds, from an arbitrary start.
 */
#ifndef IDV_CLOCK_H
#define IDV_CLOCK_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

int64_t idv_clock_ms(void);

/* The same clock in microseconds, for durations that are shown. */
int64_t idv_clock_us(void);

/* The earlier of two moments, of which each may be -1: never. */
static inline int64_t idv_clock_earlier(int64_t a, int64_t b) {
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

#pragma GCC visibility pop

#endif
