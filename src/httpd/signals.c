#include "signals.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool httpd_signals_open(struct httpd_signals *signals) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  signals->fd = signalfd(-1, &ending, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signals->fd < 0) {
    return false;
  }
  sigset_t blocked = ending;
  sigaddset(&blocked, SIGPIPE);
  sigprocmask(SIG_BLOCK, &blocked, &signals->former);
  return true;
}

bool httpd_signals_take(struct httpd_signals *signals) {
  struct signalfd_siginfo info;
  bool came = false;
  while (signals->fd >= 0 && read(signals->fd, &info, sizeof info) == (ssize_t)sizeof info) {
    came = true;
  }
  return came;
}

void httpd_signals_close(struct httpd_signals *signals) {
  if (signals->fd < 0) {
    return;
  }
  httpd_signals_take(signals); /* one that is still pending would end the process once unblocked */
  close(signals->fd);
  signals->fd = -1;
  sigprocmask(SIG_SETMASK, &signals->former, NULL);
}

bool httpd_signals_follow_parent(void) {
  pid_t parent = getppid();
  return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}
