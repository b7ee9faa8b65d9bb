/*
 * The forms of what a record names: ids and addresses.
 *
 * What a provider writes there goes on into pages, logs and requests of programs that trust it. An id is a
 * short word, an address leads to a web page, and anything else in such a place is refused. Pure functions.
 */
#ifndef IDV_RECORD_FORM_H
#define IDV_RECORD_FORM_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* The longest id, in bytes. The longest that a provider documents is 255 characters. */
#define IDV_RECORD_ID_MAX 255

/* Whether the text is an id: letters, digits and - . _ ~, at most IDV_RECORD_ID_MAX of them. */
bool idv_record_is_id(idv_slice text);

/*
 * Whether the text is the address of a web page: http or https, a host, no user name, and nothing but visible
 * ASCII without quotes, angle brackets and backslashes. At most IDV_URI_MAX bytes.
 */
bool idv_record_is_url(idv_slice text);

#pragma GCC visibility pop

#endif
