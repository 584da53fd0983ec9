#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "engine/crypto/cms_int.h"

static int bad(struct err *e, const char *place)
{
    err_fact(e, FACT_PLACE, "%s", place);
    return cms_failed(e, CAUSE_BAD_OFFLINE_DATA);
}

/* Nobody is asked for the passphrase of a key file. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return -1;
}

static EVP_PKEY *read_key(const struct cms_keys *keys)
{
    if (!keys->private_key || keys->private_key_len == 0 || keys->private_key_len > 1 << 20)
        return NULL;
    const unsigned char *p = keys->private_key;
    if (p[0] == TLV_SEQUENCE)
        return d2i_AutoPrivateKey(NULL, &p, (long)keys->private_key_len);
    BIO *in = BIO_new_mem_buf(keys->private_key, (int)keys->private_key_len);
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
    BIO_free(in);
    return key;
}

static bool with_passphrase(CMS_ContentInfo *cms, const struct cms_keys *keys)
{
    return keys && keys->passphrase && secret_is_set(keys->passphrase) &&
           CMS_decrypt_set1_password(cms, keys->passphrase->data,
                                     (ossl_ssize_t)keys->passphrase->len) == 1;
}

static bool with_key(CMS_ContentInfo *cms, const struct cms_keys *keys)
{
    EVP_PKEY *key = keys ? read_key(keys) : NULL;
    bool ok = key && CMS_decrypt_set1_pkey(cms, key, NULL) == 1;
    EVP_PKEY_free(key);
    return ok;
}

/* Finds the content key, or says whose fault it is that there is none. */
static int unlock(CMS_ContentInfo *cms, enum cms_kind kind, const struct cms_keys *keys,
                  struct err *e)
{
    bool certificate = kind != CMS_PASSPHRASE, passphrase = kind != CMS_RECIPIENTS;
    /* Without this flag a key that does not fit passes, and opens rubbish: meant for servers that
     * must not be told which it was. Nobody asks us from afar. */
    (void)CMS_decrypt(cms, NULL, NULL, NULL, NULL, CMS_DEBUG_DECRYPT);
    if (certificate && with_key(cms, keys))
        return 0;
    bool key_given = keys && keys->private_key_len > 0;
    if (passphrase && with_passphrase(cms, keys))
        return 0;
    if (passphrase && keys && keys->passphrase && secret_is_set(keys->passphrase))
        return cms_failed(e, CAUSE_PASSPHRASE_WRONG);
    if (certificate && key_given)
        return cms_failed(e, CAUSE_RECIPIENT_KEY_WRONG);
    return cms_failed(e, passphrase ? CAUSE_PASSPHRASE_MISSING : CAUSE_RECIPIENT_KEY_MISSING);
}

static int decrypt(CMS_ContentInfo *cms, struct buf *out, struct err *e)
{
    unsigned char some[4096];
    size_t n = 0;
    BIO *chain = CMS_dataInit(cms, NULL);
    while (chain && BIO_read_ex(chain, some, sizeof some, &n) == 1)
        buf_put(out, some, n);
    explicit_bzero(some, sizeof some);
    /* Only now the tag (GCM) or the padding (CBC) was looked at. */
    bool ok =
        chain && BIO_method_type(chain) == BIO_TYPE_CIPHER && BIO_get_cipher_status(chain) == 1;
    BIO_free_all(chain);
    if (ok && !out->failed)
        return 0;
    bool full = out->failed;
    buf_free(out);
    return full ? err_cause(e, CAUSE_OUT_OF_MEMORY) : bad(e, "protected contents");
}

/* As libcrypto understands it, but with lengths and without anything it would pass over: what is
 * judged is what is opened. */
static int judge(CMS_ContentInfo *cms, struct err *e)
{
    unsigned char *der = NULL;
    int n = i2d_CMS_ContentInfo(cms, &der);
    struct cms_parts parts;
    int rc = 0;
    if (n <= 0 || !cms_parts(der, (size_t)n, false, &parts))
        rc = bad(e, "envelope");
    else if (cms_rounds(&parts) < 0)
        rc = bad(e, "rounds of key derivation");
    OPENSSL_free(der);
    return rc;
}

static CMS_ContentInfo *parse(const struct tlv *der, struct err *e)
{
    const unsigned char *p = der->at;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, der->end - der->at);
    if (!cms)
        (void)bad(e, "envelope");
    else if (p == der->end)
        return cms;
    else
        (void)bad(e, "after the envelope");
    CMS_ContentInfo_free(cms);
    return NULL;
}

int cms_unwrap(const void *data, size_t len, const struct cms_keys *keys, struct buf *out,
               struct err *e)
{
    struct buf CLEANUP(buf_free) pem = BUF_INIT(CMS_SIZE_MAX);
    struct tlv der;
    ERR_clear_error();
    enum cms_kind kind = cms_kind_of(data, len);
    if (kind == CMS_NONE || len > CMS_SIZE_MAX || !cms_bytes(data, len, &pem, &der))
        return bad(e, "envelope");
    CMS_ContentInfo *cms = parse(&der, e);
    int rc =
        cms && judge(cms, e) == 0 && unlock(cms, kind, keys, e) == 0 ? decrypt(cms, out, e) : -1;
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return rc;
}
