/*
 * Keeping SIGPIPE away from the host while TLS writes to a connection that the other side has closed.
 *
 * libcurl is told not to touch signals (it would have to change them for the whole process), so the signal is
 * blocked for this thread alone, and one that came up meanwhile is taken back, unless it was pending before.
 */
#ifndef IDV_SIGPIPE_H
#define IDV_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

typedef struct idv_sigpipe {
  sigset_t before;
  bool was_pending;
} idv_sigpipe;

void idv_sigpipe_hold(idv_sigpipe *guard);
void idv_sigpipe_release(idv_sigpipe *guard);

#pragma GCC visibility pop

#endif
