/*
 * Path templates such as "/identity-verifications/{id}/attempts".
 *
 * A value fills one segment and can not leave it: everything but unreserved characters is percent-encoded,
 * and what would still change the path ("", ".", "..", control characters) is refused. Templates come from
 * descriptions and are checked when those are loaded, so a malformed one is a programmer's mistake.
 */
#ifndef IDV_TEMPLATE_H
#define IDV_TEMPLATE_H

#include <stdbool.h>

#include "buffer.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/*
 * Takes the next piece off the front of `rest`: literal text, and the name in braces after it (data == NULL
 * when the template ends before one). False at the end, and for a brace that does not match.
 */
bool idv_template_next(idv_slice *rest, idv_slice *literal, idv_slice *name);

/* Whether the template begins with '/', its braces match, and every name is made of a-z, 0-9 and '_'. */
bool idv_template_is_valid(idv_slice template);

/* Appends `value` as one path segment. False, with nothing appended, for a value that can not be one. */
bool idv_template_append_segment(idv_buffer *out, idv_slice value);

#pragma GCC visibility pop

#endif
