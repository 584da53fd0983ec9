/* Random numbers, SHA-256 (FIPS 180-4) and the machine password, from libcrypto. */
#ifndef JOINERY_CRYPTO_CRYPTO_H
#define JOINERY_CRYPTO_CRYPTO_H

#include <stddef.h>

#include "engine/base/err.h"
#include "engine/base/secret.h"

#define CRYPTO_SHA256_LEN 32
#define CRYPTO_SHA256_HEX 65
#define CRYPTO_MACHINE_PASSWORD_LEN                                                                \
    120 /* as Windows: [MS-ADTS] 3.1.1.1.6, at most 120 UTF-16 units */

int crypto_random(void *data, size_t len, struct err *e) MUST_USE;
void crypto_sha256(const void *data, size_t len, unsigned char ret[CRYPTO_SHA256_LEN]);
void crypto_sha256_hex(const void *data, size_t len, char ret[CRYPTO_SHA256_HEX]);
/* 120 characters out of A-Z a-z 0-9 - _ (720 bits less the four classes being present), starting
 * with a letter: printable ASCII that needs no quoting in LDIF, JSON, shell, ini or smb.conf, and
 * is one byte a character in UTF-8 as in the string-to-key function. */
int crypto_machine_password(struct secret *ret, struct err *e) MUST_USE;

#endif
