/*
 * Query strings and form bodies (application/x-www-form-urlencoded): writing them and walking over them.
 *
 * Pure functions. Writing encodes a space as %20, which both readings of a query understand. Reading takes
 * any bytes: empty pairs are passed over, a name without '=' has an empty value.
 */
#ifndef IDV_QUERY_H
#define IDV_QUERY_H

#include <stdbool.h>

#include "buffer.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/* Appends `name=value`, both encoded, after an '&' when `is_first` is false. */
bool idv_query_append(idv_buffer *out, bool is_first, idv_slice name, idv_slice value);

/*
 * Takes the next pair off the front of `rest`; both come out still encoded and live as long as `rest` did.
 * False at the end.
 */
bool idv_query_next(idv_slice *rest, idv_slice *name, idv_slice *value);

#pragma GCC visibility pop

#endif
