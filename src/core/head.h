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

#pragma GCC visibility pop

#endif
