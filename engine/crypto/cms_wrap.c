#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "engine/crypto/cms_int.h"
#include "engine/crypto/crypto.h"

#define WRAPPED_KEY_BYTES (CMS_KEY_BYTES + 8) /* RFC 3394 */
#define TAG_KEY           (TLV_CONTEXT | 2)
#define CERTIFICATES_MAX  100

/* libcrypto's own choices date from before OAEP and SHA-2. */
static bool choose_parameters(CMS_RecipientInfo *ri, X509 *cert)
{
    EVP_PKEY_CTX *ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);
    if (!ctx)
        return false;
    if (EVP_PKEY_is_a(X509_get0_pubkey(cert), "RSA"))
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
    return EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) == 1;
}

static int add_certificate(CMS_ContentInfo *cms, X509 *cert, struct err *e)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    if (!key || (!EVP_PKEY_is_a(key, "RSA") && !EVP_PKEY_is_a(key, "EC")))
        return cms_failed(e, CAUSE_RECIPIENT_CERTIFICATE);
    CMS_RecipientInfo *ri = CMS_add1_recipient_cert(cms, cert, CMS_KEY_PARAM);
    if (!ri || !choose_parameters(ri, cert))
        return cms_failed(e, CAUSE_RECIPIENT_CERTIFICATE);
    return 0;
}

