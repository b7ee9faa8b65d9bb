#include "fault_bomb.h"

#include <stdlib.h>
#include <string.h>

#define BOMB_UNITS 32768 /* of 8 times 258 zeros each: 64 MiB out of 416 KiB */

typedef struct bits {
  uint8_t *bytes;
  size_t count; /* bits so far */
} bits;

/* Codes of deflate are written from their highest bit on. */
static void put_code(bits *out, unsigned code, int length) {
  for (int i = length; i-- > 0; out->count++) {
    out->bytes[out->count / 8] |= (uint8_t)((code >> i & 1) << out->count % 8);
  }
}

/* A gzip stream of zeros and nothing but zeros, which does not end. Returns its length; the caller frees it.
 */
size_t make_bomb(uint8_t **made) {
  static const uint8_t head[10] = {0x1f, 0x8b, 8};
  bits out = {.bytes = calloc(1, sizeof head + 16 + (size_t)BOMB_UNITS * 13), .count = sizeof head * 8};
  *made = out.bytes;
  if (out.bytes == NULL) {
    return 0;
  }
  memcpy(out.bytes, head, sizeof head);
  put_code(&out, 2, 3);    /* not the last block; fixed codes, whose number has its lowest bit first */
  put_code(&out, 0x30, 8); /* a zero */
  for (int i = 0; i < BOMB_UNITS * 8; i++) {
    put_code(&out, 0xc5, 8); /* the last 258 bytes once more, */
    put_code(&out, 0, 5);    /* from one byte ago on */
  }
  return out.count / 8;
}
