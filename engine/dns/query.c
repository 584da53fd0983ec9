/* Questions, their results in words, and the order of SRV records. */
#include <string.h>

#include "engine/base/strv.h"
#include "engine/dns/dns.h"

const char *dns_status_name(enum dns_status s)
{
    static const char *const names[] = {
        [DNS_PENDING] = "pending",
        [DNS_OK] = "NOERROR",
        [DNS_NXDOMAIN] = "NXDOMAIN",
        [DNS_NODATA] = "NODATA",
        [DNS_SERVFAIL] = "SERVFAIL",
        [DNS_REFUSED] = "REFUSED",
        [DNS_TIMEOUT] = "no answer",
        [DNS_UNREACHABLE] = "unreachable",
        [DNS_MALFORMED] = "malformed answer",
    };
    return (size_t)s < ARRAY_SIZE(names) ? names[s] : "?";
}

const char *dns_type_name(enum dns_type t)
{
    return t == DNS_SRV ? "SRV" : t == DNS_AAAA ? "AAAA" : "A";
}

static bool name_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c >= 0x80;
}

/* RFC 1035 2.3.4, plus the underscore of service names and the non-ASCII letters that AD allows. */
static bool name_ok(const char *s, size_t len)
{
    size_t label = 0;
    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i <= len; i++) {
        if (i == len || s[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (!name_char((unsigned char)s[i]) || ++label > 63) {
            return false;
        }
    }
    return true;
}

int dns_query_init(struct dns_query *q, const char *name, enum dns_type type)
{
    size_t len = strlen(name);
    *q = (struct dns_query){.type = type, .rcode = -1};
    if (len > 1 && name[len - 1] == '.')
        len--;
    if (len >= sizeof q->name)
        return -1;
    memcpy(q->name, name, len);
    str_lower(q->name);
    return name_ok(q->name, len) ? 0 : -1;
}

void dns_query_done(struct dns_query *q)
{
    free(q->srv);
    free(q->addrs);
    q->srv = NULL;
    q->addrs = NULL;
    q->n_srv = q->n_addrs = 0;
}

static int by_priority(const void *a, const void *b)
{
    const struct dns_srv *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    /* Zero weights first, as RFC 2782 wants them in the running sum. */
    return (x->weight != 0) - (y->weight != 0);
}

/* Draws the next record of one priority out of n, by weight, to the front; the others keep their
 * order. */
static void draw(struct dns_srv *srv, size_t n, uint32_t random)
{
    uint32_t sum = 0, upto = 0;
    size_t pick = 0;
    for (size_t i = 0; i < n; i++)
        sum += srv[i].weight;
    random %= sum + 1;
    for (pick = 0; pick < n - 1; pick++) {
        upto += srv[pick].weight;
        if (upto >= random)
            break;
    }
    struct dns_srv chosen = srv[pick];
    memmove(srv + 1, srv, pick * sizeof *srv);
    srv[0] = chosen;
}

void dns_srv_order(struct dns_srv *srv, size_t n, uint32_t (*rnd)(void *arg), void *arg)
{
    if (n > 1)
        qsort(srv, n, sizeof *srv, by_priority);
    for (size_t i = 0; i < n; i++) {
        size_t same = 1;
        while (i + same < n && srv[i + same].priority == srv[i].priority)
            same++;
        if (same > 1)
            draw(srv + i, same, rnd(arg));
    }
}
