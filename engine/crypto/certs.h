/* X.509 certificates (RFC 5280) as files and directories hold them. */
#ifndef JOINERY_CRYPTO_CERTS_H
#define JOINERY_CRYPTO_CERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"

#define CERTS_MAX 2000 /* in one file */

/* A list of certificates in DER, each once. */
struct certs {
    struct buf *der;
    size_t n;
};

/* Adds the certificates of a file: PEM, as many as there are and with anything between them, or one
 * in DER. CERTIFICATES_BAD: there is none, one is damaged, or there are more than CERTS_MAX. */
int certs_read(const void *data, size_t len, struct certs *ret, struct err *e) MUST_USE;
/* Adds one in DER, as an attribute cACertificate holds it. */
int certs_add(const void *der, size_t len, struct certs *ret, struct err *e) MUST_USE;
void certs_free(struct certs *c);

/* What speaks against a secret for a certificate's key, at a time in seconds since the epoch. */
enum certs_flaw {
    CERTS_SOUND,
    CERTS_NOT_VALID_NOW, /* expired, or its time has not begun */
    CERTS_WEAK           /* less than 112 bits of strength (NIST SP 800-57): RSA below 2048 */
};
enum certs_flaw certs_judge(const void *der, size_t len, int64_t now);

/* Its own issuer: a root. False for what is no certificate. */
bool certs_is_root(const void *der, size_t len);
/* "CN=Root,O=Example" (RFC 4514), malloc'ed; NULL when it is no certificate. */
char *certs_subject(const void *der, size_t len);
/* The same of who signed it. */
char *certs_issuer(const void *der, size_t len);

#endif
