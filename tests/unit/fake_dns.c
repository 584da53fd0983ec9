/* DNS answers made from a few records: RFC 1035 without compression. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "tests/unit/fake_net.h"

static void put16(struct buf *b, unsigned v)
{
    buf_byte(b, (unsigned char)(v >> 8));
    buf_byte(b, (unsigned char)v);
}

static void put_name(struct buf *b, const char *dotted)
{
    while (*dotted) {
        size_t n = strcspn(dotted, ".");
        buf_byte(b, (unsigned char)n);
        buf_put(b, dotted, n);
        dotted += n + (dotted[n] == '.');
    }
    buf_byte(b, 0);
}

static void put_rr(struct buf *b, const struct fake_rr *rr)
{
    struct buf data = BUF_INIT(512);
    unsigned char ip[16];
    put_name(b, rr->name);
    put16(b, rr->type);
    put16(b, 1);
    put16(b, 0);
    put16(b, 60);
    if (rr->type == 33) {
        put16(&data, rr->priority);
        put16(&data, rr->weight);
        put16(&data, 389);
        put_name(&data, rr->value);
    } else if (rr->type == 5) {
        put_name(&data, rr->value);
    } else {
        if (inet_pton(rr->type == 1 ? AF_INET : AF_INET6, rr->value, ip) != 1)
            abort();
        buf_put(&data, ip, rr->type == 1 ? 4 : 16);
    }
    put16(b, (unsigned)data.len);
    buf_put(b, data.data, data.len);
    buf_free(&data);
}

size_t fake_dns_question(const unsigned char *q, size_t len, char name[256], unsigned *type)
{
    size_t at = 12, used = 0;
    while (at < len && q[at] && at + 1 + q[at] < len && used + q[at] + 2 < 256) {
        if (used)
            name[used++] = '.';
        memcpy(name + used, q + at + 1, q[at]);
        used += q[at];
        at += 1u + q[at];
    }
    name[used] = '\0';
    if (at + 5 > len)
        return 0;
    *type = (unsigned)q[at + 1] << 8 | q[at + 2];
    return at + 5;
}

/* Records of the name and type, aliases followed; returns how many were written. */
static unsigned answer_section(const struct fake_zone *z, struct buf *b, const char *name,
                               unsigned type, bool *exists, bool *loop)
{
    unsigned n = 0;
    for (size_t i = 0; i < z->n; i++) {
        const struct fake_rr *rr = &z->rr[i];
        if (strcasecmp(rr->name, name) != 0)
            continue;
        *exists = true;
        if (rr->type == type) {
            put_rr(b, rr);
            n++;
        } else if (rr->type == 5 && !*loop) {
            *loop = strcasecmp(rr->value, name) == 0;
            put_rr(b, rr);
            n += 1 + answer_section(z, b, rr->value, type, exists, loop);
        }
    }
    return n;
}

static unsigned glue_section(const struct fake_zone *z, struct buf *b, const char *name)
{
    unsigned n = 0;
    for (size_t i = 0; i < z->n; i++) {
        if (z->rr[i].type != 33 || strcasecmp(z->rr[i].name, name) != 0)
            continue;
        for (size_t k = 0; k < z->n; k++) {
            if ((z->rr[k].type == 1 || z->rr[k].type == 28) &&
                strcmp(z->rr[k].name, z->rr[i].value) == 0) {
                put_rr(b, &z->rr[k]);
                n++;
            }
        }
    }
    return n;
}

size_t fake_dns_answer(const struct fake_zone *z, const unsigned char *query, size_t len,
                       unsigned char *out, size_t max)
{
    char name[256];
    unsigned type = 0, an, ar = 0;
    bool exists = false, loop = false;
    size_t qend = len > 12 ? fake_dns_question(query, len, name, &type) : 0;
    struct buf b = BUF_INIT(65536);
    if (qend == 0)
        return 0;
    buf_put(&b, query, 2);
    buf_put(&b, "\x81\x80\0\1\0\0\0\0\0\0", 10);
    buf_put(&b, query + 12, qend - 12);
    an = z->rcode ? 0 : answer_section(z, &b, name, type, &exists, &loop);
    if (z->glue && type == 33)
        ar = glue_section(z, &b, name);
    b.data[3] = (unsigned char)(0x80 | (z->rcode ? z->rcode : exists ? 0 : 3));
    b.data[7] = (unsigned char)an;
    b.data[11] = (unsigned char)ar;
    size_t n = b.len <= max ? b.len : 0;
    memcpy(out, b.data, n);
    buf_free(&b);
    return n;
}
