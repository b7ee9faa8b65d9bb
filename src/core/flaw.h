/*
 * What is wrong with a text that does not have the shape of its type, in words.
 *
 * A sentence begins with the reason and goes on with what is right: "begins with a blank; must be ...". It
 * names places (bytes, from 1) and classes of characters, never the text. Where a provider is stricter than
 * common practice it says whose rule it is.
 *
 * Each function returns false, and leaves `why` alone, when the text has the shape. Texts are UTF-8 without
 * control characters.
 */
#ifndef IDV_FLAW_H
#define IDV_FLAW_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* Room for the longest sentence, its NUL included. */
#define IDV_FLAW_MAX 256

typedef struct idv_expected {
  const char *what;  /* what a right text is, to follow "must be" */
  const char *whose; /* who wants it so: the provider's name for people */
} idv_expected;

/* Looks for a flaw; `why` has room for IDV_FLAW_MAX. */
typedef bool idv_find_flaw(idv_slice text, const idv_expected *expected, char *why);

/* A blank at the front or the end, whatever the shape. */
idv_find_flaw idv_flaw_outside;

idv_find_flaw idv_flaw_email;
idv_find_flaw idv_flaw_phone;
idv_find_flaw idv_flaw_dial_code;
idv_find_flaw idv_flaw_national_number;
idv_find_flaw idv_flaw_date;
idv_find_flaw idv_flaw_time;
idv_find_flaw idv_flaw_country;
idv_find_flaw idv_flaw_language;
idv_find_flaw idv_flaw_token;
idv_find_flaw idv_flaw_uri;
idv_find_flaw idv_flaw_https_url;

#pragma GCC visibility pop

#endif
