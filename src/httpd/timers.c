#include "timers.h"

#include <stddef.h>
#include <time.h>

double httpd_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void httpd_timers_add(struct httpd_timers *timers, struct httpd_timer *timer, double due) {
  struct httpd_timer *before = timers->last;
  while (before != NULL && before->due > due) {
    before = before->previous;
  }
  struct httpd_timer *after = before != NULL ? before->next : timers->first;
  timer->previous = before;
  timer->next = after;
  timer->due = due;
  timer->armed = true;
  *(before != NULL ? &before->next : &timers->first) = timer;
  *(after != NULL ? &after->previous : &timers->last) = timer;
}

void httpd_timers_remove(struct httpd_timers *timers, struct httpd_timer *timer) {
  if (!timer->armed) {
    return;
  }
  *(timer->previous != NULL ? &timer->previous->next : &timers->first) = timer->next;
  *(timer->next != NULL ? &timer->next->previous : &timers->last) = timer->previous;
  timer->armed = false;
}

struct httpd_timer *httpd_timers_take(struct httpd_timers *timers, double now) {
  struct httpd_timer *timer = timers->first;
  if (timer == NULL || timer->due > now) {
    return NULL;
  }
  httpd_timers_remove(timers, timer);
  return timer;
}
