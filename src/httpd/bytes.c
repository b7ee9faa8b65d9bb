#include "bytes.h"

#include <stdlib.h>
#include <string.h>

/* The first allocation: most requests to the providers fit into it. */
static const size_t first_capacity = 1024;

static bool grow(struct httpd_bytes *bytes, size_t needed) {
  size_t capacity = bytes->capacity > 0 ? bytes->capacity : first_capacity;
  while (capacity < needed) {
    capacity *= 2; /* `needed` is at most the ceiling, so this stays far from overflow */
  }
  char *data = realloc(bytes->data, capacity);
  if (data == NULL) {
    return false;
  }
  bytes->data = data;
  bytes->capacity = capacity;
  return true;
}

bool httpd_bytes_add(struct httpd_bytes *bytes, const void *data, size_t length) {
  if (length == 0) {
    return true;
  }
  if (length > bytes->ceiling || bytes->length > bytes->ceiling - length) {
    return false;
  }
  if (bytes->length + length > bytes->capacity && !grow(bytes, bytes->length + length)) {
    return false;
  }
  memcpy(bytes->data + bytes->length, data, length);
  bytes->length += length;
  return true;
}

void httpd_bytes_free(struct httpd_bytes *bytes) {
  free(bytes->data);
  bytes->data = NULL;
  bytes->length = 0;
  bytes->capacity = 0;
}
