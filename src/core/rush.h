/*
 * How much has been going on lately, which is how much is worth keeping for what comes next: connections and
 * handles.
 *
 * Counts transfers. The most that there were at once in the present second or the one before it is what there
 * were lately. When there have been none for a while, the rush is over, which is told once. Moments are
 * readings of idv_clock_ms.
 */
#ifndef IDV_RUSH_H
#define IDV_RUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct idv_rush {
  size_t active;
  size_t most_now;    /* at once, in the present window */
  size_t most_before; /* in the one before */
  int64_t window_ends_ms;
  int64_t over_ms; /* when it is over if nothing begins before; -1 while something goes on, or when told */
} idv_rush;

void idv_rush_init(idv_rush *rush);

/* A transfer begins, or ends. */
void idv_rush_begin(idv_rush *rush, int64_t now_ms);
void idv_rush_end(idv_rush *rush, int64_t now_ms);

/* How many there have been at once lately. */
size_t idv_rush_lately(const idv_rush *rush);

/* Whether it is over by now; true only once. */
bool idv_rush_is_over(idv_rush *rush, int64_t now_ms);

#pragma GCC visibility pop

#endif
