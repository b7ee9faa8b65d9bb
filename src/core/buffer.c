#include "buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wipe.h"

#define SMALLEST_CAPACITY 256

void idv_buffer_init(idv_buffer *buffer, size_t ceiling) {
  *buffer = (idv_buffer){.ceiling = ceiling};
}

void idv_buffer_free(idv_buffer *buffer) {
  idv_wipe_and_free(buffer->data, buffer->length);
  idv_buffer_init(buffer, buffer->ceiling);
}

void idv_buffer_reset(idv_buffer *buffer) {
  idv_wipe(buffer->data, buffer->length);
  buffer->length = 0;
  buffer->state = IDV_BUFFER_OK;
}

void idv_buffer_truncate(idv_buffer *buffer, size_t length) {
  if (length < buffer->length) {
    idv_wipe(buffer->data + length, buffer->length - length);
    buffer->length = length;
  }
}

static bool fail(idv_buffer *buffer, idv_buffer_state state) {
  if (buffer->state == IDV_BUFFER_OK) {
    buffer->state = state;
  }
  return false;
}

/* The next capacity that holds `needed` bytes: doubling, but never past what the ceiling can use. */
static size_t next_capacity(const idv_buffer *buffer, size_t needed) {
  size_t most = buffer->ceiling + 1;
  size_t capacity = buffer->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buffer->capacity;
  while (capacity < needed) {
    capacity = capacity > most / 2 ? most : capacity * 2;
  }
  return capacity;
}

static bool grow(idv_buffer *buffer, size_t needed) {
  size_t capacity = next_capacity(buffer, needed);
  char *data = malloc(capacity);
  if (data == NULL) {
    return fail(buffer, IDV_BUFFER_NO_MEMORY);
  }
  if (buffer->length > 0) {
    memcpy(data, buffer->data, buffer->length);
  }
  idv_wipe_and_free(buffer->data, buffer->length);
  buffer->data = data;
  buffer->capacity = capacity;
  data[buffer->length] = '\0';
  return true;
}

bool idv_buffer_reserve(idv_buffer *buffer, size_t more) {
  if (buffer->state != IDV_BUFFER_OK) {
    return false;
  }
  if (more > buffer->ceiling - buffer->length || buffer->ceiling == SIZE_MAX) {
    return fail(buffer, IDV_BUFFER_TOO_LARGE);
  }
  size_t needed = buffer->length + more + 1;
  return needed <= buffer->capacity || grow(buffer, needed);
}

idv_slice idv_buffer_slice(const idv_buffer *buffer) {
  return (idv_slice){.data = buffer->data != NULL ? buffer->data : "", .length = buffer->length};
}
