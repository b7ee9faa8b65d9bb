#include "poller.h"

#include <limits.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MOST_EVENTS 128

void idv_poller_init(idv_poller *poller) {
  *poller = (idv_poller){.fd = -1, .timer_fd = -1, .armed_ms = -1};
}

bool idv_poller_open(idv_poller *poller) {
  idv_poller_init(poller);
  poller->fd = epoll_create1(EPOLL_CLOEXEC);
  poller->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (poller->fd < 0 || poller->timer_fd < 0 ||
      !idv_poller_watch(poller, poller->timer_fd, IDV_POLLER_IN, 0, false)) {
    idv_poller_close(poller);
    return false;
  }
  return true;
}

void idv_poller_close(idv_poller *poller) {
  if (poller->timer_fd >= 0) {
    close(poller->timer_fd);
  }
  if (poller->fd >= 0) {
    close(poller->fd);
  }
  idv_poller_init(poller);
}

static int events_of(unsigned events) {
  return ((events & EPOLLIN) ? IDV_POLLER_IN : 0) | ((events & EPOLLOUT) ? IDV_POLLER_OUT : 0) |
         ((events & (EPOLLERR | EPOLLHUP)) ? IDV_POLLER_ERROR : 0);
}

/* A descriptor and its tag, in the 64 bits that the system gives back. */
static uint64_t pack(int fd, unsigned tag) {
  return (uint64_t)tag << 32 | (uint32_t)fd;
}

static idv_ready unpack(const struct epoll_event *event) {
  uint64_t packed = event->data.u64;
  return (idv_ready){
      .fd = (int)(uint32_t)packed, .tag = (unsigned)(packed >> 32), .events = events_of(event->events)};
}

bool idv_poller_watch(idv_poller *poller, int fd, int events, unsigned tag, bool is_known) {
  struct epoll_event event = {.data.u64 = pack(fd, tag)};
  event.events = ((events & IDV_POLLER_IN) ? (unsigned)EPOLLIN : 0) |
                 ((events & IDV_POLLER_OUT) ? (unsigned)EPOLLOUT : 0);
  return epoll_ctl(poller->fd, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0;
}

void idv_poller_forget(idv_poller *poller, int fd) {
  epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
}

void idv_poller_arm(idv_poller *poller, int64_t due_ms) {
  if (due_ms == poller->armed_ms) {
    return;
  }
  struct itimerspec moment = {0};
  if (due_ms >= 0) {
    moment.it_value.tv_sec = due_ms / 1000;
    moment.it_value.tv_nsec = due_ms % 1000 * 1000000 + 1; /* all zero would disarm it */
  }
  timerfd_settime(poller->timer_fd, TFD_TIMER_ABSTIME, &moment, NULL);
  poller->armed_ms = due_ms;
}

static void take_moment_back(idv_poller *poller) {
  uint64_t expirations;
  if (read(poller->timer_fd, &expirations, sizeof expirations) == (ssize_t)sizeof expirations) {
    poller->armed_ms = -1;
  }
}

int idv_poller_wait(idv_poller *poller, int64_t timeout_ms, idv_ready *ready, int most) {
  struct epoll_event events[MOST_EVENTS];
  int timeout = timeout_ms < 0 ? -1 : (timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);
  int count = epoll_wait(poller->fd, events, most < MOST_EVENTS ? most : MOST_EVENTS, timeout);
  int filled = 0;
  for (int i = 0; i < count; i++) {
    idv_ready one = unpack(&events[i]);
    if (one.fd == poller->timer_fd) {
      take_moment_back(poller);
    } else {
      ready[filled++] = one;
    }
  }
  return count < 0 ? -1 : filled;
}
