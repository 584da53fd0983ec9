#include "engine/crypto/base64.h"

#include <stdint.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_encode(const void *data, size_t len, struct buf *out)
{
    const unsigned char *p = data;
    char line[256];
    size_t n = 0;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                         (left > 2 ? p[i + 2] : 0);
        line[n++] = letters[group >> 18];
        line[n++] = letters[group >> 12 & 63];
        line[n++] = '=';
        line[n++] = '=';
        if (left > 1)
            line[n - 2] = letters[group >> 6 & 63];
        if (left > 2)
            line[n - 1] = letters[group & 63];
        if (n == sizeof line) {
            buf_put(out, line, n);
            n = 0;
        }
    }
    buf_put(out, line, n);
    explicit_bzero(line, sizeof line);
    return out->failed ? -1 : 0;
}

static int value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* A group of four: how many of them were letters, their bits, and how many were padding. */
struct group {
    uint32_t bits;
    unsigned n, padding;
};

/* False: c cannot stand here. */
static bool take(struct group *g, unsigned char c)
{
    if (c == '=') {
        g->padding++;
        /* "xx==" leaves 4 bits over, "xxx=" leaves 2. */
        uint32_t over = g->n == 2 ? 15 : 3;
        return g->n >= 2 && g->n + g->padding <= 4 && (g->bits & over) == 0;
    }
    int v = value(c);
    if (v < 0 || g->padding > 0)
        return false;
    g->bits = g->bits << 6 | (uint32_t)v;
    g->n++;
    return true;
}

static void put_group(const struct group *g, struct buf *out)
{
    uint32_t bits = g->bits << (6 * (4 - g->n));
    unsigned char b[3] = {bits >> 16 & 255, bits >> 8 & 255, bits & 255};
    buf_put(out, b, g->n - 1);
    explicit_bzero(b, sizeof b);
}

int base64_decode(const void *text, size_t len, struct buf *out, size_t *bad_at)
{
    const unsigned char *p = text;
    struct group g = {0};
    bool ended = false;
    size_t i;
    for (i = 0; i < len; i++) {
        if (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n')
            continue;
        if (ended || !take(&g, p[i]))
            break;
        if (g.n + g.padding < 4)
            continue;
        put_group(&g, out);
        ended = g.padding > 0;
        g = (struct group){0};
    }
    bool whole = i == len && g.n == 0 && g.padding == 0;
    explicit_bzero(&g, sizeof g);
    if (whole && !out->failed)
        return 0;
    if (bad_at)
        *bad_at = i;
    return -1;
}
