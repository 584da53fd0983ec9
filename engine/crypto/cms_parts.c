#define _GNU_SOURCE /* memmem() */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "engine/crypto/base64.h"
#include "engine/crypto/cms_int.h"

/* 1.2.840.113549.1.7.3 and 1.2.840.113549.1.9.16.1.23 */
static const unsigned char oid_enveloped[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03};
static const unsigned char oid_auth_enveloped[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                                   0x01, 0x09, 0x10, 0x01, 0x17};
#define TAG_PASSWORD (TLV_CONTEXT | 3)

int cms_failed(struct err *e, enum cause cause)
{
    char text[200];
    unsigned long code = ERR_peek_last_error();
    ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    err_cause(e, cause);
    return code ? err_foreign(e, ERR_SRC_NONE, (long)code, "%s", text) : -1;
}

static bool body_is(const struct tlv_item *i, const void *what, size_t len)
{
    return (size_t)(i->body.end - i->body.at) == len && memcmp(i->body.at, what, len) == 0;
}

bool cms_parts(const void *data, size_t len, bool cut, struct cms_parts *ret)
{
    *ret = (struct cms_parts){0};
    struct tlv d = {data, (const unsigned char *)data + len};
    struct tlv_item info, oid, originator;
    if (!tlv_enter(&d, cut, TLV_SEQUENCE, &info) || !tlv_enter(&info.body, cut, TLV_OID, &oid))
        return false;
    ret->auth = body_is(&oid, oid_auth_enveloped, sizeof oid_auth_enveloped);
    if (!ret->auth && !body_is(&oid, oid_enveloped, sizeof oid_enveloped))
        return false;
    if (!tlv_enter(&info.body, cut, TLV_CONTEXT, &ret->wrapped))
        return false;
    struct tlv inner = ret->wrapped.body;
    if (!tlv_enter(&inner, cut, TLV_SEQUENCE, &ret->outer))
        return false;
    inner = ret->outer.body;
    if (!tlv_enter(&inner, cut, TLV_INTEGER, &ret->version))
        return false;
    (void)tlv_enter(&inner, cut, TLV_CONTEXT, &originator);
    return tlv_enter(&inner, cut, TLV_SET, &ret->recipients);
}

/* The base64 between the lines of a PEM object, headers left out, as far as it is there. */
static bool pem_body(const char *text, size_t len, const char **start, size_t *ret)
{
    static const char *const names[] = {"-----BEGIN CMS-----", "-----BEGIN PKCS7-----"};
    const char *at = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(names) && !at; i++) {
        at = memmem(text, len, names[i], strlen(names[i]));
        if (at)
            at += strlen(names[i]);
    }
    if (!at)
        return false;
    size_t left = len - (size_t)(at - text);
    const char *end = memmem(at, left, "-----END ", 9);
    *start = at;
    *ret = end ? (size_t)(end - at) : left;
    return true;
}

bool cms_bytes(const void *data, size_t len, struct buf *pem, struct tlv *ret)
{
    const char *body;
    size_t n;
    *ret = (struct tlv){data, (const unsigned char *)data + len};
    if (len > 0 && ret->at[0] == TLV_SEQUENCE)
        return true;
    if (!pem_body(data, len, &body, &n))
        return false;
    if (base64_decode(body, n, pem, NULL) != 0 && pem->failed)
        return false;
    *ret = (struct tlv){pem->data, pem->data ? pem->data + pem->len : NULL};
    return pem->len > 0;
}

static long rounds_of(const struct tlv_item *recipient)
{
    struct tlv d = recipient->body;
    struct tlv_item version, kdf;
    if (!tlv_enter(&d, false, TLV_INTEGER, &version) || !tlv_enter(&d, false, TLV_CONTEXT, &kdf))
        return -1;
    /* AlgorithmIdentifier under [0]: the algorithm, then its parameters. */
    struct tlv_item oid, params;
    if (!tlv_enter(&kdf.body, false, TLV_OID, &oid) ||
        !body_is(&oid, cms_oid_pbkdf2, sizeof cms_oid_pbkdf2) ||
        !tlv_enter(&kdf.body, false, TLV_SEQUENCE, &params))
        return -1;
    const unsigned char *p = params.start;
    PBKDF2PARAM *kdf2 = (PBKDF2PARAM *)ASN1_item_d2i(NULL, &p, params.end - params.start,
                                                     ASN1_ITEM_rptr(PBKDF2PARAM));
    int64_t n = -1;
    if (!kdf2 || ASN1_INTEGER_get_int64(&n, kdf2->iter) != 1 || n < 1 || n > CMS_ROUNDS_MAX)
        n = -1;
    PBKDF2PARAM_free(kdf2);
    ERR_clear_error();
    return (long)n;
}

long cms_rounds(const struct cms_parts *parts)
{
    struct tlv d = parts->recipients.body;
    struct tlv_item r;
    long all = 0;
    while (tlv_next(&d, false, &r)) {
        if (r.tag != TAG_PASSWORD)
            continue;
        long n = rounds_of(&r);
        if (n < 0 || (all += n) > CMS_ROUNDS_MAX)
            return -1;
    }
    return all;
}

enum cms_kind cms_kind_of(const void *data, size_t len)
{
    struct buf CLEANUP(buf_free) pem = BUF_INIT(CMS_SIZE_MAX);
    struct cms_parts parts;
    struct tlv der;
    if (!cms_bytes(data, len, &pem, &der) ||
        !cms_parts(der.at, (size_t)(der.end - der.at), true, &parts))
        return CMS_NONE;
    bool password = false, certificate = false;
    struct tlv_item r;
    while (tlv_next(&parts.recipients.body, true, &r)) {
        if (r.tag == TAG_PASSWORD)
            password = true;
        else if (r.tag == TLV_SEQUENCE || r.tag == (TLV_CONTEXT | 1))
            certificate = true;
    }
    return password && certificate ? CMS_BOTH
           : password              ? CMS_PASSPHRASE
           : certificate           ? CMS_RECIPIENTS
                                   : CMS_NONE;
}
