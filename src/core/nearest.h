/*
 * The name that somebody probably meant, for messages about a misspelt one.
 */
#ifndef IDV_NEAREST_H
#define IDV_NEAREST_H

#include <stddef.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* The longest name that is compared, in bytes; longer ones are near to nothing. */
#define IDV_NEAREST_MAX 64

/*
 * How many letters must be added, dropped, changed or swapped with their neighbour to turn one name into the
 * other; letter case, '_' and '-' do not count. SIZE_MAX for a name longer than IDV_NEAREST_MAX.
 */
size_t idv_nearest_distance(idv_slice one, idv_slice other);

/* Whether two names that far apart are near enough to suggest `candidate`. */
bool idv_nearest_is_near(idv_slice candidate, size_t distance);

#pragma GCC visibility pop

#endif
