/*
 * A growing run of bytes with a ceiling.
 *
 * Holds what a client sends (headers, body) until Lua asks for it. The ceiling is given once, at the start;
 * an append that would pass it changes nothing and says so, and so does one that finds no memory. All zero
 * is a valid empty value with a ceiling of nothing. There is no way to take bytes out again, and the bytes
 * are not ended by a zero.
 */
#ifndef IDV_HTTPD_BYTES_H
#define IDV_HTTPD_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct httpd_bytes {
  char *data;
  size_t length;
  size_t capacity;
  size_t ceiling; /* most bytes it may ever hold */
};

/* Adds `length` bytes; false, and nothing added, past the ceiling or without memory. */
bool httpd_bytes_add(struct httpd_bytes *bytes, const void *data, size_t length);

/* Gives the memory back; the value is empty afterwards and keeps its ceiling. */
void httpd_bytes_free(struct httpd_bytes *bytes);

#pragma GCC visibility pop

#endif
