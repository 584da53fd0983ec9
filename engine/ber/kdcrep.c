#include "engine/ber/kdcrep.h"

#include <string.h>

#include "engine/ber/der.h"

#define DER_APPLICATION(n) (0x60u | (n)) /* constructed */
#define DER_GENERAL_STRING 0x1bu

enum { MSG_TICKET = 1, MSG_AS_REP = 11, MSG_TGS_REP = 13, MSG_ERROR = 30 };

bool ber_kdc_is_error(const unsigned char *reply, size_t len)
{
    return len > 0 && reply[0] == DER_APPLICATION(MSG_ERROR);
}

/* The members of [APPLICATION n] SEQUENCE. */
static bool open_message(const unsigned char *p, size_t len, unsigned app, struct der *members)
{
    struct der d = {p, len}, body;
    return der_expect(&d, DER_APPLICATION(app), &body) && der_expect(&body, DER_SEQUENCE, members);
}

/* The contents of member [n], wherever it stands. */
static bool member(struct der members, unsigned n, struct der *contents)
{
    unsigned tag;
    while (der_next(&members, &tag, contents) == DER_OK) {
        if (tag == DER_CONTEXT(n))
            return true;
    }
    return false;
}

/* PrincipalName ::= SEQUENCE { name-type [0], name-string [1] SEQUENCE OF GeneralString } */
static bool write_name(struct der name, char *out, size_t size)
{
    struct der members, list, part;
    size_t at = 0;
    if (!der_expect(&name, DER_SEQUENCE, &members) || !member(members, 1, &list) ||
        !der_expect(&list, DER_SEQUENCE, &members))
        return false;
    while (members.left > 0) {
        size_t slash = at > 0;
        if (!der_expect(&members, DER_GENERAL_STRING, &part) || part.left >= size - at - slash ||
            memchr(part.p, 0, part.left))
            return false;
        if (slash)
            out[at++] = '/';
        memcpy(out + at, part.p, part.left);
        at += part.left;
    }
    out[at] = '\0';
    return at > 0;
}

bool ber_kdc_server_name(const unsigned char *reply, size_t len, char *out, size_t size)
{
    struct der members, ticket, name;
    if (size < 2)
        return false;
    if (ber_kdc_is_error(reply, len))
        return open_message(reply, len, MSG_ERROR, &members) && member(members, 10, &name) &&
               write_name(name, out, size);
    return open_message(reply, len, MSG_TGS_REP, &members) && member(members, 5, &ticket) &&
           open_message(ticket.p, ticket.left, MSG_TICKET, &members) && member(members, 2, &name) &&
           write_name(name, out, size);
}

bool ber_as_rep_padata(const unsigned char *reply, size_t len, const unsigned char **part,
                       size_t *part_len)
{
    struct der members, padata;
    if (!open_message(reply, len, MSG_AS_REP, &members) || !member(members, 2, &padata))
        return false;
    *part = padata.p;
    *part_len = padata.left;
    return true;
}
