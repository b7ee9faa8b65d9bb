/*
 * Overwriting memory that held a credential or a person's data, in a way that no compiler leaves out.
 */
#ifndef IDV_WIPE_H
#define IDV_WIPE_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Sets `length` bytes at `bytes` to zero. NULL with length 0 is fine. */
void idv_wipe(void *bytes, size_t length);

/* Wipes `length` bytes and then frees the block. NULL is fine. */
void idv_wipe_and_free(void *block, size_t length);

/* Wipes a C string up to its NUL and then frees it. NULL is fine. */
void idv_wipe_and_free_text(char *text);

#pragma GCC visibility pop

#endif
