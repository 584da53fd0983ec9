/* Response messages, RFC 1035 4. Hostile input: every read is bounded, every compression jump goes
 * backwards. */
#include "engine/dns/packet.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"

#define HEADER      12
#define RECORDS_MAX 512
#define CNAMES_MAX  8
#define CLASS_IN    1
#define TYPE_CNAME  5

struct msg {
    const unsigned char *data;
    size_t len;
};

struct rr {
    char owner[DNS_NAME_MAX];
    bool owner_ok;
    unsigned type, class;
    size_t data_at, data_len;
};

static unsigned be16(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static bool label_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c >= 0x80;
}

static bool put_label(char *out, size_t *used, const unsigned char *p, size_t n)
{
    bool ok = *used + (*used > 0) + n < DNS_NAME_MAX;
    for (size_t i = 0; ok && i < n; i++)
        ok = label_char(p[i]);
    if (!ok)
        return false;
    if (*used > 0)
        out[(*used)++] = '.';
    for (size_t i = 0; i < n; i++)
        out[(*used)++] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + ('a' - 'A') : p[i]);
    return true;
}

/*
 * Reads the name at *at and moves *at behind it. false: the message is broken. *ok is false for a
 * sound name that is not one we could use (too long, odd characters). A jump must lead to before
 * the present run of labels, so that no chain of jumps can loop.
 */
static bool take_name(const struct msg *m, size_t *at, char out[DNS_NAME_MAX], bool *ok)
{
    size_t pos = *at, run = *at, used = 0;
    bool jumped = false;
    *ok = true;
    for (;;) {
        if (pos >= m->len)
            return false;
        unsigned n = m->data[pos];
        if ((n & 0xc0) == 0xc0) {
            if (pos + 1 >= m->len)
                return false;
            size_t to = (n & 0x3fu) << 8 | m->data[pos + 1];
            if (to < HEADER || to >= run)
                return false;
            if (!jumped)
                *at = pos + 2;
            jumped = true;
            pos = run = to;
            continue;
        }
        if (n & 0xc0 || n >= m->len - pos)
            return false;
        if (n == 0)
            break;
        if (*ok && !put_label(out, &used, m->data + pos + 1, n))
            *ok = false;
        pos += 1 + n;
    }
    if (!jumped)
        *at = pos + 1;
    out[*ok ? used : 0] = '\0';
    return true;
}

static bool take_rr(const struct msg *m, size_t *at, struct rr *rr)
{
    if (!take_name(m, at, rr->owner, &rr->owner_ok) || m->len - *at < 10)
        return false;
    const unsigned char *p = m->data + *at;
    rr->type = be16(p);
    rr->class = be16(p + 2);
    rr->data_len = be16(p + 8);
    rr->data_at = *at + 10;
    if (rr->data_len > m->len - rr->data_at)
        return false;
    *at = rr->data_at + rr->data_len;
    return true;
}

static bool rr_is(const struct rr *rr, unsigned type, const char *owner)
{
    return rr->owner_ok && rr->class == CLASS_IN && rr->type == type &&
           strcmp(rr->owner, owner) == 0;
}

static void add_addr(struct net_addr *list, size_t *n, size_t max, const struct msg *m,
                     const struct rr *rr)
{
    struct net_addr a;
    if (*n == max || rr->data_len != (rr->type == DNS_A ? 4u : 16u) ||
        !net_addr_from_bytes(m->data + rr->data_at, rr->data_len, &a))
        return;
    for (size_t i = 0; i < *n; i++) {
        if (net_addr_equal(&list[i], &a))
            return;
    }
    list[(*n)++] = a;
}

/* Of a longer list the ones of the best priorities are kept. */
static void keep_srv(struct dns_query *q, const struct dns_srv *s)
{
    if (q->n_srv < DNS_SRV_MAX) {
        q->srv[q->n_srv++] = *s;
        return;
    }
    struct dns_srv *worst = &q->srv[0];
    for (size_t i = 1; i < q->n_srv; i++) {
        if (q->srv[i].priority > worst->priority)
            worst = &q->srv[i];
    }
    if (s->priority < worst->priority)
        *worst = *s;
}

static bool add_srv(struct dns_query *q, const struct msg *m, const struct rr *rr)
{
    struct dns_srv s = {0};
    bool ok;
    size_t at = rr->data_at + 6;
    if (rr->data_len < 7 || !take_name(m, &at, s.host, &ok) || at != rr->data_at + rr->data_len)
        return false;
    if (!ok || !s.host[0])
        return true; /* "." means: not offered here */
    s.priority = (uint16_t)be16(m->data + rr->data_at);
    s.weight = (uint16_t)be16(m->data + rr->data_at + 2);
    s.port = (uint16_t)be16(m->data + rr->data_at + 4);
    keep_srv(q, &s);
    return true;
}

