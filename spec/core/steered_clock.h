/*
 * A clock that stands in for the C library's and is moved by the test: it stands still, so that a slow
 * machine has as much time as a fast one. What waits in the kernel meanwhile waits for real.
 *
 * With the clock standing still a step of the engine with a timeout ends only with news: give it 0.
 */
#ifndef IDV_SPEC_STEERED_CLOCK_H
#define IDV_SPEC_STEERED_CLOCK_H

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Seconds by which the test has moved it on; several threads read it. */
static atomic_long seconds_ahead;

int clock_gettime(clockid_t id, struct timespec *now) {
  if (id == CLOCK_REALTIME) {
    return (int)syscall(SYS_clock_gettime, id, now);
  }
  *now = (struct timespec){.tv_sec = 1000000 + atomic_load(&seconds_ahead)};
  return 0;
}

#endif
