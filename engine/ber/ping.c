#include "engine/ber/ping.h"

#include <lber.h>
#include <string.h>
#include <strings.h>

#include "engine/ber/der.h"

#define TAG_SEARCH_REQUEST 0x63u
#define TAG_SEARCH_ENTRY   0x64u
#define TAG_SEARCH_DONE    0x65u
#define TAG_FILTER_AND     0xa0u
#define TAG_FILTER_EQUAL   0xa3u
#define VALUE_MAX          255
#define NTVER_DEFAULT      0x16u

static int put_equal(BerElement *ber, const char *attr, const void *value, size_t len)
{
    if (len > VALUE_MAX)
        return -1;
    return ber_printf(ber, "t{so}", (ber_tag_t)TAG_FILTER_EQUAL, attr, (const char *)value,
                      (ber_len_t)len);
}

static int put_text(BerElement *ber, const char *attr, const char *value)
{
    return value && *value ? put_equal(ber, attr, value, strlen(value)) : 0;
}

static int put_filter(BerElement *ber, const struct ber_ping *p)
{
    uint32_t v = p->ntver ? p->ntver : NTVER_DEFAULT;
    unsigned char ntver[4] = {(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
                              (unsigned char)(v >> 24)};
    if (ber_printf(ber, "t{", (ber_tag_t)TAG_FILTER_AND) < 0 ||
        put_text(ber, "DnsDomain", p->domain) < 0 || put_text(ber, "Host", p->host) < 0 ||
        put_text(ber, "DnsHostName", p->dns_host) < 0)
        return -1;
    if (p->guid && put_equal(ber, "DomainGuid", p->guid, 16) < 0)
        return -1;
    if (put_equal(ber, "NtVer", ntver, sizeof ntver) < 0)
        return -1;
    return ber_printf(ber, "N}");
}

static int put_request(BerElement *ber, const struct ber_ping *p)
{
    /* base "", scope base, aliases never, no size or time limit, values wanted */
    if (ber_printf(ber, "{it{seeiib", (ber_int_t)p->msgid, (ber_tag_t)TAG_SEARCH_REQUEST, "",
                   (ber_int_t)0, (ber_int_t)0, (ber_int_t)0, (ber_int_t)0, (ber_int_t)0) < 0)
        return -1;
    if (put_filter(ber, p) < 0)
        return -1;
    return ber_printf(ber, "{s}N}N}", "Netlogon");
}

int ber_ping_encode(const struct ber_ping *p, struct buf *out)
{
    struct berval bv = {0};
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    if (!ber)
        return -1;
    int r = put_request(ber, p);
    if (r >= 0)
        r = ber_flatten2(ber, &bv, 0);
    if (r >= 0)
        buf_put(out, bv.bv_val, bv.bv_len);
    ber_free(ber, 1);
    return r < 0 || out->failed ? -1 : 0;
}

/* One LDAPMessage: its id, the tag of its operation and the operation's contents; controls are not
 * looked at. */
static enum der_status take_message(struct der *d, int32_t *id, unsigned *op, struct der *body)
{
    struct der copy = *d, msg, num;
    unsigned tag;
    enum der_status s = der_next(&copy, &tag, &msg);
    if (s != DER_OK)
        return s;
    if (tag != DER_SEQUENCE || !der_expect(&msg, DER_INTEGER, &num) || !der_int(&num, id) ||
        der_next(&msg, op, body) != DER_OK)
        return DER_BAD;
    *d = copy;
    return DER_OK;
}

static bool is_netlogon(const struct der *name)
{
    return name->left == 8 && strncasecmp((const char *)name->p, "netlogon", 8) == 0;
}

/* The first value of the attribute Netlogon in a SearchResultEntry. 1 found, 0 not there, -1
 * malformed. */
static int entry_value(struct der body, struct der *value)
{
    struct der dn, attrs, attr, name, vals;
    if (!der_expect(&body, DER_OCTETS, &dn) || !der_expect(&body, DER_SEQUENCE, &attrs))
        return -1;
    while (attrs.left > 0) {
        if (!der_expect(&attrs, DER_SEQUENCE, &attr) || !der_expect(&attr, DER_OCTETS, &name) ||
            !der_expect(&attr, DER_SET, &vals))
            return -1;
        if (is_netlogon(&name) && vals.left > 0)
            return der_expect(&vals, DER_OCTETS, value) ? 1 : -1;
    }
    return 0;
}

static bool done_code(struct der body, int *rc)
{
    struct der num;
    int32_t v;
    if (!der_expect(&body, DER_ENUM, &num) || !der_int(&num, &v))
        return false;
    *rc = v;
    return true;
}

enum ber_ping_status ber_ping_decode(const unsigned char *msg, size_t len, int msgid,
                                     const unsigned char **value, size_t *value_len, int *rc)
{
    struct der d = {msg, len}, body, v;
    enum ber_ping_status result = BER_PING_MALFORMED;
    *rc = 0;
    while (d.left > 0) {
        int32_t id;
        unsigned op;
        if (take_message(&d, &id, &op, &body) != DER_OK || id != msgid)
            return result; /* rubbish after a good entry changes nothing */
        if (op == TAG_SEARCH_ENTRY && result != BER_PING_VALUE) {
            int found = entry_value(body, &v);
            if (found < 0)
                return BER_PING_MALFORMED;
            if (found > 0) {
                *value = v.p;
                *value_len = v.left;
                result = BER_PING_VALUE;
            }
        } else if (op == TAG_SEARCH_DONE) {
            if (!done_code(body, rc))
                return result;
            return result == BER_PING_VALUE ? result : BER_PING_NO_VALUE;
        }
    }
    return result;
}

long ber_message_size(const unsigned char *data, size_t len, size_t max)
{
    struct der d = {data, len}, c;
    unsigned tag;
    enum der_status s = der_next(&d, &tag, &c);
    if (s == DER_OK)
        return tag == DER_SEQUENCE && len - d.left <= max ? (long)(len - d.left) : -1;
    if (s == DER_BAD || len >= max || (len > 0 && data[0] != DER_SEQUENCE))
        return -1;
    return 0;
}

int ber_ping_complete(const unsigned char *data, size_t len, int msgid)
{
    struct der d = {data, len}, body;
    while (d.left > 0) {
        int32_t id;
        unsigned op;
        enum der_status s = take_message(&d, &id, &op, &body);
        if (s == DER_SHORT)
            return 0;
        if (s == DER_BAD || id != msgid)
            return -1;
        if (op == TAG_SEARCH_DONE)
            return 1;
    }
    return 0;
}