static bool take_answer(struct dns_query *q, const struct msg *m, const struct rr *rr)
{
    if (q->type == DNS_SRV)
        return add_srv(q, m, rr);
    add_addr(q->addrs, &q->n_addrs, DNS_ADDRS_MAX, m, rr);
    return true;
}

/* Follows the aliases of the answer section, from the name asked for to the one that owns the
 * records. */
static bool canonical(const struct msg *m, size_t at, size_t n, char want[DNS_NAME_MAX])
{
    for (int hop = 0; hop < CNAMES_MAX; hop++) {
        bool moved = false;
        size_t pos = at;
        for (size_t i = 0; i < n && !moved; i++) {
            struct rr rr;
            bool ok;
            if (!take_rr(m, &pos, &rr))
                return false;
            if (!rr_is(&rr, TYPE_CNAME, want))
                continue;
            size_t name = rr.data_at;
            if (!take_name(m, &name, rr.owner, &ok) || !ok)
                return false;
            memcpy(want, rr.owner, DNS_NAME_MAX);
            moved = true;
        }
        if (!moved)
            return true;
    }
    return false;
}

static void add_glue(struct dns_query *q, const struct msg *m, const struct rr *rr)
{
    for (size_t i = 0; i < q->n_srv; i++) {
        struct dns_srv *s = &q->srv[i];
        if (rr_is(rr, DNS_A, s->host) || rr_is(rr, DNS_AAAA, s->host))
            add_addr(s->addrs, &s->n_addrs, DNS_SRV_ADDRS_MAX, m, rr);
    }
}

static bool take_sections(struct dns_query *q, const struct msg *m)
{
    size_t at = HEADER, qd = be16(m->data + 4), an = be16(m->data + 6);
    size_t total = an + be16(m->data + 8) + be16(m->data + 10);
    char want[DNS_NAME_MAX], name[DNS_NAME_MAX];
    bool ok;
    if (qd > 4 || total > RECORDS_MAX)
        return false;
    for (size_t i = 0; i < qd; i++) {
        if (!take_name(m, &at, name, &ok) || m->len - at < 4)
            return false;
        at += 4;
    }
    memcpy(want, q->name, sizeof want);
    if (!canonical(m, at, an, want))
        return false;
    for (size_t i = 0; i < total; i++) {
        struct rr rr;
        if (!take_rr(m, &at, &rr))
            return false;
        if (i < an && rr_is(&rr, q->type, want)) {
            if (!take_answer(q, m, &rr))
                return false;
        } else if (i >= an) {
            add_glue(q, m, &rr);
        }
    }
    return true;
}

static enum dns_status status_of(int rcode, bool any)
{
    switch (rcode) {
    case 0:
        return any ? DNS_OK : DNS_NODATA;
    case 2:
        return DNS_SERVFAIL;
    case 3:
        return DNS_NXDOMAIN;
    case 5:
        return DNS_REFUSED;
    default:
        return DNS_MALFORMED;
    }
}

void dns_parse_response(const unsigned char *msg, size_t len, struct dns_query *q)
{
    struct msg m = {msg, len};
    dns_query_done(q);
    q->rcode = -1;
    q->status = DNS_MALFORMED;
    if (len < HEADER || !(msg[2] & 0x80))
        return;
    q->rcode = msg[3] & 0xf;
    if (q->type == DNS_SRV)
        q->srv = xcalloc(DNS_SRV_MAX, sizeof *q->srv);
    else
        q->addrs = xcalloc(DNS_ADDRS_MAX, sizeof *q->addrs);
    if (take_sections(q, &m))
        q->status = status_of(q->rcode, q->n_srv + q->n_addrs > 0);
    if (q->status != DNS_OK)
        dns_query_done(q);
}

bool dns_peek(const unsigned char *msg, size_t len, struct dns_peeked *ret)
{
    struct msg m = {msg, len};
    size_t at = HEADER;
    bool ok;
    if (len < HEADER || !(msg[2] & 0x80) || be16(msg + 4) != 1 ||
        !take_name(&m, &at, ret->name, &ok) || !ok || len - at < 4)
        return false;
    ret->type = be16(msg + at);
    ret->rcode = msg[3] & 0xf;
    return true;
}
