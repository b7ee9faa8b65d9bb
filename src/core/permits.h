/*
 * Permits: which hosts an address may lead to that somebody else wrote, such as that of a report.
 *
 * Public ones always, this machine where that is said, and what is listed: a name, an address, or a network
 * such as 10.0.0.0/8. A name that is listed may stand for any address. Texts are copied.
 */
#ifndef IDV_PERMITS_H
#define IDV_PERMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "ip.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/* More would be a mistake, and each costs a comparison. */
#define IDV_PERMITS_MAX 1000

typedef struct idv_permit {
  char *name; /* in lower case; NULL: a network */
  idv_ip network;
  unsigned bits;
} idv_permit;

typedef struct idv_permits {
  bool this_machine;
  idv_permit *list;
  size_t count;
} idv_permits;

/* Whether the text is one that can be listed. */
bool idv_permits_can_hold(idv_slice text);

/* Adds such a text. False when memory is short, or there are too many. */
bool idv_permits_add(idv_permits *permits, idv_slice text);

/* Frees what is listed. */
void idv_permits_free(idv_permits *permits);

/*
 * How far the address reaches when that is too far; IDV_REACH_PUBLIC when it may be gone to. `host` is the
 * name that led there.
 */
idv_reach idv_permits_objection(const idv_permits *permits, idv_slice host, const idv_ip *ip);

#pragma GCC visibility pop

#endif
