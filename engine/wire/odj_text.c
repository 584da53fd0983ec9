/* Texts of provisioning data: UTF-16 in any state to UTF-8 and back without loss. */
#include "engine/wire/odj_int.h"

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static uint32_t unit(const unsigned char *le, size_t i)
{
    return (uint32_t)le[2 * i] | (uint32_t)le[2 * i + 1] << 8;
}

size_t odj_utf8(const unsigned char *le, size_t units, char *out, bool *ok)
{
    size_t len = 0;
    *ok = true;
    for (size_t i = 0; i < units; i++) {
        uint32_t c = unit(le, i);
        uint32_t next = i + 1 < units ? unit(le, i + 1) : 0;
        if (c == 0)
            *ok = false;
        if (c >= 0xd800 && c < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
            i++;
        }
        len += put_utf8(c, out + len);
    }
    return len;
}

/* One character at s, 0 when there is none. Shortest forms only; surrogates are allowed. */
static size_t take_utf8(const unsigned char *s, size_t left, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xc2 ? 0
               : s[0] < 0xe0 ? 2
               : s[0] < 0xf0 ? 3
               : s[0] < 0xf5 ? 4
                             : 0;
    if (n == 0 || n > left)
        return 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c == 0 || c < least[n] || c > 0x10ffff)
        return 0;
    *ret = c;
    return n;
}

static void put_unit(struct buf *out, uint32_t u)
{
    buf_byte(out, (unsigned char)(u & 0xff));
    buf_byte(out, (unsigned char)(u >> 8));
}

bool odj_utf16(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = take_utf8((const unsigned char *)text + i, len - i, &c);
        if (n == 0)
            return false;
        if (c >= 0x10000) {
            put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        put_unit(out, c);
        i += n;
    }
    return true;
}

bool odj_utf16_units(const char *text, size_t len, size_t *units)
{
    *units = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = take_utf8((const unsigned char *)text + i, len - i, &c);
        if (n == 0)
            return false;
        *units += c >= 0x10000 ? 2 : 1;
        i += n;
    }
    return true;
}

char *odj_text_from(const unsigned char *le, size_t units)
{
    size_t n = 0;
    bool ok;
    while (n < units && unit(le, n) != 0)
        n++;
    char *s = xcalloc(3 * n + 1, 1);
    s[odj_utf8(le, n, s, &ok)] = '\0';
    return s;
}
