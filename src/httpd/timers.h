/*
 * Timers: a list sorted by the time at which each falls due.
 *
 * The timers live inside the things they wake, so nothing is allocated here. Adding walks from the far end,
 * which is one step when delays are alike (the usual case: many requests held back by the same delay).
 * Times are seconds of the monotonic clock. Not for many timers with very different delays.
 */
#ifndef IDV_HTTPD_TIMERS_H
#define IDV_HTTPD_TIMERS_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct httpd_timer {
  struct httpd_timer *previous; /* falls due no later */
  struct httpd_timer *next;     /* falls due no earlier */
  double due;
  bool armed;
};

struct httpd_timers {
  struct httpd_timer *first;
  struct httpd_timer *last;
};

/* The monotonic clock, in seconds. */
double httpd_now(void);

/* Arms `timer`, which must not be armed, to fall due at `due`. */
void httpd_timers_add(struct httpd_timers *timers, struct httpd_timer *timer, double due);

/* Disarms `timer`; does nothing when it is not armed. */
void httpd_timers_remove(struct httpd_timers *timers, struct httpd_timer *timer);

/* Takes out and returns one timer that is due at `now`, the earliest; NULL when none is. */
struct httpd_timer *httpd_timers_take(struct httpd_timers *timers, double now);

#pragma GCC visibility pop

#endif
