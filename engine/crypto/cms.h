/*
 * Enveloped data (CMS, RFC 5652; AES-GCM RFC 5083 and 5084), readable with `openssl cms -decrypt`.
 * For certificates of recipients: AES-256-GCM, key transport or agreement by the certificate's key.
 * For a passphrase: AES-256-CBC under a key from PBKDF2 (RFC 8018) with CMS_PBKDF2_ROUNDS of
 * HMAC-SHA-256.
 */
#ifndef JOINERY_CRYPTO_CMS_H
#define JOINERY_CRYPTO_CMS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/secret.h"

#define CMS_PBKDF2_ROUNDS 600000
#define CMS_ROUNDS_MAX    10000000 /* more is refused when reading: hostile */

enum cms_kind { CMS_NONE, CMS_PASSPHRASE, CMS_RECIPIENTS, CMS_BOTH };

/* Whom to wrap it for: a passphrase, certificates (PEM or DER, one or more in each), or both. */
struct cms_target {
    const struct secret *passphrase; /* NULL = none */
    const struct buf *certificates;
    size_t n_certificates;
};
/* What there is to open it with. */
struct cms_keys {
    const struct secret *passphrase; /* NULL = none */
    const void *private_key;         /* PEM or DER, unencrypted; NULL = none */
    size_t private_key_len;
};

/* Only looks: DER or PEM of an envelope that we read, and for whom. */
enum cms_kind cms_kind_of(const void *data, size_t len);
/* out: DER. */
int cms_wrap(const void *data, size_t len, const struct cms_target *to, struct buf *out,
             struct err *e) MUST_USE;
/* out is a BUF_SECRET. */
int cms_unwrap(const void *data, size_t len, const struct cms_keys *keys, struct buf *out,
               struct err *e) MUST_USE;

#endif
