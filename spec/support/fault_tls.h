/*
 * The TLS of the fault server: an authority that tests may trust, and what a client must not put up with.
 *
 * Keys and certificates are made anew by every process, so none is ever in the repository or out of date.
 */
#ifndef FAULT_TLS_H
#define FAULT_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

typedef enum tls_flaw {
  TLS_FLAWLESS,   /* for localhost, 127.0.0.1 and a name of told_names.c, by the authority */
  TLS_UNTRUSTED,  /* by an authority that nobody knows */
  TLS_WRONG_HOST, /* for another name */
  TLS_EXPIRED,    /* since yesterday */
  TLS_EARLY,      /* good from tomorrow on */
  TLS_BY_ITSELF,  /* for localhost and 127.0.0.1, signed by nobody else */
  TLS_STRANGER,   /* by an authority that has the name of the right one */
  TLS_ORPHAN,     /* by somebody whom the authority vouches for, whose own certificate is not sent */
  TLS_OLD         /* flawless, but the server speaks TLS 1.1 only */
} tls_flaw;

/* A context for a server; with `http2` it agrees to nothing else. Ends the process when it can not be made.
 */
SSL_CTX *tls_context(tls_flaw flaw, bool http2);

/* The certificate of the authority as PEM. Returns its length. */
size_t tls_write_authority(char *out, size_t room);

/* A key and a flawless certificate for it as PEM, for another server. Returns their length. */
size_t tls_write_pair(char *out, size_t room);

#endif
