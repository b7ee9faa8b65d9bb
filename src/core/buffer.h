/*
 * Bytes that grow up to a ceiling given at creation.
 *
 * A failed append leaves the content as it was and is remembered: whoever builds something out of many
 * appends checks idv_buffer_state once at the end. Content is followed by a NUL that does not count, so it
 * can be handed to C functions when it holds no NUL itself. Memory is wiped before it is given back, on
 * growth too, because buffers here carry names, tokens and codes.
 */
#ifndef IDV_BUFFER_H
#define IDV_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

typedef enum idv_buffer_state {
  IDV_BUFFER_OK = 0,
  IDV_BUFFER_TOO_LARGE, /* an append would have passed the ceiling */
  IDV_BUFFER_NO_MEMORY
} idv_buffer_state;

typedef struct idv_buffer {
  char *data; /* NULL until the first append */
  size_t length;
  size_t capacity; /* bytes allocated, the NUL included */
  size_t ceiling;  /* the most that `length` may become */
  idv_buffer_state state;
} idv_buffer;

/* Makes an empty buffer that holds at most `ceiling` bytes. Allocates nothing. */
void idv_buffer_init(idv_buffer *buffer, size_t ceiling);

/* Wipes and frees the content; the buffer is then as after idv_buffer_init. */
void idv_buffer_free(idv_buffer *buffer);

/* Wipes the content and forgets a failure, keeping the memory for what comes next. */
void idv_buffer_reset(idv_buffer *buffer);

/* Drops everything after the first `length` bytes, wiped. */
void idv_buffer_truncate(idv_buffer *buffer, size_t length);

/* Makes room for `more` bytes at once. False, and remembered, when that can not be. */
bool idv_buffer_reserve(idv_buffer *buffer, size_t more);

/*
 * Adds bytes at the end. False, and remembered, when they do not fit. Short and inline, because a request is
 * written by many of these and most of them find room.
 */
static inline bool idv_buffer_append(idv_buffer *buffer, const char *bytes, size_t length) {
  bool has_room = buffer->state == IDV_BUFFER_OK && length < buffer->capacity - buffer->length &&
                  length <= buffer->ceiling - buffer->length;
  if (!has_room && !idv_buffer_reserve(buffer, length)) {
    return false;
  }
  if (length > 0) {
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
  }
  buffer->data[buffer->length] = '\0';
  return true;
}

static inline bool idv_buffer_append_text(idv_buffer *buffer, const char *text) {
  return idv_buffer_append(buffer, text, strlen(text));
}

static inline bool idv_buffer_append_slice(idv_buffer *buffer, idv_slice slice) {
  return idv_buffer_append(buffer, slice.data, slice.length);
}

static inline bool idv_buffer_append_char(idv_buffer *buffer, char c) {
  return idv_buffer_append(buffer, &c, 1);
}

/* The content, valid until the next change; data is never NULL. */
idv_slice idv_buffer_slice(const idv_buffer *buffer);

#pragma GCC visibility pop

#endif
