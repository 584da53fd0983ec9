#include "engine/wire/dn.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"

static void put_escaped(struct buf *b, const char *value)
{
    size_t len = strlen(value);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        bool edge = (c == ' ' && (i == 0 || i + 1 == len)) || (c == '#' && i == 0);
        if (c < 0x20 || c == 0x7f) {
            buf_printf(b, "\\%02X", c);
            continue;
        }
        if (edge || strchr("\"+,;<=>\\", c))
            buf_byte(b, '\\');
        buf_byte(b, c);
    }
}

static char *steal(struct buf *b)
{
    char *s = buf_steal(b);
    if (!s)
        buf_free(b);
    return s;
}

/* Escaping can treble the length of a name that was accepted. */
#define FORMAT_MAX (3 * DN_MAX + 64)

char *dn_escape_value(const char *value)
{
    struct buf b = BUF_INIT(FORMAT_MAX);
    put_escaped(&b, value);
    return steal(&b);
}

char *dn_format(const struct dn *d, size_t from)
{
    struct buf b = BUF_INIT(FORMAT_MAX);
    for (size_t i = from; i < d->n; i++) {
        if (i > from)
            buf_byte(&b, ',');
        for (const struct dn_ava *a = d->rdn[i]; a; a = a->next) {
            buf_str(&b, a->type);
            buf_byte(&b, '=');
            put_escaped(&b, a->value);
            if (a->next)
                buf_byte(&b, '+');
        }
    }
    return steal(&b);
}

/* The formatted rest from a component on; NULL for malformed text or too few components. */
static char *format_from(const char *text, size_t from)
{
    struct dn d;
    if (dn_parse(&d, text, NULL) < 0)
        return NULL;
    char *out = from <= d.n ? dn_format(&d, from) : NULL;
    dn_free(&d);
    return out;
}

char *dn_normalise(const char *text)
{
    return format_from(text, 0);
}

char *dn_parent(const char *text)
{
    return format_from(text, 1);
}

char *dn_leaf_value(const char *text)
{
    struct dn d;
    if (dn_parse(&d, text, NULL) < 0)
        return NULL;
    char *out = d.n ? xstrdup(d.rdn[0]->value) : NULL;
    dn_free(&d);
    return out;
}

char *dn_child(const char *type, const char *value, const char *parent)
{
    AUTOFREE char *escaped = dn_escape_value(value);
    if (!escaped)
        return NULL;
    return xasprintf("%s=%s%s%s", type, escaped, *parent ? "," : "", parent);
}

size_t dn_depth(const char *text)
{
    struct dn d;
    if (dn_parse(&d, text, NULL) < 0)
        return 0;
    size_t n = d.n;
    dn_free(&d);
    return n;
}

static bool same_value(const char *a, const char *b)
{
    AUTOFREE char *fa = xstrdup(a);
    AUTOFREE char *fb = xstrdup(b);
    utf8_fold(fa);
    utf8_fold(fb);
    return strcmp(fa, fb) == 0;
}

static bool has_ava(const struct dn_ava *rdn, const struct dn_ava *one)
{
    for (; rdn; rdn = rdn->next) {
        if (str_ieq(rdn->type, one->type) && same_value(rdn->value, one->value))
            return true;
    }
    return false;
}

static unsigned count_ava(const struct dn_ava *a)
{
    unsigned n = 0;
    for (; a; a = a->next)
        n++;
    return n;
}

static bool same_rdn(const struct dn_ava *a, const struct dn_ava *b)
{
    if (count_ava(a) != count_ava(b))
        return false;
    for (const struct dn_ava *i = a; i; i = i->next) {
        if (!has_ava(b, i))
            return false;
    }
    return true;
}

/* The last `b->n` components of a are b's. */
static bool ends_with(const struct dn *a, const struct dn *b)
{
    if (a->n < b->n)
        return false;
    for (size_t i = 0; i < b->n; i++) {
        if (!same_rdn(a->rdn[a->n - b->n + i], b->rdn[i]))
            return false;
    }
    return true;
}

static bool compare(const char *child, const char *ancestor, bool exact)
{
    struct dn a, b;
    if (dn_parse(&a, child, NULL) < 0)
        return false;
    bool same = false;
    if (dn_parse(&b, ancestor, NULL) == 0) {
        same = (!exact || a.n == b.n) && ends_with(&a, &b);
        dn_free(&b);
    }
    dn_free(&a);
    return same;
}

bool dn_equal(const char *a, const char *b)
{
    return compare(a, b, true);
}

bool dn_is_under(const char *child, const char *ancestor)
{
    return compare(child, ancestor, false);
}

char *dn_from_dns(const char *domain)
{
    struct buf b = BUF_INIT(FORMAT_MAX);
    const char *p = domain;
    size_t len = strlen(domain);
    if (len > 1 && domain[len - 1] == '.')
        len--;
    while (p < domain + len) {
        size_t n = strcspn(p, ".");
        if (n > (size_t)(domain + len - p))
            n = (size_t)(domain + len - p);
        AUTOFREE char *label = xstrndup(p, n);
        buf_str(&b, p == domain ? "DC=" : ",DC=");
        put_escaped(&b, label);
        p += n + 1;
        if (n == 0 || p == domain + len)
            b.failed = true;
    }
    return len ? steal(&b) : NULL;
}

char *dn_to_dns(const char *text)
{
    struct dn d;
    if (dn_parse(&d, text, NULL) < 0)
        return NULL;
    size_t first = d.n;
    while (first > 0 && str_ieq(d.rdn[first - 1]->type, "DC") && !d.rdn[first - 1]->next)
        first--;
    struct buf b = BUF_INIT(FORMAT_MAX);
    for (size_t i = first; i < d.n; i++)
        buf_printf(&b, "%s%s", i > first ? "." : "", d.rdn[i]->value);
    char *out = first < d.n ? steal(&b) : NULL;
    dn_free(&d);
    return out;
}
