#include "fault_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define DAY 86400L

/* A certificate and the key it is for. */
typedef struct pair {
  EVP_PKEY *key;
  X509 *certificate;
} pair;

static void check(bool is_fine, const char *what) {
  if (!is_fine) {
    fprintf(stderr, "fault_server: %s failed\n", what);
    exit(1);
  }
}

static EVP_PKEY *new_key(void) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
  check(EVP_PKEY_keygen_init(context) == 1 &&
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1 &&
            EVP_PKEY_keygen(context, &key) == 1,
        "making a key");
  EVP_PKEY_CTX_free(context);
  return key;
}

static void extend(X509 *certificate, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  check(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, "extending a certificate");
  X509_EXTENSION_free(extension);
}

/* A pair for `name`, signed by `issuer` or, when that is NULL, by itself. It is good from `since` seconds
 * from now on, and until `until`. */
static pair issue(const char *name, const pair *issuer, int nid, const char *extension, long since,
                  long until) {
  static long serial;
  pair made = {.key = new_key(), .certificate = X509_new()};
  const pair *signer = issuer != NULL ? issuer : &made;
  X509_NAME *subject = X509_get_subject_name(made.certificate);
  X509_set_version(made.certificate, 2); /* which is how version 3 is written */
  ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.certificate), since);
  X509_gmtime_adj(X509_getm_notAfter(made.certificate), until);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(made.certificate, X509_get_subject_name(signer->certificate));
  X509_set_pubkey(made.certificate, made.key);
  extend(made.certificate, nid, extension);
  check(X509_sign(made.certificate, signer->key, EVP_sha256()) > 0, "signing a certificate");
  return made;
}

static pair new_authority(const char *name) {
  return issue(name, NULL, NID_basic_constraints, "critical,CA:TRUE", -30 * DAY, DAY);
}

#define AUTHORITY "the authority of the tests"

static const pair *authority(void) {
  static pair made;
  if (made.key == NULL) {
    made = new_authority(AUTHORITY);
  }
  return &made;
}

static pair new_pair(tls_flaw flaw) {
  pair stranger;
  const pair *issuer = flaw == TLS_BY_ITSELF ? NULL : authority();
  if (flaw == TLS_UNTRUSTED) {
    stranger = new_authority("an authority that nobody knows");
    issuer = &stranger;
  } else if (flaw == TLS_STRANGER) {
    stranger = new_authority(AUTHORITY);
    issuer = &stranger;
  } else if (flaw == TLS_ORPHAN) {
    stranger =
        issue("somebody in between", authority(), NID_basic_constraints, "critical,CA:TRUE", -30 * DAY, DAY);
    issuer = &stranger;
  }
  return issue("a server", issuer, NID_subject_alt_name,
               flaw == TLS_WRONG_HOST ? "DNS:elsewhere.invalid"
                                      : "DNS:localhost,IP:127.0.0.1,DNS:127-0-0-1.told.invalid",
               flaw == TLS_EARLY ? DAY / 2 : -30 * DAY, flaw == TLS_EXPIRED ? -DAY : DAY);
}

static int choose_http2(SSL *tls, const unsigned char **chosen, unsigned char *length,
                        const unsigned char *offered, unsigned int offered_length, void *data) {
  static const unsigned char wanted[] = {2, 'h', '2'};
  (void)tls;
  (void)data;
  unsigned char *found = NULL;
  int result = SSL_select_next_proto(&found, length, wanted, sizeof wanted, offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *tls_context(tls_flaw flaw, bool http2) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  pair own = new_pair(flaw);
  check(context != NULL && SSL_CTX_use_certificate(context, own.certificate) == 1 &&
            SSL_CTX_use_PrivateKey(context, own.key) == 1,
        "setting up TLS");
  if (flaw == TLS_OLD) { /* libraries of today do not even speak it unless told that security is no matter */
    check(SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0") == 1 &&
              SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION) == 1 &&
              SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1,
          "setting up TLS 1.1");
  }
  if (http2) {
    SSL_CTX_set_alpn_select_cb(context, choose_http2, NULL);
  }
  return context;
}

/* Takes what was written out of `memory` and frees it. */
static size_t take(BIO *memory, char *out, size_t room) {
  int length = BIO_read(memory, out, (int)room);
  BIO_free(memory);
  check(length > 0 && (size_t)length < room, "writing PEM");
  return (size_t)length;
}

size_t tls_write_authority(char *out, size_t room) {
  BIO *memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, authority()->certificate);
  return take(memory, out, room);
}

size_t tls_write_pair(char *out, size_t room) {
  BIO *memory = BIO_new(BIO_s_mem());
  pair own = new_pair(TLS_FLAWLESS);
  PEM_write_bio_PrivateKey(memory, own.key, NULL, NULL, 0, NULL, NULL);
  PEM_write_bio_X509(memory, own.certificate);
  EVP_PKEY_free(own.key);
  X509_free(own.certificate);
  return take(memory, out, room);
}
