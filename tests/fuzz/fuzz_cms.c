/* Envelopes, opened with a passphrase. Those that ask for much work are passed over here: that they
 * are refused is tested elsewhere. */
#include "fuzz.h"

#include "engine/crypto/cms_int.h"

#define ROUNDS_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct secret passphrase;
    struct err e = {0};
    struct buf out = BUF_SECRET(1 << 20), pem = BUF_SECRET(1 << 20);
    struct cms_parts parts;
    struct tlv der;
    if (!passphrase.data)
        MUST(secret_set(&passphrase, "fuzz", 4) == 0);
    struct cms_keys keys = {.passphrase = &passphrase};
    (void)cms_kind_of(data, size);
    bool cheap = cms_bytes(data, size, &pem, &der) &&
                 (!cms_parts(der.at, (size_t)(der.end - der.at), false, &parts) ||
                  cms_rounds(&parts) <= ROUNDS_MAX);
    buf_free(&pem);
    if (cheap && cms_unwrap(data, size, &keys, &out, &e) < 0)
        MUST(e.code != 0);
    err_reset(&e);
    keys.passphrase = NULL;
    buf_free(&out);
    if (cms_unwrap(data, size, &keys, &out, &e) < 0)
        MUST(e.code != 0);
    buf_free(&out);
    return 0;
}
