/*
 * How many connections go to one origin at the same time, and the line of those who wait.
 *
 * An origin is scheme, host and port. Places are given out first come, first served. An origin that nobody
 * uses is forgotten.
 */
#ifndef IDV_ORIGINS_H
#define IDV_ORIGINS_H

#include <stdbool.h>

#include "call.h"
#include "spread.h"

#pragma GCC visibility push(hidden)

typedef struct idv_origin {
  unsigned active;
  idv_spread spread; /* of those who are active */
  idv_link line;     /* calls, by their in_line */
  idv_link membership;
  char name[];
} idv_origin;

typedef struct idv_origins {
  idv_link list;
} idv_origins;

void idv_origins_init(idv_origins *origins);
/* Forgets all origins; every call must have left before. */
void idv_origins_free(idv_origins *origins);

/* Puts the call at the end of its origin's line. False when memory is short. */
bool idv_origins_line_up(idv_origins *origins, idv_call *call);

/* The next call that may start, counted as active from now on, in the lane it says; NULL when nobody may. */
idv_call *idv_origins_next(idv_origins *origins);

/*
 * Takes a call out of the line, or gives its place free when it is active. Returns whether somebody waits in
 * that line. Nothing happens to a call that is in none.
 */
bool idv_origins_leave(idv_call *call);

#pragma GCC visibility pop

#endif
