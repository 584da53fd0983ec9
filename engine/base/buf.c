#include "engine/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool grow(struct buf *b, size_t more)
{
    if (b->failed || more > b->max || b->len > b->max - more) {
        b->failed = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap < need)
        cap *= 2;
    unsigned char *p = malloc(cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    if (b->len)
        memcpy(p, b->data, b->len);
    p[b->len] = 0;
    if (b->data && b->secret)
        explicit_bzero(b->data, b->cap);
    free(b->data);
    b->data = p;
    b->cap = cap;
    return true;
}

void buf_put(struct buf *b, const void *data, size_t len)
{
    if (!grow(b, len))
        return;
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = 0;
}

void buf_str(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

void buf_byte(struct buf *b, unsigned char c)
{
    buf_put(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0)
        b->failed = true;
    else if (grow(b, (size_t)n)) {
        vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

char *buf_text(struct buf *b)
{
    buf_put(b, "", 0);
    return b->failed ? NULL : (char *)b->data;
}

char *buf_steal(struct buf *b)
{
    char *s = buf_text(b);
    if (!s) {
        buf_free(b);
        return NULL;
    }
    b->data = NULL;
    b->len = b->cap = 0;
    return s;
}

void buf_free(struct buf *b)
{
    if (b->data && b->secret)
        explicit_bzero(b->data, b->cap);
    free(b->data);
    *b = (struct buf){.max = b->max, .secret = b->secret};
}
