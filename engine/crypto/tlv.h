/*
 * The few steps through DER (X.690) that libcrypto's own functions do not offer: looking at the
 * recipients of an envelope and putting one in. Only for engine/crypto.
 */
#ifndef JOINERY_CRYPTO_TLV_H
#define JOINERY_CRYPTO_TLV_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"

#define TLV_INTEGER  0x02
#define TLV_OCTETS   0x04
#define TLV_NULL     0x05
#define TLV_OID      0x06
#define TLV_SEQUENCE 0x30
#define TLV_SET      0x31
#define TLV_CONTEXT  0xa0 /* [n], constructed */

struct tlv {
    const unsigned char *at, *end;
};
struct tlv_item {
    unsigned char tag;                /* one byte: higher tag numbers do not occur here */
    const unsigned char *start, *end; /* whole, header included */
    struct tlv body;
};

/* The next item, or false. `cut`: an item may reach beyond the end or have no length of its own
 * (BER), its body then ends with what is there. */
bool tlv_next(struct tlv *d, bool cut, struct tlv_item *ret);
/* The next item if it has that tag; else d stays where it is. */
bool tlv_enter(struct tlv *d, bool cut, unsigned char tag, struct tlv_item *ret);

void tlv_put(struct buf *out, unsigned char tag, const void *body, size_t len);

#endif
