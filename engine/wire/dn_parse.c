/* Reading distinguished names: RFC 4514 section 3, RFC 2253 section 4, RFC 1779 section 2.3. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"
#include "engine/wire/dn.h"

struct reader {
    const char *start, *p;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct reader *r)
{
    while (is_space(*r->p))
        r->p++;
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A name such as "OU", or numbers with dots. */
static char *read_type(struct reader *r)
{
    if ((r->p[0] | 0x20) == 'o' && (r->p[1] | 0x20) == 'i' && (r->p[2] | 0x20) == 'd' &&
        r->p[3] == '.')
        r->p += 4;
    const char *first = r->p;
    if (is_alpha(*r->p)) {
        while (is_alpha(*r->p) || is_digit(*r->p) || *r->p == '-')
            r->p++;
    } else if (is_digit(*r->p)) {
        while (is_digit(*r->p) || (*r->p == '.' && is_digit(r->p[1])))
            r->p++;
    }
    size_t len = (size_t)(r->p - first);
    return len ? xstrndup(first, len) : NULL;
}

/* Behind a backslash: two hexadecimal digits, or one character that stands for itself. */
static int read_escape(struct reader *r, struct buf *out)
{
    r->p++;
    int hi = hex_digit(r->p[0]), lo = hi < 0 ? -1 : hex_digit(r->p[1]);
    if (lo >= 0) {
        buf_byte(out, (unsigned char)(hi << 4 | lo));
        r->p += 2;
        return 0;
    }
    if (*r->p == '\0' || is_alpha(*r->p) || is_digit(*r->p))
        return -1;
    buf_byte(out, (unsigned char)*r->p++);
    return 0;
}

static int read_quoted(struct reader *r, struct buf *out)
{
    for (r->p++; *r->p != '"';) {
        if (*r->p == '\0')
            return -1;
        if (*r->p != '\\')
            buf_byte(out, (unsigned char)*r->p++);
        else if (read_escape(r, out) < 0)
            return -1;
    }
    r->p++;
    skip_space(r);
    return 0;
}

/* "#0403666f6f": a BER-encoded string (RFC 4514 2.4). Anything else that begins with '#' is what a
 * person typed. */
static bool read_hexstring(struct reader *r, struct buf *out)
{
    unsigned char bytes[256];
    size_t n = 0;
    const char *p = r->p + 1;
    while (n < sizeof bytes && hex_digit(p[0]) >= 0 && hex_digit(p[1]) >= 0) {
        bytes[n++] = (unsigned char)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
        p += 2;
    }
    while (is_space(*p))
        p++;
    bool ends = *p == '\0' || *p == ',' || *p == ';' || *p == '+';
    bool string =
        n > 2 && (bytes[0] == 0x04 || bytes[0] == 0x0c || bytes[0] == 0x13 || bytes[0] == 0x16);
    if (!ends || !string || bytes[1] != n - 2)
        return false;
    buf_put(out, bytes + 2, n - 2);
    r->p = p;
    return true;
}

static int read_plain(struct reader *r, struct buf *out)
{
    size_t keep = 0; /* length up to the last character that is not an unescaped blank */
    while (*r->p && !strchr(",;+", *r->p)) {
        if (*r->p == '\\') {
            if (read_escape(r, out) < 0)
                return -1;
            keep = out->len;
            continue;
        }
        if (*r->p == '"')
            return -1;
        bool blank = is_space(*r->p);
        buf_byte(out, (unsigned char)*r->p++);
        if (!blank)
            keep = out->len;
    }
    if (out->len > keep) {
        out->len = keep;
        out->data[keep] = 0;
    }
    return 0;
}

static char *read_value(struct reader *r)
{
    struct buf out = BUF_INIT(DN_MAX);
    int rc;
    skip_space(r);
    if (*r->p == '"')
        rc = read_quoted(r, &out);
    else if (*r->p == '#' && read_hexstring(r, &out))
        rc = 0;
    else
        rc = read_plain(r, &out);
    if (rc < 0 || out.failed || out.len == 0 || !utf8_valid((char *)out.data, out.len)) {
        buf_free(&out);
        return NULL;
    }
    return buf_steal(&out);
}

static void free_ava(struct dn_ava *a)
{
    while (a) {
        struct dn_ava *next = a->next;
        free(a->type);
        free(a->value);
        free(a);
        a = next;
    }
}

/* One "type=value"; NULL when there is none. */
static struct dn_ava *read_ava(struct reader *r)
{
    skip_space(r);
    AUTOFREE char *type = read_type(r);
    skip_space(r);
    if (!type || *r->p != '=')
        return NULL;
    r->p++;
    char *value = read_value(r);
    if (!value)
        return NULL;
    struct dn_ava *a = xcalloc(1, sizeof *a);
    a->type = TAKE(type);
    a->value = value;
    return a;
}

static struct dn_ava *read_rdn(struct reader *r)
{
    struct dn_ava *first = read_ava(r);
    struct dn_ava *last = first;
    for (unsigned n = 0; last && *r->p == '+'; n++) {
        r->p++;
        last->next = n < 8 ? read_ava(r) : NULL;
        last = last->next;
    }
    if (last)
        return first;
    free_ava(first);
    return NULL;
}

int dn_parse(struct dn *d, const char *text, size_t *bad)
{
    *d = (struct dn){0};
    size_t len = strnlen(text, DN_MAX + 1);
    struct reader r = {text, text};
    if (bad)
        *bad = 0;
    if (len > DN_MAX || !utf8_valid(text, len))
        return -1;
    skip_space(&r);
    if (*r.p == '\0')
        return 0;
    for (;;) {
        struct dn_ava *a = d->n < DN_DEPTH_MAX ? read_rdn(&r) : NULL;
        if (!a)
            break;
        d->rdn[d->n++] = a;
        if (*r.p == '\0')
            return 0;
        if (*r.p != ',' && *r.p != ';')
            break;
        r.p++;
    }
    if (bad)
        *bad = (size_t)(r.p - text);
    dn_free(d);
    return -1;
}

void dn_free(struct dn *d)
{
    for (size_t i = 0; i < d->n; i++)
        free_ava(d->rdn[i]);
    d->n = 0;
}
