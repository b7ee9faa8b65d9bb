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

/*
 * What newer ones know, by its number where the headers are older: the one that is loaded may be newer. One
 * that is older refuses an option that it does not know, and nothing happens.
 */
#if LIBCURL_VERSION_NUM < 0x074000
#define CURLOPT_HTTP09_ALLOWED ((CURLoption)285)
#endif
#if LIBCURL_VERSION_NUM < 0x074100
#define CURLOPT_MAXAGE_CONN ((CURLoption)288)
#endif
#if LIBCURL_VERSION_NUM < 0x075000
#define CURLOPT_PREREQFUNCTION ((CURLoption)20312)
#define CURLOPT_PREREQDATA ((CURLoption)10313)
#define CURL_PREREQFUNC_OK 0
#define CURL_PREREQFUNC_ABORT 1
#endif
#if LIBCURL_VERSION_NUM < 0x075500
#define CURLOPT_PROTOCOLS_STR ((CURLoption)10318)
#endif
#if LIBCURL_VERSION_NUM < 0x075700
#define CURLOPT_QUICK_EXIT ((CURLoption)322)
#endif
#if LIBCURL_VERSION_NUM < 0x080600
#define CURLE_TOO_LARGE ((CURLcode)100)
#endif
#if LIBCURL_VERSION_NUM < 0x081400
#define CURLMOPT_QUICK_EXIT ((CURLMoption)21)
#endif

/* What a libcurl from 7.72 on may say of itself, by number, since the headers may be older than it. */
#define IDV_FEATURE_ZSTD (1 << 26)

/*
 * Whether libcurl asks before it sends (CURLOPT_PREREQFUNCTION). Where it does not, every request goes on a
 * connection of its own. IDV_WITHOUT_PREREQ builds as if it did not.
 */
bool idv_libcurl_asks_first(void);

/*
 * Whether such a libcurl reads ahead of the TLS library into a buffer of its own, which cannot be looked
 * into: 8.1 does.
 */
bool idv_libcurl_hides_bytes(const curl_version_info_data *info);

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
