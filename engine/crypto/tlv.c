#include "engine/crypto/tlv.h"

bool tlv_next(struct tlv *d, bool cut, struct tlv_item *ret)
{
    const unsigned char *p = d->at;
    if (d->end - p < 2 || (p[0] & 31) == 31)
        return false;
    *ret = (struct tlv_item){.tag = p[0], .start = p};
    size_t len = p[1], more = 0;
    p += 2;
    if (len >= 0x80) {
        more = len & 0x7f;
        bool open = more == 0; /* indefinite */
        if ((open && !cut) || more > 8 || (size_t)(d->end - p) < more)
            return false;
        len = 0;
        for (size_t i = 0; i < more; i++)
            len = len << 8 | p[i];
        if (open)
            len = (size_t)-1;
        p += more;
    }
    size_t left = (size_t)(d->end - p);
    if (len > left) {
        if (!cut)
            return false;
        len = left;
    }
    ret->body = (struct tlv){p, p + len};
    ret->end = d->at = p + len;
    return true;
}

bool tlv_enter(struct tlv *d, bool cut, unsigned char tag, struct tlv_item *ret)
{
    struct tlv back = *d;
    if (tlv_next(d, cut, ret) && ret->tag == tag)
        return true;
    *d = back;
    return false;
}

void tlv_put(struct buf *out, unsigned char tag, const void *body, size_t len)
{
    buf_byte(out, tag);
    if (len < 0x80) {
        buf_byte(out, (unsigned char)len);
    } else {
        unsigned n = 1;
        while (n < sizeof len && len >> (8 * n))
            n++;
        buf_byte(out, (unsigned char)(0x80 | n));
        while (n-- > 0)
            buf_byte(out, (unsigned char)(len >> (8 * n)));
    }
    buf_put(out, body, len);
}
