/*
 * What is asked of the TLS library behind libcurl, past libcurl.
 *
 * libcurl hands out OpenSSL's own objects. They may only be used where the OpenSSL that this is linked with
 * is the one that libcurl uses; where it is another, or libcurl has another library, nothing here does
 * anything.
 */
#ifndef IDV_TLS_H
#define IDV_TLS_H

#include <stdbool.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

/* Whether libcurl uses the OpenSSL that this is linked with. */
bool idv_tls_is_known(void);

/* The same of a libcurl that says `libcurls` ("OpenSSL/3.0.2") and an OpenSSL that says `own`. */
bool idv_tls_is_same(const char *libcurls, const char *own);

/*
 * Whether the connection of a transfer holds bytes that were decrypted and not read: an answer that came
 * together with the one before. False without TLS. Only where the library is known.
 */
bool idv_tls_has_pending(CURL *easy);

#pragma GCC visibility pop

#endif
