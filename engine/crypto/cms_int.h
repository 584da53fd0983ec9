/* What the files of engine/crypto/cms share. */
#ifndef JOINERY_CRYPTO_CMS_INT_H
#define JOINERY_CRYPTO_CMS_INT_H

#include "engine/crypto/cms.h"
#include "engine/crypto/tlv.h"

#define CMS_KEY_BYTES 32          /* AES-256 */
#define CMS_SIZE_MAX  (96u << 20) /* longest envelope, its contents included */

/* The recipients of an envelope and the bits around them; views into the DER. */
struct cms_parts {
    bool auth;               /* AuthEnvelopedData */
    struct tlv_item wrapped; /* the [0] around the structure */
    struct tlv_item outer;   /* EnvelopedData or AuthEnvelopedData */
    struct tlv_item version;
    struct tlv_item recipients;
};
/* `cut`: data may end anywhere after the recipients. */
bool cms_parts(const void *data, size_t len, bool cut, struct cms_parts *ret);
/* PEM or DER to DER, as far as it goes; out is given the bytes of PEM. */
bool cms_bytes(const void *data, size_t len, struct buf *pem, struct tlv *ret);

#define CMS_OID_PBKDF2_LEN 9
extern const unsigned char cms_oid_pbkdf2[CMS_OID_PBKDF2_LEN];
/* Rounds of key derivation that all the passphrase recipients together ask for; -1: not PBKDF2,
 * or not a number that we read. */
long cms_rounds(const struct cms_parts *parts);

/* Appends a PasswordRecipientInfo (RFC 5652 6.2.4, RFC 3211) that gives the content key `cek` to
 * who knows the passphrase. */
int cms_password_recipient(const struct secret *passphrase, const unsigned char cek[CMS_KEY_BYTES],
                           struct buf *out, struct err *e) MUST_USE;
/* Fills an error with what libcrypto has to say last, and empties its queue. Returns -1. */
int cms_failed(struct err *e, enum cause cause);

#endif
