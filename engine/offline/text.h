/*
 * Text of provisioning data in any of its encodings: ASCII or UTF-8 with or without a mark,
 * UTF-16 of either byte order with or without one, and with NULs, line ends and blanks behind it.
 * Private to engine/offline.
 */
#ifndef JOINERY_OFFLINE_TEXT_H
#define JOINERY_OFFLINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"

struct offline_text {
    const unsigned char *data; /* behind the mark */
    size_t len;                /* bytes; without the NULs, line ends and blanks at the end */
    bool utf16, big_endian, bom;
    bool odd; /* UTF-16 with half a unit at its end */
};

struct offline_text offline_text_of(const void *data, size_t len);
/* Its first characters without leading blanks; others than ASCII as '?'. Returns the number, at
 * most size; NUL-terminated where there is room. */
size_t offline_text_head(const struct offline_text *t, char *out, size_t size);
/* All of it, appended. False: *bad_at is the first character that is not ASCII, or out is full. */
bool offline_text_ascii(const struct offline_text *t, struct buf *out, size_t *bad_at);

#endif
