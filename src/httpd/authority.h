/*
 * A throw-away certificate authority and one server certificate.
 *
 * Made afresh at every start, for localhost, 127.0.0.1 and ::1, with EC P-256 keys, valid for a quarter of a
 * year. The authority's own key is dropped as soon as it has signed; the server's key exists in memory only.
 * Not for anything but tests on one machine.
 */
#ifndef IDV_HTTPD_AUTHORITY_H
#define IDV_HTTPD_AUTHORITY_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* PEM texts, each ended by a zero byte. A P-256 certificate takes about 700 bytes, a key about 240. */
struct httpd_authority {
  char ca[2048];
  char certificate[2048];
  char key[1024];
};

/* False when OpenSSL fails (memory or randomness); the caller wipes `authority` when it is done with it. */
bool httpd_authority_make(struct httpd_authority *authority);

#pragma GCC visibility pop

#endif
