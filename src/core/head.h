/*
 * Looking things up in the head of an HTTP answer: the raw lines as libcurl hands them over.
 *
 * Names are compared without case. The status line is passed over. Obsolete folded lines are not joined.
 */
#ifndef IDV_HEAD_H
#define IDV_HEAD_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* The value of the first header named `name`, trimmed; data == NULL when there is none. Lives as long as
 * `head`. */
idv_slice idv_head_find(idv_slice head, const char *name);

/* Takes the next header off the front of `rest`. False at the end. */
bool idv_head_next(idv_slice *rest, idv_slice *name, idv_slice *value);

/* Whether the body is packed in some way, which is all that Content-Encoding and Transfer-Encoding can say
 * besides "identity" and "chunked". */
bool idv_head_is_encoded(idv_slice head);

/*
 * Whether a body is JSON, of which `bytes` are the first: by the first that is no blank, since labels are
 * often wrong, and by the label while there are only blanks.
 */
bool idv_head_is_of_json(idv_slice head, idv_slice bytes);

#pragma GCC visibility pop

#endif
