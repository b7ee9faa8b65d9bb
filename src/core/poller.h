/*
 * Waiting for many descriptors and one moment in time, behind a single descriptor that a host can watch.
 *
 * This is the only place that knows how the system does that: epoll with a timerfd on Linux (poller_epoll.c).
 * Another system is one more file with the same functions. Moments are readings of idv_clock_ms.
 */
#ifndef IDV_POLLER_H
#define IDV_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum { IDV_POLLER_IN = 1, IDV_POLLER_OUT = 2, IDV_POLLER_ERROR = 4 };

typedef struct idv_poller {
  int fd;           /* readable when a watched descriptor is ready or the moment has come; -1 when closed */
  int timer_fd;     /* -1 when closed */
  int64_t armed_ms; /* the moment that is set, -1 when none */
} idv_poller;

typedef struct idv_ready {
  int fd;
  unsigned tag; /* what was given with the descriptor */
  int events;   /* IDV_POLLER_IN, _OUT and _ERROR */
} idv_ready;

/* A poller that holds nothing, safe to close. */
void idv_poller_init(idv_poller *poller);

/* False, with errno set, when the system refuses; the poller is then closed. */
bool idv_poller_open(idv_poller *poller);

/* Closes the descriptors. In a forked child this leaves the parent's untouched. */
void idv_poller_close(idv_poller *poller);

/*
 * Watches `fd` for `events`; `tag` comes back with them. `is_known` says that it is being watched already.
 */
bool idv_poller_watch(idv_poller *poller, int fd, int events, unsigned tag, bool is_known);

/* Stops watching `fd`, which may be closed already. */
void idv_poller_forget(idv_poller *poller, int fd);

/* Makes the descriptor readable at `due_ms`; -1 takes the moment back. */
void idv_poller_arm(idv_poller *poller, int64_t due_ms);

/*
 * Waits for at most `timeout_ms` (-1: as long as it takes) and fills in what is ready, `most` at the most.
 * The moment that was armed ends the wait too and is taken back. Returns how many were filled in, -1 when a
 * signal came.
 */
int idv_poller_wait(idv_poller *poller, int64_t timeout_ms, idv_ready *ready, int most);

#pragma GCC visibility pop

#endif
