/*
 * Numbers for what is in an engine, from 1 on: given out, taken back, and given out again.
 *
 * Whoever keeps a table by number so keeps a small one, however long the engine lives. The number that was
 * taken back last is given out first.
 */
#ifndef IDV_IDS_H
#define IDV_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct idv_ids {
  uint32_t *returned;
  size_t count;    /* of those that were taken back */
  size_t capacity; /* room for as many as there are */
  uint32_t last;   /* the greatest so far */
} idv_ids;

void idv_ids_init(idv_ids *ids);
void idv_ids_free(idv_ids *ids);

/* A number that is nobody's now; 0 when memory is short. */
uint32_t idv_ids_take(idv_ids *ids);

/* Takes a number back. Room for it was made when it was given out, so this can not fail. */
void idv_ids_give_back(idv_ids *ids, uint32_t id);

#pragma GCC visibility pop

#endif
