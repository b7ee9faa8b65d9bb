/*
 * Moments to wake up at: a binary heap of timers that live inside other structures.
 *
 * Room is reserved when a timer's owner is made, so that setting one later can not fail. Moments are readings
 * of idv_clock_ms.
 */
#ifndef IDV_TIMERS_H
#define IDV_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct idv_timer {
  int64_t due_ms;
  size_t place; /* 1-based place in the heap, 0 while not set */
} idv_timer;

typedef struct idv_timers {
  idv_timer **heap;
  size_t count;
  size_t capacity;
} idv_timers;

void idv_timers_init(idv_timers *timers);
void idv_timers_free(idv_timers *timers);

/* Makes room for `owners` timers in all. False when memory is short. */
bool idv_timers_reserve(idv_timers *timers, size_t owners);

/* Sets the timer, or moves it when it was set. */
void idv_timers_set(idv_timers *timers, idv_timer *timer, int64_t due_ms);

/* Takes the timer out; nothing happens when it is not set. */
void idv_timers_remove(idv_timers *timers, idv_timer *timer);

/* The timer that is due first, or NULL. */
idv_timer *idv_timers_first(const idv_timers *timers);

#pragma GCC visibility pop

#endif
