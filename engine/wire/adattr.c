#define _GNU_SOURCE
#include "engine/wire/adattr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/wire/dn.h"

/* Seconds between 1601-01-01 and 1970-01-01. */
#define NT_EPOCH 11644473600LL

static int put_utf16(struct secret *out, uint32_t unit)
{
    unsigned char b[2] = {(unsigned char)unit, (unsigned char)(unit >> 8)};
    int rc = secret_append(out, b, 2);
    explicit_bzero(b, sizeof b);
    return rc;
}

static int put_codepoint(struct secret *out, uint32_t c)
{
    if (c < 0x10000)
        return put_utf16(out, c);
    c -= 0x10000;
    if (put_utf16(out, 0xd800 | c >> 10) < 0)
        return -1;
    return put_utf16(out, 0xdc00 | (c & 0x3ff));
}

/* One code point of text that utf8_valid() accepted. */
static uint32_t next_codepoint(const unsigned char **p)
{
    unsigned c = *(*p)++;
    if (c < 0x80)
        return c;
    unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    uint32_t v = c & (0x3fu >> more);
    while (more--)
        v = v << 6 | (*(*p)++ & 0x3fu);
    return v;
}

int unicode_pwd(struct secret *out, const struct secret *password)
{
    secret_free(out);
    if (!utf8_valid((const char *)password->data, password->len)) {
        errno = EILSEQ;
        return -1;
    }
    /* One byte never becomes more than one UTF-16 unit. */
    if (secret_init(out, 2 * password->len + 4) < 0)
        return -1;
    const unsigned char *p = password->data;
    const unsigned char *end = p ? p + password->len : p;
    int rc = put_utf16(out, '"');
    while (rc == 0 && p < end)
        rc = put_codepoint(out, next_codepoint(&p));
    if (rc == 0)
        rc = put_utf16(out, '"');
    if (rc < 0)
        secret_free(out);
    return rc;
}

static char *escape_bytes(const unsigned char *p, size_t len, bool all)
{
    static const char hex[] = "0123456789abcdef";
    char *out = malloc(3 * len + 1), *o = out;
    if (!out)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (all || p[i] < 0x20 || p[i] == 0x7f || strchr("*()\\", p[i])) {
            *o++ = '\\';
            *o++ = hex[p[i] >> 4];
            *o++ = hex[p[i] & 15];
        } else {
            *o++ = (char)p[i];
        }
    }
    *o = '\0';
    return out;
}

char *filter_escape(const char *value)
{
    return escape_bytes((const unsigned char *)value, strlen(value), false);
}

char *filter_escape_bytes(const void *value, size_t len)
{
    return escape_bytes(value, len, true);
}

int nttime_to_time(uint64_t nt, time_t *out)
{
    if (nt == 0 || nt >= INT64_MAX)
        return -1;
    *out = (time_t)((int64_t)(nt / 10000000) - NT_EPOCH);
    return 0;
}

uint64_t nttime_from_time(time_t t)
{
    int64_t s = (int64_t)t + NT_EPOCH;
    return s <= 0 ? 0 : (uint64_t)s * 10000000;
}

static int digits(const char *p, unsigned n, int *out)
{
    *out = 0;
    for (unsigned i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        *out = *out * 10 + (p[i] - '0');
    }
    return 0;
}

int gentime_to_time(const char *text, time_t *out)
{
    struct tm tm = {0};
    if (digits(text, 4, &tm.tm_year) < 0 || digits(text + 4, 2, &tm.tm_mon) < 0 ||
        digits(text + 6, 2, &tm.tm_mday) < 0 || digits(text + 8, 2, &tm.tm_hour) < 0 ||
        digits(text + 10, 2, &tm.tm_min) < 0 || digits(text + 12, 2, &tm.tm_sec) < 0)
        return -1;
    const char *p = text + 14;
    if (*p == '.' || *p == ',') {
        if (p[1] < '0' || p[1] > '9')
            return -1;
        for (p++; *p >= '0' && *p <= '9'; p++)
            continue;
    }
    if (strcmp(p, "Z") != 0 || tm.tm_year < 1601 || tm.tm_mon < 1 || tm.tm_mon > 12 ||
        tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *out = timegm(&tm);
    return 0;
}

int text_to_i64(const char *text, int64_t *out)
{
    const char *p = text + (*text == '-' || *text == '+');
    if (*p < '0' || *p > '9')
        return -1;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (errno || *end)
        return -1;
    *out = v;
    return 0;
}

int text_to_u32(const char *text, uint32_t *out)
{
    int64_t v;
    if (text_to_i64(text, &v) < 0 || v < INT32_MIN || v > (int64_t)UINT32_MAX)
        return -1;
    *out = (uint32_t)v;
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* At most eight digits; returns how many were read. */
static unsigned read_hex(const char *p, uint32_t *out)
{
    unsigned n = 0;
    *out = 0;
    while (n < 8 && hex_digit(p[n]) >= 0)
        *out = *out << 4 | (uint32_t)hex_digit(p[n++]);
    return n;
}

static void find_data(struct ad_diag *d, const char *text)
{
    const char *at = strstr(text, "AcceptSecurityContext");
    at = at ? strstr(at, "data ") : NULL;
    if (!at)
        return;
    uint32_t v;
    unsigned n = read_hex(at + 5, &v);
    char after = at[5 + n];
    if (n > 0 && (after == '\0' || after == ',' || after == ' ')) {
        d->has_data = true;
        d->data = v;
    }
}

/* "…Att 90303 (dNSHostName):len 44" */
static void find_attr(struct ad_diag *d, const char *text)
{
    const char *at = strstr(text, "Att ");
    const char *open = at ? strchr(at, '(') : NULL;
    const char *close = open ? strchr(open, ')') : NULL;
    if (!close || (size_t)(close - open) > sizeof d->attr)
        return;
    size_t n = (size_t)(close - open) - 1;
    memcpy(d->attr, open + 1, n);
    d->attr[n] = '\0';
}

void ad_diag_parse(struct ad_diag *d, const char *text)
{
    *d = (struct ad_diag){0};
    if (!text)
        return;
    uint32_t v;
    if (read_hex(text, &v) == 8 && text[8] == ':') {
        d->has_code = true;
        d->code = v;
    }
    find_data(d, text);
    find_attr(d, text);
}
