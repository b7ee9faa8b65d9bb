/*
 * How the calls to one origin are spread over lanes.
 *
 * libcurl walks over all the connections to a host that a multi handle has to find one that is free, so with
 * thousands of them starting a call would take longest when there is most to do. Each handle (a lane, see
 * lane.h) therefore gets no more than some of an origin's calls while there are other lanes. The first lanes
 * come first: an origin with few calls has all its connections in one place. The rooms of the lanes add up to
 * what the origin is allowed, so as long as its calls agree on that it never has more connections, those that
 * rest included.
 */
#ifndef IDV_SPREAD_H
#define IDV_SPREAD_H

#pragma GCC visibility push(hidden)

/* How many lanes there are at most. */
#define IDV_LANES 16

/* Connections to one origin in a lane, as long as all lanes together have room for what it is allowed. */
#define IDV_SPREAD_CONNECTIONS 64

typedef struct idv_spread {
  unsigned taken[IDV_LANES]; /* calls, by lane */
} idv_spread;

/*
 * The lane of a call that begins now, counted in from now on. The origin may have `connections`, on each of
 * which there are `streams` calls at once. Calls that allow the origin different numbers may find no room
 * where there should be some; the first lane takes them.
 */
unsigned idv_spread_enter(idv_spread *spread, unsigned connections, unsigned streams);

/* The call has left its lane. */
void idv_spread_leave(idv_spread *spread, unsigned lane);

#pragma GCC visibility pop

#endif
