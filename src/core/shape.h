/*
 * Shapes that texts of this field have: phone number, country, language, id.
 *
 * Each function only says whether the whole text has the shape; flaw.h says what is wrong in words. A shape
 * is what a provider's page says and no narrower: what no page forbids is for the provider to decide.
 */
#ifndef IDV_SHAPE_H
#define IDV_SHAPE_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* E.164: '+', then 10 to 15 digits, the first not 0 (the pattern of deepIDV's OpenAPI). */
bool idv_shape_is_phone(idv_slice text);

/* '+', then digits, at least one (Checkout.com's country_code). */
bool idv_shape_is_dial_code(idv_slice text);

/* 1 to 14 digits (Checkout.com's phone number without its country). */
bool idv_shape_is_national_number(idv_slice text);

/* Digits only, at least one. */
bool idv_shape_is_digits(idv_slice text);

/* Two letters, either case (ISO 3166-1 alpha-2; not checked against the list). */
bool idv_shape_is_country(idv_slice text);

/* A BCP 47 language tag such as "en", "en-US" or "x-own". */
bool idv_shape_is_language(idv_slice text);

/* An id: letters, digits and - . _ ~ only, at least one of them a letter or digit. */
bool idv_shape_is_token(idv_slice text);

#pragma GCC visibility pop

#endif
