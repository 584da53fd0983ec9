/*
 * A recipient who knows a passphrase. libcrypto makes these with HMAC-SHA-1 only, so this one is
 * put together here; reading it back is libcrypto's (and anybody's).
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "engine/crypto/cms_int.h"
#include "engine/crypto/crypto.h"

#define SALT_BYTES  16
#define BLOCK_BYTES 16
/* One byte of length, three to check, the key, and padding to whole blocks. */
#define WRAP_BYTES 48
_Static_assert(CMS_PBKDF2_ROUNDS >= 0x10000 && CMS_PBKDF2_ROUNDS < 0x800000, "three bytes");

/* 1.2.840.113549.1.5.12, 1.2.840.113549.2.9, 1.2.840.113549.1.9.16.3.9, 2.16.840.1.101.3.4.1.42 */
const unsigned char cms_oid_pbkdf2[CMS_OID_PBKDF2_LEN] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                          0x0d, 0x01, 0x05, 0x0c};
static const unsigned char oid_hmac_sha256[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09};
static const unsigned char oid_pwri_kek[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                             0x01, 0x09, 0x10, 0x03, 0x09};
static const unsigned char oid_aes256_cbc[] = {0x60, 0x86, 0x48, 0x01, 0x65,
                                               0x03, 0x04, 0x01, 0x2a};

static void put(struct buf *out, unsigned char tag, const struct buf *body)
{
    tlv_put(out, tag, body->data ? body->data : (const unsigned char *)"", body->len);
    if (body->failed)
        out->failed = true;
}

static void put_kdf(struct buf *out, const unsigned char salt[SALT_BYTES])
{
    struct buf CLEANUP(buf_free) prf = BUF_INIT(64), params = BUF_INIT(128), all = BUF_INIT(256);
    const unsigned char rounds[] = {CMS_PBKDF2_ROUNDS >> 16, CMS_PBKDF2_ROUNDS >> 8 & 255,
                                    CMS_PBKDF2_ROUNDS & 255};
    tlv_put(&prf, TLV_OID, oid_hmac_sha256, sizeof oid_hmac_sha256);
    tlv_put(&prf, TLV_NULL, "", 0);
    tlv_put(&params, TLV_OCTETS, salt, SALT_BYTES);
    tlv_put(&params, TLV_INTEGER, rounds, sizeof rounds);
    put(&params, TLV_SEQUENCE, &prf);
    tlv_put(&all, TLV_OID, cms_oid_pbkdf2, sizeof cms_oid_pbkdf2);
    put(&all, TLV_SEQUENCE, &params);
    put(out, TLV_CONTEXT, &all);
}

static void put_kek(struct buf *out, const unsigned char iv[BLOCK_BYTES])
{
    struct buf CLEANUP(buf_free) aes = BUF_INIT(64), all = BUF_INIT(128);
    tlv_put(&aes, TLV_OID, oid_aes256_cbc, sizeof oid_aes256_cbc);
    tlv_put(&aes, TLV_OCTETS, iv, BLOCK_BYTES);
    tlv_put(&all, TLV_OID, oid_pwri_kek, sizeof oid_pwri_kek);
    put(&all, TLV_SEQUENCE, &aes);
    put(out, TLV_SEQUENCE, &all);
}

/* RFC 3211 2.3.1: encrypted twice, the second time with the first one's last block as its vector,
 * so that every bit depends on every other. */
static bool wrap_key(const unsigned char kek[CMS_KEY_BYTES], const unsigned char iv[BLOCK_BYTES],
                     unsigned char block[WRAP_BYTES])
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = c && EVP_EncryptInit_ex2(c, EVP_aes_256_cbc(), kek, iv, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(c, 0) == 1;
    for (int round = 0; ok && round < 2; round++)
        ok = EVP_EncryptUpdate(c, block, &n, block, WRAP_BYTES) == 1 && n == WRAP_BYTES;
    EVP_CIPHER_CTX_free(c);
    return ok;
}

int cms_password_recipient(const struct secret *passphrase, const unsigned char cek[CMS_KEY_BYTES],
                           struct buf *out, struct err *e)
{
    unsigned char salt[SALT_BYTES], iv[BLOCK_BYTES], kek[CMS_KEY_BYTES], block[WRAP_BYTES];
    if (crypto_random(salt, sizeof salt, e) != 0 || crypto_random(iv, sizeof iv, e) != 0 ||
        crypto_random(block, sizeof block, e) != 0)
        return -1;
    block[0] = CMS_KEY_BYTES;
    for (int i = 0; i < 3; i++)
        block[1 + i] = (unsigned char)~cek[i];
    memcpy(block + 4, cek, CMS_KEY_BYTES);
    bool ok =
        PKCS5_PBKDF2_HMAC((const char *)passphrase->data, (int)passphrase->len, salt, sizeof salt,
                          CMS_PBKDF2_ROUNDS, EVP_sha256(), sizeof kek, kek) == 1 &&
        wrap_key(kek, iv, block);
    explicit_bzero(kek, sizeof kek);
    if (!ok) {
        explicit_bzero(block, sizeof block);
        return cms_failed(e, CAUSE_INTERNAL);
    }
    struct buf CLEANUP(buf_free) all = BUF_INIT(1024);
    tlv_put(&all, TLV_INTEGER, "", 1); /* version 0 */
    put_kdf(&all, salt);
    put_kek(&all, iv);
    tlv_put(&all, TLV_OCTETS, block, sizeof block);
    put(out, TLV_CONTEXT | 3, &all);
    return out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}
