#include "ids.h"

#include <stdlib.h>

#define FIRST_CAPACITY 16

void idv_ids_init(idv_ids *ids) {
  *ids = (idv_ids){0};
}

void idv_ids_free(idv_ids *ids) {
  free(ids->returned);
  idv_ids_init(ids);
}

static bool make_room(idv_ids *ids) {
  if (ids->last < ids->capacity) {
    return true;
  }
  size_t capacity = ids->capacity == 0 ? FIRST_CAPACITY : ids->capacity * 2;
  uint32_t *returned = realloc(ids->returned, capacity * sizeof *returned);
  if (returned == NULL) {
    return false;
  }
  ids->returned = returned;
  ids->capacity = capacity;
  return true;
}

uint32_t idv_ids_take(idv_ids *ids) {
  if (ids->count > 0) {
    return ids->returned[--ids->count];
  }
  return make_room(ids) ? ++ids->last : 0;
}

void idv_ids_give_back(idv_ids *ids, uint32_t id) {
  ids->returned[ids->count++] = id;
}
