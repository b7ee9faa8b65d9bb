#include "signature.h"

#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "ascii.h"
#include "wipe.h"

enum { BYTES = IDV_SIGNATURE_HEX / 2 };

static bool read_hex(idv_slice hex, unsigned char out[BYTES]) {
  if (hex.length != IDV_SIGNATURE_HEX) {
    return false;
  }
  for (size_t i = 0; i < BYTES; i++) {
    int high = idv_ascii_hex(hex.data[2 * i]), low = idv_ascii_hex(hex.data[2 * i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    out[i] = (unsigned char)(high * 16 + low);
  }
  return true;
}

bool idv_signature_is_hmac_sha256(idv_slice key, idv_slice message, idv_slice hex) {
  unsigned char given[BYTES], expected[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (key.length == 0 || key.length > INT_MAX || !read_hex(hex, given)) {
    return false;
  }
  bool is_made = HMAC(EVP_sha256(), key.data, (int)key.length, (const unsigned char *)message.data,
                      message.length, expected, &length) != NULL;
  bool is_same = is_made && length == BYTES && CRYPTO_memcmp(given, expected, BYTES) == 0;
  idv_wipe(expected, sizeof expected);
  return is_same;
}

static bool digest(idv_slice message, unsigned char out[EVP_MAX_MD_SIZE]) {
  unsigned int length = 0;
  return EVP_Digest(message.data, message.length, out, &length, EVP_sha256(), NULL) == 1 && length == BYTES;
}

bool idv_signature_same(idv_slice one, idv_slice other) {
  unsigned char a[EVP_MAX_MD_SIZE], b[EVP_MAX_MD_SIZE];
  bool is_same = digest(one, a) && digest(other, b) && CRYPTO_memcmp(a, b, BYTES) == 0;
  idv_wipe(a, sizeof a);
  idv_wipe(b, sizeof b);
  return is_same;
}

bool idv_signature_digest(idv_slice message, char hex[IDV_SIGNATURE_HEX]) {
  static const char digits[] = "0123456789abcdef";
  unsigned char bytes[EVP_MAX_MD_SIZE];
  if (!digest(message, bytes)) {
    return false;
  }
  for (size_t i = 0; i < BYTES; i++) {
    hex[2 * i] = digits[bytes[i] >> 4];
    hex[2 * i + 1] = digits[bytes[i] & 15];
  }
  return true;
}
