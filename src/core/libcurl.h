/*
 * What is asked of libcurl, and what the one that is loaded does: it may be another than the one compiled
 * against.
 */
#ifndef IDV_LIBCURL_H
#define IDV_LIBCURL_H

#include <stdbool.h>

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

/* libcurl must be at least this, when it is compiled against and when it is loaded. */
#define IDV_OLDEST_CURL 0x073d00 /* 7.61.0 */

#if LIBCURL_VERSION_NUM < IDV_OLDEST_CURL
#error "idv needs libcurl 7.61.0 or newer"
#endif

/* Whether the one compiled against can be told to ask before it sends; IDV_WITHOUT_PREREQ builds as if not.
 */
#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(IDV_WITHOUT_PREREQ)
#define IDV_HAS_PREREQ 1
#else
#define IDV_HAS_PREREQ 0
#endif

/* What a libcurl from 7.72 on may say of itself, by number, since the headers may be older than it. */
#define IDV_FEATURE_ZSTD (1 << 26)

/*
 * Whether libcurl asks before it sends (CURLOPT_PREREQFUNCTION). Where it does not, what must not be repeated
 * goes on connections of its own.
 */
bool idv_libcurl_asks_first(void);

/*
 * Whether libcurl itself does not use a connection again on which something came while it rested, also what
 * the TLS library has read already. Such a look is not the last one before a request goes out.
 */
bool idv_libcurl_refuses_pending(void);

/*
 * Whether such a libcurl may use memory that it has freed when a handle serves a second time: from 7.83 on it
 * keeps the headers of an answer, and before 8.4 it does not forget the last of them, which a first header
 * that begins with a blank would go on with.
 */
bool idv_libcurl_remembers_headers(const curl_version_info_data *info);

/*
 * Whether a write of such a libcurl to a connection that is closed may raise SIGPIPE. From 7.88 on libcurl
 * hands TLS its own way of writing to a socket, which raises none; OpenSSL and GnuTLS take it.
 */
bool idv_libcurl_may_raise_sigpipe(const curl_version_info_data *info);

#pragma GCC visibility pop

#endif