/* Every certificate of one file, PEM or DER. */
static int add_file(CMS_ContentInfo *cms, const struct buf *file, unsigned *n, struct err *e)
{
    if (file->len == 0 || file->len > CMS_SIZE_MAX)
        return err_cause(e, CAUSE_RECIPIENT_CERTIFICATE);
    const unsigned char *p = file->data;
    X509 *cert = p[0] == TLV_SEQUENCE ? d2i_X509(NULL, &p, (long)file->len) : NULL;
    if (cert) {
        ++*n;
        int rc = add_certificate(cms, cert, e);
        X509_free(cert);
        return rc;
    }
    BIO *in = BIO_new_mem_buf(file->data, (int)file->len);
    unsigned before = *n;
    int rc = 0;
    while (rc == 0 && in && (cert = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        rc = ++*n > CERTIFICATES_MAX ? err_cause(e, CAUSE_RECIPIENT_CERTIFICATE)
                                     : add_certificate(cms, cert, e);
        X509_free(cert);
    }
    BIO_free(in);
    /* The end of the file is reported as a missing start line: nothing is wrong then. */
    if (rc == 0 && (*n == before || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE))
        rc = cms_failed(e, CAUSE_RECIPIENT_CERTIFICATE);
    ERR_clear_error();
    return rc;
}

/* A recipient that holds the content key under `kek`; the passphrase's takes its place later. */
static int add_placeholder(CMS_ContentInfo *cms, const unsigned char kek[CMS_KEY_BYTES],
                           struct err *e)
{
    unsigned char *key = OPENSSL_memdup(kek, CMS_KEY_BYTES), *id = OPENSSL_memdup("0", 1);
    if (key && id &&
        CMS_add0_recipient_key(cms, NID_undef, key, CMS_KEY_BYTES, id, 1, NULL, NULL, NULL))
        return 0;
    OPENSSL_clear_free(key, CMS_KEY_BYTES);
    OPENSSL_free(id);
    return cms_failed(e, CAUSE_INTERNAL);
}

static int encrypt(CMS_ContentInfo *cms, const void *data, size_t len, struct buf *der,
                   struct err *e)
{
    BIO *chain = CMS_dataInit(cms, NULL);
    size_t done = 0;
    bool ok = chain && (len == 0 || BIO_write_ex(chain, data, len, &done) == 1) && done == len &&
              BIO_flush(chain) == 1 && CMS_dataFinal(cms, chain) == 1;
    BIO_free_all(chain);
    if (!ok)
        return cms_failed(e, CAUSE_INTERNAL);
    unsigned char *bytes = NULL;
    int n = i2d_CMS_ContentInfo(cms, &bytes);
    if (n <= 0)
        return cms_failed(e, CAUSE_INTERNAL);
    buf_put(der, bytes, (size_t)n);
    OPENSSL_free(bytes);
    return der->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static bool unwrap_key(const unsigned char kek[CMS_KEY_BYTES], const struct tlv *wrapped,
                       unsigned char ret[WRAPPED_KEY_BYTES])
{
    if (wrapped->end - wrapped->at != WRAPPED_KEY_BYTES)
        return false;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (c)
        EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    int n = 0;
    bool ok = c && EVP_DecryptInit_ex2(c, EVP_aes_256_wrap(), kek, NULL, NULL) == 1 &&
              EVP_DecryptUpdate(c, ret, &n, wrapped->at, WRAPPED_KEY_BYTES) == 1 &&
              n == CMS_KEY_BYTES;
    EVP_CIPHER_CTX_free(c);
    return ok;
}

/* The content key of the placeholder, whose last field it is. */
static int content_key(const struct cms_parts *parts, const unsigned char kek[CMS_KEY_BYTES],
                       unsigned char ret[WRAPPED_KEY_BYTES], struct err *e)
{
    struct tlv d = parts->recipients.body;
    struct tlv_item r, field;
    while (tlv_next(&d, false, &r)) {
        if (r.tag != TAG_KEY)
            continue;
        while (tlv_next(&r.body, false, &field))
            if (field.tag == TLV_OCTETS && unwrap_key(kek, &field.body, ret))
                return 0;
    }
    return cms_failed(e, CAUSE_INTERNAL);
}

/* DER wants the members of a SET in the order of their encodings. */
static int by_bytes(const void *a, const void *b)
{
    const struct tlv_item *x = a, *y = b;
    size_t n = (size_t)(x->end - x->start), m = (size_t)(y->end - y->start);
    int c = memcmp(x->start, y->start, n < m ? n : m);
    return c ? c : (n > m) - (n < m);
}

static void put_recipients(const struct cms_parts *parts, const struct buf *password,
                           struct buf *out)
{
    struct tlv_item list[CERTIFICATES_MAX + 1];
    size_t n = 0;
    struct tlv d = parts->recipients.body;
    list[n++] = (struct tlv_item){.start = password->data, .end = password->data + password->len};
    while (n < ARRAY_SIZE(list) && tlv_next(&d, false, &list[n]))
        if (list[n].tag != TAG_KEY)
            n++;
    qsort(list, n, sizeof list[0], by_bytes);
    struct buf CLEANUP(buf_free) set = BUF_INIT(CMS_SIZE_MAX);
    for (size_t i = 0; i < n; i++)
        buf_put(&set, list[i].start, (size_t)(list[i].end - list[i].start));
    if (set.failed)
        out->failed = true;
    else
        tlv_put(out, TLV_SET, set.data, set.len);
}

/* The envelope again with the passphrase's recipient in the placeholder's place. */
static int replace(const struct cms_parts *parts, const struct buf *der, const struct buf *password,
                   struct buf *out, struct err *e)
{
    struct buf CLEANUP(buf_free) body = BUF_INIT(CMS_SIZE_MAX), around = BUF_INIT(CMS_SIZE_MAX),
                                 all = BUF_INIT(CMS_SIZE_MAX);
    /* RFC 5652 6.1: 3 with a passphrase; RFC 5083 2.1: always 0. */
    tlv_put(&body, TLV_INTEGER, parts->auth ? "\0" : "\3", 1);
    const unsigned char *at = parts->version.end;
    buf_put(&body, at, (size_t)(parts->recipients.start - at));
    put_recipients(parts, password, &body);
    at = parts->recipients.end;
    buf_put(&body, at, (size_t)(parts->outer.end - at));
    tlv_put(&around, TLV_SEQUENCE, body.data, body.len);
    struct tlv d = {der->data, der->data + der->len};
    struct tlv_item info, oid;
    if (body.failed || !tlv_next(&d, false, &info) || !tlv_next(&info.body, false, &oid))
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    buf_put(&all, oid.start, (size_t)(oid.end - oid.start));
    tlv_put(&all, TLV_CONTEXT, around.data, around.len);
    tlv_put(out, TLV_SEQUENCE, all.data, all.len);
    return around.failed || all.failed || out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static int put_passphrase(const struct buf *der, const unsigned char kek[CMS_KEY_BYTES],
                          const struct secret *passphrase, struct buf *out, struct err *e)
{
    unsigned char cek[WRAPPED_KEY_BYTES];
    struct buf CLEANUP(buf_free) password = BUF_INIT(1024);
    struct cms_parts parts;
    if (!cms_parts(der->data, der->len, false, &parts))
        return cms_failed(e, CAUSE_INTERNAL);
    int rc = content_key(&parts, kek, cek, e);
    if (rc == 0)
        rc = cms_password_recipient(passphrase, cek, &password, e);
    explicit_bzero(cek, sizeof cek);
    return rc == 0 ? replace(&parts, der, &password, out, e) : -1;
}

static int wrap(CMS_ContentInfo *cms, const void *data, size_t len, const struct cms_target *to,
                struct buf *out, struct err *e)
{
    unsigned n = 0;
    for (size_t i = 0; i < to->n_certificates; i++)
        if (add_file(cms, &to->certificates[i], &n, e) != 0)
            return -1;
    if (!to->passphrase)
        return encrypt(cms, data, len, out, e);
    unsigned char kek[CMS_KEY_BYTES];
    struct buf CLEANUP(buf_free) der = BUF_INIT(CMS_SIZE_MAX);
    if (crypto_random(kek, sizeof kek, e) != 0)
        return -1;
    int rc = add_placeholder(cms, kek, e) == 0 && encrypt(cms, data, len, &der, e) == 0
                 ? put_passphrase(&der, kek, to->passphrase, out, e)
                 : -1;
    explicit_bzero(kek, sizeof kek);
    return rc;
}

int cms_wrap(const void *data, size_t len, const struct cms_target *to, struct buf *out,
             struct err *e)
{
    if ((!to->passphrase || !secret_is_set(to->passphrase)) && to->n_certificates == 0)
        return err_cause(e, CAUSE_PROTECTION_MISSING);
    ERR_clear_error();
    CMS_ContentInfo *cms = to->n_certificates > 0 ? CMS_AuthEnvelopedData_create(EVP_aes_256_gcm())
                                                  : CMS_EnvelopedData_create(EVP_aes_256_cbc());
    int rc = cms && CMS_set_detached(cms, 0) == 1 ? wrap(cms, data, len, to, out, e)
                                                  : cms_failed(e, CAUSE_OUT_OF_MEMORY);
    CMS_ContentInfo_free(cms);
    return rc;
}
