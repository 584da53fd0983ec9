/* Base64, RFC 4648 section 4: what provisioning data looks like as text. */
#ifndef JOINERY_CRYPTO_BASE64_H
#define JOINERY_CRYPTO_BASE64_H

#include <stddef.h>

#include "engine/base/buf.h"

/* Appends the text of data[0..len) to out: one line, padded, no line end. -1: out is full or there
 * is no memory. */
int base64_encode(const void *data, size_t len, struct buf *out) MUST_USE;
/* Appends the bytes that text[0..len) stands for. Blanks, tabs and line ends may stand anywhere;
 * padding is required, nothing follows it, and the bits it leaves over must be zero. -1: *bad_at
 * (may be NULL) is the offset of the first character that cannot be there (len: the text is cut
 * short), and what out got is not complete. */
int base64_decode(const void *text, size_t len, struct buf *out, size_t *bad_at) MUST_USE;

#endif
