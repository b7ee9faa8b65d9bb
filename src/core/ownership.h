/*
 * Which process something belongs to, asked without a system call.
 *
 * A page that the kernel zeroes in every child (madvise with MADV_WIPEONFORK) tells a fork by being empty.
 * Where the kernel does not know that, the process id is asked each time.
 */
#ifndef IDV_OWNERSHIP_H
#define IDV_OWNERSHIP_H

#include <stdbool.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

typedef struct idv_ownership {
  pid_t owner;
  volatile char *mark; /* a page of its own, NULL where the system has none to give */
} idv_ownership;

/* Makes this process the owner. Never fails. */
void idv_ownership_take(idv_ownership *ownership);

/* Whether this process is not the owner. */
bool idv_ownership_is_foreign(const idv_ownership *ownership);

/* Gives the page back, in whichever process. */
void idv_ownership_free(idv_ownership *ownership);

#pragma GCC visibility pop

#endif
