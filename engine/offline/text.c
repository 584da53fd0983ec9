#include "engine/offline/text.h"

#include <stdint.h>
#include <string.h>

static bool is_tail(unsigned c)
{
    return c == 0 || c == '\r' || c == '\n' || c == ' ' || c == '\t';
}

static size_t width(const struct offline_text *t)
{
    return t->utf16 ? 2 : 1;
}

static unsigned character(const struct offline_text *t, size_t i)
{
    const unsigned char *p = t->data + i * width(t);
    if (!t->utf16)
        return p[0];
    return t->big_endian ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

struct offline_text offline_text_of(const void *data, size_t len)
{
    const unsigned char *d = data;
    struct offline_text t = {.data = d, .len = len};
    if (len >= 2 && ((d[0] == 0xff && d[1] == 0xfe) || (d[0] == 0xfe && d[1] == 0xff))) {
        t.utf16 = t.bom = true;
        t.big_endian = d[0] == 0xfe;
        t.data += 2;
        t.len -= 2;
    } else if (len >= 3 && !memcmp(d, "\xef\xbb\xbf", 3)) {
        t.bom = true;
        t.data += 3;
        t.len -= 3;
    } else if (len >= 2 && (d[0] == 0) != (d[1] == 0)) {
        t.utf16 = true;
        t.big_endian = d[0] == 0;
    }
    if (t.utf16 && t.len % 2) {
        t.odd = true;
        t.len--;
    }
    while (!t.odd && t.len > 0 && is_tail(character(&t, t.len / width(&t) - 1)))
        t.len -= width(&t);
    return t;
}

size_t offline_text_head(const struct offline_text *t, char *out, size_t size)
{
    size_t n = t->len / width(t), i = 0, k = 0;
    while (i < n && is_tail(character(t, i)) && character(t, i) != 0)
        i++;
    for (; i < n && k < size; i++) {
        unsigned c = character(t, i);
        out[k++] = c > 0 && c < 0x80 ? (char)c : '?';
    }
    if (k < size)
        out[k] = '\0';
    else if (size > 1)
        out[--k] = '\0';
    return k;
}

bool offline_text_ascii(const struct offline_text *t, struct buf *out, size_t *bad_at)
{
    size_t n = t->len / width(t);
    for (size_t i = 0; i < n; i++) {
        unsigned c = character(t, i);
        *bad_at = i;
        if (c == 0 || c >= 0x80)
            return false;
        buf_byte(out, (unsigned char)c);
        if (out->failed)
            return false;
    }
    *bad_at = n;
    return !t->odd;
}
