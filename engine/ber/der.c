#include "engine/ber/der.h"

enum der_status der_next(struct der *d, unsigned *tag, struct der *contents)
{
    size_t head = 2, len;
    if (d->left < 1)
        return DER_SHORT;
    if ((d->p[0] & 0x1f) == 0x1f)
        return DER_BAD; /* multi-byte tags occur in neither protocol */
    if (d->left < 2)
        return DER_SHORT;
    len = d->p[1];
    if (len & 0x80) {
        size_t n = len & 0x7f;
        if (n == 0 || n > 4)
            return DER_BAD; /* indefinite, or absurd */
        if (d->left < 2 + n)
            return DER_SHORT;
        len = 0;
        for (size_t i = 0; i < n; i++)
            len = len << 8 | d->p[2 + i];
        head += n;
    }
    if (len > d->left - head)
        return DER_SHORT;
    *tag = d->p[0];
    *contents = (struct der){d->p + head, len};
    d->p += head + len;
    d->left -= head + len;
    return DER_OK;
}

bool der_expect(struct der *d, unsigned tag, struct der *contents)
{
    struct der copy = *d;
    unsigned got;
    if (der_next(&copy, &got, contents) != DER_OK || got != tag)
        return false;
    *d = copy;
    return true;
}

bool der_int(const struct der *contents, int32_t *ret)
{
    uint32_t v;
    if (contents->left < 1 || contents->left > 4)
        return false;
    v = contents->p[0] & 0x80 ? UINT32_MAX : 0;
    for (size_t i = 0; i < contents->left; i++)
        v = v << 8 | contents->p[i];
    *ret = (int32_t)v;
    return true;
}

bool der_field(struct der *d, unsigned n, unsigned inner, struct der *contents)
{
    struct der outer;
    return der_expect(d, DER_CONTEXT(n), &outer) && der_expect(&outer, inner, contents) &&
           outer.left == 0;
}

bool der_at(const struct der *d, unsigned tag)
{
    return d->left > 0 && d->p[0] == tag;
}
