/*
 * Whether a message was signed with a shared key, and whether two secrets are the same, without telling by
 * the time it takes how much of a guess was right.
 */
#ifndef IDV_SIGNATURE_H
#define IDV_SIGNATURE_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* Characters of a SHA-256 in hexadecimal. */
#define IDV_SIGNATURE_HEX 64

/*
 * Whether `hex` (either letter case) is the HMAC-SHA256 of `message` under `key`. False also for a text that
 * is no SHA-256 in hexadecimal, and for an empty key.
 */
bool idv_signature_is_hmac_sha256(idv_slice key, idv_slice message, idv_slice hex);

/* Whether two texts are equal, in a time that depends on their lengths only. */
bool idv_signature_same(idv_slice one, idv_slice other);

/* Writes the SHA-256 of `message` in lower-case hexadecimal, without a NUL. False when the library fails. */
bool idv_signature_digest(idv_slice message, char hex[IDV_SIGNATURE_HEX]);

#pragma GCC visibility pop

#endif
