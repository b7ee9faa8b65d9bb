#include "wipe.h"

#include <stdlib.h>
#include <string.h>

/* The C library's own: as fast as memset, and kept by the compiler. glibc, musl and the BSDs have it. */
void idv_wipe(void *bytes, size_t length) {
  if (bytes != NULL && length > 0) {
    explicit_bzero(bytes, length);
  }
}

void idv_wipe_and_free(void *block, size_t length) {
  idv_wipe(block, length);
  free(block);
}

void idv_wipe_and_free_text(char *text) {
  if (text != NULL) {
    idv_wipe_and_free(text, strlen(text));
  }
}
