/*
 * Addresses as RFC 3986 writes them: splitting, percent-encoding, and relative references.
 *
 * Pure functions over bytes: no allocation but in the buffers given, no I/O, nothing thrown. Splitting
 * refuses what no address may hold (control characters, spaces, backslashes, bytes above 0x7f) instead of
 * guessing. Internationalised host names are not converted; they must come in their "xn--" form.
 */
#ifndef IDV_URI_H
#define IDV_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/* The longest address that is looked at, in bytes. Browsers and proxies stop near 8 KiB. */
#define IDV_URI_MAX 8192

/* The longest that a location and the address from which it is seen make. */
#define IDV_URI_LOCATED_MAX (3 * IDV_URI_MAX)

/* Where each part lies in the text that was split. A part that is not there has data == NULL. */
typedef struct idv_uri {
  idv_slice scheme;   /* without ':' */
  idv_slice userinfo; /* without '@' */
  idv_slice host;     /* brackets of an IPv6 address included */
  idv_slice port;     /* digits, without ':' */
  idv_slice path;     /* always there, perhaps empty */
  idv_slice query;    /* without '?' */
  idv_slice fragment; /* without '#' */
} idv_uri;

/*
 * Splits an absolute or relative reference. False when the text can not be one: longer than IDV_URI_MAX, a
 * character that must be encoded, a port that is no number up to 65535, a host that is malformed.
 */
bool idv_uri_split(idv_slice text, idv_uri *parts);

/*
 * The same for what a server wrote loosely: the path, the query and the fragment may hold blanks, bytes above
 * 0x7f and all else that should be percent-encoded. Before the query a control character is refused, and so
 * is a backslash, which browsers take for a slash.
 */
bool idv_uri_split_loosely(idv_slice text, idv_uri *parts);

/* The scheme that an absolute reference begins with, without ':'; data == NULL where there is none. */
idv_slice idv_uri_scheme(idv_slice text);

/* Whether the scheme is `scheme` (case ignored) and a host is there. */
bool idv_uri_has_scheme(const idv_uri *parts, const char *scheme);

/* Whether the host is this machine: "localhost", 127.0.0.0/8 or [::1]. */
bool idv_uri_is_loopback(const idv_uri *parts);

/* Appends `scheme://host:port` in lower case, the default port of http and https spelled out. */
bool idv_uri_append_origin(const idv_uri *parts, idv_buffer *out);

/* Appends `text` with every byte but A-Z a-z 0-9 - . _ ~ percent-encoded. */
bool idv_uri_append_encoded(idv_buffer *out, idv_slice text);

/*
 * Appends `text` with %XX undone, and '+' read as a space when `plus_is_space` (form encoding). A '%' that
 * two hexadecimal digits do not follow stands for itself: whoever reads a redirect must not choke on it.
 */
bool idv_uri_append_decoded(idv_buffer *out, idv_slice text, bool plus_is_space);

/*
 * Appends `reference` as seen from the absolute address `base` (RFC 3986, section 5.2). False when either can
 * not be split or `base` is not absolute; nothing is appended then.
 */
bool idv_uri_append_resolved(idv_buffer *out, idv_slice base, idv_slice reference);

/* The same for the value of a Location header, at most IDV_URI_MAX bytes, which is split loosely. The result
 * is to be split so, too. */
bool idv_uri_append_located(idv_buffer *out, idv_slice base, idv_slice location);

#pragma GCC visibility pop

#endif
