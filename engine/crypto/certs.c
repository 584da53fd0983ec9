#include "engine/crypto/certs.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "engine/base/strv.h"

#define ONE_MAX       (1u << 20) /* bytes of one certificate */
#define STRENGTH_BITS 112

static int bad(struct err *e, size_t number)
{
    char text[200];
    unsigned long code = ERR_peek_last_error();
    ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    (void)err_cause(e, CAUSE_CERTIFICATES_BAD);
    err_fact(e, FACT_PLACE, "certificate %zu", number);
    return code ? err_foreign(e, ERR_SRC_NONE, (long)code, "%s", text) : -1;
}

/* Exactly one certificate, or NULL. */
static X509 *parse(const void *der, size_t len)
{
    const unsigned char *p = der;
    if (len == 0 || len > ONE_MAX)
        return NULL;
    X509 *cert = d2i_X509(NULL, &p, (long)len);
    if (cert && p == (const unsigned char *)der + len)
        return cert;
    X509_free(cert);
    return NULL;
}

static bool has(const struct certs *c, const void *der, size_t len)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->der[i].len == len && memcmp(c->der[i].data, der, len) == 0)
            return true;
    return false;
}

int certs_add(const void *der, size_t len, struct certs *ret, struct err *e)
{
    X509 *cert = parse(der, len);
    if (!cert || ret->n >= CERTS_MAX) {
        X509_free(cert);
        return bad(e, ret->n + 1);
    }
    X509_free(cert);
    if (has(ret, der, len))
        return 0;
    ret->der = xrealloc_array(ret->der, ret->n + 1, sizeof *ret->der);
    ret->der[ret->n] = BUF_INIT(ONE_MAX);
    buf_put(&ret->der[ret->n], der, len);
    return ret->der[ret->n++].failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

/* One object of a PEM file. 1: there was one; 0: the end. Keys and the like are passed over. */
static int next_pem(BIO *in, struct certs *ret, struct err *e)
{
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    if (PEM_read_bio(in, &name, &header, &data, &len) != 1) {
        bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        int rc = end ? 0 : bad(e, ret->n + 1);
        ERR_clear_error();
        return rc;
    }
    int rc = 1;
    if (str_eq(name, PEM_STRING_X509) || str_eq(name, PEM_STRING_X509_OLD))
        rc = certs_add(data, (size_t)len, ret, e) == 0 ? 1 : -1;
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, (size_t)len);
    return rc;
}

int certs_read(const void *data, size_t len, struct certs *ret, struct err *e)
{
    ERR_clear_error();
    if (len == 0 || len > 64 * ONE_MAX)
        return bad(e, 1);
    if (((const unsigned char *)data)[0] == 0x30)
        return certs_add(data, len, ret, e);
    BIO *in = BIO_new_mem_buf(data, (int)len);
    size_t before = ret->n;
    int rc = 1;
    while (in && rc == 1)
        rc = next_pem(in, ret, e);
    BIO_free(in);
    if (rc == 0 && ret->n == before)
        rc = bad(e, 1);
    return rc;
}

void certs_free(struct certs *c)
{
    for (size_t i = 0; i < c->n; i++)
        buf_free(&c->der[i]);
    free(c->der);
    *c = (struct certs){0};
}

enum certs_flaw certs_judge(const void *der, size_t len, int64_t now)
{
    X509 *cert = parse(der, len);
    time_t at = (time_t)now;
    enum certs_flaw flaw = CERTS_SOUND;
    EVP_PKEY *key = cert ? X509_get0_pubkey(cert) : NULL;
    if (key && EVP_PKEY_get_security_bits(key) < STRENGTH_BITS)
        flaw = CERTS_WEAK;
    else if (cert && (X509_cmp_time(X509_get0_notBefore(cert), &at) > 0 ||
                      X509_cmp_time(X509_get0_notAfter(cert), &at) < 0))
        flaw = CERTS_NOT_VALID_NOW;
    X509_free(cert);
    ERR_clear_error();
    return flaw;
}

bool certs_is_root(const void *der, size_t len)
{
    X509 *cert = parse(der, len);
    bool root = cert && X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) == 0;
    X509_free(cert);
    ERR_clear_error();
    return root;
}

static char *name_text(const void *der, size_t len, const X509_NAME *(*name_of)(const X509 *))
{
    X509 *cert = parse(der, len);
    BIO *out = cert ? BIO_new(BIO_s_mem()) : NULL;
    char *text = NULL;
    if (out &&
        X509_NAME_print_ex(out, name_of(cert), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        char *p;
        long n = BIO_get_mem_data(out, &p);
        text = xstrndup(n > 0 ? p : "", n > 0 ? (size_t)n : 0);
        err_clean_text(text);
    }
    BIO_free(out);
    X509_free(cert);
    ERR_clear_error();
    return text;
}

static const X509_NAME *subject_of(const X509 *cert)
{
    return X509_get_subject_name(cert);
}

static const X509_NAME *issuer_of(const X509 *cert)
{
    return X509_get_issuer_name(cert);
}

char *certs_subject(const void *der, size_t len)
{
    return name_text(der, len, subject_of);
}

char *certs_issuer(const void *der, size_t len)
{
    return name_text(der, len, issuer_of);
}
