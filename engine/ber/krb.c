#include "engine/ber/krb.h"

#include "engine/ber/der.h"

/* Inside of PA-DATA ::= SEQUENCE { padata-type [1] Int32, padata-value [2] OCTET STRING }, which
 * KERB-ERROR-DATA shares (there the value is optional). */
static bool take_padata(struct der *seq, struct ber_padata *ret)
{
    struct der num, value = {0};
    if (!der_field(seq, 1, DER_INTEGER, &num) || !der_int(&num, &ret->type))
        return false;
    if (der_at(seq, DER_CONTEXT(2)) && !der_field(seq, 2, DER_OCTETS, &value))
        return false;
    if (seq->left != 0)
        return false;
    ret->value = value.p;
    ret->len = value.left;
    return true;
}

int ber_method_data(const unsigned char *data, size_t len, struct ber_padata *ret, size_t max)
{
    struct der d = {data, len}, list, one;
    size_t n = 0;
    if (!der_expect(&d, DER_SEQUENCE, &list) || d.left != 0)
        return -1;
    if (der_at(&list, DER_CONTEXT(1)))
        return max == 0 ? 0 : take_padata(&list, &ret[0]) ? 1 : -1;
    while (list.left > 0) {
        struct ber_padata pa = {0};
        if (!der_expect(&list, DER_SEQUENCE, &one) || !take_padata(&one, &pa))
            return -1;
        if (n < max)
            ret[n++] = pa;
    }
    return (int)n;
}

#define DER_GENERAL_STRING 0x1bu

/* ETYPE-INFO2-ENTRY ::= SEQUENCE { etype [0] Int32, salt [1] KerberosString OPTIONAL, s2kparams [2]
 * OCTET STRING OPTIONAL } */
static bool take_etype(struct der *seq, struct ber_etype_info *ret)
{
    struct der c;
    *ret = (struct ber_etype_info){0};
    if (!der_field(seq, 0, DER_INTEGER, &c) || !der_int(&c, &ret->etype))
        return false;
    if (der_at(seq, DER_CONTEXT(1))) {
        if (!der_field(seq, 1, DER_GENERAL_STRING, &c))
            return false;
        ret->has_salt = true;
        ret->salt = c.p;
        ret->salt_len = c.left;
    }
    if (der_at(seq, DER_CONTEXT(2))) {
        if (!der_field(seq, 2, DER_OCTETS, &c))
            return false;
        ret->s2kparams = c.p;
        ret->s2kparams_len = c.left;
    }
    return seq->left == 0;
}

int ber_etype_info2(const unsigned char *data, size_t len, struct ber_etype_info *ret, size_t max)
{
    struct der d = {data, len}, list, one;
    size_t n = 0;
    if (!der_expect(&d, DER_SEQUENCE, &list) || d.left != 0)
        return -1;
    while (list.left > 0) {
        struct ber_etype_info info;
        if (!der_expect(&list, DER_SEQUENCE, &one) || !take_etype(&one, &info))
            return -1;
        if (n < max)
            ret[n++] = info;
    }
    return (int)n;
}

/* KERB-EXT-ERROR: status, reserved, flags; little-endian. */
bool ber_krb_ntstatus(const unsigned char *edata, size_t len, uint32_t *status)
{
    struct ber_padata pa[16];
    int n = ber_method_data(edata, len, pa, sizeof pa / sizeof *pa);
    for (int i = 0; i < n; i++) {
        const unsigned char *v = pa[i].value;
        if (pa[i].type != BER_PA_PW_SALT || pa[i].len != 12)
            continue;
        uint32_t s =
            (uint32_t)v[0] | (uint32_t)v[1] << 8 | (uint32_t)v[2] << 16 | (uint32_t)v[3] << 24;
        /* The same type also carries a real salt; an NTSTATUS of a refusal has severity "error". */
        if (s >> 30 == 3) {
            *status = s;
            return true;
        }
    }
    return false;
}
