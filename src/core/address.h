/*
 * The address that a handle of libcurl is set to. libcurl takes one apart for every request; where it can be
 * handed one that is taken apart already (7.63), an address that stays the same is parsed once.
 *
 * An address with a query is not kept: it may hold somebody's data. What is kept is wiped when it is
 * forgotten.
 */
#ifndef IDV_ADDRESS_H
#define IDV_ADDRESS_H

#include <stdbool.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

typedef struct idv_address {
  void *parts; /* a CURLU, NULL where libcurl can not be handed one */
  char *url;   /* what the handle is set to; NULL when that is not known */
} idv_address;

void idv_address_init(idv_address *address);
void idv_address_free(idv_address *address);

/* After the handle was reset. */
void idv_address_forget(idv_address *address);

/* Sets the handle to `url`. False when memory is short. */
bool idv_address_set(idv_address *address, CURL *easy, const char *url);

#pragma GCC visibility pop

#endif
