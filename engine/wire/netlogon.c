#include "engine/wire/netlogon.h"

#include <string.h>

#define HEADER 24 /* opcode, Sbz, flags, GUID */
#define TAIL   8  /* NtVersion, LmNtToken, Lm20Token */

struct in {
    const unsigned char *data;
    size_t len, at;
};

enum charset {
    CHARS_DNS,  /* letters, digits, hyphen, underscore and non-ASCII letters; lower-cased */
    CHARS_TEXT, /* anything printable */
};

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Length of the UTF-8 sequence at p, 0 when it is not a valid one (RFC 3629: no surrogates,
 * shortest form). */
static size_t utf8_len(const unsigned char *p, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;
    if (n == 0 || n > left)
        return 0;
    if (n == 1)
        return 1;
    uint32_t c = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    bool c1_control = c >= 0x80 && c < 0xa0;
    bool surrogate = c >= 0xd800 && c < 0xe000;
    return c < least[n] || c > 0x10ffff || c1_control || surrogate ? 0 : n;
}

static bool dns_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool text_ok(char *s, size_t len, enum charset set)
{
    unsigned char *p = (unsigned char *)s;
    for (size_t i = 0; i < len;) {
        size_t n = utf8_len(p + i, len - i);
        if (n == 0)
            return false;
        if (n == 1 && (p[i] < 0x20 || p[i] == 0x7f))
            return false;
        if (n == 1 && set == CHARS_DNS) {
            if (p[i] != '.' && !dns_char(p[i]))
                return false;
            if (p[i] >= 'A' && p[i] <= 'Z')
                p[i] = (unsigned char)(p[i] + ('a' - 'A'));
        }
        i += n;
    }
    return true;
}

/* Appends one label; a label with a dot in it would read as two. */
static bool put_label(char *out, size_t size, size_t *used, const unsigned char *label, size_t n,
                      enum charset set)
{
    if (*used + (*used > 0) + n + 1 > size)
        return false;
    if (set == CHARS_DNS && memchr(label, '.', n))
        return false;
    if (*used > 0)
        out[(*used)++] = '.';
    memcpy(out + *used, label, n);
    *used += n;
    return true;
}

/*
 * 6.3.7, with the full 14-bit offset of RFC 1035 4.1.4. A pointer must lead to before the place
 * where the current run of labels began: every jump goes strictly backwards, so no chain of them
 * can loop.
 */
static bool take_name(struct in *in, char *out, size_t size, enum charset set)
{
    size_t at = in->at, run = in->at, used = 0;
    bool jumped = false;
    for (;;) {
        if (at >= in->len)
            return false;
        unsigned n = in->data[at];
        if (n == 0) {
            if (!jumped)
                in->at = at + 1;
            out[used] = '\0';
            return text_ok(out, used, set);
        }
        if ((n & 0xc0) == 0xc0) {
            if (at + 1 >= in->len)
                return false;
            size_t to = (n & 0x3fu) << 8 | in->data[at + 1];
            if (to < HEADER || to >= run)
                return false;
            if (!jumped)
                in->at = at + 2;
            jumped = true;
            at = run = to;
            continue;
        }
        if (n & 0xc0 || n > in->len - at - 1)
            return false;
        if (!put_label(out, size, &used, in->data + at + 1, n, set))
            return false;
        at += 1 + n;
    }
}

static bool take_names(struct in *in, struct netlogon_info *r)
{
    char host[NETLOGON_NAME_MAX + 2];
    if (!take_name(in, r->forest, sizeof r->forest, CHARS_DNS) ||
        !take_name(in, r->dns_domain, sizeof r->dns_domain, CHARS_DNS) ||
        !take_name(in, r->dns_host, sizeof r->dns_host, CHARS_DNS) ||
        !take_name(in, r->netbios_domain, sizeof r->netbios_domain, CHARS_TEXT) ||
        !take_name(in, host, sizeof host, CHARS_TEXT) ||
        !take_name(in, r->user, sizeof r->user, CHARS_TEXT) ||
        !take_name(in, r->dc_site, sizeof r->dc_site, CHARS_TEXT) ||
        !take_name(in, r->client_site, sizeof r->client_site, CHARS_TEXT))
        return false;
    const char *bare = host + strspn(host, "\\");
    if (strlen(bare) >= sizeof r->netbios_host)
        return false;
    memcpy(r->netbios_host, bare, strlen(bare) + 1);
    return true;
}

/* What comes between the names and the tail depends on the versions that the reply names in its
 * tail. */
static bool take_rest(struct in *in, struct netlogon_info *r)
{
    if (in->len - in->at < TAIL)
        return false;
    r->ntver = le32(in->data + in->len - TAIL);
    in->len -= TAIL;
    if (r->ntver & NETLOGON_V5EX_WITH_IP && in->at < in->len) {
        const unsigned char *p = in->data + in->at;
        size_t n = p[0];
        if (n > in->len - in->at - 1)
            return false;
        if (n >= 8 && p[1] == 2 && p[2] == 0) { /* sin_family AF_INET, port, address */
            memcpy(r->v4, p + 5, sizeof r->v4);
            r->has_v4 = true;
        }
        in->at += 1 + n;
    }
    if (r->ntver & NETLOGON_WITH_CLOSEST_SITE && in->at < in->len)
        return take_name(in, r->next_closest_site, sizeof r->next_closest_site, CHARS_TEXT);
    return true;
}

static bool decode_ex(const unsigned char *data, size_t len, struct netlogon_info *r)
{
    struct in in = {data, len, HEADER};
    if (len < HEADER + TAIL || data[2] || data[3])
        return false;
    r->flags = le32(data + 4);
    memcpy(r->guid, data + 8, sizeof r->guid);
    return take_names(&in, r) && take_rest(&in, r) && r->dns_domain[0];
}

enum netlogon_status netlogon_decode(const unsigned char *data, size_t len,
                                     struct netlogon_info *ret)
{
    struct netlogon_info r = {0};
    *ret = r;
    if (len < 2 || len > 8192)
        return NETLOGON_MALFORMED;
    unsigned op = data[0] | (unsigned)data[1] << 8;
    switch (op) {
    case 12: /* LOGON_PRIMARY_RESPONSE */
    case NETLOGON_OP_RESPONSE:
    case NETLOGON_OP_PAUSE:
    case NETLOGON_OP_USER_UNKNOWN:
        return NETLOGON_OLD_FORM;
    case NETLOGON_OP_RESPONSE_EX:
    case NETLOGON_OP_PAUSE_EX:
    case NETLOGON_OP_USER_UNKNOWN_EX:
        break;
    default:
        return NETLOGON_MALFORMED;
    }
    r.opcode = (enum netlogon_opcode)op;
    if (!decode_ex(data, len, &r))
        return NETLOGON_MALFORMED;
    *ret = r;
    return op == NETLOGON_OP_PAUSE_EX ? NETLOGON_PAUSED : NETLOGON_OK;
}
