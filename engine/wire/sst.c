#include "engine/wire/sst.h"

#include <stdint.h>
#include <string.h>

#define MAGIC       0x54524543u /* "CERT" */
#define CERTIFICATE 0x20u
#define ASN1        1u
#define END_BYTES   8 /* behind the id 0 */

static void put32(struct buf *out, uint32_t v)
{
    const unsigned char b[] = {v & 255, v >> 8 & 255, v >> 16 & 255, v >> 24};
    buf_put(out, b, sizeof b);
}

void sst_begin(struct buf *out)
{
    put32(out, 0);
    put32(out, MAGIC);
}

void sst_add(const void *der, size_t len, struct buf *out)
{
    put32(out, CERTIFICATE);
    put32(out, ASN1);
    put32(out, (uint32_t)len);
    buf_put(out, der, len);
}

void sst_end(struct buf *out)
{
    put32(out, 0);
    put32(out, 0);
    put32(out, 0);
}

static bool take32(struct sst *s, uint32_t *ret)
{
    if (s->end - s->at < 4)
        return false;
    *ret = (uint32_t)s->at[0] | (uint32_t)s->at[1] << 8 | (uint32_t)s->at[2] << 16 |
           (uint32_t)s->at[3] << 24;
    s->at += 4;
    return true;
}

bool sst_open(const void *data, size_t len, struct sst *ret)
{
    uint32_t version, magic;
    *ret = (struct sst){data, len ? (const unsigned char *)data + len : data};
    return take32(ret, &version) && take32(ret, &magic) && version == 0 && magic == MAGIC;
}

int sst_next(struct sst *s, const unsigned char **der, size_t *len)
{
    static const unsigned char marker[END_BYTES];
    uint32_t id, encoding, n;
    while (take32(s, &id)) {
        if (id == 0)
            return s->end - s->at == END_BYTES && memcmp(s->at, marker, END_BYTES) == 0 ? 0 : -1;
        if (!take32(s, &encoding) || !take32(s, &n) || n > (size_t)(s->end - s->at))
            return -1;
        *der = s->at;
        *len = n;
        s->at += n;
        if (id == CERTIFICATE)
            return encoding == ASN1 && n > 0 ? 1 : -1;
    }
    return -1;
}

long sst_count(const void *data, size_t len)
{
    struct sst s;
    const unsigned char *der;
    size_t n;
    long count = 0;
    if (!sst_open(data, len, &s))
        return -1;
    int rc;
    while ((rc = sst_next(&s, &der, &n)) == 1)
        count++;
    return rc == 0 ? count : -1;
}
