#include "engine/crypto/crypto.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

int crypto_random(void *data, size_t len, struct err *e)
{
    unsigned char *p = data;
    while (len > 0) {
        int n = len > 4096 ? 4096 : (int)len;
        if (RAND_priv_bytes(p, n) != 1) {
            err_cause(e, CAUSE_INTERNAL);
            return err_foreign(e, ERR_SRC_NONE, (long)ERR_get_error(), "no random numbers");
        }
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

void crypto_sha256(const void *data, size_t len, unsigned char ret[CRYPTO_SHA256_LEN])
{
    unsigned n = 0;
    /* Fails only without memory or without the algorithm: nothing can go on then. */
    if (EVP_Digest(data ? data : "", len, ret, &n, EVP_sha256(), NULL) != 1 ||
        n != CRYPTO_SHA256_LEN)
        abort();
}

void crypto_sha256_hex(const void *data, size_t len, char ret[CRYPTO_SHA256_HEX])
{
    unsigned char sum[CRYPTO_SHA256_LEN];
    crypto_sha256(data, len, sum);
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(ret + 2 * i, 3, "%02x", sum[i]);
}

/* A domain's complexity rule wants three of the classes; we always give all four. */
static bool varied(const struct secret *s)
{
    bool upper = false, lower = false, digit = false, other = false;
    for (size_t i = 0; i < s->len; i++) {
        unsigned char c = s->data[i];
        if (c >= 'A' && c <= 'Z')
            upper = true;
        else if (c >= 'a' && c <= 'z')
            lower = true;
        else if (c >= '0' && c <= '9')
            digit = true;
        else
            other = true;
    }
    return upper && lower && digit && other && isalpha(s->data[0]);
}

int crypto_machine_password(struct secret *ret, struct err *e)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char raw[CRYPTO_MACHINE_PASSWORD_LEN];
    secret_free(ret);
    if (secret_init(ret, CRYPTO_MACHINE_PASSWORD_LEN) != 0)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    do {
        secret_wipe(ret);
        if (crypto_random(raw, sizeof raw, e) != 0)
            return -1;
        for (size_t i = 0; i < sizeof raw; i++)
            raw[i] = (unsigned char)set[raw[i] & 63]; /* 64 characters: six bits each, no bias */
        int rc = secret_set(ret, raw, sizeof raw);
        explicit_bzero(raw, sizeof raw);
        if (rc != 0)
            return err_cause(e, CAUSE_OUT_OF_MEMORY);
    } while (!varied(ret));
    return 0;
}
