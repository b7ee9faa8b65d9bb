#include "authority.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static const long slack_seconds = 3600; /* for clocks that are a little behind */
static const long lifetime_seconds = 90L * 24 * 3600;

/* An extension in the notation of openssl.cnf. */
struct extension {
  int nid;
  const char *value;
};

static const struct extension ca_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
    {NID_undef, NULL},
};

static const struct extension server_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {NID_undef, NULL},
};

static EVP_PKEY *make_key(void) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
  if (context != NULL && EVP_PKEY_keygen_init(context) > 0 &&
      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0) {
    (void)EVP_PKEY_keygen(context, &key); /* leaves `key` NULL when it fails */
  }
  EVP_PKEY_CTX_free(context);
  return key;
}

static bool set_serial(X509 *certificate) {
  BIGNUM *number = BN_new();
  bool done = number != NULL && BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
              BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
  BN_free(number);
  return done;
}

static bool set_subject(X509 *certificate, const char *name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                    (const unsigned char *)name, -1, -1, 0) == 1;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct extension *extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  for (; extensions->value != NULL; extensions++) {
    X509_EXTENSION *made = X509V3_EXT_conf_nid(NULL, &context, extensions->nid, extensions->value);
    bool added = made != NULL && X509_add_ext(certificate, made, -1) == 1;
    X509_EXTENSION_free(made);
    if (!added) {
      return false;
    }
  }
  return true;
}

/* A certificate for `key`, signed by `issuer` with its key; without an issuer by itself. NULL on failure. */
static X509 *make_certificate(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                              const struct extension *extensions) {
  X509 *certificate = X509_new();
  if (certificate == NULL) {
    return NULL;
  }
  if (issuer == NULL) {
    issuer = certificate;
  }
  bool done = X509_set_version(certificate, 2 /* that is version 3 */) && set_serial(certificate) &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), -slack_seconds) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime_seconds) != NULL &&
              set_subject(certificate, name) &&
              X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) &&
              X509_set_pubkey(certificate, key) && add_extensions(certificate, issuer, extensions) &&
              X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
  if (!done) {
    X509_free(certificate);
    certificate = NULL;
  }
  return certificate;
}

/* Moves what was written into a memory BIO to `out`, with a zero byte; frees the BIO. */
static bool take_text(BIO *bio, bool written, char *out, size_t size) {
  int length = written ? BIO_read(bio, out, (int)size) : -1;
  bool fits = length > 0 && (size_t)length < size;
  if (fits) {
    out[length] = '\0';
  }
  BIO_free(bio);
  return fits;
}

static bool certificate_text(X509 *certificate, char *out, size_t size) {
  BIO *bio = BIO_new(BIO_s_mem());
  return take_text(bio, bio != NULL && PEM_write_bio_X509(bio, certificate) == 1, out, size);
}

static bool key_text(EVP_PKEY *key, char *out, size_t size) {
  BIO *bio = BIO_new(BIO_s_secmem());
  bool written = bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
  return take_text(bio, written, out, size);
}

bool httpd_authority_make(struct httpd_authority *authority) {
  EVP_PKEY *ca_key = make_key();
  EVP_PKEY *key = make_key();
  X509 *ca = NULL;
  X509 *certificate = NULL;
  bool done = ca_key != NULL && key != NULL;
  if (done) {
    ca = make_certificate("idv sandbox authority", ca_key, NULL, ca_key, ca_extensions);
    certificate = ca != NULL ? make_certificate("localhost", key, ca, ca_key, server_extensions) : NULL;
    done = certificate != NULL && certificate_text(ca, authority->ca, sizeof authority->ca) &&
           certificate_text(certificate, authority->certificate, sizeof authority->certificate) &&
           key_text(key, authority->key, sizeof authority->key);
  }
  X509_free(certificate);
  X509_free(ca);
  EVP_PKEY_free(key);
  EVP_PKEY_free(ca_key);
  return done;
}
