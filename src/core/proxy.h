/*
 * The address of a proxy, such as http://user:password@proxy.example:3128: what libcurl can use of it.
 *
 * As libcurl reads it: without a scheme it is an HTTP proxy, user name and password are percent-encoded where
 * need be. Nothing is looked up. A name that stands for this machine in a file of the system is not known
 * here.
 */
#ifndef IDV_PROXY_H
#define IDV_PROXY_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

typedef enum idv_proxy_kind {
  IDV_PROXY_NONE,
  IDV_PROXY_HTTP,  /* asked by CONNECT */
  IDV_PROXY_HTTPS, /* the same over TLS */
  IDV_PROXY_SOCKS
} idv_proxy_kind;

/* The kind that `address` names; IDV_PROXY_NONE for NULL, and for a scheme that is none of a proxy. */
idv_proxy_kind idv_proxy_kind_of(const char *address);

/* Whether the proxy is on this machine. False for an address that has a problem. */
bool idv_proxy_is_local(const char *address);

/*
 * NULL when libcurl can use the address, else what is wrong, to follow the name of an option: a static
 * sentence.
 */
const char *idv_proxy_problem(const char *address);

#pragma GCC visibility pop

#endif
