#include "sigpipe.h"

#include <time.h>

static bool is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t only_sigpipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

void idv_sigpipe_hold(idv_sigpipe *guard) {
  sigset_t set = only_sigpipe();
  pthread_sigmask(SIG_BLOCK, &set, &guard->before);
  /* what is not blocked does not stay pending */
  bool was_blocked = sigismember(&guard->before, SIGPIPE) == 1;
  guard->was_pending = was_blocked && is_pending();
}

void idv_sigpipe_release(idv_sigpipe *guard) {
  sigset_t set = only_sigpipe();
  const struct timespec at_once = {0, 0};
  while (!guard->was_pending && is_pending()) { /* there may be two: the thread's and the process's */
    sigtimedwait(&set, NULL, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}
