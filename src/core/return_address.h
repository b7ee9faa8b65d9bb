/*
 * Addresses that an applicant is sent back to: what is wrong with one, without looking where it leads.
 *
 * Any absolute address can be one, an app's own such as com.example.app:/back as well. Not so one that a
 * browser runs or shows instead of leaving for it, such as javascript: and data:.
 */
#ifndef IDV_RETURN_ADDRESS_H
#define IDV_RETURN_ADDRESS_H

#include <stddef.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

typedef enum idv_return_flaw {
  IDV_RETURN_FINE,
  IDV_RETURN_BLANK,         /* a blank within */
  IDV_RETURN_NOT_ASCII,     /* a character beyond ASCII */
  IDV_RETURN_BAD_CHARACTER, /* a character that an address never has, such as '<' */
  IDV_RETURN_NO_SCHEME,     /* not absolute */
  IDV_RETURN_RUNS,          /* javascript: and its like */
  IDV_RETURN_BAD_HOST       /* http or https without a host, or with one or a port that can not be */
} idv_return_flaw;

/* Looks for the first flaw; *at is the byte, from 0, of a character that is one. The text is UTF-8. */
idv_return_flaw idv_return_address_examine(idv_slice text, size_t *at);

#pragma GCC visibility pop

#endif
