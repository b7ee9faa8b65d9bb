#include "fault_counts.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES 64
#define CALLS 1000

typedef struct counter {
  char name[64];
  unsigned requests;
  unsigned connections;
} counter;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static counter counters[NAMES];
static unsigned char asked[CALLS], accepted[CALLS];

/* The counter of that name, made if need be; the lock is held. */
static counter *counter_of(const char *name) {
  int i = 0;
  while (i < NAMES - 1 && counters[i].name[0] != '\0' && strcmp(counters[i].name, name) != 0) {
    i++;
  }
  snprintf(counters[i].name, sizeof counters[i].name, "%s", name);
  return &counters[i];
}

unsigned counts_add(const char *name, bool is_first_on_connection) {
  pthread_mutex_lock(&counting);
  counter *found = counter_of(name);
  unsigned number = ++found->requests;
  found->connections += is_first_on_connection;
  pthread_mutex_unlock(&counting);
  return number;
}

size_t counts_write(char *out, size_t room) {
  size_t used = 0;
  pthread_mutex_lock(&counting);
  used += (size_t)snprintf(out + used, room - used, "{");
  for (int i = 0; i < NAMES && counters[i].name[0] != '\0'; i++) {
    used +=
        (size_t)snprintf(out + used, room - used, "%s\"%s\":{\"requests\":%u,\"connections\":%u}",
                         i > 0 ? "," : "", counters[i].name, counters[i].requests, counters[i].connections);
  }
  used += (size_t)snprintf(out + used, room - used, "}");
  pthread_mutex_unlock(&counting);
  return used;
}

void counts_forget(void) {
  pthread_mutex_lock(&counting);
  memset(counters, 0, sizeof counters);
  memset(asked, 0, sizeof asked);
  memset(accepted, 0, sizeof accepted);
  pthread_mutex_unlock(&counting);
}

void counts_note_call(const char *text, bool is_accepted) {
  const char *at = strstr(text, "call-");
  unsigned long number = at != NULL ? strtoul(at + 5, NULL, 10) : CALLS;
  if (number < CALLS) {
    pthread_mutex_lock(&counting);
    asked[number]++;
    accepted[number] += is_accepted;
    pthread_mutex_unlock(&counting);
  }
}

static size_t write_list(char *out, size_t room, const char *name, const unsigned char *numbers) {
  size_t used = (size_t)snprintf(out, room, "\"%s\":[", name);
  for (int i = 0; i < CALLS; i++) {
    used += (size_t)snprintf(out + used, room - used, "%s%u", i > 0 ? "," : "", numbers[i]);
  }
  return used + (size_t)snprintf(out + used, room - used, "]");
}

size_t counts_write_calls(char *out, size_t room) {
  pthread_mutex_lock(&counting);
  size_t used = (size_t)snprintf(out, room, "{");
  used += write_list(out + used, room - used, "asked", asked);
  used += (size_t)snprintf(out + used, room - used, ",");
  used += write_list(out + used, room - used, "accepted", accepted);
  used += (size_t)snprintf(out + used, room - used, "}");
  pthread_mutex_unlock(&counting);
  return used;
}
