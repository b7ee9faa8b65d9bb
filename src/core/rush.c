#include "rush.h"

#define WINDOW_MS 1000

/* Longer than the pauses of a program that sends one batch after the other. */
#define QUIET_MS 3000

void idv_rush_init(idv_rush *rush) {
  *rush = (idv_rush){.over_ms = -1};
}

static void turn_windows(idv_rush *rush, int64_t now_ms) {
  if (now_ms < rush->window_ends_ms) {
    return;
  }
  bool is_next = now_ms < rush->window_ends_ms + WINDOW_MS;
  rush->most_before = is_next ? rush->most_now : rush->active;
  rush->most_now = rush->active;
  rush->window_ends_ms = now_ms + WINDOW_MS;
}

void idv_rush_begin(idv_rush *rush, int64_t now_ms) {
  turn_windows(rush, now_ms);
  rush->active++;
  rush->over_ms = -1;
  if (rush->most_now < rush->active) {
    rush->most_now = rush->active;
  }
}

void idv_rush_end(idv_rush *rush, int64_t now_ms) {
  turn_windows(rush, now_ms);
  rush->active--;
  rush->over_ms = rush->active == 0 ? now_ms + QUIET_MS : -1;
}

size_t idv_rush_lately(const idv_rush *rush) {
  return rush->most_now > rush->most_before ? rush->most_now : rush->most_before;
}

bool idv_rush_is_over(idv_rush *rush, int64_t now_ms) {
  if (rush->over_ms < 0 || now_ms < rush->over_ms) {
    return false;
  }
  rush->over_ms = -1;
  return true;
}
