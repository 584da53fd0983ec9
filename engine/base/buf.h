/*
 * A growable byte buffer with a hard maximum and a sticky error: write everything, check once.
 */
#ifndef JOINERY_BASE_BUF_H
#define JOINERY_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/macro.h"

struct buf {
    unsigned char *data; /* NUL-terminated at data[len] once anything was written */
    size_t len, cap, max;
    bool failed; /* out of memory or over max: contents are not complete */
    bool secret; /* wiped on growth and release */
};

#define BUF_INIT(limit)   ((struct buf){.max = (limit)})
#define BUF_SECRET(limit) ((struct buf){.max = (limit), .secret = true})

void buf_put(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_byte(struct buf *b, unsigned char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *buf_text(struct buf *b); /* the contents as a string, "" when empty; owned by the buffer; NULL
                                  on failure */
char *
buf_steal(struct buf *b); /* the contents as a malloc'ed string, buffer emptied; NULL on failure */
void buf_free(struct buf *b);

#endif
