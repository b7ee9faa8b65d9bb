/*
 * The keys of TLS connections, for who looks into their traffic on purpose.
 *
 * libcurl writes them to the file that the variable SSLKEYLOGFILE names, for every program that inherits it.
 * Here that is a choice of each route: a connection writes none unless its route says so. Only where libcurl
 * uses the OpenSSL that this is linked with (tls.h) can a connection be asked; with another TLS library of
 * libcurl's, what libcurl opens when it starts is all that is kept from it.
 */
#ifndef IDV_KEY_LOG_H
#define IDV_KEY_LOG_H

#include <stdbool.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

/* Starts libcurl, which does not learn of the variable. As curl_global_init. */
CURLcode idv_key_log_start_curl(void);

/* Has the connections that a handle opens write their keys, or none. */
void idv_key_log_choose(CURL *easy, bool writes);

#pragma GCC visibility pop

#endif
