/*
 * The LDAP ping: an anonymous rootDSE search for the attribute Netlogon, sent over UDP
 * ("connectionless LDAP") or as the same search over TCP. [MS-ADTS] 6.3.3, RFC 4511. Pure: bytes
 * in, bytes out.
 */
#ifndef JOINERY_BER_PING_H
#define JOINERY_BER_PING_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"

struct ber_ping {
    int msgid;                 /* 1 or more */
    const char *domain;        /* DNS name; NULL = the controller's own domain */
    const char *host;          /* NetBIOS name of the client; NULL = left out */
    const char *dns_host;      /* DNS name of the client; NULL = left out */
    const unsigned char *guid; /* 16 bytes of the domain's objectGUID; NULL = left out */
    uint32_t ntver;            /* [MS-ADTS] 6.3.1.1; 0 = V5 | V5EX | closest site */
};
/* Appends one LDAPMessage. 0 or -1 (out of memory, or a text longer than 255 bytes). */
int ber_ping_encode(const struct ber_ping *p, struct buf *out) MUST_USE;

enum ber_ping_status {
    BER_PING_VALUE,    /* *value points into the message */
    BER_PING_NO_VALUE, /* the server does not serve that domain ([MS-ADTS] 6.3.3.3); *rc is the LDAP
                          result */
    BER_PING_MALFORMED,
};
/* A whole reply: search entries and done, as one datagram or as collected from a stream. */
enum ber_ping_status ber_ping_decode(const unsigned char *msg, size_t len, int msgid,
                                     const unsigned char **value, size_t *value_len, int *rc);

/* Stream framing: bytes of the first LDAPMessage at data; 0 = more is needed to tell; -1 = not BER
 * or over max. */
long ber_message_size(const unsigned char *data, size_t len, size_t max);
/* 1: the messages at data up to len include the final SearchResultDone of msgid; 0: not yet; -1:
 * malformed. */
int ber_ping_complete(const unsigned char *data, size_t len, int msgid);

#endif
