#include "engine/wire/sid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AUTHORITY_MAX 0xffffffffffffULL

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int sid_from_bytes(struct sid *s, const void *data, size_t len)
{
    const unsigned char *p = data;
    *s = (struct sid){0};
    if (len < 12 || p[0] != 1 || p[1] == 0 || p[1] > SID_SUBS_MAX || len != 8 + 4 * (size_t)p[1])
        return -1;
    for (unsigned i = 2; i < 8; i++)
        s->authority = s->authority << 8 | p[i];
    for (unsigned i = 0; i < p[1]; i++)
        s->subs[i] = le32(p + 8 + 4 * (size_t)i);
    s->n_subs = p[1];
    return 0;
}

/* Digits up to `max`; moves *p behind them. */
static int read_number(const char **p, uint64_t max, uint64_t *out)
{
    const char *c = *p;
    unsigned base = 10;
    if (c[0] == '0' && (c[1] == 'x' || c[1] == 'X')) {
        base = 16;
        c += 2;
    }
    const char *first = c;
    uint64_t v = 0;
    for (;; c++) {
        unsigned d;
        if (*c >= '0' && *c <= '9')
            d = (unsigned)(*c - '0');
        else if (base == 16 && ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'f'))
            d = (unsigned)((*c | 0x20) - 'a') + 10;
        else
            break;
        if (v > (max - d) / base)
            return -1;
        v = v * base + d;
    }
    if (c == first)
        return -1;
    *p = c;
    *out = v;
    return 0;
}

int sid_from_text(struct sid *s, const char *text)
{
    uint64_t v;
    *s = (struct sid){0};
    struct sid r = {0};
    if ((text[0] != 'S' && text[0] != 's') || text[1] != '-' || text[2] != '1' || text[3] != '-')
        return -1;
    const char *p = text + 4;
    if (read_number(&p, AUTHORITY_MAX, &r.authority) < 0)
        return -1;
    while (*p == '-') {
        p++;
        if (r.n_subs >= SID_SUBS_MAX || read_number(&p, UINT32_MAX, &v) < 0)
            return -1;
        r.subs[r.n_subs++] = (uint32_t)v;
    }
    if (*p != '\0' || r.n_subs == 0)
        return -1;
    *s = r;
    return 0;
}

char *sid_to_text(const struct sid *s, char out[SID_TEXT_MAX])
{
    out[0] = '\0';
    if (!sid_is_set(s))
        return out;
    const char *fmt = s->authority > UINT32_MAX ? "S-1-0x%012" PRIx64 : "S-1-%" PRIu64;
    size_t n = (size_t)snprintf(out, SID_TEXT_MAX, fmt, s->authority);
    for (unsigned i = 0; i < s->n_subs && i < SID_SUBS_MAX; i++)
        n += (size_t)snprintf(out + n, SID_TEXT_MAX - n, "-%" PRIu32, s->subs[i]);
    return out;
}

size_t sid_to_bytes(const struct sid *s, unsigned char out[SID_BYTES_MAX])
{
    if (!sid_is_set(s))
        return 0;
    out[0] = 1;
    out[1] = s->n_subs;
    for (unsigned i = 0; i < 6; i++)
        out[2 + i] = (unsigned char)(s->authority >> (8 * (5 - i)));
    for (unsigned i = 0; i < s->n_subs; i++) {
        for (unsigned b = 0; b < 4; b++)
            out[8 + 4 * i + b] = (unsigned char)(s->subs[i] >> (8 * b));
    }
    return 8 + 4 * (size_t)s->n_subs;
}

bool sid_equal(const struct sid *a, const struct sid *b)
{
    return sid_is_set(a) && a->n_subs == b->n_subs && a->authority == b->authority &&
           memcmp(a->subs, b->subs, sizeof a->subs[0] * a->n_subs) == 0;
}

struct sid sid_in(const struct sid *domain, uint32_t rid)
{
    struct sid s = *domain;
    if (!sid_is_set(domain) || domain->n_subs >= SID_SUBS_MAX)
        return (struct sid){0};
    s.subs[s.n_subs++] = rid;
    return s;
}

bool sid_is_in(const struct sid *s, const struct sid *domain)
{
    return sid_is_set(domain) && s->n_subs == domain->n_subs + 1 &&
           s->authority == domain->authority &&
           memcmp(s->subs, domain->subs, sizeof s->subs[0] * domain->n_subs) == 0;
}

uint32_t sid_rid(const struct sid *s)
{
    return sid_is_set(s) ? s->subs[s->n_subs - 1] : 0;
}

struct sid sid_builtin_administrators(void)
{
    return (struct sid){.n_subs = 2, .authority = 5, .subs = {32, 544}};
}

/* Byte order of the text: the first three fields are little endian on the wire. */
static const unsigned char guid_order[GUID_BYTES] = {3, 2, 1,  0,  5,  4,  7,  6,
                                                     8, 9, 10, 11, 12, 13, 14, 15};

char *guid_to_text(const unsigned char g[GUID_BYTES], char out[GUID_TEXT_MAX])
{
    static const char hex[] = "0123456789abcdef";
    char *p = out;
    for (unsigned i = 0; i < GUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[g[guid_order[i]] >> 4];
        *p++ = hex[g[guid_order[i]] & 15];
    }
    *p = '\0';
    return out;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int guid_from_text(unsigned char g[GUID_BYTES], const char *text)
{
    bool braces = *text == '{';
    const char *p = text + braces;
    for (unsigned i = 0; i < GUID_BYTES; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
            return -1;
        int hi = hex_digit(p[0]);
        int lo = hi < 0 ? -1 : hex_digit(p[1]);
        if (lo < 0)
            return -1;
        g[guid_order[i]] = (unsigned char)(hi << 4 | lo);
        p += 2;
    }
    if (braces && *p++ != '}')
        return -1;
    return *p == '\0' ? 0 : -1;
}
