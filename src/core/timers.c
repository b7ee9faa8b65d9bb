#include "timers.h"

#include <stdlib.h>

void idv_timers_init(idv_timers *timers) {
  *timers = (idv_timers){0};
}

void idv_timers_free(idv_timers *timers) {
  free(timers->heap);
  idv_timers_init(timers);
}

bool idv_timers_reserve(idv_timers *timers, size_t owners) {
  if (owners < timers->capacity) {
    return true;
  }
  size_t capacity = timers->capacity < 16 ? 16 : timers->capacity * 2;
  capacity = capacity > owners ? capacity : owners + 1;
  idv_timer **heap = realloc(timers->heap, capacity * sizeof(idv_timer *));
  if (heap == NULL) {
    return false;
  }
  timers->heap = heap;
  timers->capacity = capacity;
  return true;
}

static void put(idv_timers *timers, size_t place, idv_timer *timer) {
  timers->heap[place - 1] = timer;
  timer->place = place;
}

static idv_timer *at(const idv_timers *timers, size_t place) {
  return timers->heap[place - 1];
}

static void sift_up(idv_timers *timers, idv_timer *timer) {
  size_t place = timer->place;
  while (place > 1 && at(timers, place / 2)->due_ms > timer->due_ms) {
    put(timers, place, at(timers, place / 2));
    place /= 2;
  }
  put(timers, place, timer);
}

static void sift_down(idv_timers *timers, idv_timer *timer) {
  size_t place = timer->place;
  while (2 * place <= timers->count) {
    size_t child = 2 * place;
    if (child < timers->count && at(timers, child + 1)->due_ms < at(timers, child)->due_ms) {
      child++;
    }
    if (at(timers, child)->due_ms >= timer->due_ms) {
      break;
    }
    put(timers, place, at(timers, child));
    place = child;
  }
  put(timers, place, timer);
}

void idv_timers_set(idv_timers *timers, idv_timer *timer, int64_t due_ms) {
  timer->due_ms = due_ms;
  if (timer->place == 0) {
    put(timers, ++timers->count, timer);
  }
  sift_up(timers, timer);
  sift_down(timers, timer);
}

void idv_timers_remove(idv_timers *timers, idv_timer *timer) {
  if (timer->place == 0) {
    return;
  }
  idv_timer *last = at(timers, timers->count--);
  if (last != timer) {
    put(timers, timer->place, last);
    sift_up(timers, last);
    sift_down(timers, last);
  }
  timer->place = 0;
}

idv_timer *idv_timers_first(const idv_timers *timers) {
  return timers->count > 0 ? timers->heap[0] : NULL;
}
