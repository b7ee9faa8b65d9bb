/*
 * Shapes that texts of this field have: e-mail address, phone number, date, country, ...
 *
 * Each function only says whether the whole text has the shape; rule.h turns that into words. The shapes are
 * as wide as the providers' pages allow and no wider: their job is to catch a slip before it costs a message
 * or a refusal, not to prove that a mailbox exists.
 */
#ifndef IDV_SHAPE_H
#define IDV_SHAPE_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* local@domain: at most 254 bytes, no blanks, a domain of dot-separated labels, at least two of them. */
bool idv_shape_is_email(idv_slice text);

/* E.164: '+', then 10 to 15 digits, the first not 0 (the pattern of deepIDV's OpenAPI). */
bool idv_shape_is_phone(idv_slice text);

/* '+', then 1 to 4 digits (Checkout.com's country_code). */
bool idv_shape_is_dial_code(idv_slice text);

/* 1 to 14 digits (Checkout.com's phone number without its country). */
bool idv_shape_is_national_number(idv_slice text);

/* Digits only, at least one. */
bool idv_shape_is_digits(idv_slice text);

/* YYYY-MM-DD, a day that exists. */
bool idv_shape_is_date(idv_slice text);

/* A date, or a date with "T", a time and "Z" or an offset (ISO 8601). */
bool idv_shape_is_time(idv_slice text);

/* Two letters, either case (ISO 3166-1 alpha-2; not checked against the list). */
bool idv_shape_is_country(idv_slice text);

/* A BCP 47 language tag such as "en" or "en-US". */
bool idv_shape_is_language(idv_slice text);

/* An id: letters, digits and - . _ ~ only, at least one of them a letter or digit. */
bool idv_shape_is_token(idv_slice text);

/* An absolute https address with a host, without user name and password. */
bool idv_shape_is_https_url(idv_slice text);

#pragma GCC visibility pop

#endif
