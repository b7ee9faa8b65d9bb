#include "nearest.h"

#include <stdint.h>
#include <string.h>

#include "ascii.h"

/* The letters of a name in lower case, without the marks between words. False when there are too many. */
static bool fold(idv_slice name, char out[IDV_NEAREST_MAX], size_t *length) {
  *length = 0;
  if (name.length > IDV_NEAREST_MAX) {
    return false;
  }
  for (size_t i = 0; i < name.length; i++) {
    if (name.data[i] != '_' && name.data[i] != '-') {
      out[(*length)++] = idv_ascii_lower(name.data[i]);
    }
  }
  return true;
}

static size_t least(size_t a, size_t b, size_t c) {
  size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

size_t idv_nearest_distance(idv_slice one, idv_slice other) {
  char a[IDV_NEAREST_MAX], b[IDV_NEAREST_MAX];
  size_t a_length, b_length;
  size_t rows[3][IDV_NEAREST_MAX + 1]; /* of the table of distances: two back, one back, this one */
  if (!fold(one, a, &a_length) || !fold(other, b, &b_length)) {
    return SIZE_MAX;
  }
  for (size_t j = 0; j <= b_length; j++) {
    rows[1][j] = j;
  }
  for (size_t i = 1; i <= a_length; i++) {
    rows[2][0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      size_t changed = rows[1][j - 1] + (a[i - 1] != b[j - 1]);
      rows[2][j] = least(changed, rows[1][j] + 1, rows[2][j - 1] + 1);
      bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap && rows[0][j - 2] + 1 < rows[2][j]) {
        rows[2][j] = rows[0][j - 2] + 1;
      }
    }
    memmove(rows[0], rows[1], 2 * sizeof rows[0]);
  }
  return rows[1][b_length];
}

bool idv_nearest_is_near(idv_slice candidate, size_t distance) {
  return distance <= 1 + candidate.length / 4;
}
